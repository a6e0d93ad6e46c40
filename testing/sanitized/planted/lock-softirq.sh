# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# lock-softirq: a lock of a softirq, taken with softirqs enabled
# expect: WARNING: inconsistent lock state

insmod /usr/lib/planted.ko
echo lock-softirq >/proc/planted
rmmod planted
