#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write realistic vhost_combined access logs of several web servers.

usage: access-logs.py OUTDIR MEGABYTES [--servers N] [--hosts N] [--seed N] [--random] [--mixed-zones]

Each server's log is in the order in which requests ended while lines carry the time they started,
so one line in fifty is up to a minute late; one percent of each server's log sits in a chunk of its
own (webN.late.log), as when a rotated file arrives late. 40 virtual hosts unless said otherwise,
some much busier than others; 14 days from 2012-06-28. Offset +0200, or with --mixed-zones another
one at each server. With --random the lines of each log are in no order at all.
"""
import argparse
import calendar
import os
import random
import time

MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
AGENTS = [
    "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/536.5 (KHTML, like Gecko) Chrome/99.0.1084.56"
    " Safari/536.5",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_7_4) AppleWebKit/534.57.2 (KHTML, like Gecko)"
    " Version/5.1.7 Safari/534.57.2",
    "Mozilla/5.0 (compatible; ExampleBot/2.1; +http://bot.example/)",
    "Opera/9.80 (Windows NT 6.1; U; en) Presto/2.10.229 Version/11.64",
]
PATHS = ("a", "blog", "shop", "img")
START, SPAN = calendar.timegm((2012, 6, 28, 0, 0, 0)), 14 * 86400
OFFSETS = (7200, 3600, 0, -18000, 19800, -12600)
LINE_LENGTH = 215


def stamper(offset):
    """Seconds to stamps; the last minute is remembered."""
    sign, minutes = ("-" if offset < 0 else "+"), abs(offset) // 60
    zone = " %s%02d%02d" % (sign, minutes // 60, minutes % 60)
    seconds = ["%02d%s" % (s, zone) for s in range(60)]
    minutes_seen = {}

    def stamp(t):
        minute = t // 60
        text = minutes_seen.get(minute)
        if text is None:
            if len(minutes_seen) > 50000:
                minutes_seen.clear()
            g = time.gmtime(minute * 60 + offset)
            text = minutes_seen[minute] = "%02d/%s/%d:%02d:%02d:" % (
                g.tm_mday, MONTHS[g.tm_mon - 1], g.tm_year, g.tm_hour, g.tm_min)
        return text + seconds[t - minute * 60]
    return stamp


def server(number, lines, arguments):
    rnd = random.Random(arguments.seed * 1000 + number)
    real, hosts = rnd.random, arguments.hosts
    stamp = stamper(OFFSETS[number % len(OFFSETS)] if arguments.mixed_zones else OFFSETS[0])
    late_from = START + (3 + number) * 86400
    late_to = late_from + SPAN // 100
    # A pool of ends of lines: drawing each anew takes longer than all the rest.
    tails = ['" %d %d "http://www.example%d.org/" "%s"\n' % (
        200 if real() < .95 else 404, rnd.randint(200, 90000), rnd.randint(0, hosts - 1),
        AGENTS[rnd.randint(0, 3)]) for _ in range(20000)]
    name = f"{arguments.outdir}/web{number}"
    with open(name + ".log", "w") as main_log, open(name + ".late.log", "w") as late_log:
        main, late = [], []
        for i in range(lines):
            t = START + SPAN * i // lines
            log = late if late_from <= t < late_to else main
            if arguments.random:
                t = START + int(real() * SPAN)
            elif real() < 0.02:
                t -= 1 + int(real() * 60)
            u, v = real(), int(real() * 16777216)
            log.append(
                "www.example%d.org:80 %d.%d.%d.%d - - [%s] \"GET /%s/page-%d.html?id=%d HTTP/1.1%s" % (
                    int(u * u * hosts), 10 + number, v & 255, v >> 8 & 255, 1 + v % 254, stamp(t),
                    PATHS[i & 3], v % 9999, i, tails[v % 20000]))
            if len(main) > 20000:
                main_log.writelines(main)
                main.clear()
        main_log.writelines(main)
        late_log.writelines(late)


def main():
    parser = argparse.ArgumentParser(description="access logs of several servers")
    parser.add_argument("outdir")
    parser.add_argument("megabytes", type=int)
    parser.add_argument("--servers", type=int, default=6)
    parser.add_argument("--hosts", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--random", action="store_true")
    parser.add_argument("--mixed-zones", action="store_true")
    arguments = parser.parse_args()
    os.makedirs(arguments.outdir, exist_ok=True)
    lines = arguments.megabytes * 1_000_000 // arguments.servers // LINE_LENGTH
    # One process a server; only then are 10 GB made in minutes.
    children = []
    for number in range(arguments.servers):
        child = os.fork()
        if child == 0:
            server(number, lines, arguments)
            os._exit(0)
        children.append(child)
    for child in children:
        if os.waitpid(child, 0)[1] != 0:
            raise SystemExit("a writer failed: is the disk full?")


if __name__ == "__main__":
    main()
