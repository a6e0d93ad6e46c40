# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# rcu: a protected pointer is read without protection
# expect: WARNING: suspicious RCU usage

insmod /usr/lib/planted.ko
echo rcu >/proc/planted
rmmod planted
