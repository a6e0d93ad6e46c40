#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# ipsec look over files like those of /proc/net.

# shellcheck source=testing/scripts/lib.sh
. "$(dirname "$0")/lib.sh"

proc=$TMP/proc
mkdir -p "$proc/ipsec"
fake ip <<'END'
#!/bin/sh
if [ "$1" = -6 ]; then
	echo "2001:db8:2::/48 dev ipsec1 metric 1024 pref medium"
	exit
fi
echo "default via 192.0.2.254 dev eth0"
echo "10.0.2.0/24 via 198.51.100.1 dev ipsec0 onlink"
echo "192.0.2.0/24 dev eth0 proto kernel scope link src 192.0.2.1"
END

look() {
	PATH=$TMP/bin:$PATH IPSEC_PROC=$proc "$BIN/look" "$@"
}

is "no KLIPS" 1 "$(status_of look)"

echo "FreeS/WAN version: 3.0.0" >"$proc/ipsec_version"
: >"$proc/ipsec_spigrp"
: >"$proc/ipsec_spi"
: >"$proc/ipsec_tncfg"
echo "0          0.0.0.0/0          -> 0.0.0.0/0          => %trap" >"$proc/ipsec_eroute"
contains "an eroute without any SA" \
	"0.0.0.0/0          -> 0.0.0.0/0          => %trap  (0)" "$(look)"

cat >"$proc/ipsec_eroute" <<'END'
42         10.0.1.0/24        -> 10.0.2.0/24        => tun0x1002@198.51.100.1
3          9.0.1.5/32         -> 203.0.113.7/32:25  => tun0x1002@198.51.100.1:6
END
echo "tun0x1002@198.51.100.1 esp0x9a1b2c3d@198.51.100.1 " >"$proc/ipsec_spigrp"
printf '%s\n' "ipsec0 -> eth0 mtu=16260(1443) -> 1500" "ipsec1 -> NULL mtu=0(0) -> 0" \
	>"$proc/ipsec_tncfg"
printf '%s\n' "tun0x1002@198.51.100.1 IPIP: dir=out" "esp0x9a1b2c3d@198.51.100.1 ESP" \
	>"$proc/ipsec_spi"
is "everything, sorted" \
"9.0.1.5/32         -> 203.0.113.7/32:25  => tun0x1002@198.51.100.1 esp0x9a1b2c3d@198.51.100.1:6  (3)
10.0.1.0/24        -> 10.0.2.0/24        => tun0x1002@198.51.100.1 esp0x9a1b2c3d@198.51.100.1  (42)
ipsec0->eth0 mtu=16260(1443)->1500
esp0x9a1b2c3d@198.51.100.1 ESP
tun0x1002@198.51.100.1 IPIP: dir=out
Destination        Gateway         Device
default            192.0.2.254     eth0
10.0.2.0/24        198.51.100.1    ipsec0
2001:db8:2::/48    -               ipsec1" "$(look | sed 1d)"

is "--drops of a KLIPS that does not count them" 1 "$(status_of look --drops)"
echo "noeroute      0   no eroute covers the packet" >"$proc/ipsec/drops"
is "--drops, nothing" "nothing" "$(look --drops)"
echo "replay        12   sequence number seen before or too old" >>"$proc/ipsec/drops"
is "--drops" "replay        12   sequence number seen before or too old" "$(look --drops)"
printf '%s\n' \
	'esp0x1f2e3d4c@192.0.2.1 ESP_3DES_HMAC_MD5: dir=in  src=198.51.100.1 ooowin=64 ooo_errs=3 auth_errs=2 life(c,s,h)=bytes(4200,0,0)addtime(310,0,0)usetime(298,0,0)packets(50,0,0) idle=4' \
	'tun:1002@2001:db8::2 IPIP: dir=out src=2001:db8::1 life(c,s,h)=addtime(310,0,0)' \
	>"$proc/ipsec_spi"
echo 'odd           3   a "text" with a \ in it' >>"$proc/ipsec/drops"

# in_json "what" EXPECTED EXPRESSION: of the object j.
in_json() {
	is "$1" "$2" "$(printf '%s' "$output" | python3 -c "import json, sys
j = json.load(sys.stdin)
print($3)" 2>&1)"
}

if command -v python3 >/dev/null; then
	output=$(look --json)
	in_json "--json: what there is" "['eroutes', 'devices', 'sas', 'routes']" "list(j)"
	in_json "--json: an eroute" \
		"{'packets': 3, 'source': '9.0.1.5/32', 'destination': '203.0.113.7/32:25', 'protocol': 6, 'sas': ['tun0x1002@198.51.100.1', 'esp0x9a1b2c3d@198.51.100.1']}" \
		"j['eroutes'][0]"
	in_json "--json: devices" \
		"[{'virtual': 'ipsec0', 'physical': 'eth0', 'mtu': 16260, 'effective_mtu': 1443, 'physical_mtu': 1500}, {'virtual': 'ipsec1', 'physical': None}]" \
		"j['devices']"
	in_json "--json: an SA" \
		"{'said': 'esp0x1f2e3d4c@192.0.2.1', 'transform': 'ESP_3DES_HMAC_MD5', 'direction': 'in', 'source': '198.51.100.1', 'packets': 50, 'bytes': 4200, 'seconds': 310, 'replayed': 3, 'forged': 2}" \
		"j['sas'][0]"
	in_json "--json: an SA without packets" "['tun:1002@2001:db8::2', 0, 310, 0]" \
		"[j['sas'][1][k] for k in ('said', 'packets', 'seconds', 'forged')]"
	in_json "--json: routes" \
		"[('default', '192.0.2.254'), ('10.0.2.0/24', '198.51.100.1'), ('2001:db8:2::/48', None)]" \
		"[(r['destination'], r['gateway']) for r in j['routes']]"
	output=$(look --drops --json)
	in_json "--drops --json" \
		"[('noeroute', 0, 'no eroute covers the packet'), ('replay', 12, 'sequence number seen before or too old'), ('odd', 3, 'a \"text\" with a \\\\ in it')]" \
		"[(d['reason'], d['packets'], d['text']) for d in j['drops']]"
	: >"$proc/ipsec_spi"; : >"$proc/ipsec_eroute"; : >"$proc/ipsec_tncfg"
	output=$(look --json)
	in_json "--json: of nothing" "[[], [], []]" "[j['eroutes'], j['devices'], j['sas']]"
fi
is "unknown argument" 2 "$(status_of look --nonsense)"

finish
