# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# softirq-sleep: a softirq sleeps
# expect: BUG: scheduling while atomic

insmod /usr/lib/planted.ko
echo softirq-sleep >/proc/planted
rmmod planted
