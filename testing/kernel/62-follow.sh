# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 300
#
# 62-follow: what becomes of the physical device becomes of ipsec0, as far as it should
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ══ESP══ 198.51.100.2 east ── 192.0.3.1 sunset

topology west:klips east:klips
attach west 192.0.3.0/24
attach east 192.0.2.0/24
suite=(--esp aes_gcm128 --enckey "0x$(openssl rand -hex 20)")
klips west 0x1002 0x1001 "${suite[@]}"
klips east 0x1001 0x1002 "${suite[@]}"
tunnel_works 1			|| fail "no way through"

tncfg_has() {
	west grep -q -e "$1" /proc/net/ipsec_tncfg || fail "not \"$1\": $(west cat /proc/net/ipsec_tncfg)"
}

lost() {
	! sunrise ping -q -c1 -W1 192.0.3.1 >/dev/null
}

note "--- down: nothing leaves, and ipsec0 stays what the route leads to"
west ip link set eth0 down
lost				|| fail "through a device that is down"
drops west noroute 1
tncfg_has '^ipsec0 -> eth0 mtu=16260(1500) -> 1500$'
west ip route get 192.0.3.1 | finds 'dev ipsec0' || fail "the route has gone: clear text might leave"

note "--- renamed, and up again"
west ip link set eth0 name wan
tncfg_has '^ipsec0 -> wan '
west ip link set wan up
tunnel_works 1			|| fail "no way through when it is up again"

note "--- ipsec0 renamed: any name will do"
west ip -batch - <<-END
	link set ipsec0 down
	link set ipsec0 name to-paris
	link set to-paris up
	route add 192.0.3.0/24 dev to-paris
END
tncfg_has '^to-paris -> wan '
west ip -o link show to-paris | finds ' to-paris@wan: '	|| fail "ip link does not show it"
tunnel_works 1			|| fail "no way through under another name"

note "--- the address of the SA goes, and comes back"
west ip address del 198.51.100.1/24 dev wan
lost				|| fail "from an address that is not there"
west ip address add 198.51.100.1/24 dev wan
tunnel_works 1			|| fail "no way through with the address back"

note "--- removed, or moved to another namespace: detached, and drops are counted"
west ip -batch - <<-END
	link add ghost type dummy
	link add link ghost name ipsec7 type ipsec
	link add traveller type dummy
	link add link traveller name ipsec8 type ipsec
	link set ipsec7 up
	route add 203.0.113.0/24 dev ipsec7
END
west ipsec eroute --add --eraf inet --src 198.51.100.1/32 --dst 203.0.113.0/24 --said %pass
west ip link del ghost
tncfg_has '^ipsec7 -> NULL mtu=0(0) -> 0$'
before=$(counts west nodevice)
west ping -q -c1 -W1 -I 198.51.100.1 203.0.113.1 >/dev/null && fail "through a device that is gone"
drops west nodevice $((before + 1))
[ "$(west cat /sys/class/net/ipsec7/statistics/tx_errors)" -eq 1 ] || fail "ipsec7 has not counted it"
west ip link set traveller netns east
tncfg_has '^ipsec8 -> NULL '
! east grep -q ipsec8 /proc/net/ipsec_tncfg	|| fail "it went along"

# relink DEVICE LOWER: RTM_NEWLINK for an existing device with another IFLA_KLIPS_PHYS
relink() {
	west python3 - "$1" "$2" <<-'END'
		import socket, struct, sys
		def attr(kind, data):
		    return struct.pack("=HH", len(data) + 4, kind) + data + bytes(-len(data) % 4)
		upper, lower = (socket.if_nametoindex(name) for name in sys.argv[1:])
		body = struct.pack("=BxHiII", 0, 0, upper, 0, 0)
		body += attr(18, attr(1, b"ipsec\0") + attr(2, attr(1, struct.pack("=I", lower))))
		s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
		s.send(struct.pack("=IHHII", len(body) + 16, 16, 5, 1, 0) + body)
		error = struct.unpack_from("=i", s.recv(65536), 16)[0]
		sys.exit(-error)
	END
}
note "--- attached to another at once"
relink to-paris eth1
tncfg_has '^to-paris -> eth1 '
lost				|| fail "out of the wrong side"
relink to-paris wan
tunnel_works 1			|| fail "no way through with the right one again"

note "--- no loops"
relink to-paris ipsec7 2>/dev/null	&& fail "on another of its kind"
west ip -batch - <<-END
	link add red type vrf table 100
	link set to-paris master red
END
status=0
relink to-paris red || status=$?
[ $status -eq 16 ]		|| fail "on a device above itself: status $status, not EBUSY"
tncfg_has '^to-paris -> wan '
dmesg_clean
