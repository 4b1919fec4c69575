/* SPDX-License-Identifier: Apache-2.0
 *
 * Sends SYNs to port 25 of 192.0.2.25 at a steady rate from hosts 10.0.0.0, 10.0.0.1, ... in random
 * order, each of one of four systems, from random ports.
 *
 * build: cc -O2 -o syn-send syn-send.c
 * usage: syn-send INTERFACE HOSTS PER_SECOND MILLISECONDS
 *
 * PER_SECOND 0 is as fast as it goes. Prints how many were sent, at which rate, and by how many
 * milliseconds it was late at worst.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#ifndef PACKET_QDISC_BYPASS
#define PACKET_QDISC_BYPASS 20
#endif

enum { BATCH = 32, MAX_FRAME = 96 };

struct stack {
  uint8_t ttl, tos, flags, length;
  uint16_t window;
  uint8_t options[24];
};

static const struct stack stacks[4] = {
    {116, 0, 0x02, 12, 64240, {2, 4, 5, 0xb4, 1, 3, 3, 8, 1, 1, 4, 2}},
    {118, 2, 0xc2, 12, 64240, {2, 4, 5, 0xb4, 1, 3, 3, 8, 1, 1, 4, 2}},
    {52, 0, 0x02, 20, 64240,
     {2, 4, 5, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0, 1, 3, 3, 7}},
    {50, 0, 0x02, 20, 65535,
     {2, 4, 5, 0xb4, 1, 3, 3, 6, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0}},
};

static uint64_t state = 0x9e3779b97f4a7c15;

static uint64_t next_random(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void put16(uint8_t *at, uint16_t v) {
  at[0] = v >> 8;
  at[1] = v;
}

static void put32(uint8_t *at, uint32_t v) {
  put16(at, v >> 16);
  put16(at + 2, v);
}

static size_t frame(uint8_t *f, uint32_t hosts) {
  uint64_t r = next_random();
  uint32_t host = (uint32_t)((r >> 32) % hosts);
  const struct stack *s = &stacks[host & 3];
  uint8_t *ip = f + 14, *tcp = f + 34;
  memset(f, 0, MAX_FRAME);
  memcpy(f, "\2\0\0\0\0\7\2\0\0\0\0\11\x08", 13);
  ip[0] = 0x45;
  ip[1] = s->tos;
  put16(ip + 2, 40 + s->length);
  put16(ip + 4, (uint16_t)r | 1);
  ip[6] = 0x40;
  ip[8] = s->ttl;
  ip[9] = 6;
  put32(ip + 12, 0x0a000000 | host);
  put32(ip + 16, 0xc0000219);
  uint32_t sum = 0;
  for (int i = 0; i < 20; i += 2) sum += ip[i] << 8 | ip[i + 1];
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  put16(ip + 10, ~sum);
  put16(tcp, 1024 + (uint16_t)(r >> 16) % 64000);
  put16(tcp + 2, 25);
  put32(tcp + 4, (uint32_t)next_random() | 1);
  tcp[12] = (20 + s->length) / 4 << 4;
  tcp[13] = s->flags;
  put16(tcp + 14, s->window);
  memcpy(tcp + 20, s->options, s->length);
  return 54 + s->length;
}

int main(int argc, char **argv) {
  if (argc != 5) {
    fprintf(stderr, "usage: syn-send INTERFACE HOSTS PER_SECOND MILLISECONDS\n");
    return 2;
  }
  uint32_t hosts = strtoul(argv[2], NULL, 10);
  double rate = strtod(argv[3], NULL), seconds = strtod(argv[4], NULL) / 1000;
  int fd = socket(AF_PACKET, SOCK_RAW, 0), one = 1;
  struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = if_nametoindex(argv[1])};
  if (fd < 0 || !to.sll_ifindex || bind(fd, (struct sockaddr *)&to, sizeof to) < 0) {
    perror(argv[1]);
    return 1;
  }
  setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof one);
  static uint8_t frames[BATCH][MAX_FRAME];
  struct iovec iov[BATCH];
  struct mmsghdr messages[BATCH];
  memset(messages, 0, sizeof messages);
  for (int i = 0; i < BATCH; i++) {
    iov[i].iov_base = frames[i];
    messages[i].msg_hdr.msg_iov = &iov[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  double start = now(), late = 0;
  long sent = 0;
  for (;;) {
    double t = now() - start;
    if (t >= seconds) break;
    if (rate > 0) {
      double behind = t - sent / rate;
      if (behind < 0) continue;
      if (behind > late) late = behind;
    }
    for (int i = 0; i < BATCH; i++) iov[i].iov_len = frame(frames[i], hosts);
    for (int done = 0; done < BATCH;) {
      int n = sendmmsg(fd, messages + done, BATCH - done, 0);
      if (n > 0) done += n;
    }
    sent += BATCH;
  }
  printf("%ld sent, %.0f a second, %.1f ms late at worst\n", sent, sent / (now() - start), late * 1e3);
  return 0;
}
