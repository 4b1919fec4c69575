# SPDX-License-Identifier: Apache-2.0
"""syslog.py FILE: takes what programs say to /dev/log and writes it as a syslog daemon does."""
import os
import re
import socket
import sys

log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
log.bind("/dev/log")
os.chmod("/dev/log", 0o666)
with open(sys.argv[1], "a", buffering=1, encoding="latin-1") as out:
    while True:
        said = log.recv(65536).decode("latin-1").rstrip("\0\n")
        parts = re.match(r"<\d+>(\w{3} [ \d]\d [\d:]{8}) (.*)", said, re.DOTALL)
        out.write(f"{parts[1]} mx1 {parts[2]}\n")
