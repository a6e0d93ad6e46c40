# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 90
#
# 11-device: ipsec0 as ip, tcpdump and the counters see it
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ══ESP══ 198.51.100.2 east ── 192.0.3.1 sunset

topology west:klips east:klips
attach west 192.0.3.0/24
attach east 192.0.2.0/24

link() {
	west ip -d -o link show ipsec0
}

note "--- ip link"
link | finds ' ipsec0@eth0: <NOARP,UP,LOWER_UP> mtu 16260 '	|| fail "$(link)"
link | finds ' link/none '		|| fail "it has link layer addresses: $(link)"
link | finds -w 'ipsec'		|| fail "of no kind: $(link)"
west ip link add link eth9 name ipsec1 type ipsec 2>/dev/null && fail "on a device that is not there"
west ip link add link ipsec0 name ipsec1 type ipsec 2>/dev/null && fail "on another of its kind"
west ip link add ipsec1 type ipsec
west ip link set ipsec1 netns east 2>/dev/null && fail "moved to another namespace"
west ip -o link show ipsec1 | finds 'ipsec1@NONE'	|| fail "attached to what?"
west ip link del ipsec1

note "--- the MTU follows the physical device"
west ip link set eth0 mtu 1400
west grep -q '^ipsec0 -> eth0 mtu=16260(1400) -> 1400$' /proc/net/ipsec_tncfg ||
	fail "$(west cat /proc/net/ipsec_tncfg)"
west ip link set eth0 mtu 1500

note "--- tcpdump sees clear text in both directions, the counters count it"
suite=(--esp aes128-sha2_256 --enckey "0x$(openssl rand -hex 16)" --authkey "0x$(openssl rand -hex 32)")
klips west 0x1002 0x1001 "${suite[@]}"
klips east 0x1001 0x1002 "${suite[@]}"
start_capture west ipsec0 clear
tunnel_works 3			|| fail "no way through"
stop_capture clear
seen() {
	[ "$(tcpdump -n -r "$(capture clear)" "$1" 2>/dev/null | wc -l)" -eq 3 ] ||
		fail "not 3 of \"$1\" on ipsec0: $(tcpdump -n -r "$(capture clear)" 2>/dev/null)"
}
seen 'src 192.0.2.1 and dst 192.0.3.1 and icmp[icmptype] == icmp-echo'
seen 'src 192.0.3.1 and dst 192.0.2.1 and icmp[icmptype] == icmp-echoreply'
for n in tx_packets:3 rx_packets:3 tx_errors:0 rx_errors:0 tx_dropped:0 rx_dropped:0; do
	have=$(west cat "/sys/class/net/ipsec0/statistics/${n%:*}")
	[ "$have" -eq "${n#*:}" ]	|| fail "${n%:*} is $have"
done

note "--- what is heard while it is down is dropped, and counted"
east ip link set ipsec0 down
sunrise ping -q -c1 -W1 192.0.3.1 && fail "through a device that is down"
drops east deliver 1
east ip link set ipsec0 up
east ip route add 192.0.2.0/24 dev ipsec0
tunnel_works 1			|| fail "no way through when it is up again"

note "--- detached it sends nothing, and attached anew it does"
west ipsec tncfg --detach --virtual ipsec0
sunrise ping -q -c1 -W1 192.0.3.1 && fail "through a device that is attached to none"
drops west nodevice 1
west ipsec tncfg --attach --virtual ipsec0 --physical eth0
tunnel_works 1			|| fail "no way through when attached again"

note "--- deleted, it is gone at once, SAs or not"
west ip link del ipsec0
if west ip link show ipsec0 2>/dev/null; then fail "it is still there"; fi
attach west 192.0.3.0/24
tunnel_works 1			|| fail "no way through with a new device"
wire_is esp			|| fail "clear text on the wire"
dmesg_clean
