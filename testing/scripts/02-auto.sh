#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# ipsec auto: which program it runs, which lines it hides, whose exit status it has.

# shellcheck source=testing/scripts/lib.sh
. "$(dirname "$0")/lib.sh"

auto() {
	IPSEC_EXECDIR=$TMP/bin "$BIN/auto" "$@"
}

fake whack <<'END'
#!/bin/sh
printf '%s\n' "002 log line of whack $*" '104 "x" #1: STATE_MAIN_I1: initiate' \
	'003 \n stays as it is,  blanks too'
exit "${WHACK_STATUS:-0}"
END
fake addconn <<'END'
#!/bin/sh
echo "addconn $*"
END

is "lines of code 002 are hidden" '104 "x" #1: STATE_MAIN_I1: initiate
003 \n stays as it is,  blanks too' "$(auto --up x)"
contains "--verbose shows them" "002 log line of whack --initiate --name x" "$(auto --up x --verbose)"
is "exit status is whack's" 31 "$(WHACK_STATUS=31 status_of auto --up x)"
is "exit status is whack's with --verbose" 31 "$(WHACK_STATUS=31 status_of auto --verbose --up x)"
is "exit status 0" 0 "$(status_of auto --down x)"

shown() {
	auto --showonly "$@"
}

is "--up" "	ipsec whack --initiate --name x" "$(shown --up x)"
is "--asynchronous" "	ipsec whack --initiate --name x --asynchronous" "$(shown --asynchronous --up x)"
is "--down" "	ipsec whack --terminate --name x" "$(shown --down x)"
is "--delete" "	ipsec whack --delete --name x" "$(shown --delete x)"
is "--route" "	ipsec whack --route --name x" "$(shown --route x)"
is "--unroute" "	ipsec whack --unroute --name x" "$(shown --unroute x)"
is "--status" "	ipsec whack --status" "$(shown --status)"
is "--ready" "	ipsec whack --listen" "$(shown --ready)"
is "--rereadsecrets" "	ipsec whack --rereadsecrets" "$(shown --rereadsecrets)"
is "--add" "	ipsec addconn --add x" "$(shown --add x)"
is "--replace with a file" "	ipsec addconn --config /f --replace x" "$(shown --config /f --replace x)"
is "the old word order works" "	ipsec whack --initiate --name x" "$(shown x up 2>/dev/null)"
contains "and is called obsolete" "obsolete command syntax" "$(shown x up 2>&1 >/dev/null)"

is "no operation" 2 "$(status_of auto)"
is "two operations" 2 "$(status_of auto --up x --down y)"
is "no name" 2 "$(status_of auto --up)"
is "an option where the name belongs" 2 "$(status_of auto --up --verbose)"
is "unknown option" 2 "$(status_of auto --nonsense)"
is "help is no error" 0 "$(status_of auto --help)"

finish
