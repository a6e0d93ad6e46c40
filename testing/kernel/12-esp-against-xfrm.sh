# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 240
#
# 12-esp-against-xfrm: KLIPS on west, the native stack on east, manual keys
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ══ESP══ 198.51.100.2 east ── 192.0.3.1 sunset
#
# The native stack is somebody else's reading of RFC 4303: what it accepts and what it
# sends judges our bytes, in both directions, from one octet to fragments; every suite there
# is has its turn in 54-suites, with pings alone.
# The CBC suites are also decrypted by tcpdump, with the keys.

topology west:klips east:xfrm
attach west 192.0.3.0/24

#	suite		enckey	authkey	icv	the native stack's names
suites="
	aes128-sha1	16	20	96	cbc(aes) hmac(sha1)
	aes256-sha2_256	32	32	128	cbc(aes) hmac(sha256)
	aes_gcm128	20	0	128	rfc4106(gcm(aes)) -
	3des-md5-96	24	16	96	cbc(des3_ede) hmac(md5)
"

key() {
	echo "0x$(openssl rand -hex "$1")"
}

# Both directions at once: the ping's request is ours, the reply is theirs.
try_suite() {
	local suite=$1 enc auth icv=$4 cipher=$5 hash=$6 ours theirs
	note "--- $suite"
	enc=$(key "$2")
	auth=$(key "$3")
	if [ "$hash" = - ]; then
		ours=(--esp "$suite" --enckey "$enc")
		theirs="aead $cipher $enc $icv"
	else
		ours=(--esp "$suite" --enckey "$enc" --authkey "$auth")
		theirs="auth-trunc $hash $auth $icv enc $cipher $enc"
	fi
	klips west 0x1002 0x1001 "${ours[@]}"
	native east 0x1001 0x1002 "$theirs"
	sunrise ping -q -c3 -i0.1 -W2 192.0.3.1		|| fail "$suite: no way through"
	sunrise ping -q -c1 -W2 -s 0 192.0.3.1		|| fail "$suite: not a ping without data"
	sunrise ping -q -c1 -W2 -s 1 192.0.3.1		|| fail "$suite: not one octet"
	sunrise ping -q -c2 -i0.1 -W2 -s 4000 192.0.3.1	|| fail "$suite: not in fragments"
	bulk						|| fail "$suite: bulk transfer differs"
	wire_is esp					|| fail "$suite: clear text on the wire"
	wire_lacks "must come out"			|| fail "$suite: the file can be read on it"
	decode "$suite" "$enc"
	start_capture
	clear_both
}

bulk() {
	local receiver
	sunset nc -l -p 5001 </dev/null >/run/test/got &
	receiver=$!
	await 5 sh -c 'sunset ss -Hltn "sport = 5001" | grep -q .'
	sunrise nc -N 192.0.3.1 5001 </run/test/file
	await 20 sh -c "! kill -0 $receiver 2>/dev/null"
	cmp /run/test/file /run/test/got
}

# Somebody else's decryption of what went over the wire.
decode() {
	local suite=$1 key=$2 algorithm icv
	case $suite in
	aes*-sha1)	algorithm=${suite%%-*}-cbc icv=hmac96 ;;
	3des*)		algorithm=des3-cbc icv=hmac96 ;;
	*)		return 0 ;;
	esac
	note "tcpdump -E $algorithm-$icv"
	tcpdump -n -E "0x1001@198.51.100.2 $algorithm-$icv:$key" -r "$(capture wire)" \
		'dst 198.51.100.2 and ip proto 50' >/run/test/decoded 2>&1 || true
	grep -q '192.0.2.1 > 192.0.3.1: ICMP echo request' /run/test/decoded ||
		fail "$suite: tcpdump cannot decrypt it: $(head -n3 /run/test/decoded)"
}

clear_both() {
	west ipsec eroute --clear
	west ipsec spi --clear
	east ip xfrm state flush
	east ip xfrm policy flush
}

yes "what went in must come out" | head -c 400000 >/run/test/file || true
while read -r suite row; do
	# shellcheck disable=SC2086
	[ -z "$suite" ] || try_suite "$suite" $row
done <<<"$suites"

# On a busy machine a processor of the native stack may stand still between numbering
# a packet and sending it, while the other one sends more than a window.
late=$(counts west replay)
[ "$late" -le 5 ]		|| fail "$late packets came outside the window"
drops west total "$late"
for stat in XfrmInError XfrmInStateProtoError XfrmInNoPols XfrmInTmplMismatch; do
	# shellcheck disable=SC2016
	n=$(east awk -v s=$stat '$1 == s { print $2 }' /proc/net/xfrm_stat)
	[ "${n:-0}" -eq 0 ]	|| fail "the native stack counts $n $stat"
done
