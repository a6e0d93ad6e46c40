# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 150
#
# 35-hostile-ike: damaged IKE messages are refused with a cause; tunnel and Pluto live on
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ══ESP══ 198.51.100.2 east ── 192.0.3.1 sunset
#                                          └ damaged IKE from east's port 500 ┘
#
# The seeds are real messages of this very exchange, so many get past the header.

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
stop_capture

pid=$(west cat /run/pluto/pluto.pid)
memory() {
	awk '/^VmRSS/ { print $2 }' "/proc/$pid/status"
}
before=$(memory)
sunrise ping -i 0.1 -w 60 192.0.3.1 >/run/test/pings &
pings=$!
for seed in 1 2 3 4; do
	east /test/hostile.py ike 198.51.100.2 198.51.100.1 "$(capture wire)" 300 $seed
done
sleep 1
kill -INT $pings
wait $pings || true
tail -n 3 /run/test/pings

kill -0 "$pid"				|| fail "Pluto is gone"
! logged west 'ASSERTION FAILED'	|| fail "an assertion of Pluto failed"
west ipsec auto --status >/run/test/status || fail "Pluto does not answer"
loss=$(sed -n 's/.* \([0-9]*\)\(\.[0-9]*\)\?% packet loss.*/\1/p' /run/test/pings)
[ "${loss:-100}" -le 1 ]		|| fail "$loss% of the pings were lost meanwhile"
logged west 'packet from 198.51.100.2:500: ' || fail "nothing was logged with its sender"
lines=$(wc -l <"/run/hosts/west/var/log/pluto.log")
note "Pluto has written $lines lines and grown from $before to $(memory) KB"
[ "$(($(memory) - before))" -lt 8000 ]	|| fail "Pluto has grown from $before to $(memory) KB"

note "and it still negotiates"
west ipsec auto --down west-east
west ipsec auto --up west-east		|| fail "up failed afterwards: $?"
tunnel_works 2				|| fail "no way through afterwards"
dmesg_clean
