# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 120
#
# 15-trap: the first packet asks for a tunnel, waits for it, and goes through it
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ══ESP══ 198.51.100.2 east ── 192.0.3.1 sunset

topology west:klips east:klips
attach west 192.0.3.0/24
attach east 192.0.2.0/24
suite=(--esp aes_gcm128 --enckey "0x$(openssl rand -hex 20)")
net=(--eraf inet --src 192.0.2.0/24 --dst 192.0.3.0/24)
pair=(--eraf inet --src 192.0.2.1/32 --dst 192.0.3.1/32)

acquires() {
	grep -c 'type=6(ACQUIRE)' /run/test/heard || true
}

shows() {
	west grep -q -e "$1" /proc/net/ipsec_eroute || fail "no $1: $(west cat /proc/net/ipsec_eroute)"
}

klips west 0x1002 0x1001 "${suite[@]}"
klips east 0x1001 0x1002 "${suite[@]}"
west ipsec eroute --replace "${net[@]}" --said %trap

note "--- nobody to ask"
sunrise ping -q -c1 -W1 192.0.3.1 && fail "through a trap"
drops west nodaemon 1
if west grep -q %hold /proc/net/ipsec_eroute; then fail "held for nobody"; fi

note "--- asked once, held, and sent when the tunnel is there"
west ipsec pf_key --esp --daemon /run/test/pf_key.pid >/run/test/heard 2>&1
await 10 grep -q 'type=7(REGISTER)' /run/test/heard || fail "not registered"
sunrise ping -q -c5 -i0.2 -W 30 192.0.3.1 >/run/test/ping &
ping=$!
await 5 sh -c 'grep -q "type=6(ACQUIRE)" /run/test/heard' || fail "no ACQUIRE: $(cat /run/test/heard)"
shows '192.0.2.1/32 *-> 192.0.3.1/32 *=> %hold$'
sleep 1.5
[ "$(acquires)" -eq 1 ]			|| fail "$(acquires) ACQUIREs for one flow"
west ipsec eroute --replace "${net[@]}" --said tun0x2001@198.51.100.2
west ipsec eroute --del "${pair[@]}"
wait $ping || true
# Of five, the first and the latest three were kept; the second was dropped as the fifth came.
grep -q ' 4 received' /run/test/ping	|| fail "not the first and the last: $(cat /run/test/ping)"
drops west hold 1
tunnel_works 2				|| fail "no way through afterwards"

note "--- a %hold that is replaced lets its packets go, too"
west ipsec eroute --replace "${net[@]}" --said %trap
sunrise ping -q -c1 -W 30 192.0.3.1 >/run/test/ping &
ping=$!
await 5 west grep -q '%hold$' /proc/net/ipsec_eroute
west ipsec eroute --replace "${pair[@]}" --said tun0x2001@198.51.100.2
wait $ping				|| fail "the first packet is lost: $(cat /run/test/ping)"
west ipsec eroute --del "${pair[@]}"

note "--- held again is not held: no loop between %trap and %hold"
before=$(acquires)
sunrise ping -q -c1 -W1 192.0.3.1 && fail "through a trap"
west ipsec eroute --del "${pair[@]}"
sleep 0.5
[ "$(acquires)" -eq $((before + 1)) ]	|| fail "$(acquires) ACQUIREs after $before"
drops west hold 2
if west grep -q %hold /proc/net/ipsec_eroute; then fail "held again"; fi

note "--- the device goes with a packet in hold"
sunrise ping -q -c1 -W1 192.0.3.1 && fail "through a trap"
shows %hold
west ip link del ipsec0
await 5 sh -c '! west ip link show ipsec0 2>/dev/null' || fail "the device cannot go"
west kill "$(cat /run/test/pf_key.pid)"
await 10 sh -c '[ ! -e /run/test/pf_key.pid ]'

wire_is esp				|| fail "clear text on the wire"
dmesg_clean
