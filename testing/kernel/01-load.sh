# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# 01-load: the module loads, makes devices in each namespace, and goes again
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ══ 198.51.100.2 east ── 192.0.3.1 sunset

topology west:klips east:klips
[ "$(module_refs)" -eq 0 ]	|| fail "in use by $(module_refs) as soon as it is loaded"
grep -q 'FreeS/WAN version: ' /proc/net/ipsec_version || fail "no version"

for gw in west east; do
	"$gw" test ! -s /proc/net/ipsec_eroute	|| fail "$gw has eroutes already"
	"$gw" ipsec tncfg --attach --virtual ipsec0 --physical eth0
	"$gw" grep -q '^ipsec0 -> eth0 mtu=[0-9]*([0-9]*) -> 1500$' /proc/net/ipsec_tncfg ||
		fail "$gw: $("$gw" cat /proc/net/ipsec_tncfg)"
done

# The other way to make one, and the two must not know of each other.
west ip link add link eth1 name ipsec1 type ipsec
west grep -q '^ipsec1 -> eth1 ' /proc/net/ipsec_tncfg	|| fail "ip link did not attach ipsec1"
! east grep -q ipsec1 /proc/net/ipsec_tncfg		|| fail "east sees a device of west"
west ipsec tncfg --detach --virtual ipsec0
! west grep -q '^ipsec0 -> eth0' /proc/net/ipsec_tncfg	|| fail "ipsec0 is still attached"
west ip link del ipsec1

# A physical device that goes away takes nothing with it.
west ip link add ghost type dummy
west ipsec tncfg --attach --virtual ipsec0 --physical ghost
west ip link del ghost
west grep -q '^ipsec0 -> NULL' /proc/net/ipsec_tncfg	|| fail "attached to a ghost"

# PF_KEY is ours while the module is there: the stock owner cannot have it.
insmod "$(modinfo -n af_key)" 2>/dev/null && fail "af_key has been loaded over ours"
for gw in west east; do
	"$gw" ip link del ipsec0
done
unload_klips || fail "it cannot be unloaded"

# Who needs it gets it.  Without the line, the stock owner would be loaded with it.
mkdir -p /etc/modprobe.d
echo "blacklist af_key" >/etc/modprobe.d/ipsec.conf
[ "$(python3 /test/pfkey.py open)" = open ]	|| fail "no PF_KEY, though there are modules for it"
[ -e /sys/module/ipsec ]	|| fail "opening PF_KEY has not loaded our module"
[ ! -e /sys/module/af_key ]	|| fail "opening PF_KEY has loaded the stock one"
unload_klips || fail "it cannot be unloaded after it has been loaded by need"
ip link add ipsec9 type ipsec	|| fail "making a device does not load it"
ip link del ipsec9
unload_klips || fail "it cannot be unloaded after it has been loaded by need"
rm /etc/modprobe.d/ipsec.conf

# Now it is the other way round, and modprobe must not call that a success.
modprobe af_key
! modprobe ipsec 2>/dev/null	|| fail "modprobe succeeded though af_key has PF_KEY"
dmesg | tail -n 20 | finds 'af_key, holds the PF_KEY socket family' || fail "the log does not say why"
[ ! -e /proc/net/ipsec_version ] || fail "half of the module stayed"
rmmod af_key

for _ in 1 2 3 4 5; do
	modprobe ipsec
	rmmod ipsec
done
dmesg_clean
