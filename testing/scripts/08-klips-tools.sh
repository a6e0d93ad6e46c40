#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# eroute, spi, spigrp and klipsdebug: what they ask the kernel for, and what they refuse to
# ask.  The kernel is a fake; testing/kernel/10-pfkey-tools.sh has the real one.

# shellcheck source=testing/scripts/lib.sh
. "$(dirname "$0")/lib.sh"

fake_kernel
for tool in eroute spi spigrp klipsdebug pf_key tncfg; do
	eval "$tool() { with_kernel \"\$BIN/$tool\" \"\$@\" 2>&1; }"
done

# asks "what" MESSAGE... -- COMMAND...: the command asks the kernel for just that.
asks() {
	what=$1 wanted=$2
	shift 2
	while [ "$1" != -- ]; do
		wanted="$wanted
$1"
		shift
	done
	shift
	if ! output=$("$@"); then
		fail "$what" "$output"
	elif [ -n "$output" ]; then
		fail "$what: silent" "$output"
	else
		is "$what" "$wanted" "$(asked)"
	fi
}

# refuses TEXT COMMAND...: without asking the kernel for anything; exit status 1.
refuses() {
	text=$1
	shift
	output=$("$@")
	status=$?
	contains "$*" "$text" "$output"
	is "status of: $*" 1 $status
	is "asked by: $*" "" "$(asked)"
}

enc=0x000102030405060708090a0b0c0d0e0f1011121314151617
auth=0x202122232425262728292a2b2c2d2e2f
printf '%s\n' "$enc" >"$TMP/enc"
printf '%s\n' "$auth" >"$TMP/auth"
enc_text=000102030405060708090a0b0c0d0e0f1011121314151617
auth_text=202122232425262728292a2b2c2d2e2f

# --- every tool -------------------------------------------------------------------------------

for tool in eroute spi spigrp klipsdebug pf_key tncfg; do
	is "$tool --version" "ipsec $tool ${IPSEC_VERSION:-$(cat "$(dirname "$0")/../../VERSION")}" \
		"$($tool --version)"
	contains "$tool --help" "Usage: ipsec $tool" "$($tool --help)"
	is "$tool --help, where" "" "$($tool --help 2>&1 >/dev/null)"
	refuses "ipsec $tool: see ipsec $tool --help" $tool --nonsense
	refuses "ipsec $tool --label west-east: see" $tool --label west-east --nonsense
done

# --- spi --------------------------------------------------------------------------------------

asks "ESP, keys in files" \
	"3/3 sa=0x202/window=64/auth=2/encrypt=3/flags=0 src=192.0.2.1 dst=192.0.2.2 authkey=$auth_text enckey=$enc_text" \
	-- spi --said esp.202@192.0.2.2 --src 192.0.2.1 --esp 3des-md5-96 --replay_window 64 \
	--enckey "@$TMP/enc" --authkey "@$TMP/auth"
asks "ESP by its four parts, with limits" \
	"3/3 sa=0x202/window=0/auth=2/encrypt=3/flags=0 hard=0/2000/3600/0/7 soft=9/1000/0/60/0 src=192.0.2.1 dst=192.0.2.2 authkey=$auth_text enckey=$enc_text" \
	-- spi --af inet --edst 192.0.2.2 --spi 0x202 --proto esp --src 192.0.2.1 --esp 3des-md5 \
	--enckey "@$TMP/enc" --authkey "@$TMP/auth" \
	--life soft-bytes=1000,hard-bytes=2000,hard-addtime=3600,soft-usetime=60,hard-packets=7,soft-allocations=9

keys_by_input() {
	printf '%s\n%s\n' "$auth" "$enc" | spi --said esp0x203@2001:db8::2 --src 2001:db8::1 \
		--esp 3des-md5-96 --authkey - --enckey -
}
asks "IPv6, keys by standard input in the order of the options" \
	"3/3 sa=0x203/window=0/auth=2/encrypt=3/flags=0 src=2001:db8::1 dst=2001:db8::2 authkey=$auth_text enckey=$enc_text" \
	-- keys_by_input

for suite in hmac-md5-96 md5; do
	asks "AH, $suite" \
		"3/2 sa=0x204/window=32/auth=2/encrypt=0/flags=0 src=192.0.2.1 dst=192.0.2.2 authkey=$auth_text" \
		-- spi --said ah0x204@192.0.2.2 --src 192.0.2.1 --ah $suite --authkey "@$TMP/auth" \
		--replay_window 32
done
asks "IPComp" "3/10 sa=0x4a2c/window=0/auth=0/encrypt=2/flags=0 src=192.0.2.1 dst=192.0.2.2" \
	-- spi --said comp0x4a2c@192.0.2.2 --src 192.0.2.1 --comp deflate
asks "a tunnel" "3/9 sa=0x1002/window=0/auth=0/encrypt=0/flags=0 src=192.0.2.1 dst=192.0.2.2" \
	-- spi --said tun.1002@192.0.2.2 --ip4 --src 192.0.2.1 --dst 192.0.2.2
asks "a tunnel over IPv6" \
	"3/9 sa=0x1002/window=0/auth=0/encrypt=0/flags=0 src=2001:db8::1 dst=2001:db8::2" \
	-- spi --said tun:1002@2001:db8::2 --ip6 --src 2001:db8::1
asks "a wide window" \
	"3/2 sa=0x204/window=0/auth=2/encrypt=0/flags=0 src=192.0.2.1 dst=192.0.2.2 authkey=$auth_text replay=65536/flags=0/seq=0" \
	-- spi --said ah0x204@192.0.2.2 --src 192.0.2.1 --ah md5 --authkey "@$TMP/auth" \
	--replay_window 65536
asks "extended sequence numbers" \
	"3/2 sa=0x204/window=0/auth=2/encrypt=0/flags=0 src=192.0.2.1 dst=192.0.2.2 authkey=$auth_text replay=32/flags=1/seq=0" \
	-- spi --said ah0x204@192.0.2.2 --src 192.0.2.1 --ah md5 --authkey "@$TMP/auth" \
	--replay_window 32 --esn
# shellcheck disable=SC2086 # words are wanted
{
	udp="spi --said esp0x202@192.0.2.2 --src 192.0.2.1 --esp 3des-md5 --enckey @$TMP/enc --authkey @$TMP/auth"
	sa="3/3 sa=0x202/window=0/auth=2/encrypt=3/flags=0 src=192.0.2.1 dst=192.0.2.2 authkey=$auth_text enckey=$enc_text"
	asks "ESP in UDP" "$sa encap=2 sport=4500 dport=62000" -- $udp --encap udp:4500:62000
	asks "ESP in UDP, the old form, and who the peer takes himself for" \
		"$sa encap=1 sport=500 dport=500 oa=10.1.2.3" \
		-- $udp --encap udp-draft:500:500 --oa 10.1.2.3
	refuses "port 0 is none" $udp --encap udp:0:4500
	refuses "--encap \"udp:4500\" must look like" $udp --encap udp:4500
	refuses "must start with udp: or udp-draft:" $udp --encap tcp:4500:4500
	refuses "--oa belongs to --encap" $udp --oa 10.1.2.3
	refuses "is of another family than the SA" $udp --encap udp:1:1 --oa ::1
}
refuses "belong to --esp" spi --said tun0x1002@192.0.2.2 --ip4 --src 192.0.2.1 --encap udp:1:1
tun="spi --said tun0x1002@192.0.2.2 --ip4 --src 192.0.2.1"
for outer in "--df copy=256" "--df set=512" "--tos copy=1024" "--tos hide=2048" "--ecn yes=4096" \
	"--ecn no=8192" "--ttl 7=458752" "--df clear=0"; do
	# shellcheck disable=SC2086
	asks "the outer header: ${outer%=*}" \
		"3/9 sa=0x1002/window=0/auth=0/encrypt=0/flags=${outer#*=} src=192.0.2.1 dst=192.0.2.2" \
		-- $tun ${outer%=*}
done
for outer in "--df maybe" "--ttl 256" "--tos hid" "--ecn 1"; do
	# shellcheck disable=SC2086
	refuses "${outer% *} \"${outer#* }\"" $tun $outer
done
asks "--del" "4/3 sa=0x202/window=0/auth=0/encrypt=0/flags=0 src=0.0.0.0 dst=192.0.2.2" \
	-- spi --del --said esp0x202@192.0.2.2
asks "--del, IPv6" "4/2 sa=0x202/window=0/auth=0/encrypt=0/flags=0 src=:: dst=2001:db8::2" \
	-- spi --del --said ah0x202@2001:db8::2
asks "--clear" "9/0" -- spi --clear

esp="spi --said esp0x202@192.0.2.2 --src 192.0.2.1"
refuses "which SA?" spi --esp 3des-md5-96
refuses "--src is missing" spi --said tun0x1002@192.0.2.2 --ip4
refuses "what to do?" $esp
refuses "at a time" $esp --esp 3des-md5-96 --comp deflate
refuses "unknown cipher" $esp --esp rot13-md5
refuses "protects nothing" $esp --esp 3des --enckey "@$TMP/enc"
refuses "the encryption key has the wrong length" $esp --esp 3des-md5 --enckey "@$TMP/auth" \
	--authkey "@$TMP/auth"
refuses "the authentication key has the wrong length" $esp --esp 3des-sha1 \
	--enckey "@$TMP/enc" --authkey "@$TMP/auth"
refuses "cannot open" $esp --esp 3des-md5 --enckey "@$TMP/none"
refuses "--esp makes SAs of protocol esp" spi --said ah0x202@192.0.2.2 --src 192.0.2.1 \
	--esp 3des-md5-96
refuses "--ah makes SAs of protocol ah" $esp --ah hmac-md5-96
refuses "--ah \"3des-md5\": unknown authentication" $esp --ah 3des-md5
refuses "unknown compression" spi --said comp0x202@192.0.2.2 --src 192.0.2.1 --comp lzs
refuses "0xffff at most" spi --said comp0x10000@192.0.2.2 --src 192.0.2.1 --comp deflate
refuses "has no keys" spi --said comp0x202@192.0.2.2 --src 192.0.2.1 --comp deflate \
	--authkey "@$TMP/auth"
refuses "Illegal reserved spi: 0xff.  Must be larger than 0x100." spi --del \
	--said esp0xff@192.0.2.2
refuses "a shunt is no SA" spi --del --said %drop
refuses "of another family" spi --said tun0x1002@192.0.2.2 --ip4 --src 2001:db8::1
refuses "--said goes alone" $esp --proto esp --esp 3des-md5
refuses "--replay_window \"65537\"" $esp --esp 3des-md5 --replay_window 65537
refuses "--esn needs a --replay_window of 32" $esp --esp 3des-md5 --enckey "@$TMP/enc" \
	--authkey "@$TMP/auth" --esn --replay_window 31
refuses "--life: \"bits\" must be allocations, bytes," $esp --life soft-bits=9 --esp 3des-md5
refuses "must start with soft- or hard-" $esp --life firm-bytes=9 --esp 3des-md5
refuses "must look like hard-bytes=1000000" $esp --life hard-bytes --esp 3des-md5
refuses "--life: \"hard-packets=4294967296\"" $esp --life hard-packets=4294967296 --esp 3des-md5

# --- keys stay out of sight ---------------------------------------------------------------------

output=$($esp --debug --esp 3des-md5 --enckey $enc --authkey $auth)
contains "a key among the arguments" "warning: --enckey: a key among the arguments can be seen" \
	"$output"
is "the warning comes once" 1 "$(printf '%s\n' "$output" | grep -c warning)"
contains "--debug shows the message" "KEY_ENCRYPT(192 bits)" "$output"
contains "--debug names what has a name" "state=1(MATURE) auth=2(HMAC-MD5) encrypt=3(3DES)" \
	"$output"
contains "--debug of a flow" "flags=0x8(INFLOW)" \
	"$(eroute --debug --addin --src 10.0.1.0/24 --dst 10.0.2.0/24 --said tun0x1002@192.0.2.2)"
contains "--debug of compression" "encrypt=2(DEFLATE)" \
	"$(spi --debug --said comp0x4a2c@192.0.2.2 --src 192.0.2.1 --comp deflate)"
contains "--debug of masks" "X_DEBUG(add esp=ffffffff)" "$(klipsdebug --debug --set esp)"
contains "--debug of a group" "X_SATYPE2(3(ESP))" \
	"$(spigrp --debug --said tun0x1002@192.0.2.2 esp0x202@192.0.2.2)"
case $output in
*0a0b* | *2a2b*)	fail "--debug shows no key" "$output" ;;
*)			pass ;;
esac
output=$($esp --esp 3des-md5 --enckey "0x0a0b0c0d0e0fzz" --authkey "@$TMP/auth")
case $output in
*0a0b*)		fail "a bad key is not shown" "$output" ;;
*"bad key"*)	pass ;;
*)		fail "a bad key is refused" "$output" ;;
esac
asked >/dev/null

# --- spigrp -----------------------------------------------------------------------------------

asks "a group of three" \
	"13/9 sa=0x1002/window=0/auth=0/encrypt=0/flags=0 dst=192.0.2.2 satype2=10 sa2=0x4a2c/window=0/auth=0/encrypt=0/flags=0 dst2=192.0.2.2" \
	"13/10 sa=0x4a2c/window=0/auth=0/encrypt=0/flags=0 dst=192.0.2.2 satype2=3 sa2=0x202/window=0/auth=0/encrypt=0/flags=0 dst2=192.0.2.2" \
	-- spigrp --said tun0x1002@192.0.2.2 comp0x4a2c@192.0.2.2 esp0x202@192.0.2.2
asks "a group in words of four" \
	"13/3 sa=0x202/window=0/auth=0/encrypt=0/flags=0 dst=2001:db8::2 satype2=2 sa2=0x203/window=0/auth=0/encrypt=0/flags=0 dst2=2001:db8::2" \
	-- spigrp inet6 2001:db8::2 0x202 esp inet6 2001:db8::2 0x203 ah
asks "ungroup" "13/9 sa=0x1002/window=0/auth=0/encrypt=0/flags=0 dst=192.0.2.2" \
	-- spigrp --said tun0x1002@192.0.2.2
refuses "at most 4 SAs" spigrp --said tun0x101@192.0.2.2 tun0x102@192.0.2.2 tun0x103@192.0.2.2 \
	tun0x104@192.0.2.2 tun0x105@192.0.2.2
refuses "the same SA twice" spigrp --said tun0x101@192.0.2.2 tun0x101@192.0.2.2
refuses "four words" spigrp inet 192.0.2.2 0x202
refuses "is not an address of family inet6" spigrp inet6 192.0.2.2 0x202 esp
refuses "a shunt is no SA" spigrp --said %pass

# --- eroute -----------------------------------------------------------------------------------

selector="--eraf inet --src 10.0.1.0/24 --dst 10.0.2.0/24"
flow="from=10.0.1.0 to=10.0.2.0 frommask=255.255.255.0 tomask=255.255.255.0"
sa="sa=0x1002/window=0/auth=0/encrypt=0"
# shellcheck disable=SC2086 # words are wanted
{
	asks "--add" "14/9 $sa/flags=0 dst=192.0.2.2 $flow" \
		-- eroute --add $selector --said tun0x1002@192.0.2.2
	asks "--replace, by four parts" "14/9 $sa/flags=2 dst=192.0.2.2 $flow" -- eroute \
		--replace $selector --af inet --edst 192.0.2.2 --spi 0x1002 --proto tun
	asks "--addin" "14/9 $sa/flags=8 dst=192.0.2.2 $flow" \
		-- eroute --addin $selector --said tun.1002@192.0.2.2
	asks "protocol and ports" \
		"14/11 sa=0x104/window=0/auth=0/encrypt=0/flags=0 dst=0.0.0.0 from=10.0.1.0,1024 to=10.0.2.0,25 frommask=255.255.255.0 tomask=255.255.255.0 proto=6" \
		-- eroute --add $selector --transport-proto tcp --src-port 1024 --dst-port 25 \
		--said %trap
	asks "--del" "15/0 $flow proto=17" -- eroute --del $selector --transport-proto 17
	spi=256
	for shunt in pass drop reject hold trap trapsubnet; do
		asks "%$shunt" \
			"14/11 sa=$(printf '0x%x' $spi)/window=0/auth=0/encrypt=0/flags=0 dst=0.0.0.0 $flow" \
			-- eroute --add $selector --said %$shunt
		spi=$((spi + 1))
	done
	refuses "--del takes no SA" eroute --del $selector --said %drop
	refuses "which SA?" eroute --add $selector
	refuses "ports need a --transport-proto" eroute --add $selector --dst-port 25 --said %drop
	refuses "at a time" eroute --add --del $selector
	refuses "what to do?" eroute $selector
	refuses "\"%passt\": unknown name of a shunt" eroute --add $selector --said %passt
	refuses "\"tun1002@here\"" eroute --add $selector --said tun1002@here
	refuses "Illegal reserved spi" eroute --add $selector --said esp0x20@192.0.2.2
	refuses "are not of family inet6" eroute --add --eraf inet6 --src 10.0.1.0/24 \
		--dst 10.0.2.0/24 --said %drop
}
asks "%passthrough of old scripts" \
	"14/11 sa=0x100/window=0/auth=0/encrypt=0/flags=0 dst=0.0.0.0 from=0.0.0.0 to=0.0.0.0 frommask=0.0.0.0 tomask=0.0.0.0" \
	-- eroute --add --src 0.0.0.0/0 --dst 0.0.0.0/0 --said %passthrough
asks "IPv6 in IPv4" \
	"14/9 $sa/flags=0 dst=192.0.2.2 from=2001:db8:1:: to=2001:db8:2:: frommask=ffff:ffff:ffff:: tomask=ffff:ffff:ffff::" \
	-- eroute --add --eraf inet6 --src 2001:db8:1::/48 --dst 2001:db8:2::/48 \
	--said tun0x1002@192.0.2.2
asks "a shunt for IPv6" \
	"14/11 sa=0x101/window=0/auth=0/encrypt=0/flags=0 dst=:: from=2001:db8:1:: to=:: frommask=ffff:ffff:ffff:: tomask=::" \
	-- eroute --add --eraf inet6 --src 2001:db8:1::/48 --dst ::/0 --said %drop
asks "--clear" "15/0 sa=0x0/window=0/auth=0/encrypt=0/flags=4" -- eroute --clear
refuses "of one family" eroute --add --src 10.0.0.0/8 --dst ::/0 --said %drop
refuses "--dst is missing" eroute --add --src 10.0.0.0/8 --said %drop
refuses "takes nothing else" eroute --clear --src 10.0.0.0/8

# --- klipsdebug -------------------------------------------------------------------------------

asks "--none" "16/0 debug=0,0,0,0,0,0,0,0,0,0,0,0" -- klipsdebug --none
asks "--set, --clear in their order" \
	"16/0 debug=0,80000000,0,0,0,0,0,0,0,ffffffff,0,0" \
	"16/0 debug=ffffffff,7fffffff,ffffffff,ffffffff,ffffffff,ffffffff,0,ffffffff,ffffffff,ffffffff,ffffffff,ffffffff" \
	-- klipsdebug --set pfkey --clear esp
asks "--all leaves out verbose" \
	"16/0 debug=ffffffff,ffffffff,ffffffff,ffffffff,ffffffff,ffffffff,ffffffff,ffffffff,ffffffff,ffffffff,ffffffff,0" \
	-- klipsdebug --all
for flag in tunnel tunnel-xmit netlink xform eroute spi radij esp ah rcv pfkey comp ipcomp verbose; do
	check "there is the flag $flag" klipsdebug --set $flag
done
asked >/dev/null
refuses "\"everything\" is no flag" klipsdebug --set everything

# --- the kernel's answers, in words -------------------------------------------------------------

# answered TYPE=ERRNO TEXT COMMAND...
answered() {
	what=$1 text=$2
	shift 2
	output=$(FAKE_PFKEY_REFUSE=$what && export FAKE_PFKEY_REFUSE && "$@")
	is "status of: $*" 1 $?
	contains "$what: $*" "$text" "$output"
	asked >/dev/null
}

tun="spi --said tun0x1002@192.0.2.2"
answered 3=17 "pfkey write failed (errno=17): SA already in use.  Delete old one first." \
	$tun --ip4 --src 192.0.2.1
for err in 2 3 6; do
	answered 4=$err "(errno=$err): SA does not exist.  Cannot delete." $tun --del
done
answered 3=12 "No kernel memory to allocate SA." $tun --ip4 --src 192.0.2.1
answered 3=22 "Invalid argument, check kernel log messages for specifics." \
	$tun --ip4 --src 192.0.2.1
answered 3=13 "access denied.  You must be root to open this file." $tun --ip4 --src 192.0.2.1
answered 3=93 "Algorithm support not available in the kernel.  Please compile in support." \
	$tun --ip4 --src 192.0.2.1
answered 3=97 "KLIPS not loaded or enabled." $tun --ip4 --src 192.0.2.1
# shellcheck disable=SC2086
{
	answered 14=17 "eroute already in use.  Delete old one first." \
		eroute --add $selector --said %drop
	answered 14=2 "non-existant IPIP SA." eroute --addin $selector --said tun0x1002@192.0.2.2
	answered 15=2 "eroute does not exist.  Cannot delete." eroute --del $selector
}
answered 13=17 "SA is in a group already." spigrp --said tun0x1002@192.0.2.2 esp0x202@192.0.2.2
contains "who is in the way comes behind the old words" \
	"ipsec spi: KLIPS: SA: made by process 812 (pluto)" \
	"$(FAKE_PFKEY_REFUSE=3=17 FAKE_PFKEY_WHY="SA: made by process 812 (pluto)" &&
		export FAKE_PFKEY_REFUSE FAKE_PFKEY_WHY && $tun --ip4 --src 192.0.2.1)"
contains "a label starts every message" "ipsec spi --label west-east: pfkey write failed" \
	"$(FAKE_PFKEY_REFUSE=4=3 && export FAKE_PFKEY_REFUSE &&
		spi --label west-east --del --said tun0x1002@192.0.2.2)"
asked >/dev/null

# --- pf_key -----------------------------------------------------------------------------------

heard=$(FAKE_PFKEY_LOG=/dev/null LD_PRELOAD=$TMP/fake_pfkey.so ASAN_OPTIONS=detect_leaks=0 \
	timeout -s INT 1 "$BIN/pf_key" --ah --ipcomp 2>&1)
is "pf_key registers for what it is told" \
	"pfkey v2 msg received. type=7(REGISTER) seq=1 len=2 pid=N errno=0 satype=2(AH)
pfkey v2 msg received. type=7(REGISTER) seq=2 len=2 pid=N errno=0 satype=10(COMP)" \
	"$(printf '%s\n' "$heard" | sed 's/pid=[0-9]*/pid=N/')"
answered 7=95 "ESP (errno=95): the kernel offers no SAs of this type." pf_key --esp

# --- without KLIPS ------------------------------------------------------------------------------

contains "no KLIPS" "KLIPS not loaded or enabled." "$("$BIN/spi" --clear 2>&1)"
if [ ! -e /proc/net/ipsec_version ]; then
	for tool in eroute spi spigrp klipsdebug tncfg; do
		contains "$tool has nothing to show" "KLIPS not loaded or enabled." \
			"$("$BIN/$tool" 2>&1)"
	done
fi

# --- tncfg, as far as it goes without a device ---------------------------------------------------

refuses "--virtual is missing" tncfg --attach --physical lo
refuses "--virtual \"a/b\": no name for a device" tncfg --detach --virtual a/b
refuses "--virtual \"0123456789abcdef\": no name for a device" \
	tncfg --attach --virtual 0123456789abcdef --physical eth7
refuses "physical device nosuchdev does not exist" tncfg --attach --virtual ipsec0 \
	--physical nosuchdev
refuses "is itself a virtual device" tncfg --attach --virtual ipsec0 --physical ipsec1
refuses "belongs to --attach and --create" tncfg --detach --virtual ipsec0 --physical lo
refuses "at a time" tncfg --attach --detach --virtual ipsec0
refuses "what to do?" tncfg --virtual ipsec0

finish
