#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# rsasigkey judged by openssl; newhostkey and showhostkey as a round trip; ranbits.

# shellcheck source=testing/scripts/lib.sh
. "$(dirname "$0")/lib.sh"

key=$TMP/key
number() {	# NAME: the number of that name in $key, without 0x
	sed -n "s/^	$1: 0x//p" "$key"
}

# The same key as openssl takes it.
# shellcheck disable=SC2317 # check calls it
write_asn1() {
	cat <<-END
	asn1=SEQUENCE:key
	[key]
	version=INTEGER:0
	n=INTEGER:0x$(number Modulus)
	e=INTEGER:0x$(number PublicExponent)
	d=INTEGER:0x$(number PrivateExponent)
	p=INTEGER:0x$(number Prime1)
	q=INTEGER:0x$(number Prime2)
	dp=INTEGER:0x$(number Exponent1)
	dq=INTEGER:0x$(number Exponent2)
	qi=INTEGER:0x$(number Coefficient)
	END
}

# shellcheck disable=SC2317
openssl_likes() {
	write_asn1 >"$TMP/asn1"
	openssl asn1parse -noout -genconf "$TMP/asn1" -out "$TMP/der" &&
	openssl rsa -inform DER -in "$TMP/der" -noout -check | grep 'RSA key ok'
}

for args in "1024" "2048" "3072" "--e3 1040" "--noopt 1024" "--rounds 64 1024"; do
	# shellcheck disable=SC2086 # words are wanted
	is "rsasigkey $args" 0 "$("$BIN/rsasigkey" $args >"$key"; echo $?)"
	check "openssl finds it sound: $args" openssl_likes
	is "the modulus has all its bits: $args" "${args##* }" \
		"$(openssl rsa -inform DER -in "$TMP/der" -noout -text 2>/dev/null |
			sed -n 's/^Private-Key: (\([0-9]*\) bit.*/\1/p')"
done

"$BIN/rsasigkey" --hostname gw.example.org 1024 >"$key"
contains "comment" "# RSA 1024 bits   gw.example.org   " "$(sed -n 1p "$key")"
is "the public key is RFC 3110 in base64" \
	"$(printf '03010001%s' "$(number Modulus)" | tr a-f A-F | basenc --base16 -d | base64 -w 0)" \
	"$(sed -n 's/^	#pubkey=0s//p' "$key")"
is "exponent 3 gives AQ" "AQ" \
	"$("$BIN/rsasigkey" --e3 1024 | sed -n 's/^	#pubkey=0s\(..\).*/\1/p')"
is "an old key comes back the same" "$(grep -v '#' "$key")" \
	"$("$BIN/rsasigkey" --oldkey "$key" | grep -v '#')"
sed 's/\(Prime2: 0x..\)./\1f/' "$key" >"$TMP/bad"
is "a damaged old key does not" 1 "$(status_of "$BIN/rsasigkey" --oldkey "$TMP/bad")"
"$BIN/rsasigkey" --e3 1024 >"$TMP/e3"
is "even one of exponent 3" "$(grep -v '#' "$TMP/e3")" \
	"$("$BIN/rsasigkey" --oldkey "$TMP/e3" | grep -v '#')"

is "too few bits" 1 "$(status_of "$BIN/rsasigkey" 512)"
is "too many bits" 1 "$(status_of "$BIN/rsasigkey" 8208)"
is "not a multiple of 16" 1 "$(status_of "$BIN/rsasigkey" 1032)"
is "no bits" 2 "$(status_of "$BIN/rsasigkey")"
is "not a number" 2 "$(status_of "$BIN/rsasigkey" many)"
is "unknown option" 2 "$(status_of "$BIN/rsasigkey" --nonsense 1024)"
printf x >"$TMP/short"
contains "a random file that ends is an error" "$TMP/short: it ends before" \
	"$("$BIN/rsasigkey" --random "$TMP/short" 1024 2>&1)"

# --- newhostkey, showhostkey --------------------------------------------------------------

secrets=$TMP/ipsec.secrets
newhostkey() {
	IPSEC_EXECDIR=$BIN "$BIN/newhostkey" "$@"
}
showhostkey() {
	"$BIN/showhostkey" --file "$secrets" "$@"
}

check "newhostkey" newhostkey --quiet --bits 2048 --hostname west --output "$secrets"
is "only its owner may read it" 600 "$(stat -c %a "$secrets")"
pubkey=$(sed -n 's/^	#pubkey=//p' "$secrets")
is "showhostkey --left" "	leftrsasigkey=$pubkey" "$(showhostkey --left | tail -n 1)"
is "showhostkey --right" "	rightrsasigkey=$pubkey" "$(showhostkey --right | tail -n 1)"
contains "showhostkey comments" "	# RSA 2048 bits   " "$(showhostkey --left)"
contains "showhostkey --key" ".	IN	KEY	0x4200 4 1 ${pubkey#0s}" "$(showhostkey --key)"
contains "showhostkey --ipseckey" ".	IN	IPSECKEY	10 1 2 192.0.2.1 ${pubkey#0s}" \
	"$(showhostkey --ipseckey 192.0.2.1)"
contains "showhostkey --ipseckey, no gateway" ".	IN	IPSECKEY	10 0 2 . ${pubkey#0s}" \
	"$(showhostkey --ipseckey)"
txt=$(showhostkey --txt 10.11.12.13 | tail -n 1)
contains "showhostkey --txt" '	IN TXT  "X-IPsec-Server(10)=10.11.12.13" " AwEAA' "$txt"
is "its strings are at most 255 octets" "" \
	"$(printf '%s\n' "$txt" | tr '"' '\n' | awk 'length > 255')"
is "and together are the key" "${pubkey#0s}" \
	"$(printf '%s\n' "$txt" | sed 's/.*13" " //; s/" "//g; s/"$//')"
# A key's comments may be gone; the numbers are what counts.
grep -v '#' "$secrets" >"$TMP/bare" && cp "$TMP/bare" "$secrets"
is "without the comments" "	leftrsasigkey=$pubkey" "$(showhostkey --left | tail -n 1)"
is "no secret is shown" "" "$(showhostkey --left | grep -i "$(sed -n 's/.*Prime1: 0x//p' "$secrets")")"

is "no format" 1 "$(showhostkey 2>&1 | grep -c 'must specify a format for the result')"
is "no format is bad usage" 2 "$(status_of showhostkey)"
is "unknown option" 2 "$(status_of showhostkey --nonsense)"
is "no such file" 1 "$(status_of "$BIN/showhostkey" --file "$TMP/none" --left)"
echo '@west : PSK "secret"' >"$TMP/psk"
contains "no RSA key" "no RSA key in $TMP/psk" "$("$BIN/showhostkey" --file "$TMP/psk" --left 2>&1)"

before=$(cat "$secrets")
contains "an existing file is appended to, with a warning" "exists, appending" \
	"$(newhostkey --quiet --bits 1024 --output "$secrets" 2>&1)"
contains "and keeps what it had" "$before" "$(cat "$secrets")"
touch "$TMP/open" && chmod 644 "$TMP/open"
contains "a file that others may read is warned of" "others may read" \
	"$(newhostkey --quiet --bits 1024 --output "$TMP/open" 2>&1)"
contains "newhostkey without an end of line before" "
: RSA" "$(printf '# no newline' >"$TMP/cut"
	newhostkey --quiet --bits 1024 --output "$TMP/cut" 2>/dev/null; cat "$TMP/cut")"
size=$(wc -c <"$secrets")
is "a failure is a failure" 1 "$(status_of newhostkey --bits 1000 --output "$secrets")"
is "and leaves the file as it was" "$size" "$(wc -c <"$secrets")"
is "no output named" 2 "$(status_of newhostkey)"
contains "- is stdout" ": RSA	{" "$(newhostkey --bits 1024 --quiet --output -)"

# --- ranbits ------------------------------------------------------------------------------

check "ranbits" sh -c "'$BIN/ranbits' 128 | grep -Ex '0x([0-9a-f]{8}_){3}[0-9a-f]{8}'"
check "without underscores" sh -c "'$BIN/ranbits' --continuous --bytes 20 | grep -Ex '0x[0-9a-f]{40}'"
is "never the same twice" "" "$({ "$BIN/ranbits" 256; "$BIN/ranbits" 256; } | uniq -d)"
is "too many" 2 "$(status_of "$BIN/ranbits" 20008)"
is "none" 2 "$(status_of "$BIN/ranbits" 0)"

finish
