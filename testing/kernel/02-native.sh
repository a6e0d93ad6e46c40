# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# 02-native: the test bed itself, with the native stack on both gateways
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ══ESP══ 198.51.100.2 east ── 192.0.3.1 sunset
#
# If this fails, look here before you look at our module: it has no part in it.

topology west:xfrm east:xfrm

key=0x$(openssl rand -hex 20)
for gw in west east; do
	"$gw" ip xfrm state add src 198.51.100.1 dst 198.51.100.2 proto esp spi 0x1001 \
		mode tunnel aead 'rfc4106(gcm(aes))' "$key" 128
	"$gw" ip xfrm state add src 198.51.100.2 dst 198.51.100.1 proto esp spi 0x1002 \
		mode tunnel aead 'rfc4106(gcm(aes))' "$key" 128
done
native_policies() {
	local gw=$1 mine=$2 theirs=$3 me=$4 peer=$5
	"$gw" ip xfrm policy add src "$mine" dst "$theirs" dir out \
		tmpl src "$me" dst "$peer" proto esp mode tunnel
	"$gw" ip xfrm policy add src "$theirs" dst "$mine" dir fwd \
		tmpl src "$peer" dst "$me" proto esp mode tunnel
}
native_policies west 192.0.2.0/24 192.0.3.0/24 198.51.100.1 198.51.100.2
native_policies east 192.0.3.0/24 192.0.2.0/24 198.51.100.2 198.51.100.1

sunrise ping -c3 -i0.2 -p 5ec2e7 192.0.3.1 || fail "no way through"
wire_is esp			|| fail "clear text on the wire"
wire_lacks "$(printf '\x5e\xc2\xe7\x5e\xc2\xe7')" || fail "the ping's pattern is on the wire"
