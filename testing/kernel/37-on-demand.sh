# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 120
#
# 37-on-demand: the first packet brings the tunnel up, and goes through it; a road
# warrior; a Pluto that takes over what a dead one has left
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ══ESP══ 198.51.100.2 east ── 192.0.3.1 sunset

topology west:klips east:klips
conf west <<END
conn west-east
	left=198.51.100.1
	leftsubnet=192.0.2.0/24
	leftid=@west
	right=198.51.100.2
	rightsubnet=192.0.3.0/24
	authby=secret
	auto=add
END
conf east <<END
conn road
	left=198.51.100.2
	leftsubnet=192.0.3.0/24
	right=%any
	rightsubnet=192.0.2.0/24
	authby=secret
	auto=add
END
secrets west east <<<": PSK \"$(openssl rand -hex 16)\""
start_ipsec west east

note "routed: a trap, and no way around it"
west ipsec auto --route west-east	|| fail "route failed: $?"
west grep -q '192.0.2.0/24 *-> 192.0.3.0/24 *=> %trap' /proc/net/ipsec_eroute ||
	fail "no trap: $(west cat /proc/net/ipsec_eroute)"
west ip route get 192.0.3.1 | finds 'dev ipsec0'	|| fail "no route to ipsec0"
start_capture
sunrise ping -c1 -W20 192.0.3.1		|| note "no answer to the first: east was not ready"
logged west 'initiate on demand from 192.0.2.1 to 192.0.3.1' || fail "not initiated on demand"
await 10 west grep -q '192.0.2.0/24 *-> 192.0.3.0/24 *=> tun0x' /proc/net/ipsec_eroute ||
	fail "the trap is still there"
await 5 west grep -q '^[1-9][0-9]* .*=> tun0x' /proc/net/ipsec_eroute	||
	fail "the first packet is lost: $(west cat /proc/net/ipsec_eroute)"
tunnel_works 2				|| fail "no way through"
wire_is esp				|| fail "clear text on the wire"
! west grep -q '%hold' /proc/net/ipsec_eroute	|| fail "a %hold has stayed"
logged east '"road"\[1\] 198.51.100.1'	|| fail "east has not made an instance"

note "down: back to the trap; unroute: nothing is left"
west ipsec auto --down west-east	|| fail "down failed: $?"
west grep -q '=> %trap' /proc/net/ipsec_eroute	|| fail "no trap after --down"
west ipsec auto --unroute west-east	|| fail "unroute failed: $?"
[ -z "$(west cat /proc/net/ipsec_eroute)" ]	|| fail "an eroute after --unroute"
! west ip route show | finds ipsec0	|| fail "a route after --unroute"
await 5 sh -c '! east ip route show | grep ipsec0' || fail "the instance has left its route"
[ -z "$(east cat /proc/net/ipsec_eroute)" ]	|| fail "the instance has left its eroute"

note "a new Pluto beside a dead one's SAs"
west ipsec auto --up west-east		|| fail "up failed: $?"
kill -KILL "$(west cat /run/pluto/pluto.pid)"
tunnel_works 2				|| fail "the tunnel has died with Pluto"
west ipsec pluto --stderrlog 2>/run/test/second >/dev/null || fail "it does not start: $?"
west ipsec addconn --autoall		|| fail "addconn: $?"
west ipsec whack --listen		|| fail "listen: $?"
grep -q 'found 4 SAs in the kernel that this Pluto did not make' /run/test/second ||
	fail "it does not say what it found: $(cat /run/test/second)"
tunnel_works 2				|| fail "the new Pluto has broken the tunnel"
start_capture
west ipsec auto --up west-east		|| fail "the tunnel cannot be brought up again: $?"
tunnel_works 2				|| fail "no way through after the take-over"
wire_is esp				|| fail "clear text on the wire"
west ipsec whack --shutdown		|| fail "shutdown: $?"
! west ip route show | finds ipsec0	|| fail "a route after the shutdown"
[ ! -e /run/hosts/west/run/pluto/pluto.pid ] || fail "the lock file is still there"
east ipsec setup --stop
dmesg_clean
