# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 900
#
# 67-hammer: PF_KEY from all sides at once, while packets flow and namespaces come and go
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ══ESP══ 198.51.100.2 east ── 192.0.3.1 sunset
#
# For five seconds; FSW_SECONDS=600 testing/kernel/run 67 hammers for ten minutes.

topology west:klips east:klips
attach west 192.0.3.0/24
attach east 192.0.2.0/24
seconds=${FSW_SECONDS:-5}
suite=(--esp aes_gcm128 --enckey "0x$(openssl rand -hex 20)")
klips west 0x1002 0x1001 "${suite[@]}"
klips east 0x1001 0x1002 "${suite[@]}"
tunnel_works 1				|| fail "no way through"
stop_capture				# ten minutes of it are more than the guest has room for
west sysctl -q -w net.ipsec.hold_seconds=1

seed=$RANDOM
note "seed $seed, $seconds s"
workers=""
work() {
	"$@" "$seed" &
	workers+=" $!"
	seed=$((seed + 1))
}
work west /test/hammer.py sas "$seconds"
work west /test/hammer.py sas "$seconds"
work west /test/hammer.py flows "$seconds"
work west /test/hammer.py flows "$seconds"
work west /test/hammer.py read "$seconds"
work west /test/hammer.py refuse "$seconds"
work west /test/hammer.py spaces "$seconds"
work sunrise /test/hammer.py packets "$seconds"
sunrise ping -q -i 0.2 -c $((seconds * 5)) 192.0.3.1 >/run/test/ping || true
for worker in $workers; do
	wait "$worker"			|| fail "a worker has failed"
done
grep 'packets transmitted' /run/test/ping
# Nothing that the others do is about this tunnel; a slow machine may lose one now and then.
awk '/transmitted/ { exit !($4 >= $1 * 0.9) }' /run/test/ping || fail "the tunnel suffers"

note "--- all is well, and all that was made is gone"
tunnel_works 2				|| fail "no way through afterwards"
[ "$(west grep -c . /proc/net/ipsec_spi)" -eq 4 ] || fail "left: $(west cat /proc/net/ipsec_spi)"
await 5 west grep -q '^holds 0 of' /proc/net/ipsec/status || fail "left: $(west cat /proc/net/ipsec/status)"
west grep -q '^held_packets 0 of' /proc/net/ipsec/status || fail "left: $(west cat /proc/net/ipsec/status)"
note "west dropped: $(west ipsec look --drops)"
[ "$(counts west unspecified)" -eq 0 ]	|| fail "dropped for no reason"
dmesg_clean
