# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 240
#
# 58-natt: ESP in UDP through a NAT that forgets, the native stack at the other end
#
#  sunrise ── west 10.1.0.1 ── (wire: NAT, 198.51.100.1) ══ESP in UDP══ 198.51.100.2 east ── sunset
#
# First KLIPS is behind the NAT and the native stack is not, then the other way round.
# The native stack's reading of RFC 3948 judges our bytes, and the NAT is the kernel's.
# It gives west's port 4500 another number, and forgets it after a second of silence.

# shellcheck source=testing/kernel/natt.sh
. /test/natt.sh
note "--- KLIPS behind the NAT"
attach west 192.0.3.0/24
ours west 10.1.0.1 198.51.100.2 0x1002 0x1001 4500 4500 192.0.2.0/24 192.0.3.0/24
theirs east 198.51.100.2 198.51.100.1 0x1001 0x1002 4500 40000
start_capture wire east public
sunrise ping -q -c3 -i0.1 -W2 192.0.3.1		|| fail "no way through"
sunrise ping -q -c1 -W2 -s 4000 192.0.3.1	|| fail "not in fragments"
stop_capture public
public() {
	tcpdump -n -r "$(capture public)" "$@" 2>/dev/null
}
[ -z "$(public 'not udp port 4500 and not arp and not (ip[6:2] & 0x1fff != 0)')" ] ||
	fail "something but UDP port 4500 on the wire"
[ -n "$(public 'src 198.51.100.1 and udp src port 40000')" ]	|| fail "the NAT left the port alone"
[ -z "$(public 'udp and udp[6:2] != 0')" ]	|| fail "a UDP checksum"
drops west total 0

note "--- clear text is for IKE alone"
west python3 -c 'if 1:
	import socket
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.sendto(bytes(4) + b"marker, and then IKE", ("198.51.100.2", 4500))'
await 5 grep -q "198.51.100.1.*$(printf IKE | od -An -tx1 | tr -d ' ')" /run/test/east.ike ||
	fail "IKE does not reach the socket"

note "--- the NAT forgets, and KLIPS is told"
west ipsec eroute --clear
west ipsec spi --clear
east ip xfrm state flush
east ip xfrm policy flush
west ip route del 192.0.3.0/24
attach east 192.0.2.0/24
ours east 198.51.100.2 198.51.100.1 0x2001 0x2002 4500 40000 192.0.3.0/24 192.0.2.0/24
theirs west 10.1.0.1 198.51.100.2 0x2002 0x2001 4500 4500
nat_port 40000
sunrise ping -q -c2 -i0.1 -W2 192.0.3.1		|| fail "the native stack finds no way through"
[ "$(cat /run/test/mappings)" = listens ]	|| fail "a change where there was none"
nat_port 41000
! sunrise ping -q -c3 -i0.2 -W1 192.0.3.1	|| fail "answers come through the port of old"
[ "$(sed 1d /run/test/mappings)" = "0x2001 198.51.100.1 40000 198.51.100.1 41000" ] ||
	fail "told of the new port otherwise than once: $(cat /run/test/mappings)"
east python3 /test/natt.py move 0x2001 198.51.100.1 198.51.100.2 41000 4500
east python3 /test/natt.py move 0x2002 198.51.100.2 198.51.100.1 4500 41000
sunrise ping -q -c2 -i0.1 -W2 192.0.3.1		|| fail "no way through the new port"
drops east total 0
