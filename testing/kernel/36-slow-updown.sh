# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 90
#
# 36-slow-updown: when the initiator says that the tunnel is up, no answer comes back in clear
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ══ESP══ 198.51.100.2 east ── 192.0.3.1 sunset
#                                                           slow script
#
# East has a default route through west, as gateways have; until its own script has
# routed the tunnel, what sunset answers would take that.

topology west:klips east:klips
cat >/run/hosts/east/etc/slow_updown <<'END'
#!/bin/sh
case $PLUTO_VERB in
route-*)	sleep 1 ;;
esac
exec ipsec _updown "$@"
END
chmod 755 /run/hosts/east/etc/slow_updown
conf west east <<END
conn west-east
	left=198.51.100.1
	leftsubnet=192.0.2.0/24
	right=198.51.100.2
	rightsubnet=192.0.3.0/24
	rightupdown=/etc/slow_updown
	authby=secret
	auto=add
END
secrets west east <<<": PSK \"$(openssl rand -hex 16)\""
start_ipsec west east
west ipsec auto --up west-east	|| fail "up failed: $?"
sunrise ping -c8 -i0.3 -W1 192.0.3.1 || true
wire_is esp			|| fail "clear text on the wire"
tunnel_works 2			|| fail "no way through"
