# SPDX-License-Identifier: GPL-2.0-or-later
#
# Tests.  What is built follows from the place, as in mk/rules.mk:
#
#	testing/unit/test_*.c	one program each, ASan and UBSan
#	testing/exchange/*.c	one program, exchange: two Plutos in one process
#	testing/fuzz/fuzz_*.c	one libFuzzer program each
#	testing/scripts/*.sh	the tools as they are used, in a sandbox
#	testing/kernel/*.sh	with the module, in a virtual machine
#
# They link against archives, so a test gets only the objects it names, and a fake of
# testing/exchange that defines what pluto/net.c would define takes its place.  What
# touches the outside (main, event loop, sockets) is not in the archive at all.
#
# Each suite ends with a line "N passed, N failed"; testing/check adds them up.

TEST_JOBS ?= 2
FUZZ_SECONDS ?= 60
CHECK_FUZZ_SECONDS ?= 10

UNIT_SRC     := $(sort $(wildcard testing/unit/test_*.c))
EXCHANGE_SRC := $(sort $(wildcard testing/exchange/*.c))
FUZZ_SRC     := $(sort $(wildcard testing/fuzz/fuzz_*.c))
PURE_SRC     := $(shell grep -l '^// SPDX.*OR BSD-2-Clause' klips/*.c)
MODEL_SRC    := $(filter-out pluto/main.c pluto/server.c pluto/net.c,$(PLUTO_SRC))

UNIT_TESTS   := $(patsubst testing/unit/%.c,$(O)/test/%,$(UNIT_SRC))
EXCHANGE     := $(if $(EXCHANGE_SRC),$(O)/test/exchange)
FUZZERS      := $(patsubst testing/fuzz/%.c,$(O)/fuzzers/%,$(FUZZ_SRC))

define test-archives
$(O)/$(1)/libipsec.a: $(call objects,$(1),$(LIB_SRC))
	$$(archive)
$(O)/$(1)/libutils.a: $(call objects,$(1),$(COMMON_SRC))
	$$(archive)
$(O)/$(1)/libpluto.a: $(call objects,$(1),$(MODEL_SRC))
	$$(archive)
$(O)/$(1)/libklips.a: $(call objects,$(1),$(PURE_SRC))
	$$(archive)
endef
$(foreach v,asan fuzz,$(eval $(call test-archives,$(v))))

# $(call using,directory,sources): those that include a header of that directory.  Others
# need not wait for it to compile.
using = $(basename $(notdir $(shell grep -l '^.include "$(1)/' $(2) /dev/null)))

# $(call needs,variant,program directory,sources)
define needs
$(addprefix $(O)/$(2)/,$(call using,pluto,$(3))): $(O)/$(1)/libpluto.a
$(addprefix $(O)/$(2)/,$(call using,klips,$(3))): $(O)/$(1)/libklips.a
$(addprefix $(O)/$(2)/,$(call using,utils,$(3))): $(O)/$(1)/libutils.a
endef
$(eval $(call needs,asan,test,$(UNIT_SRC)))
$(eval $(call needs,fuzz,fuzzers,$(FUZZ_SRC)))

# Prerequisites in link order, wherever they were added.
linked = $(filter %.o,$^) $(foreach l,utils pluto klips ipsec,$(filter %/lib$(l).a,$^))

$(UNIT_TESTS): $(O)/test/%: $(O)/asan/testing/unit/%.o $(O)/asan/libipsec.a
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -pthread $(LDFLAGS_asan) -o $@ $(linked) $(LIBS_test)

$(O)/test/exchange: $(call objects,asan,$(EXCHANGE_SRC)) $(O)/asan/libpluto.a $(O)/asan/libipsec.a
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -pthread $(LDFLAGS_asan) -o $@ $(linked) $(LIBS_test)

$(FUZZERS): $(O)/fuzzers/%: $(O)/fuzz/testing/fuzz/%.o $(O)/fuzz/libipsec.a
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) -pthread $(LDFLAGS_fuzz) -o $@ $(linked) $(LIBS_world) $(LIBS_base)

# The two that talk to a whole Pluto share the world of the exchange tests.
WORLD_SRC     := $(addprefix testing/exchange/,world.c keys.c server_fake.c net_fake.c kernel_fake.c)
WORLD_FUZZERS := $(O)/fuzzers/fuzz_isakmp $(O)/fuzzers/fuzz_isakmp_state
$(WORLD_FUZZERS): $(call objects,fuzz,$(WORLD_SRC)) $(O)/fuzz/libpluto.a
$(WORLD_FUZZERS): LIBS_world = $(call pkg,--libs,cmocka)

.PHONY: tests fuzzers
tests: $(UNIT_TESTS) $(EXCHANGE)
fuzzers: $(FUZZERS)

# --- one suite -----------------------------------------------------------------------

.PHONY: check-unit check-scripts check-exchange check-kernel check-fuzz fuzz lint matrix format-check
check-unit: $(UNIT_TESTS)
	@testing/unit/run $(TEST_JOBS) $(UNIT_TESTS)

check-exchange: $(EXCHANGE)
	@testing/unit/run 1 $(EXCHANGE)

check-scripts: user
	@testing/scripts/run $(O)

check-fuzz: $(FUZZERS)
	@testing/fuzz/run $(O) $(CHECK_FUZZ_SECONDS) $(TEST_JOBS) $(FUZZERS)

fuzz: $(FUZZERS)
	@testing/fuzz/run $(O) $(FUZZ_SECONDS) $(TEST_JOBS) $(FUZZERS)

check-kernel: user kmod
	@testing/kernel/run

matrix: user kmod
	@testing/kernel/run --long

# Traffic for a long time, while SAs are replaced, every packet accounted for.
SOAK_SECONDS ?= 3600
.PHONY: soak
soak: user kmod
	@mkdir -p $(O)/soak/etc
	@echo $(SOAK_SECONDS) >$(O)/soak/etc/soak.seconds
	@FSW_EXTRA=$(abspath $(O))/soak testing/kernel/run testing/soak/soak.sh

lint: $(SCRIPTS)
	@testing/lint/run $(O)

format-check:
	@testing/lint/format $(BASE)

# --- other kernels -------------------------------------------------------------------

# The module on other releases, and in a kernel that watches itself.  TESTS= and FLAGS= go
# to the two scripts, which say what they take.
.PHONY: kernels sanitized
kernels:
	@testing/deps build guest kernels
	@$(MAKE) --no-print-directory O=$(O) user
	@testing/kernels/run $(FLAGS) $(TESTS)

sanitized:
	@testing/deps build guest sanitized
	@$(MAKE) --no-print-directory O=$(O) user
	@testing/sanitized/run $(FLAGS) $(TESTS)

# --- all of them ---------------------------------------------------------------------

# testing/deps may install what the build needs, so all else is a second make.
.PHONY: check demo interop
check:
	@testing/deps build guest check lint
	@testing/check $(MAKE) O=$(O)

demo:
	@testing/demo/demo

interop:
	@testing/deps build interop
	@$(MAKE) --no-print-directory O=$(O) user kmod
	@testing/interop/run
