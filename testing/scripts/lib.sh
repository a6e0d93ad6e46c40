# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# What the tests of the shell tools and key tools share; sourced, never run.
#
#	check "what must hold" COMMAND ...	passes when the command succeeds
#	is "what" EXPECTED FOUND		passes when the texts are equal
#	fake NAME <<'END' ... END		a script that stands in for a program
#
#	fake_kernel				with_kernel COMMAND runs with one that answers
#						PF_KEY, and notes what it was asked: asked
#
# BIN is where the built programs are, TMP an empty directory that goes away.  The tests
# need no root and leave the machine alone: what would touch it is a fake in $TMP/bin.

passed=0 failed=0
: "${BIN:?run me through testing/scripts/run}" "${TMP:?run me through testing/scripts/run}"
mkdir -p "$TMP/bin"

pass() {
	passed=$((passed + 1))
}

fail() {
	failed=$((failed + 1))
	echo "FAIL ${0##*/}: $1"
	if [ $# -gt 1 ]; then
		shift
		printf '%s\n' "$@" | sed 's/^/     /'
	fi
}

check() {
	what=$1
	shift
	if output=$("$@" 2>&1); then
		pass
	else
		fail "$what" "$output"
	fi
}

is() {
	if [ "$2" = "$3" ]; then
		pass
	else
		fail "$1" "expected:" "$2" "found:" "$3"
	fi
}

# contains "what" PATTERN TEXT: the pattern is the shell's.
contains() {
	# shellcheck disable=SC2254 # a pattern is wanted
	case $3 in
	*$2*)	pass ;;
	*)	fail "$1" "expected to contain:" "$2" "found:" "$3" ;;
	esac
}

fake() {
	cat >"$TMP/bin/$1"
	chmod 755 "$TMP/bin/$1"
}

# fake_pfkey.c, preloaded; the sanitizers of a build with SAN= do not mind it.
fake_kernel() {
	here=$(cd "$(dirname "$0")" && pwd)
	"${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -Wall -I "$here/../.." -shared -fPIC \
		-o "$TMP/fake_pfkey.so" "$here/fake_pfkey.c" -ldl || exit 1
	: >"$TMP/asked"
}

with_kernel() {
	FAKE_PFKEY_LOG=$TMP/asked LD_PRELOAD=$TMP/fake_pfkey.so \
		ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 "$@"
}

# What the kernel was asked since the last time.
asked() {
	cat "$TMP/asked"
	: >"$TMP/asked"
}

# The exit status of a command, whose output is thrown away.
status_of() {
	"$@" >/dev/null 2>&1
	echo $?
}

finish() {
	echo "$passed passed, $failed failed"
	[ $failed -eq 0 ]
	exit
}
