# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 180
#
# 65-pfkey: what RFC 2367 promises key managers, refusals in words, no key told to anybody

topology west:klips

note "--- message by message"
west /test/rfc2367.py			|| fail "a promise of RFC 2367 is broken"

note "--- SAs of any type, algorithm and key length"
west /test/pfkey.py mismatch 1500 $RANDOM	|| fail "taken, and not offered"

note "--- what the tools say of it"
tun=(--said tun0x1002@198.51.100.2 --ip4 --src 198.51.100.1)
west ipsec spi "${tun[@]}"
west ipsec spi "${tun[@]}" 2>/run/test/err && fail "made twice"
cat /run/test/err
grep -q 'SA already in use.  Delete old one first.' /run/test/err || fail "not the old words"
grep -q 'KLIPS: SA: tun0x1002@198.51.100.2 is in use, made by spi\[[0-9]*\] [0-9]* seconds ago' \
	/run/test/err			|| fail "not who has it"
west ipsec spi --del --said tun0x1009@198.51.100.2 2>/run/test/err && fail "deleted what is not there"
grep -q 'SA does not exist.  Cannot delete.' /run/test/err || fail "not the old words"
grep -q 'KLIPS: SA: there is no tun0x1009@198.51.100.2' /run/test/err || fail "not what there is not"

west ipsec spi --clear

note "--- DUMP and /proc lose nothing, while others come and go"
west /test/crowd.py dump 2000		|| fail "DUMP lost or doubled an SA"
west /test/crowd.py proc 500		|| fail "/proc lost or doubled an entry"
[ -z "$(west cat /proc/net/ipsec_spi /proc/net/ipsec_eroute)" ]	|| fail "something is left"
dmesg_clean
