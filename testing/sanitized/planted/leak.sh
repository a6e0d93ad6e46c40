# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# leak: memory is allocated and forgotten
# expect: memory was lost

insmod /usr/lib/planted.ko
echo leak >/proc/planted
rmmod planted
