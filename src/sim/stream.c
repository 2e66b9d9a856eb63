/* stream.c -- sending events when their tokens are due.
 *
 * Token k is due k/rate after the first.  The timer has whole milliseconds, so above
 * 1000 tokens a second, and after a late wake-up, several go out together; the pace
 * over the whole stream stays the profile's.  A peer that does not read stops the
 * pump: what the kernel refused is all that is ever kept.
 *
 * Each batch of events travels as one chunk: engines do both, and this is the cheaper
 * one for whoever measures a gateway with it. */
#include "sim/peer.h"

#include "http/write.h"

enum { BATCH_BYTES = 32 * 1024, WRONG_BY = 10 };

static uint64_t tokens_due(const struct peer *p)
{
    uint32_t rate = p->sim->profile->tokps;
    uint64_t now = loop_now_ms(p->sim->loop);
    if (rate == 0)
        return UINT64_MAX;
    if (now < p->first_ms)
        return 1;
    return 1 + (uint64_t)((double)(now - p->first_ms) * rate * p->sim->speed / 1000);
}

static uint64_t due_at(const struct peer *p, uint64_t token)
{
    double ms = (double)token * 1000 / (p->sim->profile->tokps * p->sim->speed);
    return p->first_ms + (uint64_t)ms + 1;
}

static struct iovec vec(const char *p, size_t n)
{
    union {
        const char *from;
        void *to;
    } base = {.from = p};
    return (struct iovec){base.to, n};
}

/* The head if it is still due, the batch as one chunk, and the last chunk. */
static void send_batch(struct peer *p, enum sim_step step)
{
    struct sim *s = p->sim;
    struct str batch = buf_view(&s->out);
    bool lies = step == SIM_DONE && p->asked.fault.kind == SIM_WRONG_CONTENT_LENGTH;
    struct iovec iov[5];
    char size[24];
    int n = 0;
    if (!p->is_head_sent) {
        peer_write_head(p, 200,
                        p->address.path ? dialect_stream_type(p->dialect, p->address.path)
                                        : STR("text/event-stream"),
                        -1, STR(""));
        iov[n++] = vec(s->head.p, s->head.n);
    }
    if (batch.n) {
        size_t len = http_write_chunk_size(size, batch.n + (lies ? WRONG_BY : 0));
        iov[n++] = vec(size, len);
        iov[n++] = vec(batch.p, batch.n);
        iov[n++] = vec("\r\n", 2);
    }
    if (step == SIM_DONE && !lies)
        iov[n++] = vec("0\r\n\r\n", 5);
    if (n)
        peer_send(p, iov, n);
    p->is_head_sent = true;
    buf_clear(&s->out);
}

static void end_stream(struct peer *p)
{
    static const enum peer_end ends[SIM_FAULT_KINDS] = {
        [SIM_RESET_MID_STREAM] = PEER_RESET, [SIM_CUT_MID_STREAM] = PEER_CLOSE,
        [SIM_STALL_MID_STREAM] = PEER_HOLD,  [SIM_KEEPALIVE_CLOSE] = PEER_CLOSE,
        [SIM_CLOSE_AFTER] = PEER_CLOSE,      [SIM_WRONG_CONTENT_LENGTH] = PEER_CLOSE,
        [SIM_CUT_MID_EVENT] = PEER_CLOSE,
    };
    p->sim->nstreaming--;
    p->is_streaming = false;
    peer_finish(p, ends[p->asked.fault.kind]);
}

void stream_pump(struct peer *p)
{
    struct buf *out = &p->sim->out;
    uint64_t due = tokens_due(p);
    enum sim_step step = SIM_MORE;
    buf_clear(out);
    while (step == SIM_MORE && p->stream.ntokens < due && !conn_has_unsent(&p->conn)) {
        step = sim_stream_step(&p->stream, out);
        if (step == SIM_MORE && out->n >= BATCH_BYTES)
            send_batch(p, step);
    }
    if (out->n || step != SIM_MORE)
        send_batch(p, step);
    if (step != SIM_MORE)
        end_stream(p);
    else if (!conn_has_unsent(&p->conn)) /* else `drained` calls again */
        loop_timer_at(&p->due, due_at(p, p->stream.ntokens));
}

static int open_stream(struct peer *p, struct err *err)
{
    struct sim_dress *dress = p->address.path ? &p->dress : NULL;
    if (dress &&
        sim_dress_open(dress, p->dialect, &p->asking.about, p->asked.fault, err) < 0)
        return -1;
    return sim_stream_init(&p->stream, &p->answer, dress, p->asked.fault,
                           p->request.include_usage, &p->arena, err);
}

/* The head and the opening events; the first token waits. */
static void open_slowly(struct peer *p)
{
    struct buf *out = &p->sim->out;
    buf_clear(out);
    sim_stream_open(&p->stream, out);
    send_batch(p, SIM_MORE);
    p->first_ms = loop_now_ms(p->sim->loop) + p->asked.fault.arg;
    loop_timer_at(&p->due, p->first_ms);
}

void stream_begin(struct peer *p)
{
    struct err err = {0};
    if (open_stream(p, &err) < 0) {
        peer_fail(p, 500, "server_error", err.msg);
        return;
    }
    p->is_streaming = true;
    p->sim->nstreaming++;
    if (p->asked.fault.kind == SIM_SLOW_FIRST_TOKEN)
        open_slowly(p);
    else
        stream_pump(p);
}
