# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 300
#
# 61-path: a router between the gateways, with a smaller link behind it
#
#  sunrise ── west 198.51.100.1 ══ 1500 ══ wire ══ 1200 ══ 198.51.100.2 east ── sunset
#
# traceroute shows both gateways; what the router cuts in pieces arrives; what it says of
# its link is learned when it quotes a living SA; TCP is told in time.

topology west:klips east:klips
stop_capture
router 1200
attach west 192.0.3.0/24
attach east 192.0.2.0/24
suite=(--esp aes_gcm128 --enckey "0x$(openssl rand -hex 20)")
klips west 0x1002 0x1001 "${suite[@]}"
klips east 0x1001 0x1002 "${suite[@]}"
west sysctl -q -w net.ipsec.icmp=1

note "--- traceroute"
sunrise busybox traceroute -n -q1 -w3 -m4 192.0.3.1 >/run/test/trace 2>&1 || true
note "$(cat /run/test/trace)"
hop() {
	awk -v n="$1" '$1 == n { print $2 }' /run/test/trace
}
[ "$(hop 1)" = 192.0.2.254 ]	|| fail "the first hop is not west"
case $(hop 2) in
192.0.3.254 | 198.51.100.2)	;;
*)	fail "the second hop is not east" ;;
esac
[ "$(hop 3)" = 192.0.3.1 ]	|| fail "the third hop is not sunset"
drops west total 0
drops east total 0
# That much and no more: east may tell of the packets that it got, not of others.
sunset ping -q -c1 -W1 -I 192.0.3.1 198.51.100.1 >/dev/null && fail "sunset got beyond the policy"

note "--- the router cuts ESP in pieces, and east puts it together again"
start_capture wire east pieces
sunrise ping -q -c1 -W2 -M dont -s 1300 192.0.3.1 || fail "1328 octets do not arrive"
stop_capture pieces
[ -n "$(tcpdump -n -r "$(capture pieces)" 'ip proto 50 and ip[6:2] & 0x3fff != 0' 2>/dev/null)" ] ||
	fail "there were no fragments"
drops east fragment 0

note "--- TCP is told when it sets out, both ways, where ICMP is not heard"
west sysctl -q -w net.ipsec.mss_clamp=1
start_capture sunset eth0 far
start_capture sunrise eth0 near
sunset socat -u TCP-LISTEN:7,reuseaddr OPEN:/run/test/got,creat,trunc &
server=$!
await 5 sunset sh -c 'ss -tln | grep -q :7'
head -c 60000 /dev/urandom >/run/test/sent
sunrise timeout 20 socat -u OPEN:/run/test/sent TCP:192.0.3.1:7 || fail "TCP does not get through"
wait $server
cmp /run/test/sent /run/test/got || fail "what arrived is not what was sent"
stop_capture far
stop_capture near
mss() {
	tcpdump -n -v -r "$(capture "$1")" "$2" 2>/dev/null | grep -o 'mss [0-9]*' | sort -u
}
[ "$(mss far 'tcp[tcpflags] & tcp-syn != 0 and src 192.0.2.1')" = "mss 1406" ] ||
	fail "sunset was told $(mss far 'tcp[tcpflags] & tcp-syn != 0 and src 192.0.2.1')"
[ "$(mss near 'tcp[tcpflags] & tcp-syn != 0 and src 192.0.3.1')" = "mss 1406" ] ||
	fail "sunrise was told $(mss near 'tcp[tcpflags] & tcp-syn != 0 and src 192.0.3.1')"
west sysctl -q -w net.ipsec.mss_clamp=0

note "--- who quotes no living SA is not believed"
forged() {
	wire python3 /test/hostile.py too-big 198.51.100.254 198.51.100.1 "$@"
}
forged 198.51.100.2 0x9999 1200
forged 198.51.100.2 0x1002 1200			# the SA of the other direction
sunrise ping -c1 -W2 -M "do" -s 1300 192.0.3.1 >/run/test/ping || fail "lost: $(cat /run/test/ping)"
grep -q 'Frag needed' /run/test/ping && fail "a forged error was believed"

# told MTU: what sunrise hears of a packet that is too long
told() {
	sunrise ip route flush cache
	sunrise ping -c1 -W2 -M "do" -s 1400 192.0.3.1 >/run/test/ping || true
	grep -q "Frag needed and DF set (mtu = $1)" /run/test/ping ||
		fail "not told $1: $(cat /run/test/ping)"
}

note "--- who does is"
forged 198.51.100.2 0x1001 1200
told 1146
west grep -q '^ipsec0 -> eth0 mtu=16260(1146) -> 1500' /proc/net/ipsec_tncfg ||
	fail "$(west cat /proc/net/ipsec_tncfg)"
start_capture wire east pieces
sunrise ping -q -c1 -W2 -M "do" -s 1118 192.0.3.1 || fail "1146 octets do not fit"
stop_capture pieces
[ -z "$(tcpdump -n -r "$(capture pieces)" 'ip[6:2] & 0x3fff != 0' 2>/dev/null)" ] ||
	fail "1146 octets went in fragments"

note "--- but not all of it"
forged 198.51.100.2 0x1001 68
told 498

note "--- the MTU of ipsec0 itself counts as that of any device"
west ip link set ipsec0 mtu 400
told 400
west grep -q '^ipsec0 -> eth0 mtu=400(498) -> 1500' /proc/net/ipsec_tncfg ||
	fail "$(west cat /proc/net/ipsec_tncfg)"
dmesg_clean
