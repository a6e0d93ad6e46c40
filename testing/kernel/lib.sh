# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2119,SC2120 # the listeners have defaults
#
# What a kernel test may use.  It is read before the test, in the guest, by bash -eu.
#
#   sunrise ── west ══ wire ══ east ── sunset
#
#   sunrise  192.0.2.1     eth0                       a host behind west
#   west     192.0.2.254   eth1   198.51.100.1  eth0  a gateway
#   wire                                              a bridge, br0: where one may listen
#   east     192.0.3.254   eth1   198.51.100.2  eth0  the other gateway
#   sunset   192.0.3.1     eth0                       a host behind east
#
# Each is a network namespace with a mount namespace and a host name of its own, and
# has its own /etc, /var/log and /run/pluto.  "west CMD..." runs CMD there.
#
# topology A:klips B:xfrm   make it; klips loads our module, xfrm the native stack
# fail TEXT...              end the test: this is why
# note TEXT...              a line of the log
# CMD | finds PATTERN       whether it says that
# await SECONDS CMD...      until CMD succeeds; fails when the time is over
# router MTU                 wire becomes a router; its link to east takes MTU octets
# attach HOST FARNET        ipsec0 on eth0, up, and the route to the far net through it
# klips HOST SPI-IN SPI-OUT SUITE...   one end of a tunnel, manual keys as for ipsec spi
# native HOST SPI-IN SPI-OUT ALGORITHM...  the same with the native stack, keys as for ip xfrm
# conf HOST...              standard input is their ipsec.conf
# secrets HOST...           standard input is their ipsec.secrets
# start_ipsec HOST...       ipsec setup --start; Pluto's log is pluto_log HOST
# logged HOST PATTERN       whether Pluto has written that
# tunnel_works [N]          whether N pings get from sunrise to sunset
# start_capture [HOST DEV [NAME [OCTETS]]]   listen (to all of the wire unless told otherwise)
# stop_capture [NAME]       stop, so that all of it is in the file
# capture NAME              the file of a capture
# wire_is esp               only ESP, IKE and ARP were on the wire, and some ESP was
# wire_lacks PATTERN        the string was nowhere on the wire
# drops HOST REASON N       the module has dropped N packets for this reason
# counts HOST REASON        print that number
# nat_on_wire               a NAT between west and east: west is 10.1.0.1, and seen as 198.51.100.1
# nat_port PORT [ADDRESS]   which now forgets what it knew, and uses this port, and this address
# module_refs               print how often our module is in use
# kernel_log                print what the kernel has said since the test began
# dmesg_clean               the kernel has complained of nothing since the test began
# tear_down                 end all of it; also what happens after each test

hosts="sunrise west wire east sunset"
captures=/run/test

note() {
	printf '%s\n' "$*"
}

fail() {
	printf '%s\n' "$*" >"$captures/reason"
	printf 'FAILED: %s\n' "$*" >&2
	exit 1
}

# Called by the ERR trap: the line and the command that went wrong are the reason.
on_error() {
	[ -s "$captures/reason" ] || echo "line $2: \"$3\" gave status $1" >"$captures/reason"
}

# grep -q for the end of a pipe: it reads to the end, for a writer that is cut off would
# fail the pipe.
finds() {
	grep "$@" >/dev/null
}

await() {
	local limit=$1 end
	shift
	end=$((SECONDS + limit))
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.2
	done
}

# ---- the network ------------------------------------------------------------

make_host() {
	local host=$1 dir
	touch "/run/mntns/$host" "/run/utsns/$host"
	for dir in etc run/pluto var/log; do
		mkdir -p "/run/hosts/$host/$dir" "/$dir"
	done
	cp -a /etc/. "/run/hosts/$host/etc/"
	echo "$host" >"/run/hosts/$host/etc/hostname"
	# shellcheck disable=SC2016
	nsenter --net="/run/netns/$host" unshare --mount="/run/mntns/$host" \
		--uts="/run/utsns/$host" --propagation private sh -ec '
			hostname "$1"
			mount -t sysfs sys /sys
			mount --bind "/run/hosts/$1/etc" /etc
			mount --bind "/run/hosts/$1/var/log" /var/log
			mount --bind "/run/hosts/$1/run/pluto" /run/pluto' - "$host"
}

# Interfaces, addresses and routes; one call of ip a namespace, for each costs time here.
# A bridge that snoops would itself send IGMP.
make_network() {
	local host parts part
	for host in $hosts; do
		ip netns add "$host"
	done
	ip -batch - <<-END
		link add eth0 netns sunrise type veth peer name eth1 netns west
		link add eth0 netns west type veth peer name west netns wire
		link add eth0 netns east type veth peer name east netns wire
		link add eth1 netns east type veth peer name eth0 netns sunset
	END
	ip -n wire -batch - <<-END
		link set lo up
		link add br0 type bridge mcast_snooping 0
		link set west master br0 up
		link set east master br0 up
		link set br0 up
	END
	configure sunrise "eth0 192.0.2.1/24" 192.0.2.254 &
	parts="$!"
	configure west "eth1 192.0.2.254/24 eth0 198.51.100.1/24" 198.51.100.2 &
	parts+=" $!"
	configure east "eth1 192.0.3.254/24 eth0 198.51.100.2/24" 198.51.100.1 &
	parts+=" $!"
	configure sunset "eth0 192.0.3.1/24" 192.0.3.254 &
	parts+=" $!"
	await_software
	for host in $hosts; do
		make_host "$host" &
		parts+=" $!"
	done
	for part in $parts; do
		wait "$part"
	done
}

# configure HOST "DEV ADDRESS..." DEFAULT-ROUTER
configure() {
	local host=$1 router=$3
	# shellcheck disable=SC2086
	set -- $2
	{
		echo "link set lo up"
		while [ $# -gt 0 ]; do
			echo "address add $2 dev $1"
			echo "link set $1 up"
			shift 2
		done
		echo "route add default via $router"
	} | ip -n "$host" -batch -
}

# It may still be on its way: see /test/init.
await_software() {
	await 200 test -e /run/complete || fail "our software has not arrived"
}

topology() {
	local part
	make_network
	for part in "$@"; do
		case $part in
		*:klips)	load_klips ;;
		*:xfrm)		modprobe -a esp4 xfrm_user xfrm4_tunnel ;;
		*)		fail "topology: $part is neither HOST:klips nor HOST:xfrm" ;;
		esac
	done
	start_capture
}

load_klips() {
	[ -e /sys/module/ipsec ] || modprobe ipsec || fail "our module cannot be loaded"
}

# For both gateways nothing changes: the router answers for the other one's address.
router() {
	ip -n east link set eth0 mtu "$1"
	ip -n wire -batch - <<-END
		link set west nomaster
		link set east nomaster mtu $1
		address add 198.51.100.254/32 dev lo
		route add 198.51.100.1/32 dev west
		route add 198.51.100.2/32 dev east
	END
	wire sysctl -q -w net.ipv4.conf.west.proxy_arp=1 net.ipv4.conf.east.proxy_arp=1 \
		net.ipv4.neigh.west.proxy_delay=0 net.ipv4.neigh.east.proxy_delay=0
}

# What "ipsec setup" and _updown do with an interface, by hand.
attach() {
	local host=$1 net=$2
	"$host" ipsec tncfg --attach --virtual ipsec0 --physical eth0
	"$host" ip link set ipsec0 up
	"$host" ip route add "$net" dev ipsec0
}

# Pluto's log goes to a file for the tests to read.
conf() {
	local host text
	text=$(cat)
	for host in "$@"; do
		printf 'version 2\n\nconfig setup\n\tinterfaces=%%defaultroute\n%s\n\n%s\n' \
			"	plutostderrlog=/var/log/pluto.log" "$text" >"/run/hosts/$host/etc/ipsec.conf"
	done
}

secrets() {
	local host text
	text=$(cat)
	for host in "$@"; do
		(umask 077; printf '%s\n' "$text" >"/run/hosts/$host/etc/ipsec.secrets")
	done
}

start_ipsec() {
	local host
	for host in "$@"; do
		"$host" ipsec setup --start || fail "ipsec setup --start failed on $host"
	done
}

pluto_log() {
	cat "/run/hosts/$1/var/log/pluto.log"
}

logged() {
	grep -q -e "$2" "/run/hosts/$1/var/log/pluto.log"
}

tunnel_works() {
	sunrise ping -c"${1:-1}" -i0.2 -W2 192.0.3.1
}

outside_of() {
	case $1 in
	west)	echo 198.51.100.1 ;;
	east)	echo 198.51.100.2 ;;
	esac
}

inside_of() {
	case $1 in
	west)	echo 192.0.2.0/24 ;;
	east)	echo 192.0.3.0/24 ;;
	esac
}

other_end() {
	case $1 in
	west)	echo east ;;
	east)	echo west ;;
	esac
}

# Our module as one end: per direction an IPIP SA in an ESP SA, and an eroute for both.
# An SPI of the IPIP SA is that of its ESP SA plus 0x1000.
klips() {
	local host=$1 in=$2 out=$3 me peer mine theirs tun_in tun_out
	shift 3
	me=$(outside_of "$host") mine=$(inside_of "$host")
	peer=$(outside_of "$(other_end "$host")") theirs=$(inside_of "$(other_end "$host")")
	tun_in=$(printf '0x%x' $((in + 0x1000))) tun_out=$(printf '0x%x' $((out + 0x1000)))
	# shellcheck disable=SC2016
	"$host" bash -ec '
		me=$1 peer=$2 in=$3 out=$4 tun_in=$5 tun_out=$6 mine=$7 theirs=$8
		shift 8
		ipsec spi --said "tun$tun_out@$peer" --ip4 --src "$me" --dst "$peer"
		ipsec spi --said "esp$out@$peer" --src "$me" "$@"
		ipsec spigrp --said "tun$tun_out@$peer" "esp$out@$peer"
		ipsec eroute --add --eraf inet --src "$mine" --dst "$theirs" --said "tun$tun_out@$peer"
		ipsec spi --said "tun$tun_in@$me" --ip4 --src "$peer" --dst "$me"
		ipsec spi --said "esp$in@$me" --src "$peer" --replay_window 64 "$@"
		ipsec spigrp --said "tun$tun_in@$me" "esp$in@$me"
		ipsec eroute --addin --eraf inet --src "$theirs" --dst "$mine" --said "tun$tun_in@$me"
		' - "$me" "$peer" "$in" "$out" "$tun_in" "$tun_out" "$mine" "$theirs" "$@"
}

# The native stack as one end, with the rest of the arguments as ip xfrm state takes them.
native() {
	local host=$1 in=$2 out=$3 me peer mine theirs
	shift 3
	me=$(outside_of "$host") mine=$(inside_of "$host")
	peer=$(outside_of "$(other_end "$host")") theirs=$(inside_of "$(other_end "$host")")
	"$host" ip -batch - <<-END
		xfrm state add src $peer dst $me proto esp spi $in mode tunnel replay-window 32 $*
		xfrm state add src $me dst $peer proto esp spi $out mode tunnel $*
		xfrm policy add src $mine dst $theirs dir out tmpl src $me dst $peer proto esp mode tunnel
		xfrm policy add src $theirs dst $mine dir fwd tmpl src $peer dst $me proto esp mode tunnel
	END
}

# The wire becomes a router.  What it translates it forgets after a second without packets.
nat_on_wire() {
	modprobe -a nf_conntrack nf_nat nft_chain_nat nft_nat nft_ct
	wire ip -batch - <<-END
		link set west nomaster
		link set east nomaster
		address add 10.1.0.254/24 dev west
		address add 198.51.100.1/24 dev east
		address add 198.51.100.3/24 dev east
	END
	west ip -batch - <<-END
		address flush dev eth0
		address add 10.1.0.1/24 dev eth0
		route replace default via 10.1.0.254
	END
	nat_port 40000
}

nat_port() {
	wire bash -ec 'nft -f -
		cd /proc/sys/net
		echo 1 | tee netfilter/nf_conntrack_udp_timeout{,_stream} >ipv4/ip_forward' <<-END
		flush ruleset
		table ip nat {
			chain out {
				type nat hook postrouting priority 100
				oifname "east" meta l4proto udp snat to ${2:-198.51.100.1}:$1
				oifname "east" snat to ${2:-198.51.100.1}
			}
		}
	END
	sleep 1.2
}

module_refs() {
	cat /sys/module/ipsec/refcnt
}

tear_down() {
	local host pids
	for host in $hosts; do
		[ -e "/run/netns/$host" ] || continue
		pids=$(ip netns pids "$host")
		# shellcheck disable=SC2086
		[ -z "$pids" ] || kill -KILL $pids 2>/dev/null || true
	done
	for host in $hosts; do
		umount "/run/mntns/$host" "/run/utsns/$host" 2>/dev/null || true
		rm -f "/run/mntns/$host" "/run/utsns/$host"
		[ ! -e "/run/netns/$host" ] || ip netns del "$host"
	done
	rm -rf /run/hosts
	unload_klips
}

# A namespace goes away some time after its name does, and until then may hold the module.
unload_klips() {
	[ -e /sys/module/ipsec ] || return 0
	if ! await 15 rmmod ipsec 2>/run/test/rmmod; then
		echo "our module is still in use by $(module_refs)"
		return 1
	fi
}

# ---- listening --------------------------------------------------------------

capture() {
	echo "$captures/${1:-wire}.pcap"
}

start_capture() {
	local host=${1:-wire} dev=${2:-br0} name
	name=${3:-${1:-wire}}
	"$host" tcpdump -Z root -n --immediate-mode -s "${4:-0}" -B 8192 -i "$dev" -w "$(capture "$name")" \
		2>"$captures/$name.tcpdump" &
	echo $! >"$captures/$name.pid"
	await 30 grep -q 'listening on' "$captures/$name.tcpdump" ||
		fail "tcpdump does not listen on $host $dev"
}

stop_capture() {
	local name=${1:-wire} pid
	[ -e "$captures/$name.pid" ] || return 0
	pid=$(cat "$captures/$name.pid")
	rm "$captures/$name.pid"
	sleep 0.3
	kill -INT "$pid"
	wait "$pid" || true
}

# The packets of the wire's capture that a filter picks: on_wire FILTER...
on_wire() {
	tcpdump -n -r "$(capture wire)" "$@" 2>/dev/null
}

wire_is() {
	local kind=$1 other
	stop_capture
	case $kind in
	esp)	;;
	*)	fail "wire_is: $kind?" ;;
	esac
	other=$(on_wire 'not ip proto 50 and not arp and not udp port 500 and not udp port 4500' |
		head -n 5)
	if [ -n "$other" ]; then
		note "on the wire, and neither ESP nor IKE:"
		note "$other"
		return 1
	fi
	[ -n "$(on_wire -c1 'ip proto 50')" ] || { note "no ESP on the wire at all"; return 1; }
}

wire_lacks() {
	stop_capture
	! LC_ALL=C grep -a -q -F -e "$1" "$(capture wire)"
}

# ---- counters ---------------------------------------------------------------

# /proc/net/ipsec/drops: a line a reason, "NAME COUNT TEXT"; total is the sum.
counts() {
	local host=$1 reason=$2
	if [ "$reason" = total ]; then
		# shellcheck disable=SC2016
		"$host" awk '{ n += $2 } END { print n + 0 }' /proc/net/ipsec/drops
	else
		# shellcheck disable=SC2016
		"$host" awk -v r="$reason" '$1 == r { n += $2 } END { print n + 0 }' \
			/proc/net/ipsec/drops
	fi
}

drops() {
	local n
	n=$(counts "$1" "$2")
	[ "$n" -eq "$3" ] || fail "$1 has dropped $n packets for \"$2\", not $3"
}

# ---- the end ----------------------------------------------------------------

dmesg_clean() {
	local complaint
	complaint=$(kernel_log | grep -E -f /test/complaints | sed -n 1p) || return 0
	fail "the kernel complains: $complaint"
}

# What the kernel has said since the test began.  All of its log is read: a writer cut off
# would fail the pipe.
kernel_log() {
	dmesg | awk '/test [^ ]* starts/ { n = 0 } { line[n++] = $0 }
		END { for (i = 0; i < n; i++) print line[i] }'
}

# What a failed test leaves to look at.
scene() {
	local host dev
	for host in west east; do
		[ -e "/run/netns/$host" ] || continue
		note "--- $host ---"
		"$host" ip -s link
		"$host" ip address
		"$host" ip route
		for dev in tncfg eroute/all spigrp/all spi/all drops; do
			if "$host" test -r "/proc/net/ipsec/$dev"; then
				note "$host /proc/net/ipsec/$dev:"
				"$host" cat "/proc/net/ipsec/$dev"
			fi
		done
		"$host" ip -s xfrm state 2>/dev/null | grep -v -E '(auth|enc|aead).*0x' || true
		"$host" cat /proc/net/xfrm_stat 2>/dev/null | awk '$2 > 0'
		if [ -e "/run/hosts/$host/var/log/pluto.log" ]; then
			note "$host pluto:"
			tail -n 60 "/run/hosts/$host/var/log/pluto.log"
		fi
	done
	if [ -e "$(capture wire)" ]; then
		note "--- the wire, last packets ---"
		on_wire | tail -n 20
	fi
}
