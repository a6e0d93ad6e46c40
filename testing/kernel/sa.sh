# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Bundles of SAs between west (our module) and east (the native stack), for tests of
# families and modes.  Read it after lib.sh:  . /test/sa.sh
#
#   sunrise ── west ══ wire ══ east ── sunset
#
#                west                east
#   outside, 4   198.51.100.1        198.51.100.2
#   outside, 6   2001:db8:51::1      2001:db8:51::2
#   inside, 4    192.0.2.0/24        192.0.3.0/24        hosts .1
#   inside, 6    2001:db8:2::/64     2001:db8:3::/64     hosts ::1
#
# two_families            IPv6 on all hosts, with these addresses, and native IPv6 IPsec
# ends MODE OUT IN        remember: tunnel or transport, families 4 or 6
# sas SUITE PROTOCOL...   SAs and policies on both, innermost protocol first: comp esp ah;
#                         in tunnel mode around the first of them.  SUITE: cbc or gcm
# addin TEXT...           once more the inbound policy of west, with these options
# clear_sas               forget all SAs, eroutes and policies
# ping_through OPTION...  sunrise to sunset, or in transport mode west to east
# ping_back OPTION...     the other way round
# only_ipsec              nothing but ESP and AH was on the wire, neighbours apart

two_families() {
	modprobe -a esp6 ah6 ipcomp6 xfrm6_tunnel 2>/dev/null || true
	local part parts
	give_v6 sunrise 2001:db8:2::254 2001:db8:2::1/64 eth0 &
	parts="$!"
	give_v6 west 2001:db8:51::2 2001:db8:2::254/64 eth1 2001:db8:51::1/64 eth0 &
	parts+=" $!"
	give_v6 east 2001:db8:51::1 2001:db8:3::254/64 eth1 2001:db8:51::2/64 eth0 &
	parts+=" $!"
	give_v6 sunset 2001:db8:3::254 2001:db8:3::1/64 eth0 &
	parts+=" $!"
	for part in $parts; do
		wait "$part"
	done
}

# give_v6 HOST ROUTER ADDRESS DEV...; the tests' wires have no IPv6 unless it is called.
give_v6() {
	local host=$1 router=$2
	shift 2
	# shellcheck disable=SC2016
	"$host" bash -ec '
		cd /proc/sys/net/ipv6/conf
		for conf in all default; do
			echo 0 >$conf/accept_ra
			echo 0 >$conf/router_solicitations
			echo 0 >$conf/accept_dad
			echo 0 >$conf/disable_ipv6
		done
		echo 1 >all/forwarding
		{
			while [ $# -gt 1 ]; do
				echo "address add $2 dev $3 nodad"
				set -- "$1" "${@:4}"
			done
			echo "route add default via $1"
		} | ip -6 -batch -' - "$router" "$@"
}

ends() {
	mode=$1
	outer=$2
	if [ "$outer" = 4 ]; then
		west_out=198.51.100.1 east_out=198.51.100.2 host_bits=32
	else
		west_out=2001:db8:51::1 east_out=2001:db8:51::2 host_bits=128
	fi
	if [ "$mode" = transport ]; then
		west_net=$west_out/$host_bits east_net=$east_out/$host_bits
		west_host=$west_out east_host=$east_out
	elif [ "$3" = 4 ]; then
		west_net=192.0.2.0/24 east_net=192.0.3.0/24
		west_host=192.0.2.1 east_host=192.0.3.1
	else
		west_net=2001:db8:2::/64 east_net=2001:db8:3::/64
		west_host=2001:db8:2::1 east_host=2001:db8:3::1
	fi
}

# A key for each suite; the tests that judge keys are others.
cbc_key=0x$(openssl rand -hex 16)
gcm_key=0x$(openssl rand -hex 20)
mac_key=0x$(openssl rand -hex 32)

# The words for one SA after its name, as ipsec spi has them.
our_words() {
	case $1-$2 in
	esp-cbc)	echo "--esp aes128-sha2_256 --enckey $cbc_key --authkey $mac_key" ;;
	esp-gcm)	echo "--esp aes_gcm128 --enckey $gcm_key" ;;
	ah-*)		echo "--ah hmac-sha2-256-128 --authkey $mac_key" ;;
	comp-*)		echo "--comp deflate" ;;
	esac
}

# The same as ip xfrm state has them.
their_words() {
	case $1-$2 in
	esp-cbc)	echo "auth-trunc hmac(sha256) $mac_key 128 enc cbc(aes) $cbc_key" ;;
	esp-gcm)	echo "aead rfc4106(gcm(aes)) $gcm_key 128" ;;
	ah-*)		echo "auth-trunc hmac(sha256) $mac_key 128 flag align4" ;;
	comp-*)		echo "comp deflate" ;;
	esac
}

# SPIs: 0x1n into west, 0x2n out of it; the CPI of IPComp has 16 bits.
spi_of() {
	case $2 in
	ipip)	echo "0x${1}100" ;;
	comp)	echo "0x${1}200" ;;
	esp)	echo "0x${1}300" ;;
	ah)	echo "0x${1}400" ;;
	esac
}

said_of() {
	local at=$west_out name=$2
	[ "$1" = 1 ] || at=$east_out
	[ "$name" != ipip ] || name=tun
	echo "$name$(spi_of "$1" "$2")@$at"
}

# our_bundle DIRECTION SUITE PROTOCOL...
our_bundle() {
	local direction=$1 suite=$2 proto src=$east_out replay="" all=""
	shift 2
	[ "$direction" = 1 ] || src=$west_out
	[ "$mode" = transport ] || set -- ipip "$@"
	for proto in "$@"; do
		replay="--replay_window 64"
		[ "$direction" = 1 ] || replay=""
		case $proto in
		ipip)	echo "ipsec spi --said $(said_of "$direction" ipip) --ip$outer --src $src" ;;
		comp)	echo "ipsec spi --said $(said_of "$direction" comp) --src $src --comp deflate" ;;
		*)	echo "ipsec spi --said $(said_of "$direction" "$proto") --src $src" \
				"$(our_words "$proto" "$suite") $replay" ;;
		esac
		all+=" $(said_of "$direction" "$proto")"
	done
	[ $# -eq 1 ] || echo "ipsec spigrp --said $all"
}

# their_bundle DIRECTION SRC DST SUITE PROTOCOL...
their_bundle() {
	local direction=$1 src=$2 dst=$3 suite=$4 m=$mode proto
	shift 4
	for proto in "$@"; do
		echo "xfrm state add src $src dst $dst proto $proto spi $(spi_of "$direction" "$proto")" \
			"mode $m $([ "$proto" = comp ] || echo replay-window 32)" \
			"$(their_words "$proto" "$suite") $([ "$m" = transport ] || echo flag af-unspec)"
		m=transport
	done
}

# The templates of a policy; IPComp may have been left out.
their_templates() {
	local src=$1 dst=$2 m=$mode proto
	shift 2
	for proto in "$@"; do
		printf ' tmpl src %s dst %s proto %s mode %s' "$src" "$dst" "$proto" "$m"
		# Outbound the native stack leaves it out by itself.
		[ "$proto" != comp ] || [ "$src" = "$east_out" ] || printf ' level use'
		m=transport
	done
}

sas() {
	local suite=$1 in=fwd first
	shift
	first=$1
	[ "$mode" = transport ] || first=ipip
	[ "$mode" = tunnel ] || in="in"
	{
		our_bundle 2 "$suite" "$@"
		echo "ipsec eroute --add --src $west_net --dst $east_net --said $(said_of 2 "$first")"
		our_bundle 1 "$suite" "$@"
		echo "ipsec eroute --addin --src $east_net --dst $west_net --said $(said_of 1 "$first")"
	} | west bash -e
	{
		their_bundle 1 "$east_out" "$west_out" "$suite" "$@"
		their_bundle 2 "$west_out" "$east_out" "$suite" "$@"
		echo "xfrm policy add src $east_net dst $west_net dir out" \
			"$(their_templates "$east_out" "$west_out" "$@")"
		echo "xfrm policy add src $west_net dst $east_net dir $in" \
			"$(their_templates "$west_out" "$east_out" "$@")"
	} | east ip -batch -
	innermost=$first
}

# What may come out of west's bundle; as of ipsec eroute, without SA.
addin() {
	west ipsec eroute --addin "$@" --said "$(said_of 1 "$innermost")"
}

clear_sas() {
	west sh -c 'ipsec eroute --clear; ipsec spi --clear'
	east sh -c 'ip xfrm state flush; ip xfrm policy flush'
}

ping_through() {
	if [ "$mode" = transport ]; then
		west ping -q -W5 "$@" "$east_host"
	else
		sunrise ping -q -W5 "$@" "$east_host"
	fi
}

ping_back() {
	if [ "$mode" = transport ]; then
		east ping -q -W5 "$@" "$west_host"
	else
		sunset ping -q -W5 "$@" "$west_host"
	fi
}

only_ipsec() {
	local ours="ip proto 50 or ip proto 51 or ip6 proto 50 or ip6 proto 51" other
	stop_capture
	# Neighbours, groups (behind hop-by-hop options), and fragments of our packets.
	other=$(on_wire "not ($ours) and not arp and not (icmp6 and ip6[40] >= 130) and
		not ip6 proto 0 and not (ip6 proto 44 and (ip6[40] = 50 or ip6[40] = 51))" |
		head -n 5)
	if [ -n "$other" ]; then
		note "on the wire, and not protected:"
		note "$other"
		return 1
	fi
	[ -n "$(on_wire -c1 "$ours")" ] || { note "no ESP or AH on the wire at all"; return 1; }
}
