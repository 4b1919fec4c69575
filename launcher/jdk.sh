# SPDX-License-Identifier: Apache-2.0
# Sourced by ./greyprint, ./verify and the scripts of bench/: finds a JDK 25 or newer.
#
# find_jdk sets jdk_home, or leaves it empty. It reads each JDK's file "release" and starts none of
# them: a millisecond instead of a third of a second each. GREYPRINT_JAVA_HOME alone counts if it is
# set; else JAVA_HOME, the java on PATH, and /usr/lib/jvm are looked at in this order.

# jdk_major FOLDER: sets jdk_found to the major version of the JDK there, 0 if there is none.
jdk_major() {
  jdk_found=0
  [ -x "$1/bin/java" ] && [ -r "$1/release" ] || return 0
  while IFS= read -r jdk_line || [ -n "$jdk_line" ]; do
    case $jdk_line in
      JAVA_VERSION=\"*)
        jdk_found=${jdk_line#JAVA_VERSION=\"}
        jdk_found=${jdk_found%%[!0-9]*}
        break
        ;;
    esac
  done < "$1/release"
  jdk_found=${jdk_found:-0}
}

find_jdk() {
  jdk_home=
  if [ -n "${GREYPRINT_JAVA_HOME:-}" ]; then
    jdk_major "$GREYPRINT_JAVA_HOME"
    [ "$jdk_found" -lt 25 ] || jdk_home=$GREYPRINT_JAVA_HOME
    return 0
  fi
  if [ -n "${JAVA_HOME:-}" ]; then
    jdk_major "$JAVA_HOME"
    [ "$jdk_found" -lt 25 ] || jdk_home=$JAVA_HOME
  fi
  if [ -z "$jdk_home" ] && jdk_java=$(command -v java); then
    jdk_java=$(readlink -f "$jdk_java")
    jdk_major "${jdk_java%/bin/java}"
    [ "$jdk_found" -lt 25 ] || jdk_home=${jdk_java%/bin/java}
  fi
  [ -z "$jdk_home" ] || return 0
  for jdk_folder in /usr/lib/jvm/* "$HOME"/.sdkman/candidates/java/*; do
    jdk_major "$jdk_folder"
    if [ "$jdk_found" -ge 25 ]; then
      jdk_home=$jdk_folder
      return 0
    fi
  done
}

# need_jdk NAME: find_jdk, or ends with what is missing and what to do.
need_jdk() {
  find_jdk
  [ -z "$jdk_home" ] || return 0
  if [ -n "${GREYPRINT_JAVA_HOME:-}" ]; then
    echo "$1: no JDK 25 or newer in GREYPRINT_JAVA_HOME=$GREYPRINT_JAVA_HOME: point it at one" >&2
  else
    echo "$1: no JDK 25 or newer in JAVA_HOME, on PATH or in /usr/lib/jvm:" \
      "install one (Debian: openjdk-25-jdk, or temurin-25-jdk) or set GREYPRINT_JAVA_HOME" >&2
  fi
  exit 1
}
