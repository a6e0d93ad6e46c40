# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC1091,SC2154 # sa.sh sets the names
# time-out: 240
#
# 51-families: tunnels of each family through tunnels of each family, against XFRM
#
#  sunrise 2001:db8:2::1 ── west 2001:db8:51::1 ══ESP══ 2001:db8:51::2 east ── 2001:db8:3::1 sunset
#
# and the same in IPv4, and mixed.  West finds its neighbours in the clear, on the physical
# device, though the route to the far network goes through ipsec0.

. /test/sa.sh
topology west:klips east:xfrm
two_families
attach west 192.0.3.0/24
west ip -6 route add 2001:db8:3::/64 dev ipsec0

try() {
	local what="$2 in $1, $3"
	note "--- IPv$2 in IPv$1, $3"
	ends tunnel "$1" "$2"
	sas "$3" esp
	ping_through -c2 -i0.1		|| fail "$what: no way through"
	ping_back -c1			|| fail "$what: no way back"
	# The native stack throws the first answer away, and tells sunset what would fit.
	ping_through -c3 -i0.3 -s 3000	|| fail "$what: not in fragments"
	clear_sas
}

try 4 4 gcm
try 4 6 cbc
try 6 4 gcm
try 6 6 cbc
only_ipsec			|| fail "clear text on the wire"
drops west total 0

note "--- %pass lets IPv6 pass, but nothing that is for a link without neighbours"
start_capture
west ipsec eroute --add --eraf inet6 --src ::/0 --dst ::/0 --said %pass
west ip -6 address add fe80::aa/64 dev ipsec0 nodad
west ip -6 route add 2001:db8:51::99/128 dev ipsec0 src 2001:db8:51::1
east ip -6 address add 2001:db8:51::99/64 dev eth0 nodad
west ping -6 -q -c1 -W1 fe80::bb%ipsec0	&& fail "an answer out of nowhere"
west ping -q -c1 -W5 2001:db8:51::99	|| fail "%pass does not pass IPv6"
stop_capture
[ "$(counts west link)" -gt 0 ]	|| fail "what is for the link is not counted so"
[ -z "$(on_wire 'host fe80::aa or host fe80::bb')" ]	|| fail "it is on the wire all the same"
