# SPDX-License-Identifier: GPL-2.0-or-later
#
# The kernel module: $(O)/kmod/VERSION/klips/ipsec.ko.
#
#	make kmod				for the running kernel, or the newest headers
#	make kmod KDIR=/path/to/headers		for that kernel
#	make kmod KMOD_FLAGS='W=1 C=2'		with what else Kbuild understands
#	make kmod KMOD_DEBUG=-g			with debugging information, 30 times as large
#	make kmod KERNEL_CC=clang KMOD_TARGET=ipsec.o	compiled by clang, to be looked at:
#						it cannot link for a kernel that gcc built
#
# Kbuild writes next to its sources.  So it gets a tree of links, one per file, and
# nothing lands among ours.

KVER ?= $(shell uname -r)
KDIR ?= $(firstword $(wildcard /lib/modules/$(KVER)/build) \
	$(lastword $(sort $(wildcard /lib/modules/*/build))))
KMOD_FLAGS ?=
KMOD_DEBUG ?= -g0
KMOD_TARGET ?= modules
# A module is compiled by what its kernel was compiled by, whatever CC says for the rest.
KERNEL_CC ?= $(if $(shell grep -s '^CONFIG_CC_IS_CLANG=y' $(KDIR)/include/config/auto.conf),clang,gcc)

# What the kernel of these headers calls itself, which need not be KVER.
KREL = $(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' $(KDIR)/include/generated/utsrelease.h 2>/dev/null)
KMOD_DIR = $(O)/kmod/$(or $(KREL),$(KVER))

KMOD_SRC := $(sort $(wildcard klips/*.[ch]) klips/Kbuild lib/pfkey/ext.c lib/pfkey/parse.c \
	lib/pfkey/build.c $(wildcard lib/pfkey/*.h))

.PHONY: kmod
kmod:
	@test -f '$(KDIR)/Makefile' || \
		{ echo 'kmod: no kernel headers in "$(KDIR)": set KDIR' >&2; exit 1; }
	@mkdir -p $(KMOD_DIR)/klips $(KMOD_DIR)/lib/pfkey
	@find $(KMOD_DIR) -name '*.[ch]' -xtype l -delete
	@for f in $(KMOD_SRC); do ln -sf $(CURDIR)/$$f $(KMOD_DIR)/$$f; done
	+$(MAKE) --no-print-directory -C $(KDIR) O=$(realpath $(KDIR)) CC=$(KERNEL_CC) \
		M=$(abspath $(KMOD_DIR))/klips KCFLAGS=$(KMOD_DEBUG) $(KMOD_FLAGS) $(KMOD_TARGET)

.PHONY: kmod-install
kmod-install: kmod
	install -D -m 0644 $(KMOD_DIR)/klips/ipsec.ko \
		$(DESTDIR)/lib/modules/$(KREL)/extra/ipsec.ko
	$(if $(DESTDIR),,depmod $(KREL))
