/* SPDX-License-Identifier: Apache-2.0
 *
 * Load client for Postfix policy services.
 *
 * build: cc -O2 -pthread -o policy-load policy-load.c
 * usage: policy-load HOST PORT CONNECTIONS REQUESTS new|known [SEED]
 *
 * Each connection is a thread that sends one full Postfix 3.7 request (30 attributes), waits for the answer
 * and goes on. new: every request a triplet not asked before (for one SEED); known: 1000 triplets in turn.
 * Prints requests/s, latency percentiles in microseconds and how the answers were spread.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char *host;
static int port, total, known;
static long base;
static int next_request, deferred, dunno, prepended, others, errors;
static double *latency;

static double now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static int request(char *out, size_t size, int i, long k) {
  return snprintf(out, size,
      "request=smtpd_access_policy\nprotocol_state=RCPT\nprotocol_name=ESMTP\n"
      "client_address=%ld.%ld.%ld.25\nclient_name=mx%ld.isp%ld.example\n"
      "reverse_client_name=mx%ld.isp%ld.example\nhelo_name=mx%ld.isp.example\n"
      "sender=s%ld@d%ld.example\nrecipient=r%ld@local.example\nrecipient_count=0\nqueue_id=\n"
      "instance=%x.%lx.%x.0\nsize=12345\netrn_domain=\nstress=\nsasl_method=\nsasl_username=\n"
      "sasl_sender=\nccert_subject=\nccert_issuer=\nccert_fingerprint=\nccert_pubkey_fingerprint=\n"
      "encryption_protocol=\nencryption_cipher=\nencryption_keysize=0\npolicy_context=\n"
      "server_address=127.0.0.1\nserver_port=25\nclient_port=%d\n\n",
      20 + (k / 65536) % 180, (k / 256) % 256, k % 256, k, k, k, k, k, k, k, k % 500,
      (unsigned) getpid(), k, i, 1024 + i % 60000);
}

static void *connection(void *unused) {
  (void) unused;
  int s = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, host, &address.sin_addr);
  setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (connect(s, (void *) &address, sizeof address)) {
    perror("connect");
    __sync_fetch_and_add(&errors, 1);
    return NULL;
  }
  char out[2048], in[4096];
  for (;;) {
    int i = __sync_fetch_and_add(&next_request, 1);
    if (i >= total) break;
    int n = request(out, sizeof out, i, known ? base + i % 1000 : base + i), got = 0, whole = 0;
    double start = now_us();
    if (write(s, out, n) != n) { __sync_fetch_and_add(&errors, 1); break; }
    while (got < (int) sizeof in - 1) {
      int r = read(s, in + got, sizeof in - 1 - got);
      if (r <= 0) break;
      got += r;
      in[got] = 0;
      if (got >= 2 && !strcmp(in + got - 2, "\n\n")) { whole = 1; break; }
    }
    if (!whole) { __sync_fetch_and_add(&errors, 1); break; }
    latency[i] = now_us() - start;
    __sync_fetch_and_add(strcasestr(in, "defer") || strstr(in, "=45") ? &deferred
        : strcasestr(in, "dunno") ? &dunno : strcasestr(in, "prepend") ? &prepended : &others, 1);
  }
  close(s);
  return NULL;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *) a, y = *(const double *) b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  if (argc < 6) { fprintf(stderr, "usage: policy-load HOST PORT CONNECTIONS REQUESTS new|known [SEED]\n"); return 2; }
  host = argv[1];
  port = atoi(argv[2]);
  int connections = atoi(argv[3]);
  total = atoi(argv[4]);
  known = !strcmp(argv[5], "known");
  base = argc > 6 ? atol(argv[6]) : 0;
  latency = calloc(total, sizeof *latency);
  pthread_t *threads = calloc(connections, sizeof *threads);
  double start = now_us();
  for (int i = 0; i < connections; i++) pthread_create(&threads[i], NULL, connection, NULL);
  for (int i = 0; i < connections; i++) pthread_join(threads[i], NULL);
  double seconds = (now_us() - start) / 1e6;
  int done = 0;
  for (int i = 0; i < total; i++) if (latency[i] > 0) latency[done++] = latency[i];
  if (!done) { fprintf(stderr, "no answers, %d errors\n", errors); return 1; }
  qsort(latency, done, sizeof *latency, ascending);
  printf("connections=%d mode=%s done=%d seconds=%.2f rps=%.0f p50=%.0f p90=%.0f p99=%.0f max=%.0f "
         "deferred=%d dunno=%d prepended=%d other=%d errors=%d\n",
         connections, argv[5], done, seconds, done / seconds, latency[done / 2], latency[done * 9L / 10],
         latency[done * 99L / 100], latency[done - 1], deferred, dunno, prepended, others, errors);
  return errors ? 1 : 0;
}
