# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 120
#
# 33-pluto-killed: Pluto dies without a word; traffic does not, and a restart tidies up
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ══ESP══ 198.51.100.2 east ── 192.0.3.1 sunset

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
secrets west east <<<": PSK \"$(openssl rand -hex 16)\""
start_ipsec west east
west ipsec auto --up west-east		|| fail "up failed: $?"
tunnel_works 2				|| fail "no way through"

pid=$(west cat /run/pluto/pluto.pid)
kill -KILL "$pid"
await 5 sh -c "! kill -0 $pid 2>/dev/null"
tunnel_works 3				|| fail "the tunnel has died with Pluto"

status=0
west ipsec auto --status >/run/test/status 2>&1 || status=$?
cat /run/test/status
[ $status -ne 0 ]			|| fail "auto --status succeeds without a Pluto"
grep -q 'Pluto is not running' /run/test/status	|| fail "it does not say that Pluto is not running"
status=0
west ipsec setup --status >/run/test/status 2>&1 || status=$?
cat /run/test/status
[ $status -eq 1 ]			|| fail "setup --status gives $status, not 1"
grep -q 'no Pluto running' /run/test/status	|| fail "it does not say what is odd"

note "start again"
west ipsec setup --start >/run/test/start 2>&1 || fail "it does not start again: $(cat /run/test/start)"
cat /run/test/start
grep -q 'not stopped properly' /run/test/start	|| fail "the start does not say what it found"
west ipsec auto --up west-east		|| fail "the tunnel cannot be brought up again: $?"
tunnel_works 3				|| fail "no way through after the restart"
wire_is esp				|| fail "clear text on the wire"

note "a Pluto started over a running one gives up, and does no harm"
status=0
west ipsec pluto >/run/test/second 2>&1 || status=$?
cat /run/test/second
[ $status -eq 10 ]			|| fail "a second Pluto exits with $status, not 10"
tunnel_works 1				|| fail "the second Pluto has broken the tunnel"

note "the module stays busy for nobody"
west ipsec setup --stop
east ipsec setup --stop
[ ! -e /sys/module/ipsec ] || unload_klips || fail "the module is still in use"
dmesg_clean
