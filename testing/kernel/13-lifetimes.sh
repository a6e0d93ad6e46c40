# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 120
#
# 13-lifetimes: limits end an SA and its bundle, and listeners are told, soft before hard
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ══ESP══ 198.51.100.2 east ── 192.0.3.1 sunset

topology west:klips east:klips
attach west 192.0.3.0/24
attach east 192.0.2.0/24
suite=(--esp aes128-sha1 --enckey "0x$(openssl rand -hex 16)" --authkey "0x$(openssl rand -hex 20)")

listen() {
	west ipsec pf_key --esp --ipip --daemon /run/test/pf_key.pid >/run/test/heard 2>&1
	await 10 grep -q 'type=7(REGISTER).*IPIP' /run/test/heard ||
		fail "not registered: $(cat /run/test/heard)"
}

stop_listening() {
	west kill "$(cat /run/test/pf_key.pid)"
	await 10 sh -c '[ ! -e /run/test/pf_key.pid ]'
}

# expired SOFT-OR-HARD: how often it was told
expired() {
	grep -c "type=8(EXPIRE).*$1" /run/test/heard || true
}

# tunnel LIFE: both ends anew, with these limits on what west sends through
tunnel() {
	for gw in west east; do
		"$gw" ipsec eroute --clear
		"$gw" ipsec spi --clear
	done
	klips east 0x1001 0x1002 "${suite[@]}"
	klips west 0x1002 0x1001 "${suite[@]}"
	west ipsec spi --del --said esp0x1001@198.51.100.2	# and the tun SA with it
	west ipsec spi --said tun0x2001@198.51.100.2 --ip4 --src 198.51.100.1
	west ipsec spi --said esp0x1001@198.51.100.2 --src 198.51.100.1 "${suite[@]}" --life "$1"
	west ipsec spigrp --said tun0x2001@198.51.100.2 esp0x1001@198.51.100.2
	listen
}

gone() {
	! west cat /proc/net/ipsec_spi | finds -e "$1"
}

note "--- packets"
tunnel soft-packets=3,hard-packets=6
sunrise ping -q -c2 -i0.1 -W2 192.0.3.1		|| fail "no way through"
[ "$(expired SOFT)" -eq 0 ]			|| fail "soft limit told too early"
sunrise ping -q -c2 -i0.1 -W2 192.0.3.1		|| fail "a dying SA must work"
await 5 sh -c 'grep -q "EXPIRE.*SOFT" /run/test/heard' || fail "no soft EXPIRE: $(cat /run/test/heard)"
sunrise ping -q -c6 -i0.1 -W1 192.0.3.1 | grep ' 2 received' || fail "not 2 of 6 packets"
await 5 gone 'esp0x1001@'			|| fail "the SA outlives its hard limit"
gone 'tun0x2001@'				|| fail "the tunnel outlives its encryption"
[ "$(expired SOFT)" -eq 1 ]			|| fail "$(expired SOFT) soft EXPIREs"
[ "$(expired HARD)" -eq 1 ]			|| fail "$(expired HARD) hard EXPIREs"
stop_listening

note "--- octets"
tunnel soft-bytes=500,hard-bytes=2000
sunrise ping -q -c1 -s 1000 -W2 192.0.3.1	|| fail "no way through"
await 5 sh -c 'grep -q "EXPIRE.*SOFT" /run/test/heard' || fail "no soft EXPIRE"
sunrise ping -q -c4 -i0.1 -s 1000 -W1 192.0.3.1 | grep ' 1 received' || fail "not 1 of 4 packets"
await 5 gone 'esp0x1001@'			|| fail "the SA outlives its hard limit"
stop_listening

note "--- seconds since birth, without any traffic"
tunnel soft-addtime=1,hard-addtime=3
await 3 sh -c 'grep -q "EXPIRE.*SOFT" /run/test/heard' || fail "no soft EXPIRE"
sunrise ping -q -c1 -W2 192.0.3.1		|| fail "a dying SA must work"
await 5 gone 'esp0x1001@'			|| fail "the SA outlives its hard limit"
await 2 sh -c 'grep -q "EXPIRE.*HARD" /run/test/heard' || fail "no hard EXPIRE"
stop_listening

note "--- seconds since the first packet"
tunnel hard-usetime=2
sleep 3
if gone 'esp0x1001@'; then fail "it has never been used"; fi
sunrise ping -q -c1 -W2 192.0.3.1		|| fail "no way through"
await 6 gone 'esp0x1001@'			|| fail "the SA outlives its hard limit"
stop_listening

note "--- an SPI that nobody completes"
echo 2 >/sys/module/ipsec/parameters/larval_seconds
west /test/pfkey.py larval || fail "no SPI"
west grep -q 'ESP: dir=' /proc/net/ipsec_spi	|| fail "no larval SA: $(west cat /proc/net/ipsec_spi)"
await 6 sh -c '! west grep -q "ESP: dir=" /proc/net/ipsec_spi' || fail "the larval SA stays"
echo 300 >/sys/module/ipsec/parameters/larval_seconds

note "--- a DUMP that is longer than its reader has room for"
west ipsec spi --clear
n=$(west /test/pfkey.py dump 3000)
[ "$n" -eq 3000 ]				|| fail "$n of 3000 SAs were dumped"

wire_is esp					|| fail "clear text on the wire"
dmesg_clean
