// SPDX-License-Identifier: Apache-2.0
//
// The least a milter can be: asks for the same steps and macros as Greyprint, answers everything at
// once, and puts one header in at the end of a message. What Postfix costs with it, any milter that
// sets a header costs. One thread, epoll.
//
//   cc -O2 -o milter-floor milter-floor.c && ./milter-floor SOCKET [silent]
//
// silent: asks for no macros and answers recipients and the end only, which no milter can do that
// has something to say; it tells what is left where every other answer is spared.
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { MOST = 4096, BUFFER = 1 << 20 };
static int silent;
static struct peer { int filled; char octets[BUFFER]; } *peers[MOST];

static int frame(char *to, char command, const char *data, int length) {
    uint32_t size = htonl(length + 1);
    memcpy(to, &size, 4);
    to[4] = command;
    memcpy(to + 5, data, length);
    return length + 5;
}

static int wanted(char *to, uint32_t stage, const char *macros) {
    stage = htonl(stage);
    memcpy(to, &stage, 4);
    strcpy(to + 4, macros);
    return 4 + strlen(macros) + 1;
}

// The answer to a frame; 0 if there is none, -1 at the end.
static int answer(const char *in, uint32_t length, char *out) {
    char data[1024];
    int n = 12;
    switch (in[0]) {
    case 'O': {
        // Version 6; add headers, change headers, ask for macros; no body, no EOH, no unknown, no
        // answer to headers.
        // Silent: no answer to connect, HELO, MAIL and DATA either.
        uint32_t steps = 0x10 | 0x40 | 0x100 | 0x80 | (silent ? 0x17000 : 0);
        uint32_t words[3] = {htonl(6), htonl(0x1 | 0x10 | 0x100), htonl(steps)};
        memcpy(data, words, 12);
        if (silent) return frame(out, 'O', data, n);
        n += wanted(data + n, 0, "j {daemon_name} {daemon_addr} {daemon_port} {client_addr} {client_port}"
                                 " {client_name} {client_ptr}");
        n += wanted(data + n, 1, "{tls_version}");
        n += wanted(data + n, 2, "i {auth_type} {auth_authen} {mail_addr}");
        n += wanted(data + n, 3, "i {rcpt_addr}");
        n += wanted(data + n, 5, "i {auth_authen}");
        return frame(out, 'O', data, n);
    }
    case 'C': case 'H': case 'M': case 'T':
        return silent ? 0 : frame(out, 'c', "", 0);
    case 'D': case 'L': case 'A': case 'K':
        return 0;
    case 'Q':
        return -1;
    case 'E': {
        static const char header[] = "\0\0\0\1X-Floor\0os=UNKNOWN; ip=192.0.2.1; id=1";
        n = frame(out, 'i', header, sizeof header);
        return n + frame(out + n, 'c', "", 0);
    }
    default:
        return frame(out, 'c', "", 0);
    }
}

static void serve(int fd) {
    struct peer *peer = peers[fd];
    int got = read(fd, peer->octets + peer->filled, BUFFER - peer->filled), at = 0;
    peer->filled += got > 0 ? got : 0;
    while (got > 0 && peer->filled - at >= 4) {
        uint32_t length;
        char out[2048];
        memcpy(&length, peer->octets + at, 4);
        length = ntohl(length);
        if (length == 0 || length > BUFFER - 4) {
            got = 0;
            break;
        }
        if ((uint32_t)(peer->filled - at - 4) < length) break;
        int size = answer(peer->octets + at + 4, length, out);
        at += 4 + length;
        if (size < 0 || (size > 0 && write(fd, out, size) != size)) got = 0;
    }
    if (got <= 0) {
        close(fd);
        free(peer);
        return;
    }
    memmove(peer->octets, peer->octets + at, peer->filled -= at);
}

int main(int count, char **arguments) {
    if (count < 2 || count > 3 || (count == 3 && strcmp(arguments[2], "silent"))) {
        fprintf(stderr, "usage: milter-floor SOCKET [silent]\n");
        return 2;
    }
    silent = count == 3;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", arguments[1]);
    int listening = socket(AF_UNIX, SOCK_STREAM, 0), poll = epoll_create1(0);
    if (bind(listening, (struct sockaddr *)&address, sizeof address) || listen(listening, 128)) {
        perror(arguments[1]);
        return 1;
    }
    chmod(arguments[1], 0666);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listening};
    epoll_ctl(poll, EPOLL_CTL_ADD, listening, &event);
    while (epoll_wait(poll, &event, 1, -1) >= 0) {
        int fd = event.data.fd;
        if (fd != listening) {
            serve(fd);
            continue;
        }
        fd = accept(listening, NULL, NULL);
        if (fd < 0 || fd >= MOST) {
            if (fd >= 0) close(fd);
            continue;
        }
        peers[fd] = calloc(1, sizeof *peers[fd]);
        event = (struct epoll_event){.events = EPOLLIN, .data.fd = fd};
        epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
    }
    return 1;
}
