# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 240
# long: one connection after the other, of each kind that ipsec manual knows
#
# 42-manual-modes: transport, AH, both in one bundle, and shunts, from ipsec.conf
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ══════ 198.51.100.2 east ── 192.0.3.1 sunset
#    2001:db8:2::1      2001:db8:51::1       2001:db8:51::2      2001:db8:3::1
#
# west is KLIPS; east is the native stack, which was told the SPIs and keys by hand, as
# ipsec.conf(5) says that they are.  Each direction has keys of its own.

. /test/sa.sh
topology west:klips
two_families
modprobe -a esp4 ah4 xfrm_user xfrm4_tunnel

west=198.51.100.1 east=198.51.100.2
for name in enc_left enc_right auth_left auth_right ah_left ah_right; do
	printf -v $name '0x%s' "$(openssl rand -hex 16)"
done

# connection PARAMETER...: what west has in ipsec.conf, beside what all have.
connection() {
	{
		echo "version 2"
		echo "config setup"
		echo "conn mode"
		printf '\t%s\n' "left=$west" "right=$east" spibase=0x300 "$@"
	} >/run/hosts/west/etc/ipsec.conf
	chmod 600 /run/hosts/west/etc/ipsec.conf
	west ipsec manual --up mode
}

nets=(leftsubnet=192.0.2.0/24 rightsubnet=192.0.3.0/24)
# shellcheck disable=SC2154 # printf -v sets them
esp=(esp=aes128-md5-96 "leftespenckey=$enc_left" "rightespenckey=$enc_right"
	"leftespauthkey=$auth_left" "rightespauthkey=$auth_right" espreplay_window=64)
# shellcheck disable=SC2154
ah=(ah=hmac-md5-96 "leftahkey=$ah_left" "rightahkey=$ah_right" ahreplay_window=32)

# states MODE PROTOCOL SPI-TO-LEFT SPI-TO-RIGHT [WORD...]: east's SAs of one protocol.
states() {
	local esp_left esp_right
	case $2 in
	esp)
		esp_left="auth-trunc hmac(md5) $auth_left 96 enc cbc(aes) $enc_left"
		esp_right="auth-trunc hmac(md5) $auth_right 96 enc cbc(aes) $enc_right" ;;
	ah)
		esp_left="auth-trunc hmac(md5) $ah_left 96"
		esp_right="auth-trunc hmac(md5) $ah_right 96" ;;
	esac
	east ip -batch - <<-END
		xfrm state add src $east dst $west proto $2 spi $3 mode $1 reqid 1 $esp_left ${*:5}
		xfrm state add src $west dst $east proto $2 spi $4 mode $1 reqid 1 replay-window 32 $esp_right ${*:5}
	END
}

# policies INSIDE-OF-EAST INSIDE-OF-WEST TEMPLATE
policies() {
	east ip -batch - <<-END
		xfrm policy add src $1 dst $2 dir out $(template "$east" "$west" "$3")
		xfrm policy add src $2 dst $1 dir fwd $(template "$west" "$east" "$3")
		xfrm policy add src $2 dst $1 dir in $(template "$west" "$east" "$3")
	END
}

# template SRC DST "PROTOCOL MODE[, PROTOCOL MODE]"
template() {
	local one
	while read -r -d, one; do
		echo -n "tmpl src $1 dst $2 proto ${one% *} mode ${one#* } reqid 1 "
	done <<<"$3,"
}

over() {
	west ipsec manual --down mode
	west ipsec manual --unroute mode
	east ip xfrm state flush
	east ip xfrm policy flush
	[ -z "$(west cat /proc/net/ipsec_spi /proc/net/ipsec_eroute)" ] || fail "--down left something"
}

# carries PROTOCOL: the wire has seen that, and no ping.
carries() {
	stop_capture
	[ -n "$(on_wire -c1 "ip proto $1")" ]	|| fail "no protocol $1 on the wire"
	[ -z "$(on_wire "icmp")" ]		|| fail "a ping in clear on the wire"
	start_capture
}

west ipsec tncfg --attach --virtual ipsec0 --physical eth0
west ip link set ipsec0 up
west ip address add "$west/32" dev ipsec0

note "--- a tunnel, a key for each direction"
connection "${nets[@]}" "${esp[@]}"
states tunnel esp 0x303 0x302
policies 192.0.3.0/24 192.0.2.0/24 "esp tunnel"
tunnel_works 2			|| fail "no way through"
carries 50
over

note "--- ESP inside AH"
connection "${nets[@]}" "${esp[@]}" "${ah[@]}"
states tunnel esp 0x303 0x302
states transport ah 0x305 0x304
policies 192.0.3.0/24 192.0.2.0/24 "esp tunnel,ah transport"
tunnel_works 2			|| fail "no way through ESP and AH"
carries 51
over

note "--- transport mode"
connection type=transport "${esp[@]}"
states transport esp 0x301 0x300
policies "$east" "$west" "esp transport"
west ping -q -c2 -i0.2 -W2 "$east"	|| fail "no way through in transport mode"
carries 50
over

note "--- a tunnel of AH alone: it authenticates, and hides nothing"
connection "${nets[@]}" "${ah[@]}"
states tunnel ah 0x303 0x302
policies 192.0.3.0/24 192.0.2.0/24 "ah tunnel"
tunnel_works 2			|| fail "no way through AH"
stop_capture
[ -n "$(on_wire -c1 'ip proto 51')" ]	|| fail "no AH on the wire"
over

note "--- IPv6 around both families"
west=2001:db8:51::1 east=2001:db8:51::2
connection leftsubnet=2001:db8:2::/64 rightsubnet=2001:db8:3::/64 "${esp[@]}"
states tunnel esp 0x303 0x302
policies 2001:db8:3::/64 2001:db8:2::/64 "esp tunnel"
sunrise ping -q -c2 -i0.2 -W2 2001:db8:3::1	|| fail "no way through IPv6 in IPv6"
only_ipsec			|| fail "IPv6 in clear"
start_capture
over
connection "${nets[@]}" "${esp[@]}"
states tunnel esp 0x303 0x302 "flag af-unspec"
policies 192.0.3.0/24 192.0.2.0/24 "esp tunnel"
tunnel_works 2			|| fail "no way through IPv4 in IPv6"
only_ipsec			|| fail "IPv4 in clear"
over
west=198.51.100.1 east=198.51.100.2

note "--- shunts"
connection "${nets[@]}" type=drop
if tunnel_works; then
	fail "type=drop lets packets through"
fi
west ipsec manual --down mode
connection "${nets[@]}" type=reject
sunrise ping -c1 -W2 192.0.3.1 >/run/test/ping || true
grep -q 'From 192.0.2.254 .*Packet filtered' /run/test/ping || fail "type=reject says nothing: $(cat /run/test/ping)"
west ipsec manual --down mode
connection "${nets[@]}" type=passthrough
tunnel_works			|| fail "type=passthrough lets nothing through"
over
