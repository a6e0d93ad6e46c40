# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# netns: a namespace is let go more often than it was held
# expect: WARNING:.*ref_tracker

insmod /usr/lib/planted.ko
echo netns >/proc/planted
rmmod planted
