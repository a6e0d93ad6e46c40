# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 180
#
# 20-unload-under-traffic: the module, a device or a namespace goes while packets flow
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ══ESP══ 198.51.100.2 east ── 192.0.3.1 sunset
#
# Nothing may crash, hang or stay behind: the use count falls to nothing, and many rounds
# of load, tunnel, traffic and unload leave the kernel's memory as it was.

topology west:klips east:klips
stop_capture

suite="--esp 3des-md5-96 --enckey 0x$(openssl rand -hex 24) --authkey 0x$(openssl rand -hex 16)"

# shellcheck disable=SC2086
tunnel() {
	load_klips
	attach west 192.0.3.0/24
	attach east 192.0.2.0/24
	klips west 0x1002 0x1001 $suite
	klips east 0x1001 0x1002 $suite
	tunnel_works >/dev/null		|| fail "no way through"
}

flood() {
	sunrise ping -q -f -w 30 192.0.3.1 >/dev/null 2>&1 &
	flood=$!
	sleep 1
}

end_flood() {
	kill -INT "$flood" 2>/dev/null || true
	wait "$flood" || true
}

# Memory that only the kernel has: what slabs and per-CPU areas take.
kernel_memory() {
	sync
	echo 3 >/proc/sys/vm/drop_caches
	awk '/^(SUnreclaim|Percpu|VmallocUsed):/ { n += $2 } END { print n }' /proc/meminfo
}

note "the module goes under a flood of pings, tunnels and all"
tunnel
flood
for gw in west east; do
	"$gw" ip link del ipsec0
done
unload_klips || fail "it cannot be unloaded with traffic"
end_flood
dmesg_clean

note "the SAs go under a flood"
tunnel
flood
for _ in 1 2 3; do
	for gw in west east; do
		"$gw" ipsec spi --clear
		"$gw" ipsec eroute --clear
	done
	# shellcheck disable=SC2086
	{
		klips west 0x1002 0x1001 $suite
		klips east 0x1001 0x1002 $suite
	}
done
end_flood
tunnel_works >/dev/null			|| fail "no way through after the SAs were made anew"

unused() {
	[ "$(module_refs)" -eq 0 ]
}

note "a namespace goes with its device, SAs and eroutes"
flood
ip netns pids east | xargs -r kill -KILL
umount /run/mntns/east /run/utsns/east
ip netns del east
end_flood
await 20 sh -c '! wire ip link show east 2>/dev/null' || fail "the namespace stays"
west ip link del ipsec0
west ipsec spi --clear
west ipsec eroute --clear
await 20 unused			|| fail "still in use by $(module_refs)"
rmmod ipsec
dmesg_clean

tear_down
note "and again: what is left behind each time shows when it adds up"
make_network
for ((i = 0; i < 8; i++)); do
	tunnel
	sunrise ping -q -f -c 100 192.0.3.1 >/dev/null || fail "lost pings in round $i"
	for gw in west east; do
		"$gw" ip link del ipsec0
		"$gw" ipsec spi --clear
		"$gw" ipsec eroute --clear
	done
	rmmod ipsec
	memory[i]=$(kernel_memory)
	note "round $i: ${memory[i]} KB of kernel memory"
done
[ $((memory[7] - memory[2])) -lt 250 ] ||
	fail "five rounds have cost $((memory[7] - memory[2])) KB: ${memory[*]}"
