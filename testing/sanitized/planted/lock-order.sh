# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# lock-order: two locks, taken in both orders
# expect: WARNING: possible circular locking dependency

insmod /usr/lib/planted.ko
echo lock-order >/proc/planted
rmmod planted
