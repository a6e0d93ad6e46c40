# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# 16-no-eroute: what no eroute covers is dropped and counted, never sent in clear
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ═══════ 198.51.100.2 east ── 192.0.3.1 sunset
#
# The route leads into ipsec0; from there on only an eroute may let a packet out.

topology west:klips
attach west 192.0.3.0/24

lost() {
	! sunrise ping -q -c3 -i0.1 -W1 "$@"
}

lost 192.0.3.1			|| fail "a packet without an eroute got through"
drops west noeroute 3
[ "$(west cat /sys/class/net/ipsec0/statistics/tx_dropped)" -eq 3 ] ||
	fail "ipsec0 has not counted them"

# An eroute for something else does not help.
west ipsec eroute --add --eraf inet --src 192.0.2.0/24 --dst 192.0.3.128/25 --said %drop
lost 192.0.3.1			|| fail "it got through beside the eroute"
drops west noeroute 6

# One that says drop drops, for its own reason.
lost 192.0.3.129		|| fail "%drop lets packets through"
drops west shunt 3
drops west noeroute 6

# An eroute whose SA is gone.
west ipsec eroute --clear
key=0x$(openssl rand -hex 16)
klips west 0x1002 0x1001 --esp 3des-md5-96 --enckey "0x$(openssl rand -hex 24)" --authkey "$key"
west ipsec spi --del --said esp0x1001@198.51.100.2 || true
lost 192.0.3.1			|| fail "it got through with its SA deleted"
[ "$(counts west total)" -eq 12 ] || fail "$(counts west total) drops in all, not 12"

stop_capture
leaked=$(on_wire 'net 192.0.2.0/24 or net 192.0.3.0/24')
[ -z "$leaked" ]		|| fail "clear text on the wire: $leaked"
