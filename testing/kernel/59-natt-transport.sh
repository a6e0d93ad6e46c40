# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 240
# long: half a minute; 58-natt has the essence
#
# 59-natt-transport: from host to host through a NAT, and the checksums inside
#
#  west 10.1.0.1 (native stack) ── (wire: NAT, 198.51.100.1) ══ESP in UDP══ 198.51.100.2 east (KLIPS)
#
# West makes its checksums for 10.1.0.1; what comes out on east has 198.51.100.1.  They are right
# there with the original address, right without it, and stay wrong with another one, for
# then it is not the address that has been changed.

topology west:xfrm east:klips
nat_on_wire
attach east 198.51.100.1/32
east ip route replace 198.51.100.1/32 dev ipsec0 src 198.51.100.2
west python3 /test/natt.py hold 2 4500 >/run/test/west.ike &
east python3 /test/natt.py hold 2 4500 gro >/run/test/east.ike &
await 30 grep -q holds /run/test/west.ike
await 30 grep -q holds /run/test/east.ike

enc=0x$(openssl rand -hex 16)
auth=0x$(openssl rand -hex 20)
suite="auth-trunc hmac(sha1) $auth 96 enc cbc(aes) $enc"
west ip -batch - <<-END
	xfrm state add src 198.51.100.2 dst 10.1.0.1 proto esp spi 0x2002 mode transport $suite encap espinudp 4500 4500 0.0.0.0
	xfrm state add src 10.1.0.1 dst 198.51.100.2 proto esp spi 0x2001 mode transport $suite encap espinudp 4500 4500 0.0.0.0
	xfrm policy add src 10.1.0.1 dst 198.51.100.2 dir out priority 10 tmpl src 10.1.0.1 dst 198.51.100.2 proto esp mode transport
	xfrm policy add src 198.51.100.2 dst 10.1.0.1 dir in priority 10 tmpl src 198.51.100.2 dst 10.1.0.1 proto esp mode transport
	xfrm policy add src 198.51.100.2 dst 10.1.0.1 proto udp sport 4500 dport 4500 dir in priority 1 action allow
END
# East starts to count anew with each SA, so west does not look at numbers.

# ends OA...: the SAs of east
ends() {
	# shellcheck disable=SC2016
	east bash -ec '
		ipsec eroute --clear
		ipsec spi --clear
		keys="--esp aes128-sha1 --enckey $1 --authkey $2"
		shift 2
		ipsec spi --said esp0x2002@198.51.100.1 --src 198.51.100.2 --encap udp:4500:40000 $keys
		ipsec eroute --add --eraf inet --src 198.51.100.2/32 --dst 198.51.100.1/32 \
			--said esp0x2002@198.51.100.1
		ipsec spi --said esp0x2001@198.51.100.2 --src 198.51.100.1 --encap udp:40000:4500 "$@" $keys
		ipsec eroute --addin --eraf inet --src 198.51.100.1/32 --dst 198.51.100.2/32 \
			--said esp0x2001@198.51.100.2
		' - "$enc" "$auth" "$@" 2>/run/test/tools || fail "no SAs: $(cat /run/test/tools)"
}

# One datagram to a socket that prints it.
udp_comes() {
	local got
	east timeout 4 socat -u UDP4-RECV:7777 STDOUT >/run/test/udp 2>/dev/null &
	got=$!
	await 5 sh -c 'east ss -Hlun "sport = 7777" | grep -q .'
	west bash -c 'echo datagram >/dev/udp/198.51.100.2/7777'
	await 3 grep -q datagram /run/test/udp
	set -- $?
	kill $got 2>/dev/null || true
	return "$1"
}

tcp_goes() {
	east nc -l -p 5001 </dev/null >/run/test/got &
	await 5 sh -c 'east ss -Hltn "sport = 5001" | grep -q .'
	west timeout 20 nc -N 198.51.100.2 5001 </run/test/file
	await 5 cmp -s /run/test/file /run/test/got
}

head -c 60000 /dev/urandom >/run/test/file
for oa in "--oa 10.1.0.1" ""; do
	note "--- original address: ${oa:-not known}"
	# shellcheck disable=SC2086
	ends $oa
	west ping -q -c2 -i0.1 -W2 198.51.100.2	|| fail "no way through"
	start_capture east ipsec0 inside
	udp_comes				|| fail "a datagram does not come through"
	tcp_goes				|| fail "TCP does not come through"
	stop_capture inside
	tcpdump -n -vv -r "$(capture inside)" 'src 198.51.100.1 and (udp or tcp)' \
		>/run/test/sums 2>/dev/null
	grep -q 'udp sum ok' /run/test/sums	|| fail "a UDP checksum is wrong"
	grep -q 'cksum.*(correct)' /run/test/sums	|| fail "no TCP checksum is right"
	! grep -q -i -E 'bad udp|incorrect' /run/test/sums	|| fail "a wrong checksum came out"
	drops east total 0
done

note "--- another original address than the peer has"
ends --oa 10.9.9.9
! udp_comes		|| fail "a datagram comes through whose checksum was not for it"
drops east total 0
