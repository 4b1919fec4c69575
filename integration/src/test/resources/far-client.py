# SPDX-License-Identifier: Apache-2.0
# A client 400 ms away, over a raw socket, so that no delay of the network has to be made.
#
#   far-client.py ADDRESS SERVER PORT early|fair
#
# "early" sends EHLO with the last packet of the handshake, before the greeting can have come;
# "fair" waits for it. Both then send MAIL and RCPT and end with a reset.
import random
import socket
import struct
import subprocess
import sys
import time

address, server, port, manner = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
AWAY = 0.4
# The kernel, which knows nothing of this connection, would reset it.
subprocess.run(["ip", "addr", "add", address + "/16", "dev", "eth0"], check=True)
subprocess.run(
    ["nft", "-f", "-"],
    input="add table ip far\n"
    "add chain ip far out { type filter hook output priority -300; }\n"
    f"add rule ip far out ip saddr {address} tcp flags & rst == rst meta mark != 7 drop\n",
    text=True,
    check=True,
)
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
raw.bind((address, 0))
raw.settimeout(30)
own = random.randrange(20000, 60000)
seq, ack = random.randrange(1 << 31), 0


def send(flags, data=b"", options=b""):
    global seq
    length = 20 + len(options)
    head = struct.pack(
        "!HHIIBBHHH", own, port, seq, ack, length // 4 << 4, flags, 64240, 0, 0
    ) + options + data
    pseudo = socket.inet_aton(address) + socket.inet_aton(server) + struct.pack("!HH", 6, len(head))
    total = sum(struct.unpack(f"!{(len(pseudo + head) + 1) // 2}H",
                              pseudo + head + b"\0" * (len(head) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    raw.sendto(head[:16] + struct.pack("!H", ~total & 0xFFFF) + head[18:], (server, 0))
    seq += len(data) + (1 if flags & (SYN | FIN) else 0)


def receive():
    global ack
    while True:
        packet = raw.recv(65535)
        tcp = packet[(packet[0] & 15) * 4:]
        source, target, theirs, _, offset, flags = struct.unpack("!HHIIBB", tcp[:14])
        if socket.inet_ntoa(packet[12:16]) != server or (source, target) != (port, own):
            continue
        data = tcp[(offset >> 4) * 4:]
        if flags & SYN:
            ack = theirs + 1
            return b""
        if data and theirs == ack:
            ack += len(data)
            return data


def ask(line):
    time.sleep(AWAY)
    send(ACK | PSH, line)
    return reply()


def reply():
    got = b""
    while not got.endswith(b"\r\n") or got.split(b"\r\n")[-2][3:4] == b"-":
        got += receive()
        send(ACK)
    sys.stdout.write(got.decode())
    return got


send(SYN, options=b"\x02\x04\x05\xb4")
receive()
time.sleep(AWAY)
if manner == "early":
    send(ACK | PSH, b"EHLO far.example\r\n")
    while b"250 " not in reply():
        continue
else:
    send(ACK)
    reply()
    ask(b"EHLO far.example\r\n")
ask(b"MAIL FROM:<a@b.example>\r\n")
ask(b"RCPT TO:<c@example.net>\r\n")
raw.setsockopt(socket.SOL_SOCKET, 36, 7)
send(RST | ACK)
