# SPDX-License-Identifier: GPL-2.0-or-later
#
# Compiler, flags, libraries and paths.  Set any of these on make's command line.

VERSION := $(shell cat VERSION)

# --- where things are installed ------------------------------------------------------

PREFIX     ?= /usr/local
SYSCONFDIR ?= /etc
SBINDIR    ?= $(PREFIX)/sbin
LIBEXECDIR ?= $(PREFIX)/libexec
MANDIR     ?= $(PREFIX)/share/man
DOCDIR     ?= $(PREFIX)/share/doc/freeswan
UNITDIR    ?= $(PREFIX)/lib/systemd/system
RUNDIR     ?= /run/pluto
# All but the dispatcher live here, out of everybody's PATH.
IPSEC_LIBEXECDIR := $(LIBEXECDIR)/ipsec

# --- compiler ------------------------------------------------------------------------

ifeq ($(origin CC),default)
CC := gcc
endif
AR ?= ar
FUZZ_CC ?= clang
PKG_CONFIG ?= pkg-config

# $(call cc-option,compiler,flag): the flag, where this compiler knows it.
cc-option = $(shell $(1) -Werror $(2) -c -x c /dev/null -o /dev/null 2>/dev/null && echo '$(2)')

WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wwrite-strings -Wvla -Wformat=2 -Wundef -Wimplicit-fallthrough \
	-Wno-missing-field-initializers

HARDENING := -fPIE -fstack-protector-strong \
	$(foreach f,-fstack-clash-protection -fcf-protection -ftrivial-auto-var-init=zero,\
		$(call cc-option,$(CC),$(f)))

# Debugging files name the source by its place in the tree, so two builds are alike.
BASE_CFLAGS := -std=gnu11 -g -pthread $(WARNINGS) -ffile-prefix-map=$(CURDIR)=.

PATH_MACROS := -DIPSEC_VERSION='"$(VERSION)"' -DIPSEC_SBINDIR='"$(SBINDIR)"' \
	-DIPSEC_LIBEXECDIR='"$(IPSEC_LIBEXECDIR)"' -DIPSEC_CONFDIR='"$(SYSCONFDIR)"' \
	-DIPSEC_RUNDIR='"$(RUNDIR)"'
CPPFLAGS_ALL := -I. -D_GNU_SOURCE $(PATH_MACROS) $(CPPFLAGS)

CFLAGS ?= -O2
LINK_HARDENING := -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed

# What is shipped.  SAN= builds even that under sanitizers; they and FORTIFY don't mix.
ifdef SAN
CFLAGS_obj := $(BASE_CFLAGS) -fPIE -O1 -fno-omit-frame-pointer -fsanitize=$(SAN) \
	-fno-sanitize-recover=all
LDFLAGS_obj := -pie -fsanitize=$(SAN) -Wl,--as-needed $(LDFLAGS)
else
CFLAGS_obj := $(BASE_CFLAGS) $(CFLAGS) -D_FORTIFY_SOURCE=3 $(HARDENING)
LDFLAGS_obj := $(LINK_HARDENING) $(LDFLAGS)
endif

# What the unit and exchange tests are made of; TEST_SAN=thread is of use with another O.
TEST_SAN ?= address,undefined
CFLAGS_asan := $(BASE_CFLAGS) -O1 -fsanitize=$(TEST_SAN) -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
LDFLAGS_asan := -fsanitize=$(TEST_SAN) -Wl,--as-needed

# What the fuzz targets are made of; their one function is declared by no header.
FUZZ_SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
CFLAGS_fuzz := $(BASE_CFLAGS) -O1 $(FUZZ_SANITIZE) -fsanitize=fuzzer-no-link \
	-fno-omit-frame-pointer -Wno-missing-prototypes
LDFLAGS_fuzz := $(FUZZ_SANITIZE) -fsanitize=fuzzer -Wl,--as-needed

CC_obj  := $(CC)
CC_asan := $(CC)
CC_fuzz := $(FUZZ_CC)

# --- libraries -----------------------------------------------------------------------

# $(call pkg,query,module): asked only by what needs the answer; says what to install.
pkg = $(shell $(PKG_CONFIG) $(1) $(2) 2>/dev/null || echo '$(2)-is-missing')
PKGS_obj  := libcrypto gmp libevent_core libcap-ng
PKGS_asan := $(PKGS_obj) cmocka
PKGS_fuzz := $(PKGS_obj)

LIBS_base  = $(call pkg,--libs,libcrypto) $(call pkg,--libs,gmp)
LIBS_pluto = $(call pkg,--libs,libevent_core) $(call pkg,--libs,libcap-ng) $(LIBS_base)
LIBS_test  = $(call pkg,--libs,cmocka) $(LIBS_base)
