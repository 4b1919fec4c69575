# SPDX-License-Identifier: Apache-2.0
# Sendmail, in host.sh: its packages sendmail-bin, sendmail-cf and m4, unpacked.
macros=$2/usr/share/sendmail/cf
mkdir -m 700 "$folder/mqueue"
printf 'hosts files\naliases files\n' > "$folder/service.switch"
printf '#!/bin/sh\nexec cat > /dev/null\n' > "$folder/deliver"
chmod 755 "$folder/deliver"
cat > "$folder/sendmail.mc" << CONF
divert(0)dnl
OSTYPE(\`linux')dnl
define(\`confSERVICE_SWITCH_FILE', \`$folder/service.switch')dnl
define(\`QUEUE_DIR', \`$folder/mqueue')dnl
define(\`confPID_FILE', \`$folder/pid')dnl
define(\`STATUS_FILE', \`$folder/statistics')dnl
define(\`ALIAS_FILE', \`')dnl
define(\`confCONTROL_SOCKET_NAME', \`')dnl
define(\`confDOMAIN_NAME', \`mx.example.net')dnl
define(\`confDONT_PROBE_INTERFACES', \`true')dnl
define(\`confTO_IDENT', \`0s')dnl
define(\`confQUEUE_LA', \`10000')dnl
define(\`confREFUSE_LA', \`10000')dnl
define(\`confDELAY_LA', \`10000')dnl
define(\`confDELIVERY_MODE', \`i')dnl
define(\`LOCAL_MAILER_PATH', \`$folder/deliver')dnl
define(\`LOCAL_MAILER_FLAGS', \`lsDn')dnl
define(\`LOCAL_MAILER_ARGS', \`deliver \$u')dnl
FEATURE(\`accept_unresolvable_domains')dnl
FEATURE(\`no_default_msa')dnl
DAEMON_OPTIONS(\`Family=inet, Port=25, Name=MTA-v4')dnl
MODIFY_MAILER_FLAGS(\`LOCAL', \`-Aw')dnl
MAILER(\`local')dnl
MAILER(\`smtp')dnl
LOCAL_CONFIG
Cwexample.net
CONF
(cd "$folder" && "$3/usr/bin/m4" -D_CF_DIR_="$macros/" "$macros/m4/cf.m4" sendmail.mc > sendmail.cf)
"$1/usr/libexec/sendmail/sendmail" -C "$folder/sendmail.cf" -bD -L sm-mta > "$folder/out" 2>&1 &
reachable 25
send 127.0.0.1 sender@example.com root@example.net one
send 127.0.0.1 sender@example.com root@example.net,nobody@example.net two
send 127.0.0.1 sender@example.com jo@later.example later
send 192.0.2.1 sender@example.com root@example.net "from outside"
send 192.0.2.1 sender@example.com jo@elsewhere.example relay
logged 4 "stat=Sent"
logged 1 "stat=Deferred"
logged 1 "reject="
