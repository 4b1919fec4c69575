/* SPDX-License-Identifier: Apache-2.0
 *
 * Load client for Postfix policy services.
 *
 * build: cc -O2 -o policy-load policy-load.c
 * usage: policy-load inet:ADDRESS:PORT|unix:PATH CONNECTIONS REQUESTS new|known [SEED]
 *
 * Each connection sends one full Postfix 3.7 request (30 attributes), waits for the answer and goes on, as
 * an smtpd process does. All of them are served by one thread (epoll), and the requests are made before the
 * clock starts: a thread for each, and making them, took more processor time than a fast service, on the same
 * two cores. new: every request a triplet not asked before (for one
 * SEED); known: 1000 triplets in turn. Prints requests/s, latency percentiles in microseconds and how the
 * answers were spread.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

struct connection {
  int socket, request, got;
  double start;
  char in[4096];
};

static int total, known, asked, deferred, dunno, prepended, others, errors;
static long base;
static double *latency;

static double now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static char *text(char *out, const char *what) {
  size_t n = strlen(what);
  memcpy(out, what, n);
  return out + n;
}

static char *number(char *out, unsigned long value, unsigned radix) {
  char digits[24];
  int n = 0;
  do { digits[n++] = "0123456789abcdef"[value % radix]; } while (value /= radix);
  while (n) *out++ = digits[--n];
  return out;
}

/* Like printf with %d for a decimal and %x for a hexadecimal number, without what printf costs. */
static int format(char *out, const char *how, const unsigned long *values) {
  char *at = out;
  for (; *how; how++) {
    if (*how == '%') at = number(at, *values++, *++how == 'x' ? 16 : 10);
    else *at++ = *how;
  }
  return at - out;
}

static int request(char *out, int i, unsigned long k) {
  unsigned long values[] = {
    20 + (k / 65536) % 180, (k / 256) % 256, k % 256, k, k, k, k, k, k, k, k % 500,
    (unsigned long) getpid(), k, i, 1024 + i % 60000,
  };
  int n = format(out,
      "request=smtpd_access_policy\nprotocol_state=RCPT\nprotocol_name=ESMTP\n"
      "client_address=%d.%d.%d.25\nclient_name=mx%d.isp%d.example\n"
      "reverse_client_name=mx%d.isp%d.example\nhelo_name=mx%d.isp.example\n"
      "sender=s%d@d%d.example\nrecipient=r%d@local.example\nrecipient_count=0\nqueue_id=\n"
      "instance=%x.%x.%x.0\n", values);
  char *end = text(out + n,
      "size=12345\netrn_domain=\nstress=\nsasl_method=\nsasl_username=\n"
      "sasl_sender=\nccert_subject=\nccert_issuer=\nccert_fingerprint=\nccert_pubkey_fingerprint=\n"
      "encryption_protocol=\nencryption_cipher=\nencryption_keysize=0\npolicy_context=\n"
      "server_address=127.0.0.1\nserver_port=25\n");
  return end + format(end, "client_port=%d\n\n", values + 14) - out;
}

/* All requests one after the other; the one with a number ends where the next begins. */
static char *requests;
static size_t *starts;

static void make_requests(void) {
  size_t room = 0, used = 0;
  starts = calloc(total + 1, sizeof *starts);
  for (int i = 0; i < total; i++) {
    if (room - used < 2048) requests = realloc(requests, room += 1 << 24);
    starts[i] = used;
    used += request(requests + used, i, known ? base + i % 1000 : base + i);
  }
  starts[total] = used;
}

/* Sends the next request; 0 if there is none left, or it cannot be sent. */
static int ask(struct connection *c) {
  if (asked >= total) return 0;
  c->request = asked++;
  c->got = 0;
  size_t from = starts[c->request], length = starts[c->request + 1] - from;
  c->start = now_us();
  if (write(c->socket, requests + from, length) == (ssize_t) length) return 1;
  errors++;
  return 0;
}

/* Reads what has come: 1 if the answer is whole, 0 if not yet, -1 if the connection is at its end. */
static int answer(struct connection *c) {
  int n = read(c->socket, c->in + c->got, sizeof c->in - 1 - c->got);
  if (n <= 0) { errors++; return -1; }
  c->got += n;
  c->in[c->got] = 0;
  if (c->got < 2 || memcmp(c->in + c->got - 2, "\n\n", 2)) return 0;
  latency[c->request] = now_us() - c->start;
  if (strcasestr(c->in, "defer") || strstr(c->in, "=45")) deferred++;
  else if (strcasestr(c->in, "dunno")) dunno++;
  else if (strcasestr(c->in, "prepend")) prepended++;
  else others++;
  return 1;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *) a, y = *(const double *) b;
  return (x > y) - (x < y);
}

/* Connects to inet:ADDRESS:PORT (IPv4) or unix:PATH; -1 if it cannot. */
static int connected(const char *endpoint) {
  int s, one = 1, port;
  char address[64];
  if (!strncmp(endpoint, "unix:", 5)) {
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    snprintf(local.sun_path, sizeof local.sun_path, "%s", endpoint + 5);
    s = socket(AF_UNIX, SOCK_STREAM, 0);
    if (!connect(s, (void *) &local, sizeof local)) return s;
  } else if (sscanf(endpoint, "inet:%63[^:]:%d", address, &port) == 2) {
    struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, address, &peer.sin_addr);
    s = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (!connect(s, (void *) &peer, sizeof peer)) return s;
  } else {
    fprintf(stderr, "%s is neither inet:ADDRESS:PORT nor unix:PATH\n", endpoint);
    exit(2);
  }
  perror(endpoint);
  close(s);
  return -1;
}

int main(int argc, char **argv) {
  if (argc < 5) {
    fprintf(stderr, "usage: policy-load inet:ADDRESS:PORT|unix:PATH CONNECTIONS REQUESTS new|known [SEED]\n");
    return 2;
  }
  int count = atoi(argv[2]), open = 0, poll = epoll_create1(0);
  total = atoi(argv[3]);
  known = !strcmp(argv[4], "known");
  base = argc > 5 ? atol(argv[5]) : 0;
  latency = calloc(total, sizeof *latency);
  make_requests();
  struct connection *all = calloc(count, sizeof *all);
  struct epoll_event *events = calloc(count, sizeof *events);
  for (int i = 0; i < count; i++) {
    if ((all[i].socket = connected(argv[1])) < 0) errors++;
  }
  double start = now_us();
  for (int i = 0; i < count; i++) {
    if (all[i].socket < 0) continue;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &all[i]};
    if (!ask(&all[i])) { close(all[i].socket); continue; }
    epoll_ctl(poll, EPOLL_CTL_ADD, all[i].socket, &event);
    open++;
  }
  while (open) {
    int ready = epoll_wait(poll, events, count, -1);
    for (int i = 0; i < ready; i++) {
      struct connection *c = events[i].data.ptr;
      int state = answer(c);
      if (state < 0 || (state > 0 && !ask(c))) { close(c->socket); open--; }
    }
  }
  double seconds = (now_us() - start) / 1e6;
  int done = 0;
  for (int i = 0; i < total; i++) if (latency[i] > 0) latency[done++] = latency[i];
  if (!done) { fprintf(stderr, "no answers, %d errors\n", errors); return 1; }
  qsort(latency, done, sizeof *latency, ascending);
  printf("connections=%d mode=%s done=%d seconds=%.2f rps=%.0f p50=%.0f p90=%.0f p99=%.0f max=%.0f "
         "deferred=%d dunno=%d prepended=%d other=%d errors=%d\n",
         count, argv[4], done, seconds, done / seconds, latency[done / 2], latency[done * 9L / 10],
         latency[done * 99L / 100], latency[done - 1], deferred, dunno, prepended, others, errors);
  return errors ? 1 : 0;
}
