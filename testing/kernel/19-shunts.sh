# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 90
#
# 19-shunts: %pass, %reject, inbound policy, bundles taken apart, and IKE around it all
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ══ESP══ 198.51.100.2 east ── 192.0.3.1 sunset

topology west:klips east:klips
attach west 192.0.3.0/24
attach east 192.0.2.0/24
net=(--eraf inet --src 192.0.2.0/24 --dst 192.0.3.0/24)
suite=(--esp aes_gcm256 --enckey "0x$(openssl rand -hex 36)")

note "--- %pass: in clear, as if there were no ipsec0"
west ipsec eroute --add "${net[@]}" --said %pass
east ip route replace 192.0.2.0/24 via 198.51.100.1
sunrise ping -q -c2 -i0.2 -W2 192.0.3.1	|| fail "%pass does not pass"
stop_capture
[ -n "$(on_wire 'icmp and src 192.0.2.1')" ]	|| fail "not in clear"
east ip route replace 192.0.2.0/24 dev ipsec0

note "--- %reject: the sender is told"
west ipsec eroute --replace "${net[@]}" --said %reject
sunrise ping -c1 -W2 192.0.3.1 >/run/test/ping && fail "%reject passes"
grep -q -i 'Packet filtered' /run/test/ping	|| fail "not told: $(cat /run/test/ping)"
drops west reject 1

note "--- the most specific eroute wins"
west ipsec eroute --add --eraf inet --src 192.0.2.1/32 --dst 192.0.3.0/24 --said %drop
sunrise ping -q -c1 -W1 192.0.3.1 && fail "%drop passes"
drops west shunt 1
west ipsec eroute --clear

note "--- a tunnel without inbound policy lets nothing out"
start_capture
klips west 0x1002 0x1001 "${suite[@]}"
klips east 0x1001 0x1002 "${suite[@]}"
tunnel_works 1					|| fail "no way through"
east ipsec spi --del --said esp0x1001@198.51.100.2
east ipsec spi --said tun0x2001@198.51.100.2 --ip4 --src 198.51.100.1
east ipsec spi --said esp0x1001@198.51.100.2 --src 198.51.100.1 "${suite[@]}"
east ipsec spigrp --said tun0x2001@198.51.100.2 esp0x1001@198.51.100.2
sunrise ping -q -c1 -W1 192.0.3.1 && fail "without a policy"
drops east nopolicy 1
east sysctl -q -w net.ipsec.inbound_policy_check=0
tunnel_works 1					|| fail "not even with inbound_policy_check=0"
east sysctl -q -w net.ipsec.inbound_policy_check=1
east ipsec eroute --addin --eraf inet --src 192.0.2.128/25 --dst 192.0.3.0/24 \
	--said tun0x2001@198.51.100.2
sunrise ping -q -c1 -W1 192.0.3.1 && fail "against the policy"
drops east policy 1

note "--- outside its bundle neither SA carries anything"
west ipsec spigrp --said tun0x2001@198.51.100.2
sunrise ping -q -c1 -W1 192.0.3.1 && fail "a tunnel without encryption"
drops west bundle 1
east ipsec spigrp --said tun0x2001@198.51.100.2
west ipsec spigrp --said tun0x2001@198.51.100.2 esp0x1001@198.51.100.2
sunrise ping -q -c1 -W1 192.0.3.1 && fail "IPIP from an SA that is no tunnel"
drops east bundle 1
wire_is esp					|| fail "clear text on the wire"

note "--- and an ESP SA without its tunnel delivers nothing in transport mode either"
west ipsec spigrp --said tun0x2001@198.51.100.2
west ipsec eroute --add --eraf inet --src 198.51.100.1/32 --dst 198.51.100.2/32 \
	--said esp0x1001@198.51.100.2
west ip route add 198.51.100.2/32 dev ipsec0 src 198.51.100.1
west ping -q -c1 -W1 198.51.100.2 && fail "past all inbound policy"
drops east nopolicy 2
west ip route del 198.51.100.2/32 dev ipsec0
west ipsec eroute --del --eraf inet --src 198.51.100.1/32 --dst 198.51.100.2/32
west ipsec spigrp --said tun0x2001@198.51.100.2 esp0x1001@198.51.100.2

note "--- a later fragment shows no port: it does not slip past an eroute that has one"
west ipsec eroute --add "${net[@]}" --said %pass --transport-proto udp
west ipsec eroute --add "${net[@]}" --said %drop --transport-proto udp --dst-port 9
start_capture
sunrise python3 - 192.0.3.1 <<-END || true
	import socket, sys
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.setsockopt(socket.IPPROTO_IP, 10, 0)	# IP_MTU_DISCOVER: fragment
	s.sendto(b"x" * 4000, (sys.argv[1], 9))
END
stop_capture
[ -z "$(on_wire 'udp or (ip[6:2] & 0x1fff != 0)')" ]	|| fail "fragments in clear"
west ipsec eroute --del "${net[@]}" --transport-proto udp --dst-port 9
west ipsec eroute --del "${net[@]}" --transport-proto udp
start_capture

note "--- IKE to the peer goes around the eroute that covers the peer"
west ipsec eroute --add --eraf inet --src 198.51.100.1/32 --dst 198.51.100.2/32 \
	--said tun0x2001@198.51.100.2
west ip route add 198.51.100.2/32 dev ipsec0 src 198.51.100.1
start_capture
echo ike | west nc -u -w1 -p 500 198.51.100.2 500 || true
echo other | west nc -u -w1 -p 501 198.51.100.2 500 || true
stop_capture
[ -n "$(on_wire 'udp src port 500')" ]		|| fail "IKE does not get out"
[ -z "$(on_wire 'udp src port 501')" ]		|| fail "something else got around, too"
[ -n "$(on_wire 'ip proto 50')" ]		|| fail "not through the tunnel either"
dmesg_clean
