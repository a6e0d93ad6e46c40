# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC1091,SC2154 # sa.sh sets the names
# time-out: 240
#
# 50-transport: ESP from host to host without a tunnel, both families, against XFRM
#
#               west 198.51.100.1 ══ESP══ 198.51.100.2 east
#               west 2001:db8:51::1 ══ESP══ 2001:db8:51::2 east
#
# What comes out must be what the SA is for: addresses, protocol, ports; and a bundle
# without a policy lets nothing out.

. /test/sa.sh
topology west:klips east:xfrm
two_families
attach west 198.51.100.2/32
west ip route replace 198.51.100.2/32 dev ipsec0 src 198.51.100.1
west ip -6 route add 2001:db8:51::2/128 dev ipsec0 src 2001:db8:51::1
# The native stack's policy takes what it says to neighbours, too: let there be no need.
mac=$(west cat /sys/class/net/eth0/address)
east ip -6 neighbour replace 2001:db8:51::1 lladdr "$mac" dev eth0 nud permanent
mac=$(east cat /sys/class/net/eth0/address)
west ip -6 neighbour replace 2001:db8:51::2 lladdr "$mac" dev eth0 nud permanent

arrived() {
	west cat /sys/class/net/ipsec0/statistics/rx_packets
}

more_arrived() {
	[ "$(arrived)" -gt "$1" ]
}

dropped_are() {
	[ "$(counts west "$1")" -eq "$2" ]
}

# Await NUMBER drops for this REASON in all.
dropped() {
	await 5 dropped_are "$1" "$2" ||
		fail "IPv$outer: $(counts west "$1") packets dropped for \"$1\", not $2"
}

udp() {
	east bash -c "echo hello >/dev/udp/$west_out/$1" 2>/dev/null || true
}

# try FAMILY SUITE DROPS: so many have been dropped before for their policy
try() {
	local was policy=$3
	note "--- IPv$1, $2"
	ends transport "$1" "$1"
	sas "$2" esp
	ping_through -c2 -i0.1		|| fail "IPv$1, $2: no way through"
	ping_back -c1			|| fail "IPv$1, $2: no way back"
	ping_through -c1 -s 4000	|| fail "IPv$1, $2: not with fragments outside"
	ping_back -c1 -s 4000		|| fail "IPv$1, $2: not with fragments outside, back"
	drops west policy "$policy"

	note "only UDP to port 7777 may come out now"
	addin --src "$east_net" --dst "$west_net" --transport-proto udp --dst-port 7777
	was=$(arrived)
	udp 7777
	await 5 more_arrived "$was"	|| fail "IPv$1: what is allowed does not come out"
	was=$(arrived)
	udp 7778
	dropped policy $((policy + 1))
	east bash -c "echo >/dev/tcp/$west_out/7777" 2>/dev/null &
	dropped policy $((policy + 2))
	kill $! 2>/dev/null || true
	[ "$(arrived)" -eq "$was" ]	|| fail "IPv$1: something wrong came out"
}

try 4 gcm 0
only_ipsec			|| fail "clear text on the wire"
start_capture

note "--- from end to end only"
west ip address add 198.51.100.77/32 dev eth0
west ping -q -c1 -W1 -I 198.51.100.77 198.51.100.2	&& fail "from another source"
drops west noeroute 1
west ipsec eroute --add --src 198.51.100.77/32 --dst 198.51.100.2/32 --said "$(said_of 2 esp)"
west ping -q -c1 -W1 -I 198.51.100.77 198.51.100.2	&& fail "from another source"
drops west transport 1

note "--- without a policy nothing comes out"
west ipsec spi --del --said "$(said_of 1 esp)"
# shellcheck disable=SC2046
west ipsec spi --said "$(said_of 1 esp)" --src "$east_out" $(our_words esp gcm)
was=$(arrived)
udp 7777
dropped nopolicy 1
[ "$(arrived)" -eq "$was" ]	|| fail "it came out all the same"
clear_sas

try 6 cbc "$(counts west policy)"
only_ipsec			|| fail "clear text on the wire"
