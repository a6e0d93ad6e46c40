# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 240
#
# 10-strongswan-we-initiate: Pluto starts Main Mode and Quick Mode, charon answers
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ══ESP══ 198.51.100.2 east ── 192.0.3.1 sunset
#                       Pluto, KLIPS                charon, native stack
# shellcheck disable=SC1091 # it is in the guest
. /test/interop/charon.sh

topology west:klips east:xfrm
psk=$(openssl rand -hex 16)
secrets west <<<"198.51.100.1 198.51.100.2 : PSK \"$psk\""

negotiate() {
	local ike=$1 esp=$2 pfs=$3 their_ike=$4 their_esp=$5
	note "--- ike=$ike esp=$esp pfs=$pfs"
	conf west <<END
conn west-east
	left=198.51.100.1
	leftsubnet=192.0.2.0/24
	right=198.51.100.2
	rightsubnet=192.0.3.0/24
	authby=secret
	ike=$ike
	esp=$esp
	pfs=$pfs
	auto=add
END
	connection east "$their_ike" "$their_esp" "$psk" | start_charon east
	start_ipsec west
	west ipsec auto --up west-east	|| fail "$ike $esp: up failed: $?"
	charon_sas east
	charon_sas east | finds 'west-east: #.*, ESTABLISHED, IKEv1' || fail "charon has no ISAKMP SA"
	charon_sas east | finds 'INSTALLED, TUNNEL'	|| fail "charon has no IPsec SA"
	tunnel_works 3			|| fail "$ike $esp: no way through"
	wire_is esp			|| fail "clear text on the wire"
	start_capture

	note "our Delete is understood"
	west ipsec auto --down west-east
	await 5 sh -c '! east ip xfrm state | grep -q "proto esp"' || fail "charon keeps its IPsec SA"
	west ipsec setup --stop
	stop_charon
}

negotiate aes128-sha1-modp2048 aes128-sha1 yes aes128-sha1-modp2048 aes128-sha1-modp2048
negotiate aes256-sha2_256-modp3072 aes256-sha2_256 no aes256-sha256-modp3072 aes256-sha256
negotiate 3des-sha1-modp1536 3des-sha1 yes 3des-sha1-modp1536 3des-sha1-modp1536
