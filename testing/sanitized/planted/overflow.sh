# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# overflow: a write one octet behind what was allocated
# expect: BUG: KASAN: slab-out-of-bounds

insmod /usr/lib/planted.ko
echo overflow >/proc/planted
rmmod planted
