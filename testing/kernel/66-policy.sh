# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 300
#
# 66-policy: packets that wait, eroutes that change under traffic, and nothing in clear
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ══ESP══ 198.51.100.2 east ── 192.0.3.1 sunset

topology west:klips east:klips
attach west 192.0.3.0/24
attach east 192.0.2.0/24
suite=(--esp aes_gcm128 --enckey "0x$(openssl rand -hex 20)")
net=(--eraf inet --src 192.0.2.0/24 --dst 192.0.3.0/24)
pair=(--eraf inet --src 192.0.2.1/32 --dst 192.0.3.1/32)
tun=(--said tun0x2001@198.51.100.2)
klips west 0x1002 0x1001 "${suite[@]}"
klips east 0x1001 0x1002 "${suite[@]}"

status() {
	west grep -q "^$1\$" /proc/net/ipsec/status || fail "no \"$1\": $(west cat /proc/net/ipsec/status)"
}

eroute() {
	west grep -q -e "$1" /proc/net/ipsec_eroute || fail "no $1: $(west cat /proc/net/ipsec_eroute)"
}

acquires() {
	grep -c 'type=6(ACQUIRE)' /run/test/heard || true
}

# send N: numbered datagrams from sunrise to sunset
send() {
	sunrise python3 -c 'import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for n in range(int(sys.argv[1])):
    s.sendto(b"datagram %d" % n, ("192.0.3.1", 4000))' "$1"
}

# came NUMBERS...: these datagrams have come since start_capture sunset, in this order
came() {
	local numbers
	sleep 2
	stop_capture sunset
	numbers=$(datagrams || true)
	[ "$numbers" = "$* " ] || fail "datagrams $numbers came, not $*"
}

datagrams() {
	tcpdump -n -A -r "$(capture sunset)" udp 2>/dev/null | grep -ao 'datagram [0-9]*' |
		cut -d' ' -f2 | tr '\n' ' '
}

listen() {
	west ipsec pf_key --esp --daemon /run/test/pf_key.pid >/run/test/heard 2>&1
	await 10 grep -q 'type=7(REGISTER)' /run/test/heard || fail "not registered"
}

note "--- of six packets the first and the latest three wait, and go out in order"
listen
west ipsec eroute --replace "${net[@]}" --said %trap
send 6
eroute '192.0.2.1/32 *-> 192.0.3.1/32 *=> %hold$'
status 'holds 1 of 1024'
status 'held_packets 4 of 2048'
drops west hold 2
[ "$(acquires)" -eq 1 ]			|| fail "$(acquires) ACQUIREs for one flow"
start_capture sunset eth0
west bash -ec 'ipsec eroute --replace --src 192.0.2.0/24 --dst 192.0.3.0/24 --said "$1"
	ipsec eroute --del --src 192.0.2.1/32 --dst 192.0.3.1/32' - "${tun[1]}"
came 0 3 4 5
status 'held_packets 0 of 2048'

note "--- nobody decides: after a time the packets are dropped, and the next one asks again"
west sysctl -q -w net.ipsec.hold_seconds=2
west ipsec eroute --replace "${net[@]}" --said %trap
send 2
await 6 west grep -q '^holds 0 of' /proc/net/ipsec/status || fail "the hold stays"
drops west holdaged 2
status 'holds_given_up 1'
eroute '192.0.2.0/24 *-> 192.0.3.0/24 *=> %trap$'
send 1
[ "$(acquires)" -eq 3 ]			|| fail "$(acquires) ACQUIREs, not 3"

note "--- a %hold in the place of the trap itself gives it back"
west bash -ec 'sysctl -q -w net.ipsec.hold_seconds=8; ipsec eroute --clear'
west ipsec eroute --add "${pair[@]}" --said %trap
west ipsec eroute --add --src 192.0.2.2/32 --dst 192.0.3.0/24 --said %trapsubnet
send 1
sunrise ip address add 192.0.2.2/24 dev eth0
sunrise ping -q -c1 -W1 -I 192.0.2.2 192.0.3.1 && fail "through a trap"
eroute '192.0.2.1/32 *-> 192.0.3.1/32 *=> %hold$'
eroute '192.0.2.2/32 *-> 192.0.3.0/24 *=> %hold$'
await 15 west grep -q '^holds 0 of' /proc/net/ipsec/status || fail "the holds stay"
eroute '192.0.2.1/32 *-> 192.0.3.1/32 *=> %trap$'
eroute '192.0.2.2/32 *-> 192.0.3.0/24 *=> %trapsubnet$'
sunrise ip address del 192.0.2.2/24 dev eth0

note "--- a %hold that was set stays, and so does all else when its maker has gone"
west bash -ec 'sysctl -q -w net.ipsec.hold_seconds=2; ipsec eroute --clear'
west ipsec eroute --add "${net[@]}" --said %hold
west kill -KILL "$(cat /run/test/pf_key.pid)"
send 3
sleep 3
eroute '=> %hold$'
status 'held_packets 3 of 2048'
start_capture sunset eth0
west ipsec eroute --replace "${net[@]}" "${tun[@]}"
came 0 1 2
west ipsec eroute --replace "${net[@]}" --said %trap
send 1
drops west nodaemon 1

note "--- who is in the way"
west ipsec eroute --add "${net[@]}" --said %drop 2>/run/test/err && fail "over a %trap"
grep -q 'KLIPS: 192.0.2.0/24 -> 192.0.3.0/24 leads to %trap since .* made by eroute\[[0-9]*\]' \
	/run/test/err			|| fail "not who: $(cat /run/test/err)"
west ipsec eroute --del "${pair[@]}" 2>/run/test/err && fail "deleted what is not there"
grep -q 'KLIPS: there is no eroute for exactly 192.0.2.1/32 -> 192.0.3.1/32' /run/test/err ||
	fail "not what: $(cat /run/test/err)"

note "--- a thousand replacements under a flood: nothing in clear, nothing lost"
# No replay window: a CPU that stands still for a while makes packets late, and that is no loss.
add_tunnels() {
	"$@" bash -ec 'for spi in 3 5; do
		ipsec spi --said tun0x100$spi@198.51.100.2 --ip4 --src 198.51.100.1
		echo "$3" | ipsec spi --said esp0x100$spi@198.51.100.2 --src 198.51.100.1 --esp "$1" "$2" -
		ipsec spigrp --said tun0x100$spi@198.51.100.2 esp0x100$spi@198.51.100.2
	done' - "${suite[1]}" "${suite[2]}" "${suite[3]}"
}
add_tunnels west
add_tunnels east
for spi in 3 5; do
	east ipsec eroute --addin --src 192.0.2.0/24 --dst 192.0.3.0/24 --said tun0x100$spi@198.51.100.2
done
west ipsec eroute --replace "${net[@]}" --said tun0x1003@198.51.100.2
before=$(counts west total)
sunset /test/flood.py receive 0.0.0.0 4001 >/run/test/received &
receiver=$!
await 10 grep -q ready /run/test/received || fail "no receiver"
sunrise /test/flood.py send 192.0.3.1 4001 /run/test/stop >/run/test/sent &
sender=$!
await 10 test -s /run/test/sent		|| fail "no sender"
west /test/pfkey.py replace 1000 0x1003 0x1005 || fail "a replacement was refused"
touch /run/test/stop
wait $sender
sleep 1
kill -TERM $receiver
wait $receiver || true
sent=$(tail -n1 /run/test/sent) received=$(tail -n1 /run/test/received)
note "$sent sent, $received received"
[ "$sent" -gt 200 ]			|| fail "a poor flood"
[ "$sent" -eq "$received" ]		|| fail "$sent sent, $received received; \
west: $(west ipsec look --drops), east: $(east ipsec look --drops)"
[ "$(counts west total)" -eq "$before" ]	|| fail "dropped: $(west cat /proc/net/ipsec/drops)"
wire_is esp				|| fail "clear text on the wire"

note "--- without inbound policy check, loudly"
west ipsec look >/run/test/look
grep -q WARNING /run/test/look && fail "a warning, and no reason"
west sysctl -q -w net.ipsec.inbound_policy_check=0
west ipsec look >/run/test/look
grep -q 'WARNING: net.ipsec.inbound_policy_check is OFF' /run/test/look || fail "look is silent"
status 'inbound_policy_check OFF: .*'
dmesg | tail -n 20 >/run/test/dmesg
grep -q 'klips_warning:.*inbound_policy_check=0' /run/test/dmesg || fail "the log is silent"
dmesg_clean
