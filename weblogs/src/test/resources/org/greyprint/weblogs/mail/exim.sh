# SPDX-License-Identifier: Apache-2.0
# Exim, in host.sh: its package unpacked, options for the log. The folder has to be for all to read.
exim=$folder/exim4
cp "$1/usr/sbin/exim4" "$exim"
# The program knows its user by name, which this machine need not have.
for name in passwd group; do cp /etc/$name "$folder/$name"; done
echo "Debian-exim:x:65534:65534::/:/bin/false" >> "$folder/passwd"
echo "Debian-exim:x:65534:" >> "$folder/group"
for name in passwd group; do mount --bind "$folder/$name" /etc/$name; done
mkdir "$folder/spool" "$folder/mail"
chmod 777 "$folder" "$folder/spool" "$folder/mail"
cat > "$folder/exim.conf" << CONF
exim_path = $exim
primary_hostname = mx.example.net
local_interfaces = 0.0.0.0
daemon_smtp_ports = 25
spool_directory = $folder/spool
log_file_path = syslog
$2
pid_file_path = $folder/pid
host_lookup =
rfc1413_hosts =
keep_environment =
never_users =
deliver_drop_privilege = true
tls_advertise_hosts =
exim_user = nobody
exim_group = nogroup
acl_smtp_rcpt = acl_rcpt
acl_smtp_data = acl_data
begin acl
acl_rcpt:
  accept hosts = 127.0.0.1
  deny message = relay not permitted
       !domains = example.net
  accept
acl_data:
  deny message = not this
       condition = \${if eq{\$h_subject:}{unwanted}}
  accept
begin routers
gone:
  driver = redirect
  domains = gone.example
  data = :fail: nobody there
  allow_fail
remote:
  driver = manualroute
  domains = remote.example
  route_data = 192.0.2.1
  self = send
  transport = remote
later:
  driver = manualroute
  domains = later.example
  route_data = 127.0.0.9
  self = send
  transport = later
here:
  driver = accept
  domains = example.net : example.com
  transport = here
begin transports
here:
  driver = appendfile
  maildir_format
  directory = $folder/mail
  create_directory
  user = nobody
  group = nogroup
remote:
  driver = smtp
  port = 26
later:
  driver = smtp
  port = 1
begin retry
* * F,2h,15m
CONF
smtp-sink -u nobody 192.0.2.1:26 100 &
"$exim" -bdf -C "$folder/exim.conf" > "$folder/out" 2>&1 &
reachable 25
send 127.0.0.1 sender@example.com ann@example.net,bob@example.net two
send 127.0.0.1 sender@example.com jo@gone.example bounce
send 127.0.0.1 sender@example.com jo@remote.example remote
send 127.0.0.1 sender@example.com jo@later.example later
send 192.0.2.1 sender@example.com jo@elsewhere.example relay
send 127.0.0.1 sender@example.com ann@example.net unwanted
# The message to two, the one that went on, the bounce and what it bounced.
logged 4 " Completed$"
logged 1 " == jo@later.example "
logged 1 "X-Mailer: swaks"
