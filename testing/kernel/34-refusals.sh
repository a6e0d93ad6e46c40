# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 180
#
# 34-refusals: when two ends do not fit, both say why, in words the manual pages know
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ═══════ 198.51.100.2 east ── 192.0.3.1 sunset

topology west:klips east:klips

# both_ends WEST-LINES EAST-LINES: the two ends' ideas of one connection.  A line takes the
# place of the one for the same parameter.
both_ends() {
	local gw line extra=$1
	for gw in west east; do
		conf $gw <<END
conn west-east
	left=198.51.100.1
	leftsubnet=192.0.2.0/24
	right=198.51.100.2
	rightsubnet=192.0.3.0/24
	keyingtries=1
	authby=secret
	ike=
	esp=
	auto=add
END
		for line in $extra; do
			sed -i "s,^\t${line%%=*}=.*,\t$line," "/run/hosts/$gw/etc/ipsec.conf"
		done
		sed -i '/=$/d' "/run/hosts/$gw/etc/ipsec.conf"
		: >"/run/hosts/$gw/var/log/pluto.log"
		extra=$2
	done
}

# refused NAME SECONDS: west cannot bring it up, within the time, and no tunnel is there
refused() {
	local name=$1 status=0
	note "--- $name"
	start_ipsec west east
	west timeout "$2" ipsec auto --up west-east >/run/test/up 2>&1 || status=$?
	cat /run/test/up
	[ $status -ne 0 ]		|| fail "$name: it came up"
	! west grep -q '=> tun' /proc/net/ipsec_eroute	|| fail "$name: there is an eroute"
	! east grep -q '=> tun' /proc/net/ipsec_eroute	|| fail "$name: east has an eroute"
}

over() {
	west ipsec setup --stop >/dev/null
	east ipsec setup --stop >/dev/null
}

says() {
	local gw=$1 name=$2 pattern=$3
	if [ "$gw" = west ] && grep -q -e "$pattern" /run/test/up; then
		return
	fi
	logged "$gw" "$pattern" || fail "$name: $gw does not say \"$pattern\""
}

both_ends "" ""
secrets west <<<': PSK "one secret"'
secrets east <<<': PSK "another secret"'
refused "different secrets" 8
says east "different secrets" 'probable authentication failure (mismatch of preshared secrets?)'
over

both_ends "" ""
secrets west east <<<'203.0.113.1 203.0.113.2 : PSK "of others"'
refused "no secret" 8
says west "no secret" "no preshared key found for"
over

secrets west east <<<': PSK "a shared secret"'
both_ends esp=aes256-sha2_256 esp=3des-md5
refused "no ESP proposal in common" 8
says east "no ESP proposal in common" 'no acceptable Proposal in IPsec SA'
says west "no ESP proposal in common" NO_PROPOSAL_CHOSEN
over

both_ends ike=aes256-sha2_256-modp2048 ike=3des-sha1-modp1536
refused "no ISAKMP proposal in common" 8
says east "no ISAKMP proposal in common" 'no acceptable Oakley Transform'
says west "no ISAKMP proposal in common" NO_PROPOSAL_CHOSEN
over

both_ends "" left=198.51.100.77
refused "no connection" 8
says east "no connection" 'no connection has been authorized'
over

both_ends "" leftsubnet=192.0.99.0/24
refused "other nets" 8
says east "other nets" 'cannot respond to IPsec SA request because no connection is known for'
over
dmesg_clean
