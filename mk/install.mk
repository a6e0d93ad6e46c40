# SPDX-License-Identifier: GPL-2.0-or-later
#
# make install: the dispatcher into sbin, all it dispatches to into libexec/ipsec,
# manual pages, units and a sample ipsec.conf.  A file below SYSCONFDIR that exists is the
# administrator's and stays; the new sample then lies beside it as .sample.
# The module is installed by kmod-install (mk/kernel.mk).

INSTALL ?= install

MAN := $(sort $(wildcard doc/*.[1-8]))
UNITS := $(sort $(wildcard packaging/systemd/*.service packaging/systemd/*.service.in))
SAMPLES := $(sort $(wildcard packaging/etc/ipsec.*))
DOCS := $(sort $(wildcard README.md CHANGES BUGS SECURITY.md doc/*.md))

SBIN_FILES := $(filter %/ipsec,$(SCRIPTS))
LIBEXEC_FILES := $(filter-out $(SBIN_FILES),$(PROGRAMS) $(SCRIPTS))

.PHONY: install
install: user
	$(INSTALL) -d $(DESTDIR)$(SBINDIR) $(DESTDIR)$(IPSEC_LIBEXECDIR) $(DESTDIR)$(SYSCONFDIR) \
		$(DESTDIR)$(MANDIR)/man4 $(DESTDIR)$(MANDIR)/man5 $(DESTDIR)$(MANDIR)/man8 \
		$(DESTDIR)$(DOCDIR)
	$(INSTALL) -d -m 700 $(DESTDIR)$(SYSCONFDIR)/ipsec.d
	$(if $(SBIN_FILES),$(INSTALL) -m 755 $(SBIN_FILES) $(DESTDIR)$(SBINDIR)/)
	$(if $(LIBEXEC_FILES),$(INSTALL) -m 755 $(LIBEXEC_FILES) $(DESTDIR)$(IPSEC_LIBEXECDIR)/)
	@for m in $(MAN); do \
		to=$(DESTDIR)$(MANDIR)/man$${m##*.}; \
		echo "$(INSTALL) $$m $$to"; \
		$(INSTALL) -d $$to && $(INSTALL) -m 644 $$m $$to/ || exit 1; \
	done
	$(if $(DOCS),$(INSTALL) -m 644 $(DOCS) $(DESTDIR)$(DOCDIR)/)
	$(if $(UNITS),$(INSTALL) -d $(DESTDIR)$(UNITDIR))
	@for u in $(UNITS); do \
		to=$(DESTDIR)$(UNITDIR)/$$(basename $$u .in); \
		echo "$(INSTALL) $$u $$to"; \
		$(SUBSTITUTE) $$u >$$to && chmod 644 $$to || exit 1; \
	done
	@for f in $(SAMPLES); do \
		to=$(DESTDIR)$(SYSCONFDIR)/$${f##*/}; \
		if [ -e $$to ] && ! cmp -s $$f $$to; then \
			echo "keeping $$to; the sample is $$to.sample"; to=$$to.sample; \
		fi; \
		mode=644; case $$f in *.secrets) mode=600;; esac; \
		$(INSTALL) -m $$mode $$f $$to || exit 1; \
	done

.PHONY: uninstall
uninstall:
	rm -f $(patsubst %,$(DESTDIR)$(SBINDIR)/%,$(notdir $(SBIN_FILES)))
	rm -f $(patsubst %,$(DESTDIR)$(IPSEC_LIBEXECDIR)/%,$(notdir $(LIBEXEC_FILES)))
	rm -f $(foreach m,$(MAN),$(DESTDIR)$(MANDIR)/man$(patsubst .%,%,$(suffix $(m)))/$(notdir $(m)))
	rm -f $(patsubst %.in,%,$(patsubst %,$(DESTDIR)$(UNITDIR)/%,$(notdir $(UNITS))))
