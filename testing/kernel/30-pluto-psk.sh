# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 120
#
# 30-pluto-psk: the whole way, with a shared secret
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ══ESP══ 198.51.100.2 east ── 192.0.3.1 sunset
#
# From ipsec.conf to ESP and back: up, traffic, down, up from the other side, stop.

topology west:klips east:klips
conf west east <<END
conn west-east
	left=198.51.100.1
	leftsubnet=192.0.2.0/24
	right=198.51.100.2
	rightsubnet=192.0.3.0/24
	authby=secret
	auto=add
END
secrets west east <<<"198.51.100.1 198.51.100.2 : PSK \"$(openssl rand -hex 16)\""
start_ipsec west east

west ipsec auto --up west-east >/run/test/up	|| fail "up failed: $(cat /run/test/up)"
cat /run/test/up
grep -q 'STATE_MAIN_I4: ISAKMP SA established' /run/test/up	|| fail "no ISAKMP SA in the answer"
grep -q 'STATE_QUICK_I2: sent QI2, IPsec SA established' /run/test/up || fail "no IPsec SA in it"
tunnel_works 3			|| fail "no way through"
wire_is esp			|| fail "clear text on the wire"
west grep -q '^[1-9][0-9]* *192.0.2.0/24 *-> 192.0.3.0/24 *=> tun0x[0-9a-f]*@198.51.100.2' \
	/proc/net/ipsec_eroute	|| fail "no eroute that has counted: $(west cat /proc/net/ipsec_eroute)"
west ipsec auto --status >/run/test/status
grep -q 'erouted' /run/test/status	|| fail "the status does not say erouted"
west ipsec look
west ipsec setup --status	|| fail "setup --status: $?"

note "down: both ends forget it, and packets are dropped"
west ipsec auto --down west-east || fail "down failed: $?"
before=$(counts west total)
start_capture
! tunnel_works 2		|| fail "still a way through after --down"
stop_capture
leaked=$(on_wire 'net 192.0.2.0/24 or net 192.0.3.0/24')
[ -z "$leaked" ]		|| fail "clear text on the wire after --down: $leaked"
[ "$(counts west total)" -ge $((before + 2)) ] || fail "the packets were not counted as dropped"
await 5 sh -c '! east grep -q esp0x /proc/net/ipsec_spi' || fail "east has not honoured the Delete"

note "up from the other side"
start_capture
east ipsec auto --up west-east	|| fail "east could not bring it up: $?"
tunnel_works 3			|| fail "no way through after east brought it up"
wire_is esp			|| fail "clear text on the wire"

note "stop leaves nothing"
west ipsec setup --stop
east ipsec setup --stop
for gw in west east; do
	! "$gw" ip route show table all | grep ipsec0 || fail "$gw: routes are left"
	[ -z "$(ip netns pids $gw)" ] || fail "$gw: processes are left"
done
[ ! -e /sys/module/ipsec ] || unload_klips || fail "the module is still in use"
dmesg_clean
