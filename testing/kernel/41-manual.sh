# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 240
#
# 41-manual: a tunnel from ipsec.conf with manual keys, without Pluto
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ══ESP══ 198.51.100.2 east ── 192.0.3.1 sunset
#
# west and east have the same file.  First both are KLIPS, brought up by ipsec setup; then
# east is the native stack, with the same keys and the SPIs that ipsec.conf(5) promises.
# Meanwhile somebody looks at every process's arguments and environment for a key.

topology west:klips east:klips

for name in enc auth; do
	openssl rand -hex 16 >/run/test/$name
done
cat /run/test/enc /run/test/auth >/run/test/keys

# spied CMD...: run it while somebody who can list processes looks for the keys; prints how
# often he has seen one.  They are in a file, so that he does not find himself.
spied() {
	rm -f /run/test/enough
	until [ -e /run/test/enough ]; do
		cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null
	done | tr '\0' '\n' | grep -c -F -f /run/test/keys >/run/test/seen &
	"$@" >/run/test/said 2>&1 || fail "$*: $(cat /run/test/said)"
	touch /run/test/enough
	wait $! || true
	cat /run/test/seen
}

for host in west east; do
	cat >"/run/hosts/$host/etc/ipsec.conf" <<-END
		version 2
		config setup
		    interfaces=%defaultroute
		    pluto=no
		conn trial
		    left=198.51.100.1
		    leftsubnet=192.0.2.0/24
		    right=198.51.100.2
		    rightsubnet=192.0.3.0/24
		    spibase=0x200
		    esp=aes128-md5-96
		    espenckey=0x$(cat /run/test/enc)
		    espauthkey=0x$(cat /run/test/auth)
		    espreplay_window=64
		    auto=manual
	END
	chmod 600 "/run/hosts/$host/etc/ipsec.conf"
done

note "--- KLIPS at both ends, from ipsec setup on"
start_ipsec west east
tunnel_works 3			|| fail "no way through"
wire_is esp			|| fail "clear text on the wire"
west ipsec look >/run/test/look
grep -q '^192.0.2.0/24 *-> 192.0.3.0/24 *=> tun0x200@198.51.100.2 esp0x202@198.51.100.2  (' \
	/run/test/look		|| fail "look shows no tunnel: $(cat /run/test/look)"
grep -q '^esp0x203@198.51.100.1 .*dir=in .*src=198.51.100.2 ' /run/test/look ||
	fail "look shows no inbound SA: $(cat /run/test/look)"

note "--- a second time is refused, and does no harm"
if west ipsec manual --up trial 2>/run/test/err; then
	fail "--up of what is up succeeded"
fi
grep -qF 'ipsec spi --label trial: pfkey write failed (errno=17): SA already in use.  Delete old one first.' \
	/run/test/err		|| fail "it does not say why: $(cat /run/test/err)"
tunnel_works			|| fail "the second --up has broken the first"

note "--- down: nothing in clear, and nothing left but the route"
start_capture
west ipsec manual --down trial
if tunnel_works; then
	fail "a way through without a tunnel"
fi
stop_capture
[ -z "$(on_wire icmp)" ]	|| fail "clear text on the wire after --down"
[ -z "$(west cat /proc/net/ipsec_spi /proc/net/ipsec_eroute)" ] || fail "--down has left something"
west ip route show 192.0.3.0/24 | finds 'dev ipsec0'	|| fail "--down has taken the route"
west ipsec manual --unroute trial
[ -z "$(west ip route show 192.0.3.0/24)" ]		|| fail "--unroute has left the route"

note "--- against the native stack"
east ipsec setup stop >/dev/null
modprobe -a esp4 xfrm_user xfrm4_tunnel
native east 0x202 0x203 "auth-trunc hmac(md5) 0x$(cat /run/test/auth) 96" \
	"enc cbc(aes) 0x$(cat /run/test/enc)"
[ "$(spied sh -c 'sleep 0.5; : "$0"' "$(cat /run/test/enc)")" != 0 ] || fail "the spy sleeps"
[ "$(spied west ipsec manual --up trial)" = 0 ]	|| fail "a key is in arguments or environments"
start_capture
tunnel_works 3			|| fail "no way through to the native stack"
wire_is esp			|| fail "clear text on the wire to the native stack"
