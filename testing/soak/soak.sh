# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 7200
#
# soak: traffic both ways for a long time while SAs are replaced every second
#
#  sunrise 192.0.2.1 ── west ══ESP══ (wire: loss, delay, reordering) ══ east ── 192.0.3.1 sunset
#
# Every packet must be accounted for: what the hosts have sent is what they have received
# and what somebody says to have dropped, hop by hop and over all.
#
#   into ipsec0 of a gateway    = tx_packets + tx_dropped + tx_errors of its ipsec0
#   out of it (tx_packets)      = what netem sent + what netem dropped
#   what netem sent             = rx_packets + rx_dropped + rx_errors of the other ipsec0
#                                 + XfrmInNoStates there, for an SA that has gone already
#   out of it (rx_packets)      = what the host received
#
# Memory must stay flat.  "make soak SOAK_SECONDS=3600" runs it for an hour, in a guest with
# two processors; testing/kernel/70-soak.sh is the same in short.

seconds=$(cat /etc/soak.seconds 2>/dev/null || echo 20)
rate=${SOAK_RATE:-200}			# datagrams a second, each way

# ---- counters -------------------------------------------------------------------

# device HOST NAME: a counter of its ipsec0
device() {
	"$1" cat "/sys/class/net/ipsec0/statistics/$2"
}

# since HOST NAME...: the sum of what they have counted since the traffic began
declare -A before
since() {
	local host=$1 n=0 name
	shift
	for name in "$@"; do
		n=$((n + $(device "$host" "$name") - before[$host.$name]))
	done
	echo "$n"
}

# netem DEV WHAT: packets sent, or dropped, towards a gateway
netem() {
	local sent dropped
	sent=$(wire tc -s qdisc show dev "$1" | sed -n 's/.*Sent [0-9]* bytes \([0-9]*\) pkt.*/\1/p')
	dropped=$(wire tc -s qdisc show dev "$1" | sed -n 's/.*(dropped \([0-9]*\),.*/\1/p')
	case $2 in
	sent)		echo "$sent" ;;
	dropped)	echo "$dropped" ;;
	esac
}

no_states() {
	# shellcheck disable=SC2016
	"$1" awk '$1 == "XfrmInNoStates" { print $2 }' /proc/net/xfrm_stat
}

# Kilobytes of the kernel's memory that a leak would show in, when all is at rest.
memory() {
	sync
	echo 3 >/proc/sys/vm/drop_caches
	awk '$1 ~ /^(SUnreclaim|Percpu|VmallocUsed):$/ { n += $2 } END { print n }' /proc/meminfo
}

# equal WHAT A B
equal() {
	note "$1: $2 = $3"
	[ "$2" -eq "$3" ] || fail "$1: $2, but $3 are accounted for"
}

# hop FROM TO SENT RECEIVED: one direction
hop() {
	local from=$1 to=$2 sent=$3 received=$4 esp
	esp=$(since "$from" tx_packets)
	equal "into ipsec0 of $from" "$sent" $((esp + $(since "$from" tx_dropped tx_errors)))
	equal "ESP from $from" "$esp" $(($(netem "$to" sent) + $(netem "$to" dropped)))
	equal "ESP to $to" "$(netem "$to" sent)" \
		$(($(since "$to" rx_packets rx_dropped rx_errors) + $(no_states "$to")))
	equal "out of ipsec0 of $to" "$(since "$to" rx_packets)" "$received"
}

# ---- the run --------------------------------------------------------------------

topology west:klips east:klips
modprobe -a sch_netem esp4
attach west 192.0.3.0/24
attach east 192.0.2.0/24
stop_capture
# No packet but ESP on the wire, and no queue that overflows without a word.
echo 100000 >/proc/sys/net/core/netdev_max_backlog
for host in west east; do
	mac=$("$(other_end "$host")" cat /sys/class/net/eth0/address)
	"$host" ip neighbour replace "$(outside_of "$(other_end "$host")")" lladdr "$mac" dev eth0 \
		nud permanent
done
python3 -u /test/soak/soak.py rekey $((seconds + 5)) >/run/test/rekey 2>/run/test/rekey.err &
rekey=$!
await 30 grep -q keyed /run/test/rekey || fail "no SAs: $(tail -n1 /run/test/rekey.err)"
sunrise ping -q -c1 -W5 192.0.3.1	|| fail "no way through"
sleep 2				# every cache has been filled once
was=$(memory)

for host in west east; do
	wire tc qdisc add dev "$host" root netem limit 10000 delay 5ms 3ms 25% loss 1% reorder 5%
	for counter in tx_packets tx_dropped tx_errors rx_packets rx_dropped rx_errors; do
		before[$host.$counter]=$(device "$host" "$counter")
	done
done
go=/run/test/go
sunrise python3 /test/soak/soak.py traffic "$seconds" "$rate" 192.0.2.1 192.0.3.1 $go \
	>/run/test/sunrise &
ends=$!
sunset python3 /test/soak/soak.py traffic "$seconds" "$rate" 192.0.3.1 192.0.2.1 $go \
	>/run/test/sunset &
ends+=" $!"
await 30 grep -q ready /run/test/sunrise
await 30 grep -q ready /run/test/sunset
touch $go
for end in $ends; do
	wait "$end"			|| fail "a host's traffic ended badly"
done
kill -0 $rekey 2>/dev/null || wait $rekey ||
	fail "the SAs were not replaced any more: $(tail -n1 /run/test/rekey.err)"

read -r a b < <(tail -n1 /run/test/sunrise)
read -r c d < <(tail -n1 /run/test/sunset)
hop west east "$a" "$d"
hop east west "$c" "$b"
dropped=$(($(counts west total) + $(counts east total) + $(netem west dropped) +
	$(netem east dropped) + $(no_states west) + $(no_states east)))
equal "all that was sent" $((a + c)) $((b + d + dropped))
west cat /proc/net/ipsec/drops | awk '$2 { print "west " $0 }'
east cat /proc/net/ipsec/drops | awk '$2 { print "east " $0 }'
[ $((b + d)) -gt $(((a + c) * 9 / 10)) ]	|| fail "more than a tenth was lost"

wait $rekey				|| fail "$(tail -n1 /run/test/rekey.err)"
sleep 2
now=$(memory)
note "$(tail -n1 /run/test/rekey) generations of SAs; kernel memory: $was kB before, $now kB after"
[ "$now" -le $((was + 2048)) ]		|| fail "kernel memory has grown from $was kB to $now kB"
