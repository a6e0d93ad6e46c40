# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 240
# long: half a minute; 58-natt has the essence
#
# 59-natt-moves: a peer behind a NAT moves, and others pretend to
#
#  sunrise ── west 10.1.0.1 ── (wire: NAT, 198.51.100.1) ══ESP in UDP══ 198.51.100.2 east ── sunset
#
# The native stack is behind the NAT, KLIPS is not.  What the daemon says is what counts:
# nothing that a packet says moves an SA, and nothing that is not authentic is even told.

# shellcheck source=testing/kernel/natt.sh
. /test/natt.sh
attach east 192.0.2.0/24
ours east 198.51.100.2 198.51.100.1 0x2001 0x2002 4500 41000 192.0.3.0/24 192.0.2.0/24
theirs west 10.1.0.1 198.51.100.2 0x2002 0x2001 4500 4500
nat_port 41000

note "--- what PF_KEY and /proc say"
sunrise ping -q -c2 -i0.1 -W2 192.0.3.1		|| fail "no way through"
[ "$(east python3 /test/natt.py get 0x2001 198.51.100.2)" = "2 198.51.100.1 41000 4500 - -" ] ||
	fail "GET tells another mapping"
east ipsec spi | finds 'esp0x2002.* natencap=nonesp natsport=4500 natdport=41000' ||
	fail "/proc/net/ipsec_spi does not show the mapping"
east python3 /test/natt.py wrong 0x2001 198.51.100.1 198.51.100.2 || fail "a wrong UPDATE is taken"

note "--- and the address changes, too"
nat_port 42000 198.51.100.3
! sunrise ping -q -c2 -i0.2 -W1 192.0.3.1	|| fail "answers come to the address of old"
[ "$(tail -n1 /run/test/mappings)" = "0x2001 198.51.100.1 41000 198.51.100.3 42000" ] ||
	fail "not told of the new address: $(cat /run/test/mappings)"
east python3 /test/natt.py move 0x2001 198.51.100.3 198.51.100.2 42000 4500
east python3 /test/natt.py move 0x2002 198.51.100.2 198.51.100.1 4500 42000 198.51.100.3
sunrise ping -q -c2 -i0.1 -W2 192.0.3.1		|| fail "no way through the new address"
drops east total 0

note "--- nothing of this happens for what is not authentic"
told=$(wc -l </run/test/mappings)
nat_port 43000 198.51.100.3
west python3 /test/natt.py hostile 0x2001 198.51.100.2 4700
await 5 sh -c 'east cat /proc/net/ipsec/drops | grep -q "^malformed  *[1-9]"'
[ "$(counts east auth)" -gt 0 ]			|| fail "the forged were not even looked at"
wrong=$(($(counts east auth) + $(counts east malformed)))
drops east total "$wrong"
[ "$(wc -l </run/test/mappings)" -eq "$told" ]	|| fail "told of a forged packet's port"
! grep -q ' ff$' /run/test/east.ike		|| fail "a keepalive reaches the daemon"

note "--- plain where it should be in UDP, and the other way round"
west ip xfrm state flush
theirs_plain() {
	west ip -batch - <<-END
		xfrm state add src 10.1.0.1 dst 198.51.100.2 proto esp spi 0x2001 mode tunnel $suite
	END
}
theirs_plain
! sunrise ping -q -c2 -i0.2 -W1 192.0.3.1	|| fail "plain ESP on an SA in UDP comes through"
drops east encap 2
