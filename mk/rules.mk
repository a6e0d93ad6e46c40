# SPDX-License-Identifier: GPL-2.0-or-later
#
# What is made of what, by place:
#
#	lib/*/*.c		libipsec.a
#	utils/common/*.c	libutils.a, for the programs
#	utils/NAME.c		program NAME
#	utils/NAME.in		script NAME, with @PATHS@ filled in
#	pluto/*.c		program pluto
#
# Objects exist in up to three variants, each in its own tree: obj (shipped), asan (unit
# and exchange tests), fuzz (libFuzzer).  A variant's flags are kept in a file which
# every object depends on, so changed flags rebuild what they must.

V ?= 0
Q := $(if $(filter 0,$(V)),@)
say = @$(if $(filter 0,$(V)),printf '  %-7s %s\n' '$(1)' '$(2)',:)

LIB_SRC    := $(sort $(wildcard lib/*/*.c))
COMMON_SRC := $(sort $(wildcard utils/common/*.c))
UTIL_SRC   := $(sort $(wildcard utils/*.c))
PLUTO_SRC  := $(sort $(wildcard pluto/*.c))
SCRIPT_SRC := $(sort $(wildcard utils/*.in))

PROGRAMS := $(patsubst utils/%.c,$(O)/bin/%,$(UTIL_SRC)) \
	$(if $(filter pluto/main.c,$(PLUTO_SRC)),$(O)/bin/pluto)
SCRIPTS  := $(patsubst utils/%.in,$(O)/bin/%,$(SCRIPT_SRC))

.PHONY: FORCE
FORCE:

# --- objects -------------------------------------------------------------------------

# $(call objects,variant,sources)
objects = $(patsubst %.c,$(O)/$(1)/%.o,$(2))

# $(call variant,name)
define variant
$(O)/$(1)/.flags: FORCE
	@mkdir -p $$(@D)
	@printf '%s\n' "$$$$FLAGS" | cmp -s - $$@ || printf '%s\n' "$$$$FLAGS" >$$@
$(O)/$(1)/.flags: export FLAGS = $$(CC_$(1)) $$(CPPFLAGS_ALL) $$(CFLAGS_$(1))

$(O)/$(1)/%.o: %.c $(O)/$(1)/.flags | $(O)/$(1)/.packages
	$$(call say,CC,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(CC_$(1)) $$(CPPFLAGS_ALL) $$(CFLAGS_$(1)) -MMD -MP -c -o $$@ $$<

# Say what is missing before the compiler says it badly.
$(O)/$(1)/.packages:
	@mkdir -p $$(@D)
	@missing=; for m in $(PKGS_$(1)); do \
		$(PKG_CONFIG) --exists $$$$m || missing="$$$$missing $$$$m"; \
	done; \
	command -v $$(firstword $$(CC_$(1))) >/dev/null || missing="$$$$missing $$(CC_$(1))"; \
	if [ -n "$$$$missing" ]; then \
		echo "make: not found, though the build needs it:$$$$missing" >&2; \
		echo "make: install the development packages (on Debian, testing/deps does it)" >&2; \
		exit 1; \
	fi
	@touch $$@
endef
$(foreach v,obj asan fuzz,$(eval $(call variant,$(v))))

-include $(shell find $(O)/obj $(O)/asan $(O)/fuzz -name '*.d' -type f 2>/dev/null)

# --- archives ------------------------------------------------------------------------

define archive
	$(call say,AR,$@)
	@mkdir -p $(@D)
	@rm -f $@
	$(Q)$(AR) rcsD $@ $^
endef

$(O)/libipsec.a: $(call objects,obj,$(LIB_SRC))
	$(archive)

$(O)/libutils.a: $(call objects,obj,$(COMMON_SRC))
	$(archive)

# --- programs ------------------------------------------------------------------------

$(filter-out $(O)/bin/pluto,$(PROGRAMS)): $(O)/bin/%: $(O)/obj/utils/%.o $(O)/libutils.a $(O)/libipsec.a
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -pthread $(LDFLAGS_obj) -o $@ $^ $(LIBS_base)

$(O)/bin/pluto: $(call objects,obj,$(PLUTO_SRC)) $(O)/libipsec.a
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -pthread $(LDFLAGS_obj) -o $@ $^ $(LIBS_pluto)

# --- scripts -------------------------------------------------------------------------

SUBSTITUTE = sed -e 's,@IPSEC_SBINDIR@,$(SBINDIR),g' \
	-e 's,@IPSEC_LIBEXECDIR@,$(IPSEC_LIBEXECDIR),g' \
	-e 's,@IPSEC_CONFDIR@,$(SYSCONFDIR),g' \
	-e 's,@IPSEC_RUNDIR@,$(RUNDIR),g' \
	-e 's,@IPSEC_VERSION@,$(VERSION),g'

$(SCRIPTS): $(O)/bin/%: utils/%.in $(O)/obj/.flags
	$(call say,SUBST,$@)
	@mkdir -p $(@D)
	$(Q)$(SUBSTITUTE) $< >$@ && chmod 755 $@
