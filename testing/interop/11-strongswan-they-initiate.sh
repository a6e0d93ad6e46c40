# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 240
#
# 11-strongswan-they-initiate: charon starts, rekeys and deletes; Pluto answers
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
	auto=add
END
connection east aes256-sha256-modp2048 aes128-sha256-modp2048 "$psk" | start_charon east
start_ipsec west
charon east --initiate --child west-east || fail "charon cannot bring it up"
charon_sas east
west ipsec auto --status
west ipsec auto --status | finds 'STATE_QUICK_R2 (IPsec SA established)' ||
	fail "Pluto has no IPsec SA"
tunnel_works 3			|| fail "no way through"

# How many SPIs west has sent with.
spis() {
	on_wire 'src 198.51.100.1 and ip proto 50' | grep -o 'spi=0x[0-9a-f]*' | sort -u | wc -l
}

established() {
	[ "$(grep -c 'CHILD_SA west-east{.*established' /run/hosts/east/var/log/charon.log)" -ge "$1" ]
}

note "charon rekeys the IPsec SA"
charon east --rekey --child west-east	|| fail "charon cannot rekey"
await 10 established 2		|| fail "no second IPsec SA"
tunnel_works 5			|| fail "no way through after charon has rekeyed"
stop_capture
[ "$(spis)" -ge 2 ]		|| fail "we still send on the old SA"

note "charon deletes it all"
charon east --terminate --ike west-east	|| fail "charon cannot terminate"
await 5 sh -c '! west grep -q esp0x /proc/net/ipsec_spi' || fail "Pluto keeps its IPsec SA"
west ipsec auto --status | tee /run/test/status
! grep -q 'STATE_MAIN' /run/test/status	|| fail "Pluto keeps its ISAKMP SA"

note "and comes back"
start_capture
charon east --initiate --child west-east || fail "charon cannot bring it up again"
tunnel_works 3			|| fail "no way through"
wire_is esp			|| fail "clear text on the wire"
