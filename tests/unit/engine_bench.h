/* engine_bench.h -- one engine of the test's own, a pool and one call to it, on one loop
 * under a clock that is moved. */
#ifndef WEIR_TESTS_ENGINE_BENCH_H
#define WEIR_TESTS_ENGINE_BENCH_H

#include "fake_engine.h"
#include "moved_clock.h"

enum { MB = 1024 * 1024, BENCH_BODY_BYTES = 946 };

struct bench {
    struct loop *loop;
    struct upstream_pool *pool;
    struct engine engine;
    struct endpoint ep;
    struct call call;
    unsigned flags;    /* EXCHANGE_*, of the calls */
    size_t body_bytes; /* of their requests, where a test looks at it */
};

#define OK_HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
#define HELLO   OK_HEAD "Content-Length: 5\r\n\r\nhello"

static inline void say_hello(struct peer *p)
{
    peer_say(p, HELLO);
}

static inline void bench_open(struct bench *b, void (*answer)(struct peer *p))
{
    memset(b, 0, sizeof *b);
    b->loop = make_loop();
    b->pool = upstream_pool_create(b->loop, NULL);
    assert_non_null(b->pool);
    engine_start(&b->engine, b->loop, answer);
    b->ep = endpoint_of(&b->engine);
    b->body_bytes = BENCH_BODY_BYTES;
    call_init(&b->call, b->loop, b->pool);
}

static inline void bench_close(struct bench *b)
{
    upstream_pool_free(b->pool);
    engine_stop(&b->engine);
    loop_free(b->loop);
    buf_release(&b->call.body);
}

/* Runs a fresh call of this message, to its end. */
static inline void bench_send(struct bench *b, const struct http_message *msg)
{
    buf_release(&b->call.body);
    call_init(&b->call, b->loop, b->pool);
    b->call.flags = b->flags;
    call_run(&b->call, &b->ep, msg);
}

#endif
