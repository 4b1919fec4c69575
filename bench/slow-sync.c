// SPDX-License-Identifier: Apache-2.0
//
// Makes every fsync and fdatasync of a program take so long as on a slower disk: it waits after the
// real one.
//
//   cc -O2 -shared -fPIC -o slow-sync.so slow-sync.c
//   SLOW_SYNC_US=2000 LD_PRELOAD=./slow-sync.so PROGRAM
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

static int slow(const char *name, int fd) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    int result = real(fd), error = errno;
    const char *text = getenv("SLOW_SYNC_US");
    long us = text ? atol(text) : 0;
    struct timespec wait = {us / 1000000, us % 1000000 * 1000};
    while (nanosleep(&wait, &wait) != 0 && errno == EINTR) {
    }
    errno = error;
    return result;
}

int fsync(int fd) {
    return slow("fsync", fd);
}

int fdatasync(int fd) {
    return slow("fdatasync", fd);
}
