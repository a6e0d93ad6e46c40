# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 900
# long: IPComp in every mode and family, with data of both kinds
#
# 57-ipcomp-table: IPComp with ESP in both modes and all families, against XFRM
#
#               west ══ESP(IPComp)══ east
#
# Each carries what gains by compression and what does not, both ways and unharmed.  Then
# IPComp alone, as a tunnel, and hostile packets to it.

. /test/sa.sh
. /test/forge.sh
topology west:klips east:xfrm
two_families
modprobe -a ipcomp6 deflate
attach west 198.51.100.2/32
west ip -batch - <<-END
	route replace 198.51.100.2/32 dev ipsec0 src 198.51.100.1
	route add 2001:db8:51::2/128 dev ipsec0 src 2001:db8:51::1
	route add 192.0.3.0/24 dev ipsec0
	route add 2001:db8:3::/64 dev ipsec0
END
# The native stack's policy takes what it says to neighbours, too: let there be no need.
mac=$(west cat /sys/class/net/eth0/address)
east ip -6 neighbour replace 2001:db8:51::1 lladdr "$mac" dev eth0 nud permanent
mac=$(east cat /sys/class/net/eth0/address)
west ip -6 neighbour replace 2001:db8:51::2 lladdr "$mac" dev eth0 nud permanent
head -c 40000 /dev/urandom >/run/test/random
{ head -c 20000 /dev/zero; head -c 3000 /dev/urandom; seq 1 5000; } >/run/test/mixed

# send FROM TO ADDRESS FILE: by TCP, and it is the same there
send() {
	local family=TCP4 to=$3
	case $to in *:*) family=TCP6 to="[$to]" ;; esac
	rm -f /run/test/got
	"$2" socat -u "$family-LISTEN:7000,reuseaddr" OPEN:/run/test/got,creat,trunc &
	"$1" timeout 60 socat -u "OPEN:$4" "$family:$to:7000,retry=20,interval=0.2"
	wait $!
	cmp "$4" /run/test/got || fail "$4 from $1 to $2 did not arrive as it was"
}

for suite in cbc gcm; do
	for kind in "transport 4 4" "transport 6 6" "tunnel 4 4" "tunnel 4 6" "tunnel 6 4" "tunnel 6 6"; do
		note "--- $suite $kind"
		# shellcheck disable=SC2086
		ends $kind
		here=sunrise there=sunset
		[ "$mode" = tunnel ] || here=west there=east
		sas $suite comp esp
		ping_through -c1 -s 8000 -p 41	|| fail "$suite $kind: no way through"
		ping_back -c1 -s 8000 -p 41	|| fail "$suite $kind: no way back"
		ping_through -c1 -s 10		|| fail "$suite $kind: not what is short"
		for data in random mixed; do
			send $here $there "$east_host" /run/test/$data
			send $there $here "$west_host" /run/test/$data
		done
		clear_sas
	done
done
drops west total 0
only_ipsec			|| fail "clear text on the wire"

note "IPComp alone, as a tunnel"
west bash -ec '
	ip route del 192.0.3.0/24 dev ipsec0
	ipsec spi --said tun0x2102@198.51.100.1 --ip4 --src 198.51.100.2
	ipsec spi --said comp0x1102@198.51.100.1 --src 198.51.100.2 --comp deflate --bare
	ipsec spigrp --said tun0x2102@198.51.100.1 comp0x1102@198.51.100.1
	ipsec eroute --addin --src 192.0.3.0/24 --dst 192.0.2.0/24 --said tun0x2102@198.51.100.1'
start_capture sunrise eth0 inside
forger 0x1102 bare 198.51.100.2 198.51.100.1 0x1102
forge_all bare
stop_capture inside
[ "$(good_pings inside)" -eq 3 ]	|| fail "$(good_pings inside) pings reached sunrise, not the 3 good ones"
