# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC1091,SC2154 # sa.sh sets the names
# time-out: 240
#
# 52-bundles: more than one SA, against XFRM
#
#  sunrise ── west ══AH, ESP, IPComp══ east ── sunset
#
# A packet must come through all SAs of its bundle.  Only IPComp may be left out, by who
# sees that it would not make the packet shorter.

. /test/sa.sh
topology west:klips east:xfrm
attach west 192.0.3.0/24

# Long and dull, so that it is worth compressing; and short, so that it is not.
try() {
	local what="$*"
	note "--- $what"
	sas gcm "$@"
	ping_through -c3 -i0.3	|| fail "$what: no way through"
	ping_through -c1 -s 1300 -p 41	|| fail "$what: no way through for a long one"
	ping_back -c1 -s 1300 -p 41	|| fail "$what: no way back for a long one"
}

ends tunnel 4 4
try esp ah
note "--- not with less than all of it"
east ip xfrm policy update src 192.0.3.0/24 dst 192.0.2.0/24 dir out \
	tmpl src "$east_out" dst "$west_out" proto esp mode tunnel
before=$(counts west bundle)
ping_back -c1 -W1		&& fail "ESP is taken without the AH around it"
[ "$(counts west bundle)" -eq $((before + 1)) ]	|| fail "it is not counted as an incomplete bundle"
clear_sas

try comp esp
west grep -q '^comp.*bytes(' /proc/net/ipsec_spi || fail "nothing was compressed"
clear_sas

west ip route replace 198.51.100.2/32 dev ipsec0 src 198.51.100.1
ends transport 4 4
try comp esp
clear_sas
try esp ah
