#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# _updown with an ip that only notes what it is told.

# shellcheck source=testing/scripts/lib.sh
. "$(dirname "$0")/lib.sh"

fake ip <<'END'
#!/bin/sh
case "$*" in
*"route show"*)	[ -e "$TMP/stale" ] && echo "10.0.2.0/24 dev ipsec0" ;;
*)		echo "ip $*" >>"$TMP/log" ;;
esac
if [ -e "$TMP/broken" ]; then
	echo "Error: Nexthop has invalid gateway."
	exit 2
fi
END

# updown VERB [VARIABLE=VALUE ...]: what ip was told, or what was said.
updown() {
	verb=$1
	shift
	: >"$TMP/log"
	env PATH="$TMP/bin:$PATH" TMP="$TMP" PLUTO_VERSION=1.1 PLUTO_VERB="$verb" \
		PLUTO_CONNECTION=west-east PLUTO_INTERFACE=ipsec0 \
		PLUTO_NEXT_HOP=198.51.100.2 PLUTO_ME=198.51.100.1 PLUTO_PEER=198.51.100.2 \
		PLUTO_PEER_CLIENT=10.0.2.0/24 "$@" "$BIN/_updown"
	status=$?
	cat "$TMP/log"
	return $status
}

is "route" "ip -4 route replace 10.0.2.0/24 via 198.51.100.2 dev ipsec0 onlink" \
	"$(updown route-client)"
is "route of a host" "ip -4 route replace 198.51.100.2/32 via 198.51.100.2 dev ipsec0 onlink" \
	"$(updown route-host PLUTO_PEER_CLIENT=198.51.100.2/32)"
is "route with a source address" \
	"ip -4 route replace 10.0.2.0/24 via 198.51.100.2 dev ipsec0 onlink src 10.0.1.1" \
	"$(updown route-client PLUTO_MY_SOURCEIP=10.0.1.1)"
is "no nexthop" "ip -4 route replace 10.0.2.0/24 dev ipsec0" \
	"$(updown route-client PLUTO_NEXT_HOP=)"
is "the default route is two halves" \
	"ip -4 route replace 0.0.0.0/1 via 198.51.100.2 dev ipsec0 onlink
ip -4 route replace 128.0.0.0/1 via 198.51.100.2 dev ipsec0 onlink" \
	"$(updown route-client PLUTO_PEER_CLIENT=0.0.0.0/0)"
is "IPv6" "ip -6 route replace 2001:db8:2::/64 dev ipsec0" \
	"$(updown route-client-v6 PLUTO_PEER_CLIENT=2001:db8:2::/64 PLUTO_NEXT_HOP=2001:db8::2)"

is "IPv4 behind an IPv6 gateway" "ip -4 route replace 10.0.2.0/24 dev ipsec0" \
	"$(updown route-client-v6 PLUTO_NEXT_HOP=2001:db8::2)"
is "IPv6 behind an IPv4 gateway" "ip -6 route replace 2001:db8:2::/64 dev ipsec0" \
	"$(updown route-client PLUTO_PEER_CLIENT=2001:db8:2::/64)"

is "unroute of a route that is gone is no error" 0 "$(status_of updown unroute-client)"
touch "$TMP/stale"
is "prepare leaves a stale route to be replaced" "" "$(updown prepare-client)"
is "unroute" "ip -4 route del 10.0.2.0/24 dev ipsec0" "$(updown unroute-client)"

is "a tunnel that goes down keeps its route" "" "$(updown down-client)"
is "up does nothing" "" "$(updown up-client)"

touch "$TMP/broken"
is "a failure is a failure" 2 "$(status_of updown route-client)"
contains "and told with the command" \
	"_updown: \`ip -4 route replace 10.0.2.0/24 via 198.51.100.2 dev ipsec0 onlink' failed" \
	"$(updown route-client)"
contains "and with the likely cause" "(incorrect or missing nexthop setting??)" "$(updown route-client)"

is "unknown verb" 1 "$(status_of updown dance)"
is "obsolete interface version" 2 "$(status_of updown up-client PLUTO_VERSION=1.0)"
is "unknown interface version" 2 "$(status_of updown up-client PLUTO_VERSION=9)"
is "not called by Pluto" 2 "$(status_of updown up-client PLUTO_PEER_CLIENT=)"

finish
