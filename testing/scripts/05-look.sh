#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# ipsec look over files like those of /proc/net.

# shellcheck source=testing/scripts/lib.sh
. "$(dirname "$0")/lib.sh"

proc=$TMP/proc
mkdir -p "$proc/ipsec"
fake ip <<'END'
#!/bin/sh
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
10.0.2.0/24        198.51.100.1    ipsec0" "$(look | sed 1d)"

is "--drops of a KLIPS that does not count them" 1 "$(status_of look --drops)"
echo "noeroute      0   no eroute covers the packet" >"$proc/ipsec/drops"
is "--drops, nothing" "nothing" "$(look --drops)"
echo "replay        12   sequence number seen before or too old" >>"$proc/ipsec/drops"
is "--drops" "replay        12   sequence number seen before or too old" "$(look --drops)"
is "unknown argument" 2 "$(status_of look --nonsense)"

finish
