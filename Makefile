# SPDX-License-Identifier: GPL-2.0-or-later
#
# FreeS/WAN's build: one make, no recursion into directories (Kbuild excepted), no
# configure step.
#
#	make				user space, and the kernel module when headers are found
#	make user | kmod		one of the two
#	make CC=clang O=build-clang	another compiler, another output directory
#	make SAN=address,undefined O=build-san
#	make install DESTDIR=... PREFIX=/usr/local SYSCONFDIR=/etc
#	make check			all tests; the last line is "N passed, N failed"
#	make demo | interop | matrix | soak | fuzz | lint | help
#
# What is built follows from where a file lies (mk/rules.mk); a new file needs no
# edit here.  Everything made goes below $(O).

.DEFAULT_GOAL := all
.SUFFIXES:
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

O ?= build
export O

include mk/config.mk
include mk/rules.mk
include mk/install.mk
-include mk/kernel.mk
include mk/check.mk

# The module is part of the default only where there is something to build it with;
# mk/kernel.mk sets KDIR.
HAVE_KERNEL := $(if $(KDIR),$(wildcard $(KDIR)/Makefile))

.PHONY: all user clean help
all: user $(if $(HAVE_KERNEL),kmod,no-kernel)
user: $(O)/libipsec.a $(PROGRAMS) $(SCRIPTS)

.PHONY: no-kernel
no-kernel: user
	@echo "  NOTE    no kernel headers found: ipsec.ko was not built (make kmod KDIR=/path/to/headers)"

clean:
	rm -rf $(O)

help:
	@sed -n '/^#	make/s/^#	//p' Makefile
