# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# 02-native: the test bed itself, with the native stack on both gateways
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ══ESP══ 198.51.100.2 east ── 192.0.3.1 sunset
#
# If this fails, look here before you look at our module: it has no part in it.

topology west:xfrm east:xfrm

suite="aead rfc4106(gcm(aes)) 0x$(openssl rand -hex 20) 128"
native west 0x1002 0x1001 "$suite"
native east 0x1001 0x1002 "$suite"

sunrise ping -c3 -i0.2 -p 5ec2e7 192.0.3.1 || fail "no way through"
wire_is esp			|| fail "clear text on the wire"
wire_lacks "$(printf '\x5e\xc2\xe7\x5e\xc2\xe7')" || fail "the ping's pattern is on the wire"
