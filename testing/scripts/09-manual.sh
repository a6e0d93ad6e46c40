#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# ipsec manual, down to what the kernel and the updown script get to see of it.  The kernel
# is a fake; testing/kernel/41-manual.sh has the real one.

# shellcheck source=testing/scripts/lib.sh
. "$(dirname "$0")/lib.sh"

fake_kernel
enc=000102030405060708090a0b0c0d0e0f1011121314151617
enc2=f00102030405060708090a0b0c0d0e0f1011121314151617
auth=202122232425262728292a2b2c2d2e2f

# The tools themselves, and a note of each one's arguments and environment.
mkdir -p "$TMP/exec"
for tool in spi spigrp eroute; do
	cat >"$TMP/exec/$tool" <<END
#!/bin/sh
echo "$tool \$*" >>"\$TMP/commands"
env >>"\$TMP/environments"
exec "$BIN/$tool" "\$@"
END
done
cat >"$TMP/exec/_updown" <<'END'
#!/bin/sh
echo "_updown $PLUTO_VERB" >>"$TMP/commands"
env | sort | grep '^PLUTO_' >"$TMP/updown"
env >>"$TMP/environments"
[ "$PLUTO_VERB" != "${REFUSE-}" ]
END
chmod 755 "$TMP/exec"/*
: >"$TMP/commands"

conf=$TMP/ipsec.conf
cat >"$conf" <<END
version 2
config setup
	interfaces=%none
conn we
	also=hosts
	leftsubnet=10.0.1.0/24
	rightsubnet=10.0.2.0/24
	spibase=0x200
	also=keys
	espreplay_window=64
conn host
	also=hosts
	type=transport
	spi=0x300
	also=keys
	leftupdown="env | sort | grep '^PLUTO_VERB'"
conn six
	left=2001:db8::1
	right=2001:db8::2
	leftsubnet=10.0.1.0/24
	rightsubnet=10.0.2.0/24
	spi=0x400
	ah=hmac-md5-96
	ahkey=0x$auth
	disablearrivalcheck=yes
conn pass
	also=hosts
	type=passthrough
	rightsubnet=10.0.3.0/24
conn nothing
	also=hosts
	spi=0x500
conn both
	also=hosts
	spi=0x500
	spibase=0x510
conn wrong
	also=hosts
	espenckey=0x${enc}z
conn hosts
	left=192.0.2.1
	right=192.0.2.2
conn keys
	esp=3des-md5-96
	leftespenckey=0x$enc
	rightespenckey=0x$enc2
	espauthkey=0x$auth
conn more
	spi=0x600
END
chmod 600 "$conf"

manual() {
	IPSEC_EXECDIR=$TMP/exec with_kernel "$BIN/manual" --config "$conf" "$@" 2>&1
}
left="--iam 192.0.2.1@ipsec0"
# What was run since the last time.
commands() {
	cat "$TMP/commands"
	: >"$TMP/commands"
}

# --- up and down --------------------------------------------------------------------------------

# shellcheck disable=SC2086 # words are wanted
is "--up says nothing" "" "$(manual $left --up we)"
is "--up: the kernel's side" \
"3/9 sa=0x200/window=0/auth=0/encrypt=0/flags=0 src=192.0.2.1 dst=192.0.2.2
3/3 sa=0x202/window=64/auth=2/encrypt=3/flags=0 src=192.0.2.1 dst=192.0.2.2 authkey=$auth enckey=$enc2
13/9 sa=0x200/window=0/auth=0/encrypt=0/flags=0 dst=192.0.2.2 satype2=3 sa2=0x202/window=0/auth=0/encrypt=0/flags=0 dst2=192.0.2.2
3/9 sa=0x201/window=0/auth=0/encrypt=0/flags=0 src=192.0.2.2 dst=192.0.2.1
3/3 sa=0x203/window=64/auth=2/encrypt=3/flags=0 src=192.0.2.2 dst=192.0.2.1 authkey=$auth enckey=$enc
13/9 sa=0x201/window=0/auth=0/encrypt=0/flags=0 dst=192.0.2.1 satype2=3 sa2=0x203/window=0/auth=0/encrypt=0/flags=0 dst2=192.0.2.1
14/9 sa=0x201/window=0/auth=0/encrypt=0/flags=8 dst=192.0.2.1 from=10.0.2.0 to=10.0.1.0 frommask=255.255.255.0 tomask=255.255.255.0
14/9 sa=0x200/window=0/auth=0/encrypt=0/flags=2 dst=192.0.2.2 from=10.0.1.0 to=10.0.2.0 frommask=255.255.255.0 tomask=255.255.255.0" \
	"$(asked)"
contains "--up: the route comes last" "eroute --label we --replace --eraf inet --src 10.0.1.0/24 \
--dst 10.0.2.0/24 --said tun0x200@192.0.2.2
_updown prepare-client
_updown route-client
_updown up-client" "$(commands)"
is "--up: the environment of the script" \
"PLUTO_CONNECTION=we
PLUTO_INTERFACE=ipsec0
PLUTO_ME=192.0.2.1
PLUTO_MY_CLIENT=10.0.1.0/24
PLUTO_MY_CLIENT_MASK=255.255.255.0
PLUTO_MY_CLIENT_NET=10.0.1.0
PLUTO_NEXT_HOP=192.0.2.2
PLUTO_PEER=192.0.2.2
PLUTO_PEER_CLIENT=10.0.2.0/24
PLUTO_PEER_CLIENT_MASK=255.255.255.0
PLUTO_PEER_CLIENT_NET=10.0.2.0
PLUTO_VERB=up-client
PLUTO_VERSION=1.1" "$(cat "$TMP/updown")"

# shellcheck disable=SC2086
is "--down says nothing" "" "$(manual $left --down we)"
is "--down" \
"15/0 from=10.0.1.0 to=10.0.2.0 frommask=255.255.255.0 tomask=255.255.255.0
4/9 sa=0x200/window=0/auth=0/encrypt=0/flags=0 src=0.0.0.0 dst=192.0.2.2
4/9 sa=0x201/window=0/auth=0/encrypt=0/flags=0 src=0.0.0.0 dst=192.0.2.1" "$(asked)"
is "--down leaves the route" \
"_updown down-client
eroute --label we --del --eraf inet --src 10.0.1.0/24 --dst 10.0.2.0/24
spi --label we --del --said tun0x200@192.0.2.2
spi --label we --del --said tun0x201@192.0.2.1" "$(commands)"

# shellcheck disable=SC2086
{
	manual $left --route we
	is "--route" "_updown prepare-client
_updown route-client" "$(commands)"
	manual $left --unroute we
	is "--unroute" "_updown unroute-client" "$(commands)"
	is "neither asks KLIPS" "" "$(asked)"
	contains "what FreeS/WAN 1.0 had" "warning: obsolete command syntax used" \
		"$(manual $left we route)"
	commands >/dev/null
}

# --- other kinds of connections -------------------------------------------------------------------

# shellcheck disable=SC2086
{
	is "transport, a script of one's own" "PLUTO_VERB=prepare-host
PLUTO_VERB=route-host
PLUTO_VERB=up-host" "$(manual $left --up host)"
	contains "transport: the eroute leads to ESP" \
		"14/3 sa=0x300/window=0/auth=0/encrypt=0/flags=2 dst=192.0.2.2 from=192.0.2.1 to=192.0.2.2" \
		"$(asked)"
	is "IPv6 and AH" "" "$(manual --iam 2001:db8::2@ipsec1 --up six)"
	is "IPv6 and AH: the kernel's side" \
"3/9 sa=0x400/window=0/auth=0/encrypt=0/flags=0 src=2001:db8::2 dst=2001:db8::1
3/2 sa=0x400/window=0/auth=2/encrypt=0/flags=0 src=2001:db8::2 dst=2001:db8::1 authkey=$auth
13/9 sa=0x400/window=0/auth=0/encrypt=0/flags=0 dst=2001:db8::1 satype2=2 sa2=0x400/window=0/auth=0/encrypt=0/flags=0 dst2=2001:db8::1
3/9 sa=0x400/window=0/auth=0/encrypt=0/flags=0 src=2001:db8::1 dst=2001:db8::2
3/2 sa=0x400/window=0/auth=2/encrypt=0/flags=0 src=2001:db8::1 dst=2001:db8::2 authkey=$auth
13/9 sa=0x400/window=0/auth=0/encrypt=0/flags=0 dst=2001:db8::2 satype2=2 sa2=0x400/window=0/auth=0/encrypt=0/flags=0 dst2=2001:db8::2
14/9 sa=0x400/window=0/auth=0/encrypt=0/flags=2 dst=2001:db8::1 from=10.0.2.0 to=10.0.1.0 frommask=255.255.255.0 tomask=255.255.255.0" \
		"$(asked)"
	contains "IPv6: the script's verb" "_updown up-client-v6" "$(commands)"
	is "passthrough" "" "$(manual $left --up pass)"
	is "passthrough: an eroute and nothing else" \
		"14/11 sa=0x100/window=0/auth=0/encrypt=0/flags=2 dst=0.0.0.0 from=192.0.2.1 to=10.0.3.0 frommask=255.255.255.255 tomask=255.255.255.0" \
		"$(asked)"
	is "a union of parts" "" "$(manual $left --up --union hosts keys more)"
	contains "a union of parts: the kernel's side" "3/3 sa=0x600/window=0/auth=2/encrypt=3" \
		"$(asked)"
	commands >/dev/null
}

# --- showing it -----------------------------------------------------------------------------------

# shellcheck disable=SC2086
output=$(manual $left --showonly --up we)
contains "--showonly" "	ipsec spi --label we --said esp0x202@192.0.2.2 --src 192.0.2.1 \
--esp 3des-md5-96 --replay_window 64 --enckey - --authkey -	# keys: standard input" "$output"
contains "--showonly: the route" "	PLUTO_VERB=route-client ipsec _updown" "$output"
is "--showonly runs nothing" "" "$(commands)$(asked)"
# shellcheck disable=SC2086
output=$output$(manual $left --showonly --other --up we)
contains "--other is the other end" "	PLUTO_ME=192.0.2.2" "$output"
contains "--other, its outbound SA" "--said esp0x203@192.0.2.1 --src 192.0.2.2" "$output"
# shellcheck disable=SC2086
output=$output$(manual $left --show --up we)
check "--show runs it, too" test -s "$TMP/commands"
asked >/dev/null
commands >>"$TMP/environments"

# --- keys stay out of sight -------------------------------------------------------------------------

output=$output$(cat "$TMP/environments" "$TMP/updown")
output=$output$("$BIN/addconn" --config "$conf" --showconfig we 2>&1)
output=$output$(manual --up wrong)
check "there was something to look at" test -n "$output"
for key in 0102030405 2122232425; do
	case $output in
	*$key*)	fail "no key in arguments, environments or output" \
			"$(printf '%s\n' "$output" | grep "$key")" ;;
	*)	pass ;;
	esac
done
chmod 644 "$conf"
# shellcheck disable=SC2086
contains "a file that all can read" "$conf has keys and can be read by anybody: chmod 600 it" \
	"$(manual $left --showonly --up we)"
chmod 600 "$conf"

# --- what fails is taken back ------------------------------------------------------------------------

# undone "what" EXPECTED-TAIL: status 1, and what was made is gone again.
undone() {
	is "$1: status" 1 "$status"
	contains "$1: taken back" "$2" "$(commands)"
	asked >/dev/null
}

# shellcheck disable=SC2086
{
	output=$(FAKE_PFKEY_REFUSE=3=17 && export FAKE_PFKEY_REFUSE && manual $left --up we)
	status=$?
	is "SA in use: says so" \
		"ipsec spi --label we: pfkey write failed (errno=17): SA already in use.  Delete old one first." \
		"$(echo "$output" | head -n 1)"
	is "SA in use: what is there stays" \
		"spi --label we --said tun0x200@192.0.2.2 --src 192.0.2.1 --ip4 --dst 192.0.2.2" \
		"$(commands)"
	is "SA in use: status" 1 "$status"
	asked >/dev/null
	FAKE_PFKEY_REFUSE=13=2 && export FAKE_PFKEY_REFUSE
	manual $left --up we >/dev/null
	status=$?
	unset FAKE_PFKEY_REFUSE
	undone "no group" "spi --label we --del --said esp0x202@192.0.2.2
spi --label we --del --said tun0x200@192.0.2.2"
	FAKE_PFKEY_REFUSE=14=22 && export FAKE_PFKEY_REFUSE
	manual $left --up we >/dev/null
	status=$?
	unset FAKE_PFKEY_REFUSE
	undone "no eroute" "spi --label we --del --said tun0x200@192.0.2.2
spi --label we --del --said tun0x201@192.0.2.1"
	REFUSE=route-client && export REFUSE
	manual $left --up we >/dev/null
	status=$?
	unset REFUSE
	undone "no route" "_updown down-client
eroute --label we --del --eraf inet --src 10.0.1.0/24 --dst 10.0.2.0/24
spi --label we --del --said tun0x200@192.0.2.2
spi --label we --del --said tun0x201@192.0.2.1"
}

# --- complaints ------------------------------------------------------------------------------------

# fatal NAME TEXT ARGUMENT...
fatal() {
	name=$1 text=$2
	shift 2
	output=$(manual "$@")
	is "status of: manual $*" 1 $?
	contains "manual $*" "ipsec_manual: fatal error in \"$name\": $text" "$output"
	is "commands of: manual $*" "" "$(commands)"
}

# shellcheck disable=SC2086
{
	fatal nothing "neither AH nor ESP specified for connection" $left --up nothing
	fatal we "cannot find interface for 192.0.2.1 or 192.0.2.2" --iam 192.0.2.3@ipsec0 --up we
	fatal none "($conf) did not find conn section(s) \"none\"" $left --up none
	fatal hosts "neither AH nor ESP" $left --up hosts
	fatal keys "connection has no \"left\" parameter specified" $left --up keys
	fatal "hosts we" "" $left --up --union hosts we
}
contains "spi and spibase" "cannot specify both spi and spibase" "$(manual --up both)"
contains "a bad key" "parameter \"espenckey\" is not a key" "$(manual --up wrong)"
if [ ! -e /proc/net/ipsec_tncfg ]; then
	fatal we "no IPsec-enabled interfaces found" --up we
fi
for args in "" "--up" "--up --down we" "we" "--up we host" "--nonsense" "--up --iam we" \
	"--union --up"; do
	# shellcheck disable=SC2086
	is "usage: manual $args" 2 "$(status_of manual $args)"
done
is "--version" "ipsec manual $(cat "$(dirname "$0")/../../VERSION")" "$(manual --version)"
is "--help" 0 "$(status_of manual --help)"

finish
