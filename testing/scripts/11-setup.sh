#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# ipsec setup --showonly: all that a start and a stop would do, and nothing of it done.
# testing/kernel/40-setup.sh does it.

# shellcheck source=testing/scripts/lib.sh
. "$(dirname "$0")/lib.sh"

conf=$TMP/ipsec.conf
run=$TMP/run
cat >"$conf" <<'END'
version 2
config setup
	interfaces="ipsec0=eth7"
	forwardcontrol=yes
	overridemtu=1400
	klipsdebug=esp
	manualstart=trial
	prepluto="echo hook"
	plutodebug=control
	rp_filter=%unchanged
conn %default
	authby=secret
	left=192.0.2.1
conn trial
	right=192.0.2.2
conn routed
	right=192.0.2.3
	auto=route
conn started
	right=192.0.2.4
	auto=start
END
fake ip <<'END'
#!/bin/sh
case $* in
*"route show default"*)	echo "default via 192.0.2.254 dev eth7" ;;
*"addr show dev eth7"*)	echo "2: eth7    inet 192.0.2.1/24 brd 192.0.2.255 scope global eth7" ;;
*)			echo "ip $*" >>"$TMP/done" ;;
esac
END
for program in modprobe rmmod logger; do
	fake $program <<END
#!/bin/sh
echo "$program \$*" >>"\$TMP/done"
END
done

setup() {
	PATH=$TMP/bin:$PATH IPSEC_EXECDIR=$BIN IPSEC_CONFS=$TMP IPSEC_RUNDIR=$run \
		"$BIN/setup" "$@" 2>&1
}

if [ -e /proc/net/ipsec_version ] || [ -e /proc/sys/net/ipsec ]; then
	echo "KLIPS is loaded here, and a start looks different: left out"
	finish
fi

output=$(setup --showonly --config "$conf" start)
is "start: status" 0 $?
is "start" "ipsec_setup: Starting FreeS/WAN IPsec $(cat "$(dirname "$0")/../../VERSION")...
	modprobe ipsec
	echo 1 >/proc/sys/net/ipsec/tos
	echo 1 >/proc/sys/net/ipsec/icmp
	ipsec klipsdebug --set esp
	ipsec tncfg --attach --virtual ipsec0 --physical eth7
	ip -4 -batch - <<END
addr flush dev ipsec0
addr add 192.0.2.1/32 dev ipsec0
link set dev ipsec0 mtu 1400 up
END
	echo 1 >/proc/sys/net/ipv4/ip_forward
	ipsec manual --config $conf --up trial
	sh -c echo hook
	ipsec pluto --secretsfile $TMP/ipsec.secrets --uniqueids --debug-control
	ipsec addconn --config $conf --autoall
	ipsec whack --listen
	ipsec whack --route --name routed
	ipsec whack --initiate --name started --asynchronous" "$output"
is "nothing was done" "" "$(cat "$TMP/done" 2>/dev/null)"
check "nothing was made" test ! -e "$run"

mkdir "$run"
cat >"$run/ipsec.info" <<'END'
klipsloaded=yes
attached="${attached-} ipsec0"
rpfilterwas="${rpfilterwas-} eth7=1"
ipforwardingwas=0
END
is "stop" "ipsec_setup: Stopping FreeS/WAN IPsec...
	rm -f $run/pluto.pid $run/pluto.ctl
	ip link del dev ipsec0
	echo 1 >/proc/sys/net/ipv4/conf/eth7/rp_filter
	echo 0 >/proc/sys/net/ipv4/ip_forward
	rmmod ipsec
	rm -f $run/ipsec.info" "$(setup --showonly stop)"
check "what was there stays" test -e "$run/ipsec.info"
contains "restart is both" "	rm -f $run/ipsec.info
ipsec_setup: Starting" "$(setup --showonly --config "$conf" --restart)"
is "nothing was done again" "" "$(cat "$TMP/done" 2>/dev/null)"

echo "interfaces=%none" >"$TMP/bad.conf"
contains "a bad configuration" "cannot be used -- \`start' aborted" \
	"$(setup --showonly --config "$TMP/bad.conf" start)"
for args in "" "--show" "--config" "nonsense" "start stop" "--nonsense start"; do
	# shellcheck disable=SC2086
	is "usage: setup $args" 2 "$(status_of setup $args)"
done
is "--help" 0 "$(status_of setup --help)"

finish
