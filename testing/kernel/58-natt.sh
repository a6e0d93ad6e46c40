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

topology west:klips east:xfrm
nat_on_wire
attach east 192.0.2.0/24
attach west 192.0.3.0/24
west python3 /test/natt.py hold 2 4500 >/run/test/west.ike &
east python3 /test/natt.py hold 2 4500 >/run/test/east.ike &
east python3 /test/natt.py listen >/run/test/mappings &
await 10 grep -q holds /run/test/west.ike
await 10 grep -q holds /run/test/east.ike
await 10 grep -q listens /run/test/mappings

enc=0x$(openssl rand -hex 16)
auth=0x$(openssl rand -hex 20)
suite="auth-trunc hmac(sha1) $auth 96 enc cbc(aes) $enc"

# ours HOST ME PEER IN OUT SPORT-OUT DPORT-OUT: tunnels in both directions
ours() {
	# shellcheck disable=SC2016
	"$1" bash -ec '
		host=$1 me=$2 peer=$3 in=$4 out=$5 mine=$6 theirs=$7 mynet=$8 theirnet=$9
		shift 9
		ipsec spi --said "tun$out@$peer" --ip4 --src "$me" 2>&1
		ipsec spi --said "esp$out@$peer" --src "$me" --encap "udp:$mine:$theirs" "$@" 2>&1
		ipsec spigrp --said "tun$out@$peer" "esp$out@$peer"
		ipsec eroute --add --eraf inet --src "$mynet" --dst "$theirnet" --said "tun$out@$peer"
		ipsec spi --said "tun$in@$me" --ip4 --src "$peer"
		ipsec spi --said "esp$in@$me" --src "$peer" --replay_window 64 \
			--encap "udp:$theirs:$mine" "$@" 2>&1
		ipsec spigrp --said "tun$in@$me" "esp$in@$me"
		ipsec eroute --addin --eraf inet --src "$theirnet" --dst "$mynet" --said "tun$in@$me"
		' - "$@" --esp aes128-sha1 --enckey "$enc" --authkey "$auth" >/run/test/tools
}

# theirs HOST ME PEER IN OUT MY-PORT PEER-PORT: the same with the native stack
theirs() {
	local host=$1 me=$2 peer=$3
	"$host" ip -batch - <<-END
		xfrm state add src $peer dst $me proto esp spi $4 mode tunnel replay-window 32 $suite encap espinudp $7 $6 0.0.0.0
		xfrm state add src $me dst $peer proto esp spi $5 mode tunnel $suite encap espinudp $6 $7 0.0.0.0
		xfrm policy add src $(inside_of "$host") dst $(inside_of "$(other_end "$host")") dir out tmpl src $me dst $peer proto esp mode tunnel
		xfrm policy add src $(inside_of "$(other_end "$host")") dst $(inside_of "$host") dir fwd tmpl src $peer dst $me proto esp mode tunnel
	END
}

note "--- KLIPS behind the NAT"
ours west 10.1.0.1 198.51.100.2 0x1002 0x1001 4500 4500 192.0.2.0/24 192.0.3.0/24
theirs east 198.51.100.2 198.51.100.1 0x1001 0x1002 4500 40000
east ip route del 192.0.2.0/24
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
east ip route add 192.0.2.0/24 dev ipsec0
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
[ "$(east python3 /test/natt.py get 0x2001 198.51.100.2)" = "2 198.51.100.1 41000 4500 - -" ] ||
	fail "GET tells another mapping"
east ipsec spi | finds 'esp0x2002.* natencap=nonesp natsport=4500 natdport=41000' ||
	fail "/proc/net/ipsec_spi does not show the mapping"
east python3 /test/natt.py wrong 0x2001 198.51.100.1 198.51.100.2 || fail "a wrong UPDATE is taken"

note "--- and the address changes, too"
nat_port 42000 198.51.100.3
! sunrise ping -q -c2 -i0.2 -W1 192.0.3.1	|| fail "answers come to the address of old"
[ "$(tail -n1 /run/test/mappings)" = "0x2001 198.51.100.1 41000 198.51.100.3 42000" ] ||
	fail "not told of the new address: $(cat /run/test/mappings)"
east python3 /test/natt.py move 0x2001 198.51.100.3 198.51.100.2 42000 4500
east python3 /test/natt.py move 0x2002 198.51.100.2 198.51.100.1 4500 42000 198.51.100.3
sunrise ping -q -c2 -i0.1 -W2 192.0.3.1		|| fail "no way through the new address"
drops east total 0

note "--- nothing of this happens for what is not authentic"
told=$(wc -l </run/test/mappings)
west python3 /test/natt.py hostile 0x2001 198.51.100.2 4700
await 5 sh -c 'east cat /proc/net/ipsec/drops | grep -q "^malformed  *[1-9]"'
[ "$(counts east auth)" -gt 0 ]			|| fail "the forged were not even looked at"
wrong=$(($(counts east auth) + $(counts east malformed)))
drops east total "$wrong"
[ "$(wc -l </run/test/mappings)" -eq "$told" ]	|| fail "told of a forged packet's port"
! grep -q ' ff$' /run/test/east.ike		|| fail "a keepalive reaches the daemon"

note "--- plain where it should be in UDP, and the other way round"
west ip xfrm state flush
theirs_plain() {
	west ip -batch - <<-END
		xfrm state add src 10.1.0.1 dst 198.51.100.2 proto esp spi 0x2001 mode tunnel $suite
	END
}
theirs_plain
! sunrise ping -q -c2 -i0.2 -W1 192.0.3.1	|| fail "plain ESP on an SA in UDP comes through"
drops east encap 2
