# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# atomic-alloc: an allocation that may sleep, in a section that may not
# expect: \(BUG: sleeping function called\|WARNING: suspicious RCU usage\)

insmod /usr/lib/planted.ko
echo atomic-alloc >/proc/planted
rmmod planted
