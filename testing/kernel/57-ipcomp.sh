# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 300
#
# 57-ipcomp: IPComp inside ESP and alone, against XFRM, and hostile IPComp
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ══ESP(IPComp)══ 198.51.100.2 east ── 192.0.3.1 sunset
#
# What gains by it is compressed, what does not is sent as it was, and either is taken.
# The full table is 57-ipcomp-table.

. /test/sa.sh
. /test/forge.sh
topology west:klips east:xfrm
modprobe -a ipcomp deflate
attach west 198.51.100.2/32
west ip -batch - <<-END
	route replace 198.51.100.2/32 dev ipsec0 src 198.51.100.1
	route add 192.0.3.0/24 dev ipsec0
END

# send FROM TO ADDRESS FILE: by TCP, and it is the same there
send() {
	rm -f /run/test/got
	"$2" socat -u TCP-LISTEN:7000,reuseaddr OPEN:/run/test/got,creat,trunc &
	"$1" timeout 60 socat -u "OPEN:$4" "TCP:$3:7000,retry=20,interval=0.2"
	wait $!
	cmp "$4" /run/test/got
}

note "inside ESP, tunnel mode"
ends tunnel 4 4
sas cbc comp esp
ping_through -c2 -i0.2 -s 1300 -p 41	|| fail "no way through"
ping_back -c2 -i0.2 -s 1300 -p 41	|| fail "no way back"
[ -z "$(on_wire -c1 'ip proto 50 and greater 600')" ]	|| fail "it was not compressed"
ping_through -c2 -i0.2 -s 20		|| fail "not what is too short to be compressed"
head -c 60000 /dev/urandom >/run/test/random
send sunrise sunset 192.0.3.1 /run/test/random	|| fail "not what cannot be compressed"
send sunset sunrise 192.0.2.1 /run/test/random	|| fail "not what cannot be compressed, back"
west cat /proc/net/ipsec_spi
[ "$(west grep -c '^comp0x[12]200@.* COMP_DEFLATE: dir=.* ratio=[0-9]*:[0-9]* ' /proc/net/ipsec_spi)" -eq 2 ] ||
	fail "ipsec_spi does not show the SAs"
drops west total 0
only_ipsec				|| fail "clear text on the wire"
clear_sas

note "alone, which has to be asked for"
start_capture
west bash -ec '
	ipsec spi --said comp0x2200@198.51.100.2 --src 198.51.100.1 --comp deflate
	ipsec eroute --add --src 198.51.100.1/32 --dst 198.51.100.2/32 --said comp0x2200@198.51.100.2'
west ping -q -c1 -W1 -s 1300 198.51.100.2	&& fail "IPComp alone was sent unasked"
drops west bundle 1
west bash -ec '
	ipsec spi --del --said comp0x2200@198.51.100.2
	ipsec spi --said comp0x2200@198.51.100.2 --src 198.51.100.1 --comp deflate --bare
	ipsec spi --said comp0x1200@198.51.100.1 --src 198.51.100.2 --comp deflate --bare
	ipsec eroute --addin --src 198.51.100.2/32 --dst 198.51.100.1/32 --said comp0x1200@198.51.100.1'
east ip -batch - <<-END
	xfrm state add src 198.51.100.2 dst 198.51.100.1 proto comp spi 0x1200 mode transport comp deflate
	xfrm state add src 198.51.100.1 dst 198.51.100.2 proto comp spi 0x2200 mode transport comp deflate
	xfrm policy add src 198.51.100.2 dst 198.51.100.1 dir out tmpl src 198.51.100.2 dst 198.51.100.1 proto comp mode transport
	xfrm policy add src 198.51.100.1 dst 198.51.100.2 dir in tmpl src 198.51.100.1 dst 198.51.100.2 proto comp mode transport level use
END
west ping -q -c2 -i0.2 -W5 -s 1300 198.51.100.2	|| fail "no way through"
west ping -q -c1 -W5 198.51.100.2		|| fail "not what is too short"
stop_capture
[ "$(on_wire 'ip proto 108' | wc -l)" -ge 4 ]	|| fail "no IPComp on the wire"
clear_sas

note "hostile IPComp in authentic ESP"
west ip route del 192.0.3.0/24 dev ipsec0
enc=0x$(openssl rand -hex 16)
auth=0x$(openssl rand -hex 20)
west bash -ec '
	ipsec spi --said tun0x2302@198.51.100.1 --ip4 --src 198.51.100.2
	ipsec spi --said comp0x1303@198.51.100.1 --src 198.51.100.2 --comp deflate
	ipsec spi --said esp0x1302@198.51.100.1 --src 198.51.100.2 --esp aes128-sha1 \
		--enckey "$1" --authkey "$2" --replay_window 64
	ipsec spigrp --said tun0x2302@198.51.100.1 comp0x1303@198.51.100.1 esp0x1302@198.51.100.1
	ipsec eroute --addin --src 192.0.3.0/24 --dst 192.0.2.0/24 --said tun0x2302@198.51.100.1
	' - "$enc" "$auth"
forger 0x1302 comp 198.51.100.2 198.51.100.1 "$enc" "$auth" 0x1303
start_capture sunrise eth0 inside
forge_all comp
stop_capture inside
[ "$(good_pings inside)" -eq 3 ]	|| fail "$(good_pings inside) pings reached sunrise, not the 3 good ones"
