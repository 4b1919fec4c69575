# SPDX-License-Identifier: Apache-2.0
# host.sh PROGRAM FOLDER WORDS...: makes a host of its own, in namespaces that hold nothing else, whose
# syslog is FOLDER/syslog, and runs FOLDER/PROGRAM.sh there. Needs root.
set -eu
folder=$2
PATH=$PATH:/usr/sbin:/sbin
if [ "${INSIDE:-}" != yes ]; then
  INSIDE=yes exec unshare --mount --net --uts --pid --fork --kill-child --mount-proc sh "$0" "$@"
fi
mount -t tmpfs tmpfs /dev
for device in "null 1 3" "zero 1 5" "random 1 8" "urandom 1 9" "tty 5 0"; do
  # shellcheck disable=SC2086 # name and numbers are words
  mknod -m 666 /dev/${device%% *} c ${device#* }
done
ln -s /proc/self/fd /dev/fd
hostname mx.example.net
ip link set lo up
ip address add 192.0.2.1/32 dev lo
python3 "$folder/syslog.py" "$folder/syslog" &
until [ -S /dev/log ]; do sleep 0.1; done

# client, sender, recipients, subject
send() {
  swaks --server "$1" --local-interface "$1" --from "$2" --to "$3" --header "Subject: $4" >> "$folder/swaks" 2>&1 || true
}
reachable() {
  for _ in $(seq 100); do
    bash -c "exec 3<>/dev/tcp/127.0.0.1/$1" 2> /dev/null && return
    sleep 0.1
  done
  cat "$folder/out"
  exit 1
}
# Until the log has so many lines with these words.
logged() {
  for _ in $(seq 200); do
    [ "$(grep -c "$2" "$folder/syslog" || true)" -lt "$1" ] || return 0
    sleep 0.1
  done
  echo "no $1 lines with $2 in the log"
  cat "$folder/syslog" "$folder/out"
  exit 1
}
program=$1
shift 2
. "$folder/$program.sh"
