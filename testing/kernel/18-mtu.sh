# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 90
#
# 18-mtu: the largest packet that fits is told exactly, and larger ones get through
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ══ESP══ 198.51.100.2 east ── 192.0.3.1 sunset

topology west:klips east:klips
attach west 192.0.3.0/24
attach east 192.0.2.0/24

# suite_mtu LARGEST SUITE...: LARGEST octets of inner packet fit into 1500
suite_mtu() {
	local largest=$1
	shift
	note "--- $*: $largest"
	for gw in west east; do
		"$gw" ipsec eroute --clear
		"$gw" ipsec spi --clear
		"$gw" ip link del ipsec0 2>/dev/null || true
	done
	attach west 192.0.3.0/24
	attach east 192.0.2.0/24
	klips west 0x1002 0x1001 "$@"
	klips east 0x1001 0x1002 "$@"
	west sysctl -q -w net.ipsec.icmp=1
	stop_capture
	start_capture
	sunrise ping -q -c1 -W2 -M "do" -s $((largest - 28)) 192.0.3.1 || fail "$largest octets do not fit"
	stop_capture
	[ -z "$(on_wire 'ip[6:2] & 0x3fff != 0')" ]	|| fail "$largest octets went in fragments"
	start_capture
	sunrise ping -c1 -W2 -M "do" -s $((largest - 27)) 192.0.3.1 >/run/test/ping || true
	grep -q "Frag needed and DF set (mtu = $largest)" /run/test/ping ||
		fail "not told $largest: $(cat /run/test/ping)"
	sunrise ip route flush cache
	west grep -q "^ipsec0 -> eth0 mtu=16260($largest) -> 1500" /proc/net/ipsec_tncfg ||
		fail "$(west cat /proc/net/ipsec_tncfg)"
	# Without DF it is carried all the same, in fragments of the outer packet.
	sunrise ping -q -c2 -i0.2 -W2 -M dont -s 3000 192.0.3.1	|| fail "3000 octets"
}

# 1500 - 20 (IP) - 8 (ESP), less IV and ICV, down to the cipher's block, less 2 (trailer)
suite_mtu 1446 --esp aes_gcm128 --enckey "0x$(openssl rand -hex 20)"
suite_mtu 1438 --esp aes128-sha1 --enckey "0x$(openssl rand -hex 16)" \
	--authkey "0x$(openssl rand -hex 20)"
suite_mtu 1422 --esp aes256-sha2_512 --enckey "0x$(openssl rand -hex 32)" \
	--authkey "0x$(openssl rand -hex 64)"

note "--- not told when the administrator does not want it"
west sysctl -q -w net.ipsec.icmp=0
sunrise ip route flush cache
sunrise ping -c1 -W2 -M "do" -s 1460 192.0.3.1 >/run/test/ping || fail "lost"
grep -q 'Frag needed' /run/test/ping && fail "told all the same"

note "--- what the outer header tells of the inner one"
stop_capture
start_capture
west sysctl -q -w net.ipsec.tos=1
sunrise ping -q -c1 -W2 -Q 0x28 192.0.3.1	|| fail "lost"
west sysctl -q -w net.ipsec.tos=0
sunrise ping -q -c1 -W2 -Q 0x48 192.0.3.1	|| fail "lost"
stop_capture
[ -z "$(on_wire 'src 198.51.100.1 and ip[1] = 0x28')" ] || fail "TOS shows though it is hidden"
[ -n "$(on_wire 'src 198.51.100.1 and ip[1] = 0x48')" ] || fail "TOS is not copied"
[ -z "$(on_wire 'ip proto 50 and ip[8] != 64')" ] || fail "outer TTL is not 64"
dmesg_clean
