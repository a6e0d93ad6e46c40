# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 300
#
# 60-drops: a packet dropped is seen by counter, statistics, tracepoint and log alike
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ══ESP══ 198.51.100.2 east ── 192.0.3.1 sunset
#
# And they agree: what the device counts as dropped or wrong is the sum of its reasons.

topology west:klips east:klips
attach west 192.0.3.0/24
attach east 192.0.2.0/24
for gw in west east; do
	"$gw" sysctl -q -w net.ipsec.debug_tunnel=1 net.ipsec.debug_rcv=1
done
tracefs=/sys/kernel/tracing
[ -d $tracefs/events ] || mount -t tracefs tracefs $tracefs
[ -d $tracefs/events/klips/klips_drop ]	|| fail "there is no tracepoint klips:klips_drop"
echo 1 >$tracefs/events/klips/klips_drop/enable

# seen "LINE OF THE TRACEPOINT" "LINE OF THE LOG"
seen() {
	grep -q -e "klips_drop: $1" $tracefs/trace || fail "not traced as \"$1\": $(tail -n5 $tracefs/trace)"
	kernel_log | finds -e "klips_debug:$2" ||
		fail "not logged as \"$2\": $(kernel_log | tail -n5)"
}

lost() {
	! sunrise ping -q -c2 -i0.1 -W1 "$@" >/dev/null
}

note "--- no eroute"
lost 192.0.3.1			|| fail "a packet without an eroute got through"
drops west noeroute 2
seen 'out dev=ipsec0 reason=noeroute src=192.0.2.1:0 dst=192.0.3.1:0 proto=1 len=84 sa=none' \
	'ipsec_tunnel_start_xmit: no eroute!: ts=[0-9]*\.[0-9]*, dropping\.'
! sunrise bash -c 'echo >/dev/udp/192.0.3.1/53' 2>/dev/null || true
await 3 grep -q 'reason=noeroute src=192.0.2.1:[1-9][0-9]* dst=192.0.3.1:53 proto=17' $tracefs/trace ||
	fail "ports are not traced: $(tail -n5 $tracefs/trace)"

note "--- shunts"
# shellcheck disable=SC2016
west bash -ec '
	for shunt in drop reject; do
		ipsec eroute --replace --eraf inet --src 192.0.2.0/24 --dst 192.0.3.0/24 --said %$shunt
		nsenter --net=/run/netns/sunrise ping -q -c1 -W1 192.0.3.1 || true
	done
	ipsec eroute --clear' >/dev/null
drops west shunt 1
drops west reject 1
seen 'out dev=ipsec0 reason=shunt src=192.0.2.1' \
	'ipsec_tunnel_start_xmit: shunt SA of DROP or no eroute: dropping\.'
seen 'out dev=ipsec0 reason=reject ' \
	'ipsec_tunnel_start_xmit: shunt SA of REJECT: notifying and dropping\.'

note "--- not authentic"
enc="0x$(openssl rand -hex 16)"
klips west 0x1002 0x1001 --esp aes128-sha2_256 --enckey "$enc" --authkey "0x$(openssl rand -hex 32)"
klips east 0x1001 0x1002 --esp aes128-sha2_256 --enckey "$enc" --authkey "0x$(openssl rand -hex 32)"
lost 192.0.3.1			|| fail "a packet with a wrong ICV got through"
drops east auth 2
seen 'in dev=ipsec0 reason=auth src=198.51.100.1:0 dst=198.51.100.2:0 proto=50 .* sa=esp0x1001@198.51.100.2' \
	'ipsec_rcv: auth failed on incoming packet from 198.51.100.1: SA:esp0x1001@198.51.100.2'

note "--- the statistics agree"
# agree HOST: per device, per namespace, and in the four general counters
agree() {
	local host=$1 of_device of_net general
	# shellcheck disable=SC2016
	of_device=$("$host" python3 /test/nicstats.py ipsec0 | awk '{ n += $2 } END { print n + 0 }')
	of_net=$(counts "$host" total)
	# shellcheck disable=SC2016
	general=$("$host" sh -c 'cd /sys/class/net/ipsec0/statistics &&
		echo $(($(cat rx_errors) + $(cat rx_dropped) + $(cat tx_errors) + $(cat tx_dropped)))')
	if [ "$of_device" -eq 0 ] || [ "$of_device" -ne "$of_net" ] || [ "$of_device" -ne "$general" ]; then
		fail "$host: $of_device by ethtool, $of_net by /proc, $general by ip -s link"
	fi
}
agree west
agree east
[ "$(east python3 /test/nicstats.py ipsec0 drop_auth)" -eq 2 ] || fail "ethtool shows another number"
[ "$(east cat /sys/class/net/ipsec0/statistics/rx_dropped)" -eq 2 ] || fail "rx_dropped is another number"

echo 0 >$tracefs/events/klips/klips_drop/enable
dmesg_clean
