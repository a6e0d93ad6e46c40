# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 180
#
# 10-pfkey-tools: every KLIPS tool against the module, its errors included
#
# What a tool makes must be in /proc in the columns that operators know, and gone after it
# has been deleted.  What is wrong must be refused in the words that people search for.
# Then messages that no tool would send: each must get its errno, and the kernel must
# come out of it as it went in.

topology west:klips

enc=0x00010203_04050607_08090a0b_0c0d0e0f
auth=0x101112131415161718191a1b1c1d1e1f20212223

# refused TEXT CMD...: the command fails, and says that
refused() {
	local text=$1
	shift
	if "$@" 2>/run/test/err; then
		fail "this should have failed: $*"
	fi
	grep -qF -e "$text" /run/test/err ||
		fail "\"$text\" expected from: $* -- but it says: $(cat /run/test/err)"
}

# shows FILE PATTERN
shows() {
	west cat "/proc/net/$1" >/run/test/shown
	grep -q -e "$2" /run/test/shown || fail "$1 lacks \"$2\": $(cat /run/test/shown)"
}

# empty FILE
empty() {
	[ -z "$(west cat "/proc/net/$1")" ] || fail "$1 is not empty: $(west cat "/proc/net/$1")"
}

note "--- without the module, and with the stock owner of PF_KEY in its place"
unload_klips
refused "KLIPS not loaded or enabled." west ipsec eroute --clear
refused "KLIPS not loaded or enabled." west ipsec spi
modprobe af_key
refused "rmmod af_key, then modprobe ipsec" west ipsec eroute --clear
rmmod af_key
load_klips

note "--- tncfg"
west ipsec tncfg --attach --virtual ipsec0 --physical eth0
shows ipsec_tncfg '^ipsec0 -> eth0 mtu=[0-9]*([0-9]*) -> 1500$'
west ipsec tncfg | finds '^ipsec0 -> eth0' || fail "tncfg does not show what is attached"
refused "is attached already" west ipsec tncfg --attach --virtual ipsec0 --physical eth1
refused "does not exist" west ipsec tncfg --attach --virtual ipsec1 --physical eth9
refused "exists and is no KLIPS device" sh -c \
	'west ip link add ipsec7 type dummy; west ipsec tncfg --detach --virtual ipsec7'
west ip link del ipsec7
west ipsec tncfg --create --virtual ipsec3
shows ipsec_tncfg '^ipsec3 -> NULL mtu=0(0) -> 0$'
refused "exists already" west ipsec tncfg --create --virtual ipsec3
west ipsec tncfg --delete --virtual ipsec3
refused "does not exist" west ipsec tncfg --detach --virtual ipsec3
west ipsec tncfg --detach --virtual ipsec0
shows ipsec_tncfg '^ipsec0 -> NULL'
west ipsec tncfg --attach --virtual ipsec0 --physical eth1
west ipsec tncfg --clear
shows ipsec_tncfg '^ipsec0 -> NULL'
west ipsec tncfg --delete --virtual ipsec0
empty ipsec_tncfg

note "--- spi"
west ipsec spi --said esp0x1003@198.51.100.2 --src 198.51.100.1 --esp aes-sha1 \
	--enckey "$enc" --authkey "$auth" --replay_window 64 \
	--life soft-bytes=1000,hard-bytes=2000,hard-addtime=3600
west ipsec spi --af inet --edst 198.51.100.2 --spi 0x1002 --proto tun --ip4 \
	--src 198.51.100.1 --dst 198.51.100.2 --saref >/run/test/saref
grep -qx 'ipsec spi: saref=[1-9][0-9]*' /run/test/saref || fail "--saref: $(cat /run/test/saref)"
shows ipsec_spi '^esp0x1003@198.51.100.2 ESP_AES_HMAC_SHA1: dir=out src=198.51.100.1 '
shows ipsec_spi '^tun0x1002@198.51.100.2 IPIP: dir=out src=198.51.100.1 '
shows ipsec_spi 'bytes(0,1000,2000)'
refused "SA already in use.  Delete old one first." west ipsec spi \
	--said tun0x1002@198.51.100.2 --ip4 --src 198.51.100.1
refused "SA does not exist.  Cannot delete." west ipsec spi --del --said esp0x1004@198.51.100.2
refused "Illegal reserved spi: 0xff.  Must be larger than 0x100." west ipsec spi \
	--del --said esp0xff@198.51.100.2
refused "wrong length" west ipsec spi --said esp0x1005@198.51.100.2 --src 198.51.100.1 \
	--esp aes-sha1 --enckey 0x0011 --authkey "$auth"
refused "protects nothing" west ipsec spi --said esp0x1005@198.51.100.2 --src 198.51.100.1 \
	--esp aes --enckey "$enc"

note "--- keys stay out of sight"
printf '%s\n%s\n' "$enc" "$auth" | west ipsec spi --said esp0x1006@198.51.100.2 \
	--src 198.51.100.1 --esp aes-sha1 --enckey - --authkey -
echo "$enc" >/run/test/enc.key
west ipsec spi --debug --said esp0x1007@198.51.100.2 --src 198.51.100.1 --esp aes-sha1 \
	--enckey @/run/test/enc.key --authkey "$auth" 2>/run/test/debug
grep -q 'KEY_ENCRYPT(128 bits)' /run/test/debug || fail "--debug: $(cat /run/test/debug)"
if grep -qiE '0a0b|0x0001|1a1b' /run/test/debug; then
	fail "a key is in what --debug shows"
fi
if west cat /proc/net/ipsec_spi | grep -qiE '08090a0b|18191a1b'; then
	fail "a key is in ipsec_spi"
fi
seen=$(west /test/pfkey.py keys) || fail "the kernel tells listeners a key: $seen"

note "--- spigrp"
refused "SA does not exist." west ipsec spigrp --said tun0x1002@198.51.100.2 esp0x1099@198.51.100.2
west ipsec spigrp --said tun0x1002@198.51.100.2 esp0x1003@198.51.100.2
shows ipsec_spigrp '^tun0x1002@198.51.100.2 esp0x1003@198.51.100.2 $'
refused "SA is in a group already." west ipsec spigrp inet 198.51.100.2 0x1002 tun \
	inet 198.51.100.2 0x1006 esp
west ipsec spigrp --said tun0x1002@198.51.100.2
shows ipsec_spigrp '^tun0x1002@198.51.100.2 $'
west ipsec spigrp inet 198.51.100.2 0x1002 tun inet 198.51.100.2 0x1003 esp

note "--- eroute"
selector=(--eraf inet --src 192.0.2.0/24 --dst 192.0.3.0/24)
west ipsec eroute --add "${selector[@]}" --said tun0x1002@198.51.100.2
shows ipsec_eroute '^0          192.0.2.0/24       -> 192.0.3.0/24       => tun0x1002@198.51.100.2$'
refused "eroute already in use.  Delete old one first." \
	west ipsec eroute --add "${selector[@]}" --said %drop
west ipsec eroute --replace "${selector[@]}" --said %drop
shows ipsec_eroute '=> %drop$'
west ipsec eroute --add "${selector[@]}" --transport-proto tcp --dst-port 25 --said %trap
shows ipsec_eroute '192.0.3.0/24:25 *=> %trap:6$'
refused "eroute does not exist.  Cannot delete." west ipsec eroute --del "${selector[@]}" \
	--transport-proto udp
west ipsec eroute --del "${selector[@]}" --transport-proto tcp --dst-port 25
west ipsec eroute --del "${selector[@]}"
empty ipsec_eroute
refused "non-existant IPIP SA." west ipsec eroute --addin "${selector[@]}" \
	--said tun0x1099@198.51.100.1
west ipsec spi --said tun0x1101@198.51.100.1 --ip4 --src 198.51.100.2
west ipsec eroute --addin --src 192.0.3.0/24 --dst 192.0.2.0/24 --said tun0x1101@198.51.100.1
shows ipsec_spi '^tun0x1101@198.51.100.1 IPIP: dir=in  src=198.51.100.2 policy=192.0.3.0/24->192.0.2.0/24'
empty ipsec_eroute
west ipsec eroute --add --src 192.0.2.0/24 --dst 0.0.0.0/0 --said %pass
west ipsec eroute --clear
empty ipsec_eroute

note "--- klipsdebug"
west ipsec klipsdebug --none
west ipsec klipsdebug --set pfkey --set esp
shows ipsec_klipsdebug '^debug_pfkey=[0-9a-f]*[1-9a-f]'
shows ipsec_klipsdebug '^debug_rcv=00000000'
west ipsec klipsdebug --clear pfkey
shows ipsec_klipsdebug '^debug_pfkey=00000000'
shows ipsec_klipsdebug '^debug_esp=[0-9a-f]*[1-9a-f]'
west ipsec klipsdebug --none
shows ipsec_klipsdebug '^debug_esp=00000000'
refused "is no flag" west ipsec klipsdebug --set everything

note "--- pf_key hears what happens"
west ipsec pf_key --esp --daemon /run/test/pf_key.pid >/run/test/heard 2>&1
await 10 grep -q 'type=7(REGISTER)' /run/test/heard || fail "not registered: $(cat /run/test/heard)"
west ipsec spi --del --said esp0x1006@198.51.100.2
await 10 grep -q 'type=4(DELETE).*satype=3(ESP).*spi=0x00001006' /run/test/heard ||
	fail "DELETE was not heard: $(cat /run/test/heard)"
west kill "$(cat /run/test/pf_key.pid)"
await 10 sh -c '[ ! -e /run/test/pf_key.pid ]' || fail "pf_key left its file behind"

note "--- deleting one of a group deletes the group"
west ipsec spi --del --said esp0x1003@198.51.100.2
if west cat /proc/net/ipsec_spi | finds 'tun0x1002@'; then
	fail "the tunnel of a deleted group is still there"
fi
west ipsec spi --clear
empty ipsec_spi
empty ipsec_spigrp

note "--- who may"
refused "access denied" west setpriv --bounding-set -net_admin --inh-caps -net_admin \
	sh -c 'ipsec spi --said tun0x1002@198.51.100.2 --ip4 --src 198.51.100.1'
[ "$(west setpriv --reuid 65534 --clear-groups /test/pfkey.py open)" != open ] ||
	fail "nobody may open PF_KEY"
empty ipsec_spi

note "--- one namespace knows nothing of another"
west ipsec spi --said tun0x1002@198.51.100.2 --ip4 --src 198.51.100.1
west ipsec eroute --add "${selector[@]}" --said tun0x1002@198.51.100.2
[ -z "$(east cat /proc/net/ipsec_spi /proc/net/ipsec_eroute)" ] ||
	fail "east sees what is west's"
east ipsec spi --said tun0x1002@198.51.100.2 --ip4 --src 198.51.100.1
east ipsec spi --clear
shows ipsec_spi '^tun0x1002@'
west ipsec eroute --clear
west ipsec spi --clear

note "--- messages that no tool would send"
west /test/pfkey.py wrong >/run/test/wrong || fail "$(cat /run/test/wrong)"
empty ipsec_spi
empty ipsec_eroute
west /test/pfkey.py cuts >/run/test/cuts || fail "$(head -n5 /run/test/cuts)"
empty ipsec_spi
empty ipsec_eroute
west /test/pfkey.py noise 20000 1
empty ipsec_spi
empty ipsec_eroute
note "10000 SAs: $(west /test/pfkey.py many 10000) taken"
west ipsec spi --clear
empty ipsec_spi

note "--- the same from root of a user namespace, which may do this to its own only"
west unshare --user --map-root-user --net /test/pfkey.py wrong >/run/test/wrong ||
	fail "$(cat /run/test/wrong)"
west unshare --user --map-root-user --net /test/pfkey.py noise 5000 2
empty ipsec_spi
empty ipsec_eroute
dmesg_clean
