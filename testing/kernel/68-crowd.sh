# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# long: a hundred thousand SAs and eroutes, made one by one under emulation
# time-out: 900
#
# 68-crowd: 100,000 SAs and as many eroutes; DUMP and /proc lose none of them
#
# While a slow reader reads, others come and go: each that is there all the time must be
# read exactly once.  A packet finds its way among them as it does among ten.

topology west:klips
n=${FSW_CROWD:-100000}

note "--- DUMP"
west /test/crowd.py dump "$n"		|| fail "DUMP lost or doubled an SA"

note "--- /proc"
west /test/crowd.py proc "$n"		|| fail "/proc lost or doubled an entry"

note "--- as many as there may be, and no more"
west /test/crowd.py fill 132000 >/run/test/full
cat /run/test/full
grep -qx 'ipsec_spi 131072' /run/test/full	|| fail "not 131072 SAs"
grep -qx 'ipsec_eroute 132000' /run/test/full	|| fail "not 132000 eroutes"
began=$SECONDS
west ipsec eroute --clear
west ipsec spi --clear
note "cleared in $((SECONDS - began)) s"
[ -z "$(west cat /proc/net/ipsec_spi /proc/net/ipsec_eroute)" ]	|| fail "something is left"
dmesg_clean
