# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 1200
# long: seven algorithms in six kinds of SA, and bundles
#
# 56-ah-table: every algorithm of AH in both modes and all families, against XFRM
#
#               west ══AH══ east, and ══AH(ESP)══, ══AH(ESP(IPComp))══
#
# What this kernel lacks is said and left out.  Then all of it once more with a hash that
# finishes later, and hostile AH over IPv6.

. /test/sa.sh
. /test/forge.sh
topology west:klips east:xfrm
two_families
modprobe -a ah6 ipcomp6 deflate xcbc cmac
attach west 198.51.100.2/32
west ip -batch - <<-END
	route replace 198.51.100.2/32 dev ipsec0 src 198.51.100.1
	route add 2001:db8:51::2/128 dev ipsec0 src 2001:db8:51::1
	route add 192.0.3.0/24 dev ipsec0
	route add 2001:db8:3::/64 dev ipsec0
END
# The native stack's policy takes what it says to neighbours, too: let there be no need.
mac=$(west cat /sys/class/net/eth0/address)
east ip -6 neighbour replace 2001:db8:51::1 lladdr "$mac" dev eth0 nud permanent
mac=$(east cat /sys/class/net/eth0/address)
west ip -6 neighbour replace 2001:db8:51::2 lladdr "$mac" dev eth0 nud permanent

# Octets of key, our name, its number to PF_KEY, theirs, bits of ICV.
algorithms="16:hmac-md5-96:2:hmac(md5):96 20:hmac-sha1-96:3:hmac(sha1):96
	32:hmac-sha2-256-128:5:hmac(sha256):128 48:sha2_384-192:6:hmac(sha384):192
	64:sha2_512-256:7:hmac(sha512):256 16:aes-xcbc-mac-96:9:xcbc(aes):96
	16:aes-cmac-96:253:cmac(aes):96"
ours="" theirs=""

use() {
	local size name number native bits key
	IFS=: read -r size name number native bits <<<"$1"
	west grep -q "^ *2 *14 *$number " /proc/net/pf_key_supported || return 1
	key=0x$(openssl rand -hex "$size")
	ours="--ah $name --authkey $key"
	theirs="auth-trunc $native $key $bits flag align4"
}

# The words of sa.sh for AH are these here.
eval "$(declare -f our_words | sed '1s/our_words/sa_our_words/')"
eval "$(declare -f their_words | sed '1s/their_words/sa_their_words/')"
our_words() {
	if [ "$1" = ah ]; then echo "$ours"; else sa_our_words "$@"; fi
}
their_words() {
	if [ "$1" = ah ]; then echo "$theirs"; else sa_their_words "$@"; fi
}

through() {
	ping_through -c2 -i0.1 -s 1300	|| fail "$*: no way through"
	ping_back -c2 -i0.1		|| fail "$*: no way back"
	clear_sas
}

for algorithm in $algorithms; do
	use "$algorithm" || { note "not in this kernel: $algorithm"; continue; }
	for kind in "transport 4 4" "transport 6 6" "tunnel 4 4" "tunnel 4 6" "tunnel 6 4" "tunnel 6 6"; do
		note "--- $algorithm $kind"
		# shellcheck disable=SC2086
		ends $kind
		sas cbc ah
		through "$algorithm, $kind"
	done
done

use 20:hmac-sha1-96:3:"hmac(sha1)":96
for late in 0 1; do
	echo $late >/sys/module/ipsec/parameters/async_crypto
	for bundle in "esp ah" "comp esp ah" "comp ah"; do
		for kind in "transport 4 4" "transport 6 6" "tunnel 4 6" "tunnel 6 4"; do
			note "--- $bundle, $kind, later: $late"
			# shellcheck disable=SC2086
			ends $kind
			# shellcheck disable=SC2086
			sas cbc $bundle
			through "$bundle, $kind"
		done
	done
done
drops west total 0
only_ipsec			|| fail "clear text on the wire"

note "hostile AH over IPv6, with a hash that finishes later"
auth=0x$(openssl rand -hex 20)
west bash -ec '
	ipsec spi --said tun0x2102@2001:db8:51::1 --ip6 --src 2001:db8:51::2
	ipsec spi --said ah0x1102@2001:db8:51::1 --src 2001:db8:51::2 --ah hmac-sha1-96 \
		--authkey "$1" --replay_window 64
	ipsec spigrp --said tun0x2102@2001:db8:51::1 ah0x1102@2001:db8:51::1
	ipsec eroute --addin --src 192.0.3.0/24 --dst 192.0.2.0/24 --said tun0x2102@2001:db8:51::1
	ip route del 192.0.3.0/24 dev ipsec0
	' - "$auth"
start_capture sunrise eth0 inside
forger 0x1102 ah 2001:db8:51::2 2001:db8:51::1 "$auth"
forge_all ah6
stop_capture inside
[ "$(good_pings inside)" -eq 4 ]	|| fail "$(good_pings inside) pings reached sunrise, not the 4 good ones"
echo 0 >/sys/module/ipsec/parameters/async_crypto
