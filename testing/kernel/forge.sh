# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Packets of forge.py from east to west, each of which must be dropped and counted by its
# name.  Read it after lib.sh:  . /test/forge.sh
#
# forger KIND ARGUMENT...       start one; one for all packets, as starting is what takes time
# forge CASE SEQUENCE [SPI]     send that packet, as of the last forger's first SPI
# forge_all KIND                send every case; afterwards $seq is the next number
# good_pings FILE               the pings of good packets in a capture

forger() {
	spi=$1
	shift
	[ -n "${asked:-}" ] || reader
	coproc FORGER { east /test/forge.py "$@"; }
	seq=1
}

forge() {
	echo "${3:-$spi} $2 $1" >&"${FORGER[1]}"
	read -r -t 10 _ <&"${FORGER[0]}" || fail "the forger is gone, at $1"
}

# One reader of the counters, too: it shows them, and an empty line, for each line it gets.
reader() {
	mkfifo /run/test/asked
	# shellcheck disable=SC2016
	exec {answers}< <(west bash -c 'while read -r; do
		mapfile -t lines </proc/net/ipsec/drops
		printf "%s\n" "${lines[@]}" ""
	done </run/test/asked')
	exec {asked}>/run/test/asked
	rm /run/test/asked
}

# The sum of the counters that a pattern picks.
count_of() {
	local reason n sum=0
	echo >&"$asked"
	while read -r -t 10 -u "$answers" reason n _ && [ -n "$reason" ]; do
		[[ ! $reason =~ ^($1)$ ]] || sum=$((sum + n))
	done
	counted=$sum
}

more_than() {
	count_of "$1"
	[ "$counted" -gt "$2" ]
}

forge_all() {
	local name reasons before total=0 was
	/test/forge.py list "$1" >/run/test/cases
	was=$(counts west total)
	while read -r name reasons; do
		count_of "${reasons:-none}"
		before=$counted
		forge "$name" "$seq"
		seq=$((seq + 1))
		[ -n "$reasons" ] || continue
		total=$((total + 1))
		await 3 more_than "$reasons" "$before" ||
			fail "$name was not counted as $reasons: $(west cat /proc/net/ipsec/drops)"
	done </run/test/cases
	[ "$(($(counts west total) - was))" -eq $total ] ||
		fail "$(($(counts west total) - was)) drops counted, $total packets sent"
}

good_pings() {
	tcpdump -n -r "$(capture "$1")" 'icmp[icmptype] == icmp-echo and icmp[4:2] == 7' \
		2>/dev/null | wc -l
}
