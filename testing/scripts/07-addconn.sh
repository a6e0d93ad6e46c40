#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# addconn and whack: what they print, what they return, with a Pluto that leaves the
# kernel alone.

# shellcheck source=testing/scripts/lib.sh
. "$(dirname "$0")/lib.sh"

conf=$TMP/ipsec.conf
addconn() {
	"$BIN/addconn" --config "$conf" --ctlbase "$TMP/pluto" "$@" 2>&1
}
whack() {
	"$BIN/whack" --ctlbase "$TMP/pluto" "$@" 2>&1
}

cat >"$conf" <<'END'
version 2
config setup
	interfaces=%none
	prepluto="echo 'it is'; true"
	uniqueids=off
conn %default
	authby=secret
conn west-east
	left=192.0.2.1
	right=192.0.2.2
	rightsubnet=10.0.2.0/24
	auto=start
conn other
	left=192.0.2.1
	right=192.0.2.3
	auto=add
conn half
	left=192.0.2.1
END

# --- without Pluto --------------------------------------------------------------------------

is "a good file" "$conf: 3 connections, 0 errors, 0 warnings" "$(addconn --checkconfig)"
is "those to start" "west-east" "$(addconn --list start)"
is "those to add" "other" "$(addconn --list add)"
is "an unknown list" 2 "$(status_of addconn --list all)"
is "nothing to do" 2 "$(status_of addconn)"
is "two things to do" 2 "$(status_of addconn --autoall --checkconfig)"
is "a prefix that a shell would run" 2 "$(status_of addconn --setup 'x;id #')"
contains "what the file says" 'right="192.0.2.2"' "$(addconn --showconfig west-east)"

unset Xprepluto Xuniqueids Xinterfaces
settings=$(addconn --setup X)
eval "$settings"
is "a quoted value arrives" "echo 'it is'; true" "${Xprepluto-}"
is "booleans are yes or no" "no" "${Xuniqueids-}"
is "interfaces" "%none" "${Xinterfaces-}"

is "a name that is not there" \
	"ipsec_auto: fatal error in \"west-est\": ($conf) did not find conn section(s) \"west-est\" (did you mean \"west-east\"?)" \
	"$(addconn --add west-est)"
is "half a connection" \
	'ipsec_auto: fatal error in "half": connection has no "right" parameter specified' \
	"$(addconn --add half)"
is "no Pluto" "whack: Pluto is not running (no \"$TMP/pluto.ctl\")" "$(addconn --add other)"
is "its status" 1 "$(status_of addconn --add other)"

is "whack without Pluto" 1 "$(status_of whack --status)"
is "whack without anything" "whack: nothing to do (see: ipsec whack --help)" "$(whack)"
is "whack with half a connection" \
	"whack: a connection needs --host before --to and behind it" "$(whack --name x --to)"
is "whack with a key too many" "whack: --host given twice for one end" \
	"$(whack --name x --host 192.0.2.1 --host 192.0.2.1)"
is "whack without a name" "whack: --initiate needs --name" "$(whack --initiate)"
is "whack with a bad number" "whack: --deletestate x: not a digit in number" \
	"$(whack --deletestate x)"
is "whack with an option that nobody wants" \
	"whack: --pfs is about a connection: there is no --to" "$(whack --status --pfs)"
is "whack debugging one connection" \
	"whack: --debug-* is about all connections: leave out --name" \
	"$(whack --name x --debug-all)"
is "whack with a bad option" 2 "$(status_of whack --nonsense)"
echo '--name "a b" # --status
--optionsfrom '"$TMP/more" >"$TMP/options"
echo '--initiate' >"$TMP/more"
is "options from files" "whack: Pluto is not running (no \"$TMP/pluto.ctl\")" \
	"$(whack --optionsfrom "$TMP/options")"
echo "--optionsfrom $TMP/loop" >"$TMP/loop"
contains "a loop of them" "too many files of options" "$(whack --optionsfrom="$TMP/loop")"

# --- mistakes -------------------------------------------------------------------------------

cp "$conf" "$TMP/good"
printf '%s\n' 'conn bad' '	left=192.0.2.1' '	rigth=192.0.2.2' '	pfs=perhaps' >>"$conf"
is "all mistakes of a connection" \
	"ipsec_auto: fatal error in \"bad\": ($conf, line 21) unknown parameter name \"rigth\" (column 2; did you mean \"right\"?)
ipsec_auto: fatal error in \"bad\": ($conf, line 22) parameter \"pfs\" must be \"yes\" or \"no\" (column 2)" \
	"$(addconn --add bad)"
is "the others are there" "west-east" "$(addconn --list start)"
is "checkconfig fails" 1 "$(status_of addconn --checkconfig)"
echo 'left=192.0.2.1' >>"$conf"
is "a mistake of the file" \
	"($conf, line 23) section header \"left=192.0.2.1\" has wrong number of fields (1) (column 1; parameters must be indented)" \
	"$(addconn --list start)"
is "nobody is there" 1 "$(status_of addconn --add other)"
cp "$TMP/good" "$conf"

# --- with Pluto -----------------------------------------------------------------------------

umask 077
echo ': PSK "secret"' >"$TMP/ipsec.secrets"
"$BIN/pluto" --nofork --stderrlog --noklips --ctlbase "$TMP/pluto" \
	--secretsfile "$TMP/ipsec.secrets" >"$TMP/pluto.log" 2>&1 &
pluto=$!
tries=0
while [ ! -S "$TMP/pluto.ctl" ] && [ $tries -lt 50 ]; do
	sleep 0.1
	tries=$((tries + 1))
done

is "all of them" '002 added connection description "west-east"
002 added connection description "other"' "$(addconn --autoall)"
contains "once more" '020 attempt to redefine connection "other"' "$(addconn --add other)"
is "its status" 20 "$(status_of addconn --add other)"
is "replaced" 0 "$(status_of addconn --replace other)"
status=$(whack --status)
contains "the subnet" '===10.0.2.0/24' "$status"
contains "the other one" '"other": 192.0.2.1' "$status"
is "gone" 0 "$(status_of whack --name other --delete)"
is "gone already" '021 no connection named "other"' "$(whack --name other --delete)"
is "its status" 21 "$(status_of whack --name other --delete)"
is "by hand" 0 "$(status_of whack --name hand --host 192.0.2.1 --client 10.0.1.0/24 \
	--to --host 192.0.2.2 --client 10.0.2.0/24 --psk --pfs --keyingtries 1)"
contains "and there" '"hand": 10.0.1.0/24===192.0.2.1' "$(whack --status)"
is "the end" 0 "$(status_of whack --shutdown)"
wait "$pluto"
contains "no secret in the log" yes "$(grep -q 'PSK "secret"' "$TMP/pluto.log" || echo yes)"

finish
