# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 240
#
# 55-sequence: windows, extended numbers, and what comes when numbers are used up
#
#  sunrise 10.1.N.1 ── west 198.51.100.1 ══ESP══ 198.51.100.2 east ── 10.2.N.1 sunset
#                                            └ forged ┘
#
# RFC 4303 sections 2.2, 2.2.1, 3.3.3 and 3.4.3.  The native stack judges what depends on
# both ends; a forger who knows the keys sends the numbers that no stack would send.

topology west:klips east:xfrm
attach west 10.2.0.0/16
west ip route add 10.1.0.0/16 via 192.0.2.1
west ip route add 192.0.3.0/24 dev ipsec0
east ip route add 10.2.0.0/16 via 192.0.3.1
sunrise ip route add local 10.1.0.0/16 dev lo
sunset ip route add local 10.2.0.0/16 dev lo

enc=0x$(openssl rand -hex 16)
auth=0x$(openssl rand -hex 20)

# only_in SPI OPTION...: an inbound tunnel of ours whose peer the forger is
only_in() {
	local spi=$1
	shift
	# shellcheck disable=SC2016
	west bash -ec '
		spi=$1 enc=$2 auth=$3
		shift 3
		ipsec spi --said "tun$spi@198.51.100.1" --ip4 --src 198.51.100.2
		ipsec spi --said "esp$spi@198.51.100.1" --src 198.51.100.2 --esp aes128-sha1 \
			--enckey "$enc" --authkey "$auth" "$@"
		ipsec spigrp --said "tun$spi@198.51.100.1" "esp$spi@198.51.100.1"
		ipsec eroute --addin --eraf inet --src 192.0.3.0/24 --dst 192.0.2.0/24 \
			--said "tun$spi@198.51.100.1"
		' - "$spi" "$enc" "$auth" "$@" 2>/dev/null
}

# expect REASON N: so many have been dropped for it by now
expect() {
	# shellcheck disable=SC2317
	reached() { [ "$(counts west "$1")" -eq "$2" ]; }
	await 5 reached "$1" "$2" ||
		fail "$1 is $(counts west "$1"), not $2: $(west grep esp0x /proc/net/ipsec_spi)"
}

# highest SPI N: the SA has accepted this number, and none above
highest() {
	# shellcheck disable=SC2317
	shown() { west grep -q "^esp$1@.* seq=$2 " /proc/net/ipsec_spi; }
	await 5 shown "$1" "$2" || fail "not $2: $(west grep "^esp$1@" /proc/net/ipsec_spi)"
}

only_in 0x4001 --replay_window 4096
only_in 0x4002 --replay_window 64 --esn
coproc FORGER { east /test/hostile.py esp 198.51.100.2 198.51.100.1 "$enc" "$auth"; }
forge() {
	echo "$1 $2 good" >&"${FORGER[1]}"
	read -r -t 60 _ <&"${FORGER[0]}" || fail "the forger is gone, at $2"
}

note "--- a window of 4096 packets, to the packet"
forge 0x4001 5000
highest 0x4001 5000
forge 0x4001 905
forge 0x4001 4999
forge 0x4001 904
expect replay 1
forge 0x4001 905
expect replay 2
forge 0x4001 $((0xffffffff))
highest 0x4001 $((0xffffffff))
forge 0x4001 5
expect replay 3

note "--- extended numbers across 2^32, and a wrong upper half"
coproc ESN { east /test/hostile.py esp 198.51.100.2 198.51.100.1 "$enc" "$auth" esn; }
forge_esn() {
	echo "$1 $2 good" >&"${ESN[1]}"
	read -r -t 60 _ <&"${ESN[0]}" || fail "the forger is gone, at $2"
}
forge_esn 0x4002 $((0xfffffff0))
highest 0x4002 $((0xfffffff0))
forge_esn 0x4002 $((0x100000005))
highest 0x4002 $((0x100000005))
forge_esn 0x4002 $((0xfffffff1))
forge_esn 0x4002 $((0x100000000))
expect replay 3
forge_esn 0x4002 $((0xfffffff0))
expect replay 4
forge_esn 0x4002 $((0x200000006))
expect auth 1
highest 0x4002 $((0x100000005))
west ipsec spi --clear
west ipsec eroute --clear

sunset python3 /test/suites.py answer &
await 20 sh -c 'sunset ss -Hlun "sport = 5007" | grep -q .'
make_tunnels() {
	west python3 /test/suites.py west "$@"	|| fail "our end could not be made"
	python3 /test/suites.py east "$@" | east ip -batch - || fail "the native end could not be made"
}
sunrise ping -q -c1 -W2 192.0.2.254
sunset ping -q -c1 -W2 192.0.3.254
west ping -q -c1 -W2 198.51.100.2

note "--- numbers are used up: the SA asks for another, and ends"
make_tunnels base=1 start=4294967280 aes_gcm128
west python3 /test/suites.py end 0x2001 2 >/run/test/ends &
ends=$!
sleep 1
start_capture wire br0 numbers
sunrise python3 /test/suites.py ask "$(printf '0,%.0s' {1..29})0" base=1 wait=2 aes_gcm128 &&
	fail "30 packets came through, of 15 numbers"
wait $ends
[ "$(tr '\n' ' ' </run/test/ends)" = "soft hard " ] || fail "EXPIRE: $(cat /run/test/ends)"
! west grep -q '^esp0x2001@' /proc/net/ipsec_spi || fail "the SA is still there"
stop_capture numbers
tcpdump -n -r "$(capture numbers)" 'ip dst 198.51.100.2 and ip proto 50' 2>/dev/null |
	sed 's/.*seq=\(0x[0-9a-f]*\).*/\1/' >/run/test/numbers
[ "$(wc -l </run/test/numbers)" -eq 15 ] || fail "sent: $(cat /run/test/numbers)"
[ -z "$(sort /run/test/numbers | uniq -d)" ] || fail "a number came twice"
grep -qx 0xffffffff /run/test/numbers	|| fail "the last number was not used"
[ $(($(counts west sequence) + $(counts west nosa) + $(counts west sastate))) -ge 15 ] ||
	fail "not every packet without a number was counted: $(west cat /proc/net/ipsec/drops)"

note "--- a wire that reorders: a window of 4096 on both ends loses nothing, one of 32 does"
before=$(counts west replay)
make_tunnels base=10 window=4096 aes_gcm128 aes128-sha2_256
make_tunnels base=20 window=32 aes_gcm128
for dev in east west; do
	wire tc qdisc add dev "$dev" root netem limit 5000 delay 200ms 190ms
done
burst=$(printf '0,%.0s' {1..150})0
sunrise python3 /test/suites.py ask "$burst" base=10 aes_gcm128 aes128-sha2_256 ||
	fail "windows of 4096 packets lose some"
[ "$(counts west replay)" -eq "$before" ] || fail "we drop packets within the window"
! sunrise python3 /test/suites.py ask "$burst" base=20 wait=2 aes_gcm128 >/run/test/lost ||
	fail "the wire did not reorder: windows of 32 packets lose none"

note "--- a self-test can fail"
jobs -p | xargs -r kill 2>/dev/null || true
west ip link del ipsec0
unload_klips				|| fail "it cannot be unloaded"
! modprobe ipsec selftest_break=replay 2>/dev/null || fail "loaded with a broken window"
modprobe ipsec selftest_break=AES_GCM
grep -q '^AES_GCM *failed$' /proc/net/ipsec/selftest || fail "$(cat /proc/net/ipsec/selftest)"
[ "$(grep -c 'passed$' /proc/net/ipsec/selftest)" -ge 20 ] || fail "others failed, too"
! awk '$2 == 15 && $3 == 20' /proc/net/pf_key_supported | finds . || fail "AES-GCM is offered"
! west ipsec spi --said esp0x5001@198.51.100.2 --src 198.51.100.1 --esp aes_gcm128 \
	--enckey 0x0102030405060708090a0b0c0d0e0f1011121314 2>/run/test/refused ||
	fail "an SA with AES-GCM was made"
west ipsec spi --said esp0x5002@198.51.100.2 --src 198.51.100.1 --esp aes_gcm_12-128 \
	--enckey 0x0102030405060708090a0b0c0d0e0f1011121314 ||
	fail "AES-GCM with a shorter ICV is refused, too"
