# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# strongSwan's charon on a host of the test bed.
#
# start_charon HOST     standard input is its swanctl.conf; the log is /var/log/charon.log
# stop_charon           end it
# charon HOST ARG...    swanctl there, with its answer in the test's log
# charon_logged HOST P  whether charon has written that
# charon_sas HOST       what it has established

start_charon() {
	local host=$1 etc=/run/hosts/$1/etc
	mkdir -p "$etc/swanctl"
	cat >"$etc/swanctl/swanctl.conf"
	cat >"$etc/strongswan.conf" <<-END
		charon {
			load = random nonce aes openssl gcrypt sha1 sha2 md5 hmac gmp kdf pem pkcs1 pkcs8 pubkey x509 kernel-netlink socket-default vici updown
			install_virtual_ip = no
			retransmit_tries = 3
			filelog {
				log {
					path = /var/log/charon.log
					default = 1
					ike = 2
					cfg = 2
					knl = 2
					flush_line = yes
				}
			}
			plugins {
				vici {
					socket = unix:///run/pluto/charon.vici
				}
			}
		}
		swanctl {
			load = random nonce aes openssl pem pkcs1 pkcs8 pubkey x509
		}
	END
	rm -f "/run/hosts/$host/run/pluto/charon.vici"
	"$host" /usr/lib/ipsec/charon </dev/null >/run/test/charon.out 2>&1 &
	echo $! >/run/test/charon.pid
	await 15 test -S "/run/hosts/$host/run/pluto/charon.vici" ||
		fail "charon does not start: $(cat /run/test/charon.out)"
	charon "$host" --load-all >/run/test/load 2>&1 || fail "swanctl: $(cat /run/test/load)"
}

stop_charon() {
	local pid
	pid=$(cat /run/test/charon.pid)
	kill "$pid"
	await 10 test ! -e "/proc/$pid"
}

charon() {
	local host=$1 verb=$2
	shift 2
	"$host" swanctl "$verb" --uri unix:///run/pluto/charon.vici "$@"
}

charon_logged() {
	grep -q -e "$2" "/run/hosts/$1/var/log/charon.log"
}

charon_sas() {
	charon "$1" --list-sas
}

# connection HOST PROPOSAL ESP-PROPOSAL SECRET: one end of west-east, as swanctl.conf
connection() {
	local me peer mine theirs
	me=$(outside_of "$1") mine=$(inside_of "$1")
	peer=$(outside_of "$(other_end "$1")") theirs=$(inside_of "$(other_end "$1")")
	cat <<-END
		connections {
			west-east {
				version = 1
				local_addrs = $me
				remote_addrs = $peer
				proposals = $2
				local {
					auth = psk
					id = $me
				}
				remote {
					auth = psk
					id = $peer
				}
				children {
					west-east {
						local_ts = $mine
						remote_ts = $theirs
						esp_proposals = $3
					}
				}
			}
		}
		secrets {
			ike-1 {
				id-1 = $me
				id-2 = $peer
				secret = "$4"
			}
		}
	END
}
