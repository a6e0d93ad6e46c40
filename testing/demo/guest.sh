# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 240
#
# The demonstration's part in the guest: see testing/demo/demo.
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ══ESP══ 198.51.100.2 east ── 192.0.3.1 sunset
#
# Everything is done with the commands that an administrator would type, and shown.
# A proof is a program's finding, not ours; the first that does not hold ends it.

pattern=the-quick-brown-fox-of-sunrise
megabytes=10

bold="" dim="" green="" red="" off=""
if [ -n "${FSW_COLOR:-}" ]; then
	bold=$'\e[1m' dim=$'\e[2m' green=$'\e[32m' red=$'\e[1;31m' off=$'\e[0m'
fi

step() {
	printf '\n%s==> %s%s %s(%d s)%s\n' "$bold" "$*" "$off" "$dim" \
		$((EPOCHSECONDS - ${FSW_BEGAN:-EPOCHSECONDS})) "$off"
}

# Type a command, the host first, and show what it answers.
run() {
	local host=$1
	shift
	printf '  %s%s# %s%s\n' "$bold" "$host" "$*" "$off"
	"$host" "$@" 2>&1 | sed -u 's/^/  /'
}

# prove TEXT COMMAND...
prove() {
	local text=$1
	shift
	if "$@" >/run/test/proof 2>&1; then
		printf '  %s✓ %s%s\n' "$green" "$text" "$off"
	else
		sed 's/^/  /' /run/test/proof
		printf '  %s✗ %s%s\n' "$red" "$text" "$off"
		fail "it did not hold that: $text"
	fi
}

write_conf() {
	local host=$1 authby=$2
	cat >"/run/hosts/$host/etc/ipsec.conf" <<END
# /etc/ipsec.conf on $host
version 2

config setup
	interfaces=%defaultroute

conn west-east
	left=198.51.100.1
	leftsubnet=192.0.2.0/24
	right=198.51.100.2
	rightsubnet=192.0.3.0/24
	authby=$authby
END
	[ "$authby" = secret ] || cat >>"/run/hosts/$host/etc/ipsec.conf" <<END
$("west" ipsec showhostkey --left | grep -v '#')
$("east" ipsec showhostkey --right | grep -v '#')
END
	printf '\tauto=add\n' >>"/run/hosts/$host/etc/ipsec.conf"
}

show_conf() {
	printf '  %s%s# cat /etc/ipsec.conf%s\n' "$bold" "$1" "$off"
	sed 's/^\(.\{72\}\).*/\1.../; s/^/  /' "/run/hosts/$1/etc/ipsec.conf"
}

# Type the same on both gateways at the same time.
run_both() {
	run east "$@" >/run/test/east &
	local east=$!
	run west "$@"
	wait $east || true
	cat /run/test/east
}

# A file full of the pattern through TCP; the checksums of both ends must agree.
transfer() {
	local sent got receiver
	rm -f /run/test/got
	sunset nc -l -p 5001 </dev/null >/run/test/got &
	receiver=$!
	await 5 listens sunset 5001
	sunrise nc -N 192.0.3.1 5001 </run/test/file
	await 30 gone $receiver
	sent=$(sha256sum </run/test/file)
	got=$(sha256sum </run/test/got)
	echo "sent ${sent%% *}, got ${got%% *}"
	[ "$sent" = "$got" ]
}

listens() {
	"$1" ss -Hltn "sport = $2" | finds .
}

gone() {
	! kill -0 "$1" 2>/dev/null
}

seen_on_ipsec0() {
	LC_ALL=C grep -a -q -F -e "$pattern" "$(capture ipsec0)"
}

summary() {
	local file=$1 filter=$2
	tcpdump -n -c 3 -r "$(capture "$file")" "$filter" 2>/dev/null |
		cut -c1-74 | sed "s/^/    $dim/; s/\$/$off/"
}

how_many() {
	tcpdump --count -n -r "$(capture "$1")" "$2" 2>/dev/null | cut -d' ' -f1
}

carry_traffic() {
	local began
	start_capture west ipsec0 ipsec0 160
	run sunrise ping -c 3 -i 0.2 192.0.3.1
	prove "ping gets from sunrise to sunset and back" sunrise ping -c1 -W2 192.0.3.1
	began=${EPOCHREALTIME/./}
	prove "$megabytes MB through TCP arrive with the same SHA-256" transfer
	printf '    %s%s%s\n' "$dim" "$(awk -v t=$((${EPOCHREALTIME/./} - began)) -v m=$megabytes \
		'BEGIN { printf "%.1f s, %.0f Mbit/s in an emulated CPU", t / 1e6, m * 8e6 / t }')" "$off"
	stop_capture ipsec0
	stop_capture
	prove "on the wire: nothing but ESP and IKE ($(how_many wire esp) ESP packets)" wire_is esp
	summary wire esp
	prove "on the wire: \"$pattern\" occurs nowhere" wire_lacks "$pattern"
	prove "on ipsec0: there it is, in clear" seen_on_ipsec0
	summary ipsec0 tcp
}

take_down() {
	local before
	run west ipsec auto --down west-east
	sleep 0.2
	before=$(counts west total)
	start_capture
	prove "nothing gets through any more" no_way_through
	prove "west has dropped the packets: $before before, $(counts west total) now" \
		test "$(counts west total)" -ge $((before + 3))
	prove "and none leaked: no packet of the two nets on the wire" nothing_leaked
}

no_way_through() {
	! sunrise ping -c 3 -i 0.2 -W 0.5 \
		-p "$(printf %s "$pattern" | head -c 16 | od -An -tx1 | tr -d ' \n')" 192.0.3.1
}

nothing_leaked() {
	stop_capture
	[ "$(how_many wire 'net 192.0.2.0/24 or net 192.0.3.0/24')" -eq 0 ] &&
		wire_lacks "$(printf %s "$pattern" | head -c 16)"
}

step "the guest runs $(uname -sr) on $(nproc) CPUs; it makes the network"
topology
modprobe -a esp4 2>/dev/null || true
yes "$pattern 0123456789" | head -c ${megabytes}000000 >/run/test/file || true
run west modprobe ipsec
dmesg | grep -i 'ipsec\|klips\|FreeS' | grep -v starts | tail -n 2 | sed 's/^/  /'
makers=()
for gw in west east; do
	"$gw" ipsec newhostkey --quiet --bits 2048 --output /etc/ipsec.d/rsa.secrets \
		2>"/run/test/$gw.newhostkey" &
	makers+=($!)
done

step "1. a shared secret"
psk=$(openssl rand -hex 16)
for gw in west east; do
	write_conf $gw secret
	show_conf $gw
	secrets $gw <<<"198.51.100.1 198.51.100.2 : PSK \"$psk\""
done
run_both ipsec setup --start
run west ipsec auto --up west-east
carry_traffic
run west ipsec auto --status
run west ipsec look
take_down
run_both ipsec setup --stop

step "2. RSA keys"
wait "${makers[@]}"
for gw in west east; do
	printf '  %s%s# ipsec newhostkey --bits 2048 --output /etc/ipsec.secrets%s\n' \
		"$bold" $gw "$off"
	mv "/run/hosts/$gw/etc/ipsec.d/rsa.secrets" "/run/hosts/$gw/etc/ipsec.secrets"
done
for gw in west east; do
	write_conf $gw rsasig
done
show_conf west
run_both ipsec setup --start
start_capture
run west ipsec auto --up west-east
carry_traffic
take_down
if [ -n "${FSW_KEEP:-}" ]; then
	step "up again, for you"
	run west ipsec auto --up west-east
else
	run_both ipsec setup --stop
fi
prove "the kernel has nothing to complain of" dmesg_clean
