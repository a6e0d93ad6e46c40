# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 240
#
# 56-ah: AH in both modes and families against XFRM, and hostile AH
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ══AH══ 198.51.100.2 east ── 192.0.3.1 sunset
#
# IP options on the packet are what AH has to see in the right form: with transport mode
# they are in the header that it protects.  The full table is 56-ah-table.

. /test/sa.sh
. /test/forge.sh
topology west:klips east:xfrm
two_families
attach west 198.51.100.2/32
west ip -batch - <<-END
	route replace 198.51.100.2/32 dev ipsec0 src 198.51.100.1
	route add 2001:db8:51::2/128 dev ipsec0 src 2001:db8:51::1
END
# The native stack's policy takes what it says to neighbours, too: let there be no need.
mac=$(west cat /sys/class/net/eth0/address)
east ip -6 neighbour replace 2001:db8:51::1 lladdr "$mac" dev eth0 nud permanent
mac=$(east cat /sys/class/net/eth0/address)
west ip -6 neighbour replace 2001:db8:51::2 lladdr "$mac" dev eth0 nud permanent

note "transport, IPv4, with record route and time stamps"
ends transport 4 4
sas cbc ah
ping_through -c1		|| fail "no way through"
ping_through -c1 -R		|| fail "not with record route"
ping_back -c1 -R		|| fail "not with record route, back"
ping_through -c1 -T tsonly	|| fail "not with time stamps"
ping_back -c1 -s 4000		|| fail "not with fragments outside"
clear_sas

note "transport, IPv6"
ends transport 6 6
sas cbc ah
ping_through -c1		|| fail "no way through"
ping_back -c1			|| fail "no way back"
clear_sas
drops west total 0
only_ipsec			|| fail "clear text on the wire"
[ -n "$(on_wire -c1 'ip proto 51')" ]	|| fail "no AH on the wire"
[ -n "$(on_wire -c1 'ip6 proto 51')" ]	|| fail "no AH over IPv6 on the wire"

note "hostile AH"
auth=0x$(openssl rand -hex 20)
west bash -ec '
	ipsec spi --said tun0x2102@198.51.100.1 --ip4 --src 198.51.100.2
	ipsec spi --said ah0x1102@198.51.100.1 --src 198.51.100.2 --ah hmac-sha1-96 \
		--authkey "$1" --replay_window 64
	ipsec spigrp --said tun0x2102@198.51.100.1 ah0x1102@198.51.100.1
	ipsec eroute --addin --src 192.0.3.0/24 --dst 192.0.2.0/24 --said tun0x2102@198.51.100.1
	' - "$auth"
forger 0x1102 ah 198.51.100.2 198.51.100.1 "$auth"
start_capture sunrise eth0 inside
forge_all ah
before=$(counts west replay)
forge replayed $((seq + 100))
forge good 1
await 3 more_than replay $((before + 1))	|| fail "replays are not counted"
stop_capture inside
[ "$(good_pings inside)" -eq 5 ]	|| fail "$(good_pings inside) pings reached sunrise, not the 5 good ones"
west cat /proc/net/ipsec_spi
west grep -q '^ah0x1102@198.51.100.1 AH_HMAC_SHA1: dir=in  src=198.51.100.2 ooowin=64 .*alen=96 aklen=160 auth_errs=' \
	/proc/net/ipsec_spi	|| fail "ipsec_spi does not show the SA"
