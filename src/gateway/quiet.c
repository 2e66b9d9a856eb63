/* quiet.c -- see quiet.h. */
#include "gateway/quiet.h"

#include "gateway/escalate.h"

static uint64_t due_ms(const struct request *r)
{
    return r->said_ms + r->setup->config->quiet_ms;
}

/* May end the request: the client may have left. */
static void ping(struct request *r)
{
    if (r->state != REQ_RELAY)
        opened_begin(r);
    else if (!client_is_choked(r->client))
        (void)quiet_break(r, r->dialect->ping);
}

static void on_time(struct loop_timer *t)
{
    struct request *r = CONTAINER_OF(t, struct request, quiet);
    bool is_due = due_ms(r) <= loop_now_ms(r->worker->loop);
    if (!r->client)
        return;
    if (is_due)
        r->said_ms = loop_now_ms(r->worker->loop);
    loop_timer_at(t, due_ms(r));
    if (is_due && !escalate_keeps_back(r)) /* which tells its client by itself */
        ping(r);
}

void quiet_begin(struct request *r)
{
    if (!r->is_stream || !r->dialect->ping.n || !r->setup->config->quiet_ms)
        return;
    r->said_ms = loop_now_ms(r->worker->loop);
    loop_timer_init(r->worker->loop, &r->quiet, on_time);
    loop_timer_at(&r->quiet, due_ms(r));
}

void quiet_end(struct request *r)
{
    if (r->quiet.fn) /* else it was never set */
        loop_timer_stop(&r->quiet);
}
