# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 400
#
# 50-failslab: allocations fail, of PF_KEY messages one by one, of packets now and then
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ══ESP══ 198.51.100.2 east ── 192.0.3.1 sunset
#
# Whoever does not get memory refuses, or drops and counts, and leaves nothing behind:
# that nothing is lost is seen after the test, as after each.

faults=/sys/kernel/debug/failslab
[ -d $faults ] || { note "skipped: this kernel cannot let allocations fail"; exit 0; }

# Quietly, also those that may wait, and nothing yet.
for dir in $faults /sys/kernel/debug/fail_page_alloc; do
	echo 0 >$dir/verbose
	echo N >$dir/ignore-gfp-wait
	echo 0 >$dir/probability
	echo 1 >$dir/interval
	echo 0 >$dir/space
	[ ! -e $dir/min-order ] || echo 0 >$dir/min-order
done

topology west:klips east:klips
attach west 192.0.3.0/24
attach east 192.0.2.0/24

note "--- PF_KEY, each allocation once"
west python3 /test/sanitized/failslab.py	|| fail "a message left half of its work"
dmesg_clean

# The module's code: whatever is allocated below it may fail.
size=$(awk '$1 == "ipsec" { print $2 }' /proc/modules)
start=$(($(cat /sys/module/ipsec/sections/.text)))

some_fail() {
	for dir in $faults /sys/kernel/debug/fail_page_alloc; do
		printf '0x%x' $start >$dir/require-start
		printf '0x%x' $((start + size)) >$dir/require-end
		echo 32 >$dir/stacktrace-depth
		echo 100000 >$dir/times
		echo "$1" >$dir/probability
	done
}

none_fails() {
	for dir in $faults /sys/kernel/debug/fail_page_alloc; do
		echo 0 >$dir/probability
	done
}

have_failed() {
	echo $((200000 - $(cat $faults/times) - $(cat /sys/kernel/debug/fail_page_alloc/times)))
}

try_suite() {
	note "--- packets, with $*"
	klips west 0x1002 0x1001 "$@"
	klips east 0x1001 0x1002 "$@"
	tunnel_works 2		|| fail "no way through before anything failed"
	some_fail 10
	sunrise ping -q -f -c 200 -w 10 192.0.3.1 || true
	sunrise ping -q -i0.02 -c 50 -s 4000 -w 8 192.0.3.1 || true
	none_fails
	note "$(have_failed) allocations failed; west dropped $(counts west nomem), east $(counts east nomem)"
	[ "$(have_failed)" -gt 10 ]	|| fail "hardly any allocation failed: this tests nothing"
	tunnel_works 3		|| fail "no way through any more"
	for gw in west east; do
		"$gw" ipsec eroute --clear
		"$gw" ipsec spi --clear
	done
	dmesg_clean
}

try_suite --esp 3des-md5-96 --enckey "0x$(openssl rand -hex 24)" --authkey "0x$(openssl rand -hex 16)"
try_suite --esp aes_gcm128 --enckey "0x$(openssl rand -hex 20)"
echo 1 >/sys/module/ipsec/parameters/async_crypto
try_suite --esp aes128-sha2_256 --enckey "0x$(openssl rand -hex 16)" --authkey "0x$(openssl rand -hex 32)"

[ $(($(counts west nomem) + $(counts east nomem))) -gt 0 ] || fail "no packet was counted as dropped"

note "--- SAs and devices come and go while allocations fail"
some_fail 10
for ((i = 0; i < 5; i++)); do
	klips west 0x1002 0x1001 --esp aes_gcm128 --enckey "0x$(openssl rand -hex 20)" 2>/dev/null || true
	west ip link add link eth1 name ipsec1 type ipsec 2>/dev/null || true
	west ip link del ipsec1 2>/dev/null || true
	west ipsec eroute --clear 2>/dev/null || true
	west ipsec spi --clear 2>/dev/null || true
done
none_fails
west ipsec eroute --clear
west ipsec spi --clear
dmesg_clean
