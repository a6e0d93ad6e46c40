# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# stack-overflow: a write one octet behind an array on the stack
# expect: BUG: KASAN: stack-out-of-bounds

insmod /usr/lib/planted.ko
echo stack-overflow >/proc/planted
rmmod planted
