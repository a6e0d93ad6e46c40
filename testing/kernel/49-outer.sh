# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC1091,SC2154 # sa.sh sets the names
# time-out: 240
#
# 49-outer: what comes out of a tunnel, and how its packets look on the wire
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ══ESP══ 198.51.100.2 east ── 192.0.3.1 sunset
#
# What the native stack sends through the tunnel for another source, protocol or port
# than the tunnel is for is dropped.  TTL, DF, type of service and congestion bits of the
# outer header are as the tunnel SA says, and marks come in as RFC 6040 has it.

. /test/sa.sh
topology west:klips east:xfrm
attach west 192.0.3.0/24
ends tunnel 4 4
sas gcm esp

arrived() {
	west cat /sys/class/net/ipsec0/statistics/rx_packets
}

more_arrived() {
	[ "$(arrived)" -gt "$1" ]
}

dropped_are() {
	[ "$(counts west "$1")" -eq "$2" ]
}

dropped() {
	await 5 dropped_are "$1" "$2" ||
		fail "$(counts west "$1") packets dropped for \"$1\", not $2"
}

note "--- another source, protocol, port"
sunset ip address add 192.0.9.1/32 dev eth0
east ip route add 192.0.9.1/32 via 192.0.3.1
# shellcheck disable=SC2046
east ip xfrm policy add src 192.0.9.1/32 dst 192.0.2.0/24 dir out \
	$(their_templates "$east_out" "$west_out" esp)
ping_back -c1			|| fail "no way back"
was=$(arrived)
sunset ping -q -c1 -W1 -I 192.0.9.1 192.0.2.1	&& fail "another source comes out"
dropped policy 1
addin --src 192.0.3.0/24 --dst 192.0.2.1/32 --transport-proto udp --src-port 7000 --dst-port 7777
sunset ping -q -c1 -W1 192.0.2.1		&& fail "another protocol comes out"
dropped policy 2
udp() {
	sunset nc -u -w1 -p "$1" "$2" "$3" <<<hello >/dev/null 2>&1 || true
}
udp 7000 192.0.2.1 7778				# another destination port,
udp 7001 192.0.2.1 7777				# another source port,
udp 7000 192.0.2.2 7777				# another destination
dropped policy 5
[ "$(arrived)" -eq "$was" ]	|| fail "something wrong came out"
udp 7000 192.0.2.1 7777
await 5 more_arrived "$was"	|| fail "what the tunnel is for does not come out"
drops west policy 5

note "--- a later fragment shows no port"
was=$(arrived)
head -c 3000 /dev/zero | tr '\0' x >/run/test/long
sunset nc -u -w1 -p 7000 192.0.2.1 7777 </run/test/long >/dev/null 2>&1 || true
dropped policy 7
await 5 more_arrived "$was"	|| fail "the first fragment does not come out"
clear_sas
stop_capture

# tunnel OPTION...: anew, west's outgoing tunnel SA with these
tunnel() {
	west ipsec spi --del --said "$(said_of 2 ipip)" 2>/dev/null || true
	# shellcheck disable=SC2046
	{
		echo "ipsec spi --said $(said_of 2 ipip) --ip4 --src $west_out $*"
		our_bundle 2 gcm esp | tail -n +2
	} | west bash -e
}

# looks FILTER PING-OPTION...: a ping from sunrise, in clear or not, looks so on the wire
looks() {
	local filter=$1
	shift
	start_capture
	sunrise ping -q -c1 -W1 "$@" 192.0.3.1 || true
	stop_capture
	[ -n "$(on_wire "src 198.51.100.1 and ip proto 50 and ($filter)")" ] && return
	on_wire -v 'ip proto 50'
	fail "a ping with $* does not look like $filter"
}

west ipsec eroute --add --src 192.0.2.0/24 --dst 192.0.3.0/24 --said "$(said_of 2 ipip)"
note "--- as ever: TTL 64, DF clear, type of service as inside"
tunnel
looks 'ip[8] = 64 and ip[6:2] = 0 and ip[1] = 0xbb' -Q 0xbb -M 'do'
west sysctl -q -w net.ipsec.tos=1 2>/dev/null || west sh -c 'echo 1 >/proc/sys/net/ipsec/tos'
looks 'ip[1] = 0' -Q 0xbb
note "--- as the SA says"
tunnel --df copy --ttl 17 --tos copy --ecn no
looks 'ip[8] = 17 and ip[6:2] = 0x4000 and ip[1] = 0xb8' -Q 0xba -M 'do'
looks 'ip[6:2] = 0 and ip[1] = 0xb8' -Q 0xba -M dont
tunnel --df set --ttl 255 --ecn yes
looks 'ip[8] = 255 and ip[6:2] = 0x4000 and ip[1] = 2' -Q 0xba -M dont
note "--- with DF inside and outside, what is too long goes nowhere; without, in fragments"
sunrise ping -q -c1 -W1 -s 1450 -M 'do' 192.0.3.1	&& fail "too long a packet gets through"
drops west toobig 1
looks 'ip[6:2] & 0x2000 != 0' -s 1450 -M dont
