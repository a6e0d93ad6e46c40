# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 180
#
# 32-rekey: SAs are replaced before they end, and no packet is lost over it
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ══ESP══ 198.51.100.2 east ── 192.0.3.1 sunset
#
# Lifetimes short enough to see several IPsec SAs and two ISAKMP SAs in a minute.

topology west:klips east:klips
conf west east <<END
conn west-east
	left=198.51.100.1
	leftsubnet=192.0.2.0/24
	right=198.51.100.2
	rightsubnet=192.0.3.0/24
	authby=secret
	keylife=20s
	ikelifetime=35s
	rekeymargin=8s
	rekeyfuzz=0%
	auto=add
END
secrets west east <<<": PSK \"$(openssl rand -hex 16)\""
start_ipsec west east
west ipsec auto --up west-east	|| fail "up failed: $?"
stop_capture

# The SPIs that ESP from west to east has used so far.
start_capture
sunrise ping -i 0.1 -w 60 192.0.3.1 >/run/test/pings	|| true
stop_capture
tail -n 3 /run/test/pings
sent=$(sed -n 's/^\([0-9]*\) packets transmitted.*/\1/p' /run/test/pings)
back=$(sed -n 's/.* \([0-9]*\) received.*/\1/p' /run/test/pings)

spis=$(on_wire 'src 198.51.100.1 and ip proto 50' | grep -o 'spi=0x[0-9a-f]*' | sort | uniq -c)
note "SPIs from west, with packets: $spis"
[ "$(printf '%s\n' "$spis" | wc -l)" -ge 4 ] || fail "fewer than four IPsec SAs in a minute"
[ $((sent - back)) -le 1 ]	|| fail "$((sent - back)) of $sent pings lost while rekeying"
logged west 'initiating Main Mode to replace #' || logged east 'initiating Main Mode to replace #' ||
	fail "the ISAKMP SA was not replaced"
n=$(west grep -c '^esp0x' /proc/net/ipsec_spi)
[ "$n" -le 6 ]			|| fail "$n ESP SAs: the old ones are not deleted"
wire_is esp			|| fail "clear text on the wire"
