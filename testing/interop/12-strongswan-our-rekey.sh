# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 150
#
# 12-strongswan-our-rekey: Pluto replaces IPsec and ISAKMP SAs, charon follows
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ══ESP══ 198.51.100.2 east ── 192.0.3.1 sunset
#                       Pluto, KLIPS                charon, native stack
# shellcheck disable=SC1091 # it is in the guest
. /test/interop/charon.sh

topology west:klips east:xfrm
psk=$(openssl rand -hex 16)
secrets west <<<"198.51.100.1 198.51.100.2 : PSK \"$psk\""
conf west <<END
conn west-east
	left=198.51.100.1
	leftsubnet=192.0.2.0/24
	right=198.51.100.2
	rightsubnet=192.0.3.0/24
	authby=secret
	keylife=20s
	ikelifetime=30s
	rekeymargin=8s
	rekeyfuzz=0%
	auto=add
END
connection east aes128-sha1-modp2048 aes128-sha1-modp2048 "$psk" | start_charon east
start_ipsec west
west ipsec auto --up west-east	|| fail "up failed: $?"
sunrise ping -i 0.1 -w 45 192.0.3.1 >/run/test/pings || true
stop_capture
tail -n 3 /run/test/pings
spis=$(on_wire 'src 198.51.100.1 and ip proto 50' | grep -o 'spi=0x[0-9a-f]*' | sort | uniq -c)
note "SPIs from west, with packets: $spis"
[ "$(printf '%s\n' "$spis" | wc -l)" -ge 3 ] || fail "fewer than three IPsec SAs"
loss=$(sed -n 's/.* \([0-9]*\)\(\.[0-9]*\)\?% packet loss.*/\1/p' /run/test/pings)
[ "${loss:-100}" -le 1 ]	|| fail "$loss% of the pings were lost while rekeying"
logged west 'initiating Main Mode to replace #' || fail "the ISAKMP SA was not replaced"
wire_is esp			|| fail "clear text on the wire"
