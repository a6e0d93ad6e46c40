# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# use-after-free: a write to memory that was freed
# expect: BUG: KASAN: \(use-after-free\|slab-use-after-free\)

insmod /usr/lib/planted.ko
echo use-after-free >/proc/planted
rmmod planted
