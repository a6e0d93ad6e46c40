# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# time-out: 180
#
# 31-pluto-rsa: raw RSA keys made by newhostkey, named by FQDN, without PFS and with
#
#  sunrise 192.0.2.1 ── west 198.51.100.1 ══ESP══ 198.51.100.2 east ── 192.0.3.1 sunset

topology west:klips east:klips
makers=()
for gw in west east; do
	rm -f "/run/hosts/$gw/etc/ipsec.secrets"
	"$gw" ipsec newhostkey --quiet --bits 2048 --output /etc/ipsec.secrets &
	makers+=($!)
done
wait "${makers[@]}"	# and not for tcpdump, which is a job, too
for gw in west east; do
	[ "$(stat -c %a "/run/hosts/$gw/etc/ipsec.secrets")" = 600 ] ||
		fail "others may read the secrets of $gw"
done

conf west east <<END
conn %default
	leftid=@west.example.org
	$(west ipsec showhostkey --left | grep -o 'leftrsasigkey=.*')
	rightid=@east.example.org
	$(east ipsec showhostkey --right | grep -o 'rightrsasigkey=.*')
	left=198.51.100.1
	leftsubnet=192.0.2.0/24
	right=198.51.100.2
	rightsubnet=192.0.3.0/24
	authby=rsasig

conn west-east
	auto=add

conn no-pfs
	also=west-east
	pfs=no
END
start_ipsec west east

for conn in west-east no-pfs; do
	note "--- $conn"
	west ipsec auto --up $conn	|| fail "$conn: up failed: $?"
	start_capture
	tunnel_works 3			|| fail "$conn: no way through"
	wire_is esp			|| fail "$conn: clear text on the wire"
	west ipsec auto --delete $conn	|| fail "$conn: delete failed: $?"
	await 5 sh -c '! east grep -q esp0x /proc/net/ipsec_spi' ||
		fail "$conn: east has not honoured the Delete"
	# East would choose between the two by their clients alone.
	east ipsec auto --delete $conn
done
west ipsec setup --stop
east ipsec setup --stop
dmesg_clean
