#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The ipsec command: what it finds, what it refuses, what it tells its commands.

# shellcheck source=testing/scripts/lib.sh
. "$(dirname "$0")/lib.sh"

ipsec() {
	IPSEC_EXECDIR=$TMP/bin IPSEC_LIBDIR=$TMP/bin "$BIN/ipsec" "$@"
}

fake hello <<'END'
#!/bin/sh
echo "hello $*"
echo "$IPSEC_EXECDIR $IPSEC_CONFS $IPSEC_VERSION"
exit 42
END
fake auto <<'END'
#!/bin/sh
echo "auto $*"
END
fake setup <<'END'
#!/bin/sh
echo "setup $*"
END
fake _updown <<'END'
#!/bin/sh
END
fake hello.old <<'END'
#!/bin/sh
END

is "without arguments: help, no error" 0 "$(status_of ipsec)"
is "a command's exit status is passed on" 42 "$(status_of ipsec hello)"
contains "a command gets its arguments" "hello a b c" "$(ipsec hello a 'b c')"
contains "a command is told the directories" "$TMP/bin /" "$(ipsec hello)"

is "unknown command" 1 "$(status_of ipsec nonsense)"
is "unknown command, text" "ipsec: unknown IPsec command \`nonsense' (\`ipsec --help' for list)" \
	"$(ipsec nonsense 2>&1)"
is "unknown option, text" \
	"ipsec: unknown option \`--nonsense' (perhaps command name was omitted?)" \
	"$(ipsec --nonsense 2>&1)"
is "unknown option" 1 "$(status_of ipsec --nonsense)"
is "nothing outside the directory is run" 1 "$(status_of ipsec ../bin/hello)"
is "ipsec does not call itself" 1 "$(status_of ipsec ipsec)"

help=$(ipsec --help)
contains "help lists commands" "	hello" "$help"
contains "help lists short forms" "	up" "$help"
is "help hides helpers and leftovers" "" "$(echo "$help" | grep -E '_updown|hello.old')"

is "up is auto --up" "auto --up west-east" "$(ipsec up west-east)"
is "status is auto --status" "auto --status" "$(ipsec status)"
is "restart is setup restart" "setup restart" "$(ipsec restart)"
is "ipsec setup status is setup's" "setup status" "$(ipsec setup status)"

version=$(cat "$(dirname "$0")/../../VERSION")
contains "version" "Linux FreeS/WAN *$version" "$(ipsec --version)"
contains "versioncode" "$version" "$(ipsec --versioncode)"
is "confdir can be preset" /elsewhere "$(IPSEC_CONFS=/elsewhere ipsec --confdir)"

finish
