# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 120
#
# 14-forged: hostile ESP is dropped, counted by its name, and harms no tunnel
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ══ESP══ 198.51.100.2 east ── 192.0.3.1 sunset
#                                          └ forged ┘
#
# The tunnel in use has its own SAs.  Packets that are authentic but wrong inside need the
# keys, so east forges them for a second pair of SAs of which it knows those.

topology west:klips east:xfrm
attach west 192.0.3.0/24
enc=0x$(openssl rand -hex 16)
auth=0x$(openssl rand -hex 20)
klips west 0x1002 0x1001 --esp aes128-sha1 --enckey "$enc" --authkey "$auth"
native east 0x1001 0x1002 "auth-trunc hmac(sha1) $auth 96 enc cbc(aes) $enc"

enc=0x$(openssl rand -hex 16)
auth=0x$(openssl rand -hex 20)
west ipsec spi --said tun0x2102@198.51.100.1 --ip4 --src 198.51.100.2 --dst 198.51.100.1
west ipsec spi --said esp0x1102@198.51.100.1 --src 198.51.100.2 --esp aes128-sha1 \
	--enckey "$enc" --authkey "$auth" --replay_window 32
west ipsec spigrp --said tun0x2102@198.51.100.1 esp0x1102@198.51.100.1
west ipsec eroute --addin --eraf inet --src 192.0.3.0/24 --dst 192.0.2.0/24 \
	--said tun0x2102@198.51.100.1

tunnel_works 2			|| fail "no way through"
drops west total 0

# One forger for all packets: starting it is what takes time.
coproc FORGER { east /test/hostile.py esp 198.51.100.2 198.51.100.1 "$enc" "$auth"; }

# forge CASE SEQUENCE [SPI]
forge() {
	echo "${3:-0x1102} $2 $1" >&"${FORGER[1]}"
	read -r -t 10 _ <&"${FORGER[0]}" || fail "the forger is gone, at $1"
}

# The sum of the counters that a pattern picks.
count_of() {
	local reason n sum=0
	while read -r reason n _; do
		[[ ! $reason =~ ^($1)$ ]] || sum=$((sum + n))
	done < <(west cat /proc/net/ipsec/drops)
	echo $sum
}

more_than() {
	[ "$(count_of "$1")" -gt "$2" ]
}

pings_heard() {
	tcpdump -n -r "$(capture inside)" 'icmp[icmptype] == icmp-echo and icmp[4:2] == 7' \
		2>/dev/null | wc -l
}

start_capture sunrise eth0 inside
seq=1
total=0
/test/hostile.py list >/run/test/cases
while read -r name reasons; do
	before=$(count_of "${reasons:-none}")
	forge "$name" $seq
	seq=$((seq + 1))
	[ -n "$reasons" ] || continue
	total=$((total + 1))
	await 3 more_than "$reasons" "$before" || fail "$name was not counted as $reasons:
$(west cat /proc/net/ipsec/drops)"
done </run/test/cases
[ "$(counts west total)" -eq $total ] || fail "$(counts west total) drops counted, $total packets sent"

note "one good packet twice, and one from before the window"
forge replayed 500
await 3 more_than replay 1
forge good 2
sleep 0.3
drops west replay 3		# sequence-0 is the third

stop_capture inside
[ "$(pings_heard)" -eq 2 ]	|| fail "$(pings_heard) forged pings reached sunrise, not the 2 good ones"
tunnel_works 3			|| fail "the tunnel does not work any more"

note "an SPI nobody has, and SPIs of the reserved range"
for spi in 0xdeadbeef 0x0 0x1 0xff; do
	forge good 1 $spi
done
tunnel_works 3			|| fail "the tunnel does not work any more"
dmesg_clean
