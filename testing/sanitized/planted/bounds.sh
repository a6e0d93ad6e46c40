# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# bounds: an array is read beyond its end
# expect: UBSAN: array-index-out-of-bounds

insmod /usr/lib/planted.ko
echo bounds >/proc/planted
rmmod planted
