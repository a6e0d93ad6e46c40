# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the tests of ESP in UDP have in common: a NAT, sockets on both gateways, somebody who
# listens to PF_KEY on east, and tunnels with manual keys.
#
#  sunrise ── west 10.1.0.1 ── (wire: NAT, 198.51.100.1) ══ 198.51.100.2 east ── sunset
#
# theirs HOST ME PEER SPI-IN SPI-OUT MY-PORT PEER-PORT   one end, with the native stack
# ours ... MY-NET PEER-NET                               the same with KLIPS

topology west:klips east:xfrm
nat_on_wire
west python3 /test/natt.py hold 2 4500 >/run/test/west.ike &
east python3 /test/natt.py hold 2 4500 >/run/test/east.ike &
east python3 /test/natt.py listen >/run/test/mappings &
await 30 grep -q holds /run/test/west.ike
await 30 grep -q holds /run/test/east.ike
await 30 grep -q listens /run/test/mappings

enc=0x$(openssl rand -hex 16)
auth=0x$(openssl rand -hex 20)
suite="auth-trunc hmac(sha1) $auth 96 enc cbc(aes) $enc"

# Tunnels in both directions.
ours() {
	# shellcheck disable=SC2016
	"$1" bash -ec '
		host=$1 me=$2 peer=$3 in=$4 out=$5 mine=$6 theirs=$7 mynet=$8 theirnet=$9
		shift 9
		ipsec spi --said "tun$out@$peer" --ip4 --src "$me" 2>&1
		ipsec spi --said "esp$out@$peer" --src "$me" --encap "udp:$mine:$theirs" "$@" 2>&1
		ipsec spigrp --said "tun$out@$peer" "esp$out@$peer"
		ipsec eroute --add --eraf inet --src "$mynet" --dst "$theirnet" --said "tun$out@$peer"
		ipsec spi --said "tun$in@$me" --ip4 --src "$peer"
		ipsec spi --said "esp$in@$me" --src "$peer" --replay_window 64 \
			--encap "udp:$theirs:$mine" "$@" 2>&1
		ipsec spigrp --said "tun$in@$me" "esp$in@$me"
		ipsec eroute --addin --eraf inet --src "$theirnet" --dst "$mynet" --said "tun$in@$me"
		' - "$@" --esp aes128-sha1 --enckey "$enc" --authkey "$auth" >/run/test/tools
}

# The same with the native stack.
theirs() {
	local host=$1 me=$2 peer=$3
	"$host" ip -batch - <<-END
		xfrm state add src $peer dst $me proto esp spi $4 mode tunnel replay-window 32 $suite encap espinudp $7 $6 0.0.0.0
		xfrm state add src $me dst $peer proto esp spi $5 mode tunnel $suite encap espinudp $6 $7 0.0.0.0
		xfrm policy add src $(inside_of "$host") dst $(inside_of "$(other_end "$host")") dir out tmpl src $me dst $peer proto esp mode tunnel
		xfrm policy add src $(inside_of "$(other_end "$host")") dst $(inside_of "$host") dir fwd tmpl src $peer dst $me proto esp mode tunnel
	END
}
