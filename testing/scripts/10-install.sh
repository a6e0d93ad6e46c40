#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# make install: what lands where, with which modes; an administrator's files stay as they are;
# uninstall takes away what install brought.

# shellcheck source=testing/scripts/lib.sh
. "$(dirname "$0")/lib.sh"

top=$(cd "$(dirname "$0")/../.." && pwd)
out=${BIN%/bin}
root=$TMP/root

install_to() {
	${MAKE:-make} -C "$top" --no-print-directory O="$out" DESTDIR="$root" PREFIX=/usr \
		SYSCONFDIR=/etc "$@"
}

# The paths are compiled in, so other ones are another build.
unbuilt() {
	rm -rf "$TMP/out"
	mkdir -p "$TMP/out"
	${MAKE:-make} -C "$top" --no-print-directory -n O="$TMP/out" DESTDIR="$root" PREFIX=/opt/x \
		SYSCONFDIR=/opt/etc UNITDIR=/opt/units MANDIR=/opt/man LIBEXECDIR=/opt/lib install
}

list() {
	(cd "$root" && find . -type f | sort)
}

check "make install" install_to install PREFIX=/usr/local
files=$(list)
for f in ./usr/local/sbin/ipsec ./usr/local/libexec/ipsec/auto ./usr/local/libexec/ipsec/pluto \
	./usr/local/libexec/ipsec/whack ./usr/local/libexec/ipsec/eroute ./etc/ipsec.conf \
	./etc/ipsec.secrets ./usr/local/share/man/man8/ipsec.8 \
	./usr/local/share/man/man5/ipsec.conf.5 \
	./usr/local/lib/systemd/system/ipsec.service; do
	contains "installs $f" "$f" "$files"
done
is "only the dispatcher is in sbin" "ipsec" "$(ls "$root/usr/local/sbin")"
is "nothing is left unsubstituted" "" \
	"$(grep -rlE '@(IPSEC_[A-Z]+)@' "$root" 2>/dev/null)"
is "secrets are for root alone" "600" "$(stat -c %a "$root/etc/ipsec.secrets")"
is "ipsec.d is for root alone" "700" "$(stat -c %a "$root/etc/ipsec.d")"

echo "# mine" >"$root/etc/ipsec.conf"
check "make install again" install_to install PREFIX=/usr/local
is "ipsec.conf stays" "# mine" "$(cat "$root/etc/ipsec.conf")"
check "the sample lies beside it" test -f "$root/etc/ipsec.conf.sample"

check "make uninstall" install_to uninstall PREFIX=/usr/local
is "uninstall leaves configuration and documents" "" \
	"$(list | grep -vE '^\./etc/|/share/doc/')"

plan=$(unbuilt 2>&1)
contains "LIBEXECDIR is honoured" "$root/opt/lib/ipsec" "$plan"
contains "MANDIR is honoured" "$root/opt/man" "$plan"
contains "UNITDIR is honoured" "$root/opt/units" "$plan"
contains "SYSCONFDIR is honoured" "$root/opt/etc/ipsec.d" "$plan"

echo "$passed passed, $failed failed"
