/* sim_talk.h -- talking to the simulated engine over real sockets, under a clock that the
 * tests move (see core/clock.h): pace is checked to the millisecond, and nothing depends
 * on how busy the machine is.  Where a test must know that the engine has had its turn,
 * it asks it something else twice. */
#ifndef WEIR_TESTS_SIM_TALK_H
#define WEIR_TESTS_SIM_TALK_H

#include "core/clock.h"
#include "core/mem.h"
#include "http/read.h"
#include "http/sse.h"
#include "sim/faults.h"
#include "sim/profile.h"
#include "sim/server.h"
#include "sim/text.h"
#include "json/scan.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

#include "moved_clock.h"

enum { PATIENCE_S = 20, REPLY_MAX = 64 * 1024 * 1024 };

/* -- talking to it ---------------------------------------------------------- */

enum ending { ENDED_FIN, ENDED_RESET, ENDED_QUIET };

struct reply {
    struct buf raw, body;
    enum ending end;
    int status;
    bool is_complete; /* the message ended as its framing promised */
    char fields[512]; /* "name: value\n" of the head */
};

static inline struct sim *start_with(struct sim_options o)
{
    struct sim *s = NULL;
    struct err err = {0};
    if (sim_start(&o, &s, &err) < 0)
        fail_msg("%s", err.msg);
    return s;
}

static inline struct sim *start(void)
{
    return start_with((struct sim_options){.is_recording = true});
}

static inline int dial(const struct sim *s)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(sim_port(s))};
    struct timeval patience = {.tv_sec = PATIENCE_S};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const void *addr = &to;
    assert_int_equal(connect(fd, addr, sizeof to), 0);
    return fd;
}

static inline void say(int fd, struct str text)
{
    while (text.n) {
        ssize_t n = send(fd, text.p, text.n, MSG_NOSIGNAL);
        assert_true(n > 0);
        text = str_sub(text, (size_t)n, text.n);
    }
}

static inline int on_head(void *ctx, const struct http_head *head, struct err *err)
{
    struct reply *r = ctx;
    size_t n = 0;
    (void)err;
    r->status = head->status;
    for (size_t i = 0; i < head->nfields && n < sizeof r->fields; i++)
        n += (size_t)snprintf(r->fields + n, sizeof r->fields - n, "%.*s: %.*s\n",
                              STR_ARG(head->fields[i].name),
                              STR_ARG(head->fields[i].value));
    return 0;
}

static inline int on_body(void *ctx, struct str piece, struct err *err)
{
    struct reply *r = ctx;
    (void)err;
    buf_append(&r->body, piece);
    return 0;
}

static inline int on_end(void *ctx, struct err *err)
{
    struct reply *r = ctx;
    (void)err;
    r->is_complete = true;
    return 0;
}

static inline void parse(struct reply *r)
{
    static const struct http_reader_events events = {on_head, on_body, on_end};
    struct http_reader *reader = http_reader_create(HTTP_READ_RESPONSES, &events, r);
    size_t used;
    assert_non_null(reader);
    if (http_reader_feed(reader, buf_view(&r->raw), &used, NULL) == 0 &&
        r->end == ENDED_FIN && !r->is_complete && r->raw.n)
        (void)http_reader_eof(reader, NULL);
    http_reader_free(reader);
}

static inline void reply_init(struct reply *r)
{
    *r = (struct reply){.end = ENDED_QUIET};
    buf_init(&r->raw, REPLY_MAX);
    buf_init(&r->body, REPLY_MAX);
}

static inline void reply_release(struct reply *r)
{
    buf_release(&r->raw);
    buf_release(&r->body);
}

/* Reads until the connection ends, or with `until` until that text has come. */
static inline void hear(int fd, struct reply *r, const char *until)
{
    for (;;) {
        if (until && str_find(buf_view(&r->raw), str_of(until)) >= 0)
            return;
        assert_true(buf_reserve(&r->raw, 65536));
        ssize_t n = recv(fd, r->raw.p + r->raw.n, 65536, 0);
        if (n <= 0) {
            assert_true(n == 0 || errno == ECONNRESET); /* else: nothing came at all */
            r->end = n == 0 ? ENDED_FIN : ENDED_RESET;
            return;
        }
        r->raw.n += (size_t)n;
    }
}

/* What has already arrived, without waiting. */
static inline void overhear(int fd, struct reply *r)
{
    for (;;) {
        assert_true(buf_reserve(&r->raw, 65536));
        ssize_t n = recv(fd, r->raw.p + r->raw.n, 65536, MSG_DONTWAIT);
        if (n <= 0)
            return;
        r->raw.n += (size_t)n;
    }
}

static inline void say_post(int fd, const char *path, const char *fields,
                            const char *body)
{
    struct buf b;
    buf_init(&b, REPLY_MAX);
    buf_printf(&b, "POST %s HTTP/1.1\r\nhost: sim\r\ncontent-length: %zu\r\n%s\r\n%s",
               path, strlen(body), fields, body);
    say(fd, buf_view(&b));
    buf_release(&b);
}

static inline void post(const struct sim *s, const char *path, const char *fields,
                        const char *body, struct reply *r)
{
    char more[256];
    int fd = dial(s);
    snprintf(more, sizeof more, "connection: close\r\n%s", fields);
    reply_init(r);
    say_post(fd, path, more, body);
    hear(fd, r, NULL);
    close(fd);
    parse(r);
}

static inline void get(const struct sim *s, const char *path, const char *fields,
                       struct reply *r)
{
    char text[512];
    int n = snprintf(text, sizeof text,
                     "GET %s HTTP/1.1\r\nhost: sim\r\nconnection: close\r\n%s\r\n", path,
                     fields);
    int fd = dial(s);
    reply_init(r);
    say(fd, (struct str){text, (size_t)n});
    hear(fd, r, NULL);
    close(fd);
    parse(r);
}

static inline uint64_t stat_of(const struct sim *s, const char *key)
{
    struct reply r;
    uint64_t v = UINT64_MAX;
    get(s, "/sim/stats", "", &r);
    assert_true(str_to_u64(json_get(buf_view(&r.body), key), &v));
    reply_release(&r);
    return v;
}

static inline void wait_for(const struct sim *s, const char *key, uint64_t value)
{
    struct timeval begin, now;
    gettimeofday(&begin, NULL);
    while (stat_of(s, key) != value) {
        gettimeofday(&now, NULL);
        if (now.tv_sec - begin.tv_sec > PATIENCE_S)
            fail_msg("%s never became %llu", key, (unsigned long long)value);
    }
}

/* After this every timer that was due has rung: I/O comes before timers in a turn, so
 * the second answer proves that the turn of the first has ended. */
static inline void settle(const struct sim *s)
{
    stat_of(s, "requests");
    stat_of(s, "requests");
}

/* -- looking at what came --------------------------------------------------- */

/* Line by line: what is sought has no line end, and the thread sanitizer looks at all
 * of the text that a search may reach. */
static inline size_t count(struct str in, const char *what)
{
    size_t n = 0;
    struct str needle = str_of(what), line;
    while (str_split(&in, '\n', &line)) {
        for (ptrdiff_t at; (at = str_find(line, needle)) >= 0; n++)
            line = str_sub(line, (size_t)at + needle.n, line.n);
    }
    return n;
}

static inline bool has(struct str in, const char *what)
{
    return str_find(in, str_of(what)) >= 0;
}

static inline size_t deltas(const struct reply *r)
{
    return count(buf_view(&r->body), "\"delta\":{\"content\":");
}

static inline struct str nth(struct str list, size_t n)
{
    struct json_cur c;
    struct str raw = {NULL, 0};
    json_begin(&c, list);
    assert_true(json_enter_array(&c));
    while (json_next_element(&c) && json_skip(&c, &raw))
        if (n-- == 0)
            return raw;
    return (struct str){NULL, 0};
}

static inline struct str unquoted(struct arena *a, struct str raw)
{
    struct json_cur c;
    struct json_string s;
    json_begin(&c, raw);
    assert_true(json_read_string(&c, &s));
    return json_unescape(a, s);
}

static inline uint64_t number(struct str text, const char *k1, const char *k2)
{
    uint64_t v = UINT64_MAX;
    assert_true(str_to_u64(json_path(text, k1, k2, NULL), &v));
    return v;
}

/* The texts of one choice in a stream, joined; *ret_order gets a letter an event: r
 * role, d delta, f finish, u usage, D [DONE], ? anything else. */
static inline struct str join_stream(struct arena *a, struct str body, uint64_t choice,
                                     const char *k1, const char *k2, char *ret_order)
{
    struct sse_reader sse;
    struct sse_event e;
    struct buf text;
    uint64_t index;
    sse_init(&sse, REPLY_MAX);
    buf_init(&text, REPLY_MAX);
    while (sse_next(&sse, &body, &e) == 1) {
        struct str first = {NULL, 0}, delta, piece, finish;
        if (str_eqz(e.data, "[DONE]")) {
            *ret_order++ = 'D';
            continue;
        }
        first = nth(json_get(e.data, "choices"), 0);
        if (!first.p) {
            *ret_order++ = json_get(e.data, "usage").p ? 'u' : '?';
            continue;
        }
        assert_true(str_to_u64(json_get(first, "index"), &index));
        if (index != choice)
            continue;
        delta = json_get(first, "delta");
        finish = json_get(first, "finish_reason");
        piece = json_get(delta.p ? delta : first, k1);
        if (k2 && piece.p)
            piece = json_path(nth(piece, 0), "function", k2, NULL);
        if (json_get(delta, "role").p)
            *ret_order++ = 'r';
        else
            *ret_order++ = str_eqz(finish, "null") ? 'd' : 'f';
        if (piece.p && !str_eqz(piece, "null"))
            buf_append(&text, unquoted(a, piece));
    }
    *ret_order = '\0';
    struct str joined = arena_strdup(a, buf_view(&text));
    buf_release(&text);
    sse_release(&sse);
    return joined;
}

#define CHAT "/v1/chat/completions"
#define ASK(rest)                                                                        \
    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":" rest "}"

static const char plain_ask[] = ASK("\"tell me of the river\"}]");
static const char stream_ask[] = ASK("\"tell me of the river\"}],\"stream\":true");
static const char usage_ask[] = ASK("\"tell me of the river\"}],\"stream\":true,"
                                    "\"stream_options\":{\"include_usage\":true}");

#endif
