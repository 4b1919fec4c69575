/* SPDX-License-Identifier: Apache-2.0
 *
 * Asks a p0f socket about 10.0.0.0, 10.0.0.1, ..., one question at a time on each connection.
 *
 * build: cc -O2 -pthread -o p0f-load p0f-load.c
 * usage: p0f-load SOCKET CONNECTIONS QUESTIONS HOSTS
 *
 * Prints answers a second, the median and the 99th percentile of the time to an answer in
 * microseconds, and how many clients were known.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static const char *path;
static int each, hosts;
static double *latency;
static long known;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static void *ask(void *arg) {
  long number = (long)arg;
  struct sockaddr_un to = {.sun_family = AF_UNIX};
  strncpy(to.sun_path, path, sizeof to.sun_path - 1);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0) {
    perror(path);
    exit(1);
  }
  long found = 0;
  uint64_t random = 88172645463325252ULL + number;
  for (int i = 0; i < each; i++) {
    random ^= random << 13;
    random ^= random >> 7;
    random ^= random << 17;
    uint32_t host = 0x0a000000 | (uint32_t)(random >> 32) % hosts;
    uint8_t query[21] = {1, 0x46, 0x30, 0x50, 4, host >> 24, host >> 16, host >> 8, host};
    uint8_t answer[232];
    double start = now();
    if (write(fd, query, sizeof query) != sizeof query) {
      perror("write");
      exit(1);
    }
    for (size_t have = 0; have < sizeof answer;) {
      ssize_t n = read(fd, answer + have, sizeof answer - have);
      if (n <= 0) {
        fprintf(stderr, "the connection was closed\n");
        exit(1);
      }
      have += n;
    }
    latency[number * each + i] = now() - start;
    found += answer[4] == 0x10;
  }
  __sync_fetch_and_add(&known, found);
  close(fd);
  return NULL;
}

static int compare(const void *a, const void *b) {
  double d = *(const double *)a - *(const double *)b;
  return (d > 0) - (d < 0);
}

int main(int argc, char **argv) {
  if (argc != 5) {
    fprintf(stderr, "usage: p0f-load SOCKET CONNECTIONS QUESTIONS HOSTS\n");
    return 2;
  }
  path = argv[1];
  int connections = atoi(argv[2]);
  each = atoi(argv[3]) / connections;
  hosts = atoi(argv[4]);
  long total = (long)each * connections;
  latency = malloc(total * sizeof *latency);
  pthread_t threads[connections];
  double start = now();
  for (long i = 0; i < connections; i++) pthread_create(&threads[i], NULL, ask, (void *)i);
  for (int i = 0; i < connections; i++) pthread_join(threads[i], NULL);
  double seconds = (now() - start) / 1e6;
  qsort(latency, total, sizeof *latency, compare);
  printf("%.0f answers/s, median %.0f us, p99 %.0f us, %.1f %% known\n", total / seconds,
         latency[total / 2], latency[total * 99 / 100], 100.0 * known / total);
  return 0;
}
