# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 240
#
# 54-suites: every ESP suite against the native stack, both ways, also with extended numbers
#
#  sunrise 10.1.N.1 ── west 198.51.100.1 ══ESP══ 198.51.100.2 east ── 10.2.N.1 sunset
#
# One tunnel a suite, all at once (suites.py).  Datagrams of many sizes go through each,
# and their echoes come back: the requests are sealed by us and opened by the native stack,
# the echoes the other way round.  With extended sequence numbers both directions begin
# shortly before 2^32, so that the upper half of the number changes on the way; it is
# authenticated but not sent, so that nothing comes through if one end is wrong.

topology west:klips east:xfrm
attach west 10.2.0.0/16
west ip route add 10.1.0.0/16 via 192.0.2.1
east ip route add 10.2.0.0/16 via 192.0.3.1
sunrise ip route add local 10.1.0.0/16 dev lo
sunset ip route add local 10.2.0.0/16 dev lo
sunrise ping -q -c1 -W2 192.0.2.254
sunset ping -q -c1 -W2 192.0.3.254
west ping -q -c1 -W2 198.51.100.2
stop_capture
start_capture

note "--- what the module says of itself"
west cat /proc/net/ipsec/selftest
awk '$2 != "passed" { bad = 1 } END { exit NR < 20 || bad }' /proc/net/ipsec/selftest ||
	fail "a self-test has not passed"

read -ra suites <<<"$(python3 /test/suites.py list)"
plain=(base=1 "${suites[@]}")
extended=(esn start=4294967291 base=101 "${suites[@]}")

make_tunnels() {
	west python3 /test/suites.py west "$@"	|| fail "our end could not be made"
	python3 /test/suites.py east "$@" | east ip -batch - || fail "the native end could not be made"
}

# try WHAT TUNNEL...
try() {
	note "--- $1"
	sunrise python3 /test/suites.py ask 0,1,2,3,5,7,13,64,500,1300,4000 "${@:2}" >/run/test/lost ||
		fail "$1: $(cat /run/test/lost)"
}

nothing_dropped() {
	local stat n
	drops west total 0
	for stat in XfrmInError XfrmInStateProtoError XfrmInStateSeqError XfrmInNoPols XfrmInNoStates; do
		# shellcheck disable=SC2016
		n=$(east awk -v s=$stat '$1 == s { print $2 }' /proc/net/xfrm_stat)
		[ "${n:-0}" -eq 0 ]	|| fail "the native stack counts $n $stat"
	done
}

make_tunnels "${plain[@]}"
make_tunnels "${extended[@]}"
[ "$(west grep -c '^esp.* esn=1 ' /proc/net/ipsec_spi)" -eq $((2 * ${#suites[@]})) ] ||
	fail "extended numbers are not shown"
sunset python3 /test/suites.py answer &
await 20 sh -c 'sunset ss -Hlun "sport = 5007" | grep -q .'

try "${#suites[@]} suites" "${plain[@]}"
try "the same with extended numbers, across 2^32" "${extended[@]}"
# shellcheck disable=SC2016
west awk '/^esp0x(20|30)6[5-9a-f]/ && $0 !~ / seq=42949673[0-9][0-9] / { print; bad = 1 }
	END { exit bad }' /proc/net/ipsec_spi	|| fail "it did not get across 2^32"
nothing_dropped

echo 1 >/sys/module/ipsec/parameters/async_crypto
try "ciphers that finish later" "${plain[@]}"
try "ciphers that finish later, with extended numbers" "${extended[@]}"
nothing_dropped
wire_is esp				|| fail "clear text on the wire"
