#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What the documents say of the sources is so.

# shellcheck source=testing/scripts/lib.sh
. "$(dirname "$0")/lib.sh"

cd "$(dirname "$0")/../.." || exit 1

is "dkms.conf has the version" "$(cat VERSION)" \
	"$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' packaging/dkms/dkms.conf)"
contains "so has CHANGES, on top" "$(cat VERSION)" "$(sed -n 3p CHANGES)"

for source in utils/*.c utils/*.in; do
	name=${source##*/}
	name=${name%.*}
	case $name in
	ipsec)	page=doc/ipsec.8 ;;
	*)	page=doc/ipsec_$name.8 ;;
	esac
	check "$name has a manual page, $page" test -f "$page"
done

# Each reason to drop a packet, with its words, in klips(4).
sed -n 's/.*X([A-Z]*,[[:blank:]]*"\([a-z]*\)".*/\1/p' klips/drop.h >"$TMP/drops"
check "there are reasons to drop a packet" test -s "$TMP/drops"
while read -r reason; do
	check "klips(4) explains the reason $reason" grep -qx ".It Li $reason" doc/klips.4
done <"$TMP/drops"

# No page refers to a page of ours that does not exist.
sed -n 's/^\.Xr \(ipsec[a-z_.]*\|klips\) \([458]\).*/\1.\2/p' doc/*.[458] |
	sort -u >"$TMP/references"
while read -r page; do
	check "$page is referred to and exists" test -f "doc/$page"
done <"$TMP/references"

# README's links.
for link in $(grep -o '](\([^)h][^)]*\))' README.md | tr -d ']()'); do
	check "README links to $link" test -f "$link"
done

finish
