# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# timer-freed: the memory of a running timer is freed
# expect: \(ODEBUG: free active\|WARNING:.*debug_print_object\)

insmod /usr/lib/planted.ko
echo timer-freed >/proc/planted
rmmod planted
