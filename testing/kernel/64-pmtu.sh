# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 300
# long: three tunnels, each with a transfer that first runs into the small link
#
# 64-pmtu: a real router finds ESP too long, over IPv4 with DF and over IPv6
#
#  sunrise ── west ══ 1500 ══ wire ══ 1400 ══ east ── sunset
#     198.51.100.1, 2001:db8:1::1     198.51.100.2, 2001:db8:2::2
#
# Its ICMP error reaches west, whose next packet tells sunrise the right number, and what
# TCP has to send arrives.

# shellcheck source-path=SCRIPTDIR source=sa.sh
. /test/sa.sh
topology west:klips east:klips
stop_capture
router 1400
attach west 192.0.3.0/24
attach east 192.0.2.0/24
give_v6 wire 2001:db8:1::1 2001:db8:1::ff/64 west 2001:db8:2::ff/64 east
give_v6 west 2001:db8:1::ff 2001:db8:a::ff/64 eth1 2001:db8:1::1/64 eth0
give_v6 east 2001:db8:2::ff 2001:db8:b::ff/64 eth1 2001:db8:2::2/64 eth0
give_v6 sunrise 2001:db8:a::ff 2001:db8:a::1/64 eth0
give_v6 sunset 2001:db8:b::ff 2001:db8:b::1/64 eth0
west ip -6 route add 2001:db8:b::/64 dev ipsec0
east ip -6 route add 2001:db8:a::/64 dev ipsec0
west sysctl -q -w net.ipsec.icmp=1
suite=(--esp aes_gcm128 --enckey "0x$(openssl rand -hex 20)")

# one_way HOST FROM TO SPI in|out FAMILY SOURCE-NET TARGET-NET: an ESP tunnel and what it is for
one_way() {
	# shellcheck disable=SC2016
	"$1" bash -ec '
		from=$1 to=$2 spi=$3 way=$4 family=$5 source=$6 target=$7
		shift 7
		case $from in *:*) ip=--ip6 ;; *) ip=--ip4 ;; esac
		tun=tun$(printf 0x%x $((spi + 0x1000)))@$to
		[ -n "$HAS_TUN" ] || ipsec spi --said "$tun" $ip --src "$from" --dst "$to"
		ipsec spi --said "esp$spi@$to" --src "$from" "$@"
		ipsec spigrp --said "$tun" "esp$spi@$to"
		case $way in in) way=--addin ;; out) way=--replace ;; esac
		ipsec eroute $way --eraf "$family" --src "$source" --dst "$target" --said "$tun"
		' - "${@:2:7}" "${suite[@]}"
}

# told VERSION MTU TARGET: what sunrise hears of packets that are too long
told() {
	sunrise ip "-$1" route flush cache
	sunrise ping "-$1" -c3 -i0.5 -W1 -M "do" -s 1420 "$3" >/run/test/ping 2>&1 || true
	case $1 in
	4)	grep -q "Frag needed and DF set (mtu = $2)" /run/test/ping ;;
	6)	grep -q "Packet too big: mtu=$2" /run/test/ping ;;
	esac || fail "not told $2: $(cat /run/test/ping)"
}

# carries TARGET: TCP with all of the segment size that sunrise believes in
carries() {
	sunset socat -u TCP6-LISTEN:7,ipv6only=0,reuseaddr OPEN:/run/test/got,creat,trunc &
	server=$!
	await 5 sunset sh -c 'ss -tln | grep -q :7'
	sunrise timeout 30 socat -u OPEN:/run/test/sent "TCP:$1:7" || fail "TCP does not get through"
	wait $server
	cmp /run/test/sent /run/test/got || fail "what arrived is not what was sent"
}

head -c 60000 /dev/urandom >/run/test/sent
export HAS_TUN=""

note "--- IPv4, with \"don't fragment\" outside"
west python3 - <<-'END'
	import sys
	sys.path.insert(0, "/test")
	import pfkey
	DF_SET = 0x200
	sys.exit(pfkey.Kernel().ask(pfkey.message(
	    pfkey.ADD, pfkey.IPIP, pfkey.sa(0x2001, flags=DF_SET), *pfkey.ENDS)))
END
net4=(192.0.2.0/24 192.0.3.0/24)
HAS_TUN=1 one_way west 198.51.100.1 198.51.100.2 0x1001 out inet "${net4[@]}"
one_way east 198.51.100.1 198.51.100.2 0x1001 in inet "${net4[@]}"
one_way east 198.51.100.2 198.51.100.1 0x1002 out inet 192.0.3.0/24 192.0.2.0/24
one_way west 198.51.100.2 198.51.100.1 0x1002 in inet 192.0.3.0/24 192.0.2.0/24
tunnel_works 1			|| fail "no way through"
# 1408 octets fit into 1500 once encapsulated, not into 1400.
sunrise ping -c1 -W1 -M "do" -s 1380 192.0.3.1 >/run/test/ping && fail "1408 octets got through"
grep -q 'Frag needed' /run/test/ping && fail "told before anybody could know"
told 4 1346 192.0.3.1
west grep -q '^ipsec0 -> eth0 mtu=16260(1346) -> 1500' /proc/net/ipsec_tncfg ||
	fail "$(west cat /proc/net/ipsec_tncfg)"
sunrise ping -q -c1 -W2 -M "do" -s 1318 192.0.3.1	|| fail "1346 octets do not fit"
sunrise ip route flush cache
carries 192.0.3.1

note "--- IPv4 in IPv6"
six=(2001:db8:1::1 2001:db8:2::2)
one_way west "${six[@]}" 0x3001 out inet "${net4[@]}"
one_way east "${six[@]}" 0x3001 in inet "${net4[@]}"
sunrise ip route flush cache
carries 192.0.3.1
told 4 1326 192.0.3.1

note "--- IPv6 in IPv6"
one_way west "${six[@]}" 0x5001 out inet6 2001:db8:a::/64 2001:db8:b::/64
one_way east "${six[@]}" 0x5001 in inet6 2001:db8:a::/64 2001:db8:b::/64
one_way east 2001:db8:2::2 2001:db8:1::1 0x5002 out inet6 2001:db8:b::/64 2001:db8:a::/64
one_way west 2001:db8:2::2 2001:db8:1::1 0x5002 in inet6 2001:db8:b::/64 2001:db8:a::/64
carries "[2001:db8:b::1]"
told 6 1326 2001:db8:b::1
sunrise ping -6 -q -c1 -W2 -M "do" -s 1278 2001:db8:b::1	|| fail "1326 octets do not fit"

dmesg_clean
