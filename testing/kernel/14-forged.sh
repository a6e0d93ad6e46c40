# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 240
#
# 14-forged: hostile ESP is dropped, counted by its name, and harms no tunnel
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ══ESP══ 198.51.100.2 east ── 192.0.3.1 sunset
#                                          └ forged ┘
#
# The tunnel in use has its own SAs.  Packets that are authentic but wrong inside need the
# keys, so east forges them for a second pair of SAs of which it knows those.

. /test/forge.sh
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

forger 0x1102 esp 198.51.100.2 198.51.100.1 "$enc" "$auth"
start_capture sunrise eth0 inside
forge_all esp

note "one good packet twice, and one from before the window"
forge replayed 500
await 3 more_than replay 1
forge good 2
sleep 0.3
drops west replay 3		# sequence-0 is the third

stop_capture inside
[ "$(good_pings inside)" -eq 2 ] || fail "$(good_pings inside) forged pings reached sunrise, not the 2 good ones"
tunnel_works 3			|| fail "the tunnel does not work any more"

note "an SPI nobody has, and SPIs of the reserved range"
for spi in 0xdeadbeef 0x0 0x1 0xff; do
	forge good 1 $spi
done
tunnel_works 3			|| fail "the tunnel does not work any more"
dmesg_clean
