# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# double-free: memory freed twice
# expect: BUG: KASAN: \(double-free\|invalid-free\)

insmod /usr/lib/planted.ko
echo double-free >/proc/planted
rmmod planted
