#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write a capture file of N SYNs to port 25 from many hosts of known stacks.

usage: syn-pcap.py N HOSTS OUT.pcap [SEED]

Ethernet/IPv4/TCP with right checksums, classic pcap (microseconds). Each host keeps one stack, MSS (as the
path to it made it; the window stays that of 1460) and hop distance; ports, sequence numbers, IP ids and timestamps change with each SYN. Same arguments, same file.
"""
import random
import struct
import sys

# share, initial TTL, window, options, IP id used, TOS byte, TCP flags
STACKS = [
    (34, 128, 64240, "M,N,W8,N,N,S", True, 0, 0x02),      # Windows 10/11
    (16, 128, 65535, "M,N,W8,N,N,S", True, 0, 0x02),     # Windows 11
    (6, 128, 8192, "M,N,W8,N,N,S", True, 0, 0x02),       # Windows 7
    (4, 128, 8192, "M,N,W2,N,N,S", True, 0, 0x02),
    (5, 128, 8192, "M,N,W8,N,N,S", True, 2, 0xC2),       # Windows Server, ECN setup
    (5, 128, 64240, "M,N,W8,N,N,S", True, 2, 0xC2),
    (1, 128, 65535, "M,N,N,S", True, 0, 0x02),           # Windows XP
    (14, 64, 64240, "M,S,T,N,W7", True, 0, 0x02),         # Linux
    (3, 64, 65535, "M,S,T,N,W9", True, 0, 0x02),         # Android
    (5, 64, 65535, "M,N,W6,N,N,T,S,E,E", False, 0, 0x02),  # macOS, iOS
    (2, 64, 65535, "M,N,W6,N,N,T,S,E,E", False, 0, 0xC2),
    (2, 64, 65535, "M,N,W6,S,T", True, 0, 0x02),         # FreeBSD
    (1, 64, 16384, "M,N,N,S,N,W6,N,N,T", True, 0, 0x02),  # OpenBSD
]
MSS = [1460] * 70 + [1452] * 10 + [1440] * 6 + [1400] * 5 + [1380] * 5 + [1360] * 4
KIND = {"N": b"\x01", "S": b"\x04\x02", "E": b"\x00", "T": b"\x08\x0a" + bytes(8)}


def options(text, mss):
    raw = b"".join(
        struct.pack("!BBH", 2, 4, mss) if o == "M" else
        struct.pack("!BBB", 3, 3, int(o[1:])) if o[0] == "W" else KIND[o]
        for o in text.split(","))
    return raw + bytes(-len(raw) % 4)


def fold(total):
    while total >> 16:
        total = (total >> 16) + (total & 0xFFFF)
    return ~total & 0xFFFF


def words(raw):
    return sum(struct.unpack("!%dH" % (len(raw) // 2), raw))


def template(stack, mss):
    _, _, window, layout, _, tos, flags = stack
    opts = options(layout, mss)
    tcp = struct.pack("!HHIIHHHH", 0, 25, 0, 0, ((5 + len(opts) // 4) << 12) | flags,
                      window, 0, 0) + opts
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, tos, 20 + len(tcp), 0, 0x4000, 0, 6, 0, bytes(4), bytes((192, 0, 2, 25)))
    frame = b"\x02\0\0\0\0\x01\x02\0\0\0\0\x02\x08\0" + ip + tcp
    stamp = opts.find(b"\x08\x0a")
    return frame, (54 + stamp + 2 if stamp >= 0 else 0), words(ip), words(tcp) + words(ip[12:20]) + 6 + len(tcp)


def main(count, host_count, path, seed=1):
    rnd = random.Random(seed)
    bag = [i for i, s in enumerate(STACKS) for _ in range(s[0])]
    hosts = []
    for _ in range(host_count):
        a = rnd.getrandbits(32)
        hosts.append((bytes((1 + (a >> 24) % 222, (a >> 16) & 255, (a >> 8) & 255, a & 255)),
                      rnd.choice(bag), rnd.choice(MSS), rnd.randint(4, 24)))
    cache, micros = {}, 1_700_000_000_000_000
    with open(path, "wb", 1 << 20) as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for n in range(count):
            src, kind, mss, hops = hosts[rnd.randrange(host_count)] if host_count < count else hosts[n]
            frame, stamp, ip_sum, tcp_sum = cache.get((kind, mss)) or cache.setdefault(
                (kind, mss), template(STACKS[kind], mss))
            ttl = STACKS[kind][1] - hops
            ipid = rnd.randint(1, 65535) if STACKS[kind][4] else 0
            port, seq, clock = rnd.randint(1024, 65535), rnd.getrandbits(32) | 1, (n * 7 + 12345) & 0xFFFFFFFF or 1
            f = bytearray(frame)
            f[18:20] = struct.pack("!H", ipid)
            f[22] = ttl
            f[26:30] = src
            address = words(src)
            f[24:26] = struct.pack("!H", fold(ip_sum + ipid + (ttl << 8) + address))
            f[34:36] = struct.pack("!H", port)
            f[38:42] = struct.pack("!I", seq)
            total = tcp_sum + address + port + (seq >> 16) + (seq & 0xFFFF)
            if stamp:
                f[stamp:stamp + 4] = struct.pack("!I", clock)
                if (stamp - 34) & 1:
                    total += (clock >> 24) + ((clock >> 8) & 0xFFFF) + ((clock & 0xFF) << 8)
                else:
                    total += (clock >> 16) + (clock & 0xFFFF)
            f[50:52] = struct.pack("!H", fold(total))
            micros += rnd.randint(200, 1800)
            out.write(struct.pack("<IIII", micros // 1_000_000, micros % 1_000_000, len(f), len(f)))
            out.write(f)


if __name__ == "__main__":
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], *map(int, sys.argv[4:]))
