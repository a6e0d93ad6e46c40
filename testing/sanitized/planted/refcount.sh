# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# refcount: a count of references rises from nothing
# expect: \(refcount_t: addition on 0\|WARNING:.*refcount_warn_saturate\)

insmod /usr/lib/planted.ko
echo refcount >/proc/planted
rmmod planted
