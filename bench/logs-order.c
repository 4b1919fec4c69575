// SPDX-License-Identifier: Apache-2.0
// logs-order FILE: are the lines of an access log in order of their instants, offsets applied?
// Prints how many lines there are, how many steps go backward, and a sum over all lines that does
// not depend on their order, so that outputs can be compared with their sources.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int month(const char *m) {
  const char *p = strstr("JanFebMarAprMayJunJulAugSepOctNovDec", (char[]){m[0], m[1], m[2], 0});
  return p ? (int)(p - "JanFebMarAprMayJunJulAugSepOctNovDec") / 3 + 1 : 0;
}

static long days(int y, int m, int d) {
  y -= m <= 2;
  long era = y / 400, yoe = y - era * 400;
  long doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
  return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy;
}

int main(int argc, char **argv) {
  uint64_t sum = 0;
  long lines = 0, backward = 0, last = -1;
  char *line = NULL;
  size_t room = 0;
  ssize_t length;
  for (int i = 1; i < argc; i++) {
    FILE *in = fopen(argv[i], "r");
    if (!in) { perror(argv[i]); return 1; }
    while ((length = getline(&line, &room, in)) > 0) {
      uint64_t hash = 14695981039346656037ULL;
      for (ssize_t k = 0; k < length; k++) hash = (hash ^ (unsigned char)line[k]) * 1099511628211ULL;
      sum += hash;
      lines++;
      char *b = strchr(line, '['), mon[4] = "", sign;
      int d, y, h, mi, s, oh, om;
      if (b && sscanf(b, "[%d/%3s/%d:%d:%d:%d %c%2d%2d]", &d, mon, &y, &h, &mi, &s, &sign, &oh, &om) == 9) {
        long t = days(y, month(mon), d) * 86400 + h * 3600 + mi * 60 + s;
        t -= (oh * 3600 + om * 60) * (sign == '-' ? -1 : 1);
        if (t < last) backward++;
        last = t;
      }
    }
    fclose(in);
  }
  printf("%ld lines, %ld steps backward, sum %016llx\n", lines, backward, (unsigned long long)sum);
  return 0;
}
