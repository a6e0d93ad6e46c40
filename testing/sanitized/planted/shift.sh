# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# shift: a shift by more than the width
# expect: UBSAN: shift-out-of-bounds

insmod /usr/lib/planted.ko
echo shift >/proc/planted
rmmod planted
