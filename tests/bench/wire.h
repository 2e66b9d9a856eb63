/* wire.h -- what mock and load agree on, and the few system calls both make.
 *
 * The request says what it wants in its "user" field, which every gateway passes on
 * untouched.  An event carries its number and the time it was sent: mock and load run
 * on one machine, so CLOCK_MONOTONIC is one clock for both. */
#ifndef WEIR_BENCH_WIRE_H
#define WEIR_BENCH_WIRE_H

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define BENCH_HINT "bench events=%u pace_ms=%u."
/* An event's text: its number, the time it was sent, and dots. */
enum { EVENT_DIGITS = 16, EVENT_TEXT = 46 };

static inline uint64_t mono_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static inline uint64_t mono_us(void)
{
    return mono_ns() / 1000;
}

static inline void put_digits(char *to, uint64_t v)
{
    for (int i = EVENT_DIGITS; i-- > 0; v /= 10)
        to[i] = (char)('0' + v % 10);
}

static inline uint64_t get_digits(const char *from)
{
    uint64_t v = 0;
    for (int i = 0; i < EVENT_DIGITS; i++)
        v = v * 10 + (uint64_t)(from[i] - '0');
    return v;
}

static inline void write_text(char *to, uint64_t number, uint64_t us)
{
    put_digits(to, number);
    to[EVENT_DIGITS] = ' ';
    put_digits(to + EVENT_DIGITS + 1, us);
    memset(to + 2 * EVENT_DIGITS + 1, '.', EVENT_TEXT - 2 * EVENT_DIGITS - 1);
}

static inline _Noreturn void die(const char *what)
{
    perror(what);
    exit(1);
}

static inline void prepare_socket(int fd)
{
    const int one = 1;
    if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
        die("O_NONBLOCK");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

static inline struct sockaddr_in loopback(uint16_t port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons(port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

#endif
