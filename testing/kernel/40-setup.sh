# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 120
#
# 40-setup: what ipsec setup does to a gateway, and that it undoes all of it
#
#  west, with eth0 198.51.100.1 towards its default router; no Pluto is started

topology
unload_klips

setup() {
	status=0
	west ipsec setup "$@" >/run/test/said 2>&1 || status=$?
	cat /run/test/said
}

# picture: everything that a start might change
picture() {
	west ip -o -4 address
	west ip route show table all
	west sysctl -n net.ipv4.ip_forward net.ipv4.conf.eth0.rp_filter
}

configure_setup() {
	{
		echo "config setup"
		printf '\t%s\n' pluto=no "$@"
	} >/run/hosts/west/etc/ipsec.conf
}

west sysctl -qw net.ipv4.ip_forward=0 net.ipv4.conf.eth0.rp_filter=1 net.ipv4.conf.all.rp_filter=0
picture >/run/test/before

configure_setup interfaces=%defaultroute forwardcontrol=yes hidetos=no overridemtu=1400
setup status
[ $status -eq 3 ]		|| fail "status of what was never started: $status"
grep -q '^IPsec stopped$' /run/test/said	|| fail "it does not say stopped"

setup start
[ $status -eq 0 ]		|| fail "start: $status"
grep -q "Starting FreeS/WAN IPsec" /run/test/said	|| fail "it does not say Starting"
grep -q "changing route filtering on eth0" /run/test/said	|| fail "rp_filter: no warning"
west grep -q '^ipsec0 -> eth0 ' /proc/net/ipsec_tncfg	|| fail "ipsec0 is not attached"
west ip -o -4 address show dev ipsec0 | finds 'inet 198.51.100.1/32' || fail "ipsec0's address"
west ip -o link show dev ipsec0 | finds 'UP.* mtu 1400 '	|| fail "ipsec0 is not up, mtu 1400"
[ "$(west sysctl -n net.ipv4.ip_forward)" = 1 ]		|| fail "forwardcontrol=yes has no effect"
[ "$(west sysctl -n net.ipv4.conf.eth0.rp_filter)" = 2 ]	|| fail "rp_filter is not loose"
[ "$(west sysctl -n net.ipsec.tos)" = 0 ]			|| fail "hidetos=no has no effect"
[ "$(west sysctl -n net.ipsec.icmp)" = 1 ]		|| fail "fragicmp is not on"
west ip route get 198.51.100.2 | finds 'dev eth0'	|| fail "the way to the peer has changed"
setup status
[ $status -eq 0 ]		|| fail "status of what runs: $status"
grep -q '^IPsec running$' /run/test/said	|| fail "it does not say running"

note "killed in the middle: the next start cleans up"
west ip route add 192.0.3.0/24 dev ipsec0
setup start
[ $status -eq 0 ]		|| fail "start over the remains: $status"
grep -q 'cleaning up' /run/test/said	|| fail "it does not say what it found"
! west ip route show | finds 'dev ipsec0'	|| fail "an old route has survived"

note "stop undoes all"
setup stop
[ $status -eq 0 ]		|| fail "stop: $status"
picture >/run/test/after
diff /run/test/before /run/test/after	|| fail "stop has left something changed"
[ ! -e /sys/module/ipsec ]	|| fail "the module that it loaded is still there"
setup stop
[ $status -eq 1 ]		|| fail "stop of what is stopped: $status"
grep -q 'does not appear to be running' /run/test/said	|| fail "it does not say so"

note "what cannot be done is said, and leaves nothing"
# refused STATUS WORDS: start fails so
refused() {
	setup start
	[ $status -eq "$1" ]	|| fail "$2: status $status"
	grep -q -e "$2" /run/test/said	|| fail "it does not say: $2"
	picture >/run/test/after
	diff /run/test/before /run/test/after	|| fail "$2: something has changed"
	[ ! -e /run/hosts/west/run/pluto/ipsec.info ]	|| fail "$2: ipsec.info is left"
}
configure_setup 'interfaces="ipsec0=eth9"'
refused 1 "unable to determine address of .eth9'"
configure_setup 'interfaces="ipsec0=eth0 ipsec1=eth9"'
refused 1 "unable to determine address of .eth9'"
configure_setup interfaces=%defaultroute nonsense=1
refused 1 'nonsense'
configure_setup interfaces=%defaultroute
west ip route del default
picture >/run/test/before
refused 1 "no default route, %defaultroute cannot cope"

note "bad usage"
setup dance
[ $status -eq 2 ]		|| fail "an unknown verb: $status"
dmesg_clean
