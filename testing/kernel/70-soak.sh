# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 240
#
# 70-soak: traffic while SAs are replaced every second, and every packet accounted for
#
# This is testing/soak/soak.sh for 6 seconds; "make soak" runs it for as long as you like.

# shellcheck source=/dev/null
[ -e /etc/soak.seconds ] || echo 6 >/etc/soak.seconds
. /test/soak/soak.sh
