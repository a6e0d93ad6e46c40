# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 150
#
# 17-async: ciphers that finish later, on another CPU; then everything goes meanwhile
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ══ESP══ 198.51.100.2 east ── 192.0.3.1 sunset
#
# Software ciphers hardly ever finish later by themselves: the module's parameter makes
# them, from a work queue.

topology west:klips east:xfrm
echo 1 >/sys/module/ipsec/parameters/async_crypto
attach west 192.0.3.0/24

note "--- against the native stack"
enc=0x$(openssl rand -hex 20)
klips west 0x1002 0x1001 --esp aes_gcm128 --enckey "$enc"
native east 0x1001 0x1002 "aead rfc4106(gcm(aes)) $enc 128"
tunnel_works 3				|| fail "no way through with AES-GCM"
sunrise ping -q -c2 -i0.1 -W2 -s 4000 192.0.3.1 || fail "not in fragments"
sunrise ping -q -f -c 300 -w 30 192.0.3.1 || fail "a flood of pings"
drops west total 0
west ipsec eroute --clear
west ipsec spi --clear
east ip xfrm state flush
east ip xfrm policy flush

note "--- SAs, namespaces and the module go while packets are with the cipher"
enc=0x$(openssl rand -hex 16) auth=0x$(openssl rand -hex 32)
suite=(--esp aes128-sha2_256 --enckey "$enc" --authkey "$auth")
attach east 192.0.2.0/24
klips west 0x1002 0x1001 "${suite[@]}"
klips east 0x1001 0x1002 "${suite[@]}"
tunnel_works 3				|| fail "no way through with AES-CBC and SHA-2"
sunrise ping -q -f -w 20 192.0.3.1 >/dev/null 2>&1 &
flood=$!
sleep 1
for _ in 1 2 3; do
	for gw in west east; do
		"$gw" ipsec spi --clear
		"$gw" ipsec eroute --clear
		"$gw" bash -c 'true'
	done
	klips west 0x1002 0x1001 "${suite[@]}"
	klips east 0x1001 0x1002 "${suite[@]}"
done
sunrise ping -q -c2 -W2 192.0.3.1	|| fail "no way through with new SAs"
# Without ipsec0 there is no route into it, and the flood may go where it likes.
wire_is esp				|| fail "clear text on the wire"
for gw in west east; do
	"$gw" ip link del ipsec0
done
unload_klips				|| fail "it cannot be unloaded"
kill -INT $flood 2>/dev/null || true
wait $flood || true
dmesg_clean
