# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 300
# long: nine kinds of company, each with a tunnel
#
# 63-company: VLAN, bridge, bond and VRF below ipsec0; filter, shaper, rules and VRF on it
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ══ESP══ 198.51.100.2 east ── 192.0.3.1 sunset

topology west:klips east:klips
modprobe -a 8021q bonding vrf sch_netem sch_tbf nf_tables
# The first device is on the wrong side: what is not told apart comes out there, where it is down.
west ip link add link eth1 name ipsec1 type ipsec
attach west 192.0.3.0/24
attach east 192.0.2.0/24
suite=(--esp aes_gcm128 --enckey "0x$(openssl rand -hex 20)")
klips west 0x1002 0x1001 "${suite[@]}"
klips east 0x1001 0x1002 "${suite[@]}"

# works WHAT: the tunnel does, and ipsec0 is the device on both ways
works() {
	local was is
	was=$(west cat /sys/class/net/ipsec0/statistics/rx_packets)
	tunnel_works 2 >/dev/null	|| fail "no way through: $1"
	is=$(west cat /sys/class/net/ipsec0/statistics/rx_packets)
	[ $((is - was)) -eq 2 ]		|| fail "not received on ipsec0: $1"
}

# move HOST FROM TO: the address, and ipsec0
move() {
	local host=$1 from=$2 to=$3 address
	address=$(outside_of "$host")
	"$host" ip -batch - <<-END
		address del $address/24 dev $from
		address add $address/24 dev $to
		link set $to up
	END
	"$host" ipsec tncfg --detach --virtual ipsec0
	"$host" ipsec tncfg --attach --virtual ipsec0 --physical "$to"
}

note "--- on a VLAN"
for gw in west east; do
	"$gw" ip link add link eth0 name eth0.7 type vlan id 7
	move $gw eth0 eth0.7
done
works "VLAN"
west ip -o link show ipsec0 | finds 'ipsec0@eth0.7'	|| fail "ip link does not show it"
stop_capture
[ -n "$(on_wire 'vlan 7 and ip proto 50')" ]	|| fail "no ESP with a tag on the wire"
[ -z "$(on_wire 'vlan and not ip proto 50 and not arp')" ] || fail "clear text with a tag on the wire"
start_capture
for gw in west east; do
	move $gw eth0.7 eth0
	"$gw" ip link del eth0.7
done

note "--- on a bridge"
west ip -batch - <<-END
	link add lan type bridge
	link set eth0 master lan
END
move west eth0 lan
await 5 west sh -c 'ip -o link show lan | grep -q LOWER_UP'
works "bridge"
move west lan eth0
west ip link del lan

note "--- on a bond"
west ip -batch - <<-END
	link add both type bond mode active-backup
	link set eth0 down
	link set eth0 master both
END
move west eth0 both
await 5 west sh -c 'ip -o link show both | grep -q LOWER_UP'
works "bond"
west ip link set eth0 nomaster
move west both eth0
west ip link del both

note "--- the physical device in a VRF"
west ip -batch - <<-END
	link add red type vrf table 100
	link set red up
	link set eth0 master red
	route add 192.0.3.0/24 dev ipsec0 table 100
END
works "eth0 in a VRF"
west ip -batch - <<-END
	link set eth0 nomaster
	link del red
END

note "--- ipsec0 in a VRF"
west ip -batch - <<-END
	link add blue type vrf table 101
	link set blue up
	link set ipsec0 master blue
	link set eth1 master blue
	route replace 192.0.3.0/24 dev ipsec0 table 101
END
works "ipsec0 in a VRF"
west ip -batch - <<-END
	link set ipsec0 nomaster
	link set eth1 nomaster
	link del blue
	route replace 192.0.3.0/24 dev ipsec0
END

note "--- nftables sees clear packets, and can stop them"
west nft -f - <<-'END'
	table inet t {
		chain forward {
			type filter hook forward priority 0; policy accept;
			oifname "ipsec0" ip daddr 192.0.3.1 icmp type echo-request counter
			iifname "ipsec0" ip saddr 192.0.3.1 icmp type echo-reply counter
		}
		chain refuse {
			type filter hook forward priority 1; policy accept;
		}
	}
END
works "with nftables"
[ "$(west nft list chain inet t forward | grep -c 'counter packets 2 ')" -eq 2 ] ||
	fail "nftables has not seen both ways: $(west nft list chain inet t forward)"
west nft add rule inet t refuse iifname ipsec0 drop
tunnel_works 1 >/dev/null && fail "nftables does not stop what comes out of ipsec0"
west nft flush chain inet t refuse

note "--- a mark and a rule lead into ipsec0"
west nft -f - <<-'END'
	add chain inet t marks { type filter hook prerouting priority -150; }
	add rule inet t marks iifname "eth1" ip daddr 192.0.3.1 meta mark set 7
END
west ip -batch - <<-END
	route del 192.0.3.0/24 dev ipsec0
	rule add fwmark 7 table 102
	route add 192.0.3.0/24 dev ipsec0 table 102
END
works "policy routing"
# Without the mark it takes another way, and that is not ours to stop.
west nft delete table inet t
west ip -batch - <<-END
	rule del fwmark 7
	route add 192.0.3.0/24 dev ipsec0
END

note "--- shaped and delayed"
west tc qdisc add dev ipsec0 root netem delay 150ms
sunrise ping -c2 -i0.2 -W3 192.0.3.1 >/run/test/ping	|| fail "no way through with netem"
# shellcheck disable=SC2016
min=$(awk -F'[/. ]' '/^rtt/ { print $8 }' /run/test/ping)
[ "$min" -ge 150 ]		|| fail "not delayed: $(cat /run/test/ping)"
west tc qdisc replace dev ipsec0 root tbf rate 64kbit burst 2000 limit 3000
sunrise ping -q -c10 -i0.01 -s 1000 -W1 192.0.3.1 >/run/test/ping || true
west tc -s qdisc show dev ipsec0 | finds 'dropped [1-9]'	|| fail "nothing was shaped"
west tc qdisc del dev ipsec0 root
works "without a queue again"
wire_is esp			|| fail "clear text on the wire"
dmesg_clean
