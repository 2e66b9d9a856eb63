/* sim_traffic.c -- `weir sim traffic`: ten minutes of mixed requests to a weir, so that
 * whoever tries it sees something happen.
 *
 * What is asked is made in sim/traffic.c; here it is sent at its time, and what came of
 * it is counted. */
#include "cmd/serve/sim_traffic.h"
#include "cmd/lib/options.h"

#include "core/clock.h"
#include "core/mem.h"
#include "sim/traffic.h"
#include "upstream/exchange.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    BODY_BYTES = 1 << 20,
    FIELDS_BYTES = 600,
    TICK_MS = 250,
    OPEN_MOST = 256, /* more at once: weir does not keep up, and the rest is left out */
    DEAF_AFTER = 3,  /* so many first requests that found nobody */
    BAR = 24,
    ANSWER_MS = 600000
};

struct counts {
    uint64_t sent, local, cloud, masked, kept, refused, failed, cut;
};

struct sending {
    struct link link;
    struct run *run;
    struct traffic_item item;
    struct buf body;
    struct http_message message;
    char fields[FIELDS_BYTES];
    struct exchange *exchange;
    int status;
    bool is_cloud, is_masked, is_labelled, is_broken;
    char line[16]; /* of its answer, without blanks: the beginning of the newest one */
    size_t line_n;
};

struct run {
    struct loop *loop;
    struct upstream_pool *pool;
    struct endpoint endpoint;
    struct loop_timer next, tick;
    struct traffic traffic;
    struct sending *waiting; /* made, and not due yet; NULL: none is left */
    struct link open;
    uint32_t nopen, left_out, deaf;
    uint64_t began_ms, until_ms; /* of the traffic */
    const char *key;             /* NULL: each app has its own */
    struct counts by[TRAFFIC_APPS], all;
    bool shows_bar, is_over;
};

static volatile sig_atomic_t is_stopped;

static void on_signal(int sig)
{
    (void)sig;
    is_stopped = 1;
}

/* -- what came of it ------------------------------------------------------------------
 */

static void count(struct run *r, const struct sending *s, bool is_cut)
{
    struct counts *of[] = {&r->by[s->item.app], &r->all};
    for (size_t i = 0; i < ARRAY_LEN(of); i++) {
        struct counts *c = of[i];
        bool is_good = !is_cut && s->status >= 200 && s->status < 300;
        c->sent++;
        c->cloud += is_good && s->is_cloud;
        c->local += is_good && !s->is_cloud;
        c->masked += is_good && s->is_masked;
        c->kept += is_good && !s->is_cloud && s->is_labelled;
        c->refused += !is_cut && s->status >= 400 && s->status < 500;
        c->failed += !is_cut && s->status >= 500;
        c->cut += is_cut;
    }
}

static void finish(struct sending *s, bool is_cut)
{
    struct run *r = s->run;
    count(r, s, is_cut);
    list_remove(&s->link);
    r->nopen--;
    buf_release(&s->body);
    mem_free(s);
    if (r->is_over && r->nopen == 0)
        loop_stop(r->loop);
}

static void on_head(void *ctx, const struct http_head *head)
{
    struct sending *s = ctx;
    struct str side = http_head_get(head, STR("x-weir-side"));
    s->status = head->status;
    s->is_cloud = str_eqz(side, "cloud");
    s->is_masked = http_head_get(head, STR("x-weir-masked")).n > 0;
    s->is_labelled = http_head_get(head, STR("x-weir-label")).n > 0;
    s->run->deaf = UINT32_MAX;
}

static void end_line(struct sending *s)
{
    s->is_broken |= str_starts((struct str){s->line, s->line_n}, STR("data:{\"error\":"));
    s->line_n = 0;
}

/* A stream that has begun with 200 can still break: its last event is an error then. */
static void on_body(void *ctx, struct str piece)
{
    struct sending *s = ctx;
    for (size_t i = 0; i < piece.n; i++)
        if (piece.p[i] == '\n')
            end_line(s);
        else if (piece.p[i] != ' ' && s->line_n < sizeof s->line)
            s->line[s->line_n++] = piece.p[i];
}

static void on_flush(void *ctx)
{
    (void)ctx;
}

static void on_end(void *ctx)
{
    struct sending *s = ctx;
    end_line(s);
    finish(s, s->is_broken);
}

static void end(struct run *r)
{
    r->is_over = true;
    loop_timer_stop(&r->next);
    loop_timer_stop(&r->tick);
    if (r->nopen == 0 || is_stopped)
        loop_stop(r->loop);
}

static void on_fail(void *ctx, const struct err *err)
{
    struct sending *s = ctx;
    struct run *r = s->run;
    bool is_deaf = err->code && strcmp(err->code, "upstream_connect") == 0;
    if (is_deaf && r->deaf < DEAF_AFTER && ++r->deaf == DEAF_AFTER)
        end(r);
    finish(s, true);
}

static const struct exchange_events events = {
    .head = on_head, .body = on_body, .flush = on_flush, .end = on_end, .fail = on_fail};

/* -- sending --------------------------------------------------------------------------
 */

/* The next one, or none when the time is over. */
static void make_next(struct run *r)
{
    struct sending *s = mem_new(struct sending);
    r->waiting = NULL;
    if (!s)
        return;
    s->run = r;
    buf_init(&s->body, BODY_BYTES);
    traffic_next(&r->traffic, &s->item, &s->body);
    if (s->body.failed || r->began_ms + s->item.at_ms >= r->until_ms) {
        buf_release(&s->body);
        mem_free(s);
        return;
    }
    const char *key = r->key ? r->key : traffic_app_key(s->item.app);
    bool has_session = s->item.session[0];
    snprintf(s->fields, sizeof s->fields,
             "Content-Type: application/json\r\nAccept: */*\r\nUser-Agent: weir-sim/"
             "%s\r\nAuthorization: Bearer %s\r\n%s%s%s%s",
             traffic_app_name(s->item.app), key, s->item.fields,
             has_session ? "x-weir-session: " : "", s->item.session,
             has_session ? "\r\n" : "");
    s->message = (struct http_message){.method = STR("POST"),
                                       .target = STR("/v1/chat/completions"),
                                       .fields = str_of(s->fields),
                                       .body = {buf_view(&s->body)},
                                       .npieces = 1,
                                       .body_bytes = buf_len(&s->body)};
    r->waiting = s;
}

static void drop(struct sending *s)
{
    buf_release(&s->body);
    mem_free(s);
}

static void send_now(struct run *r, struct sending *s)
{
    struct err err;
    if (r->nopen >= OPEN_MOST) {
        r->left_out++;
        drop(s);
        return;
    }
    list_append(&r->open, &s->link);
    r->nopen++;
    s->exchange = exchange_start(r->pool, &r->endpoint, &s->message, EXCHANGE_RESENDS,
                                 &events, s, &err);
    if (!s->exchange)
        finish(s, true);
}

static void on_next(struct loop_timer *t)
{
    struct run *r = CONTAINER_OF(t, struct run, next);
    while (r->waiting && r->began_ms + r->waiting->item.at_ms <= loop_now_ms(r->loop)) {
        struct sending *s = r->waiting;
        make_next(r);
        send_now(r, s);
    }
    if (r->is_over)
        return;
    if (r->waiting)
        loop_timer_at(t, r->began_ms + r->waiting->item.at_ms);
    else
        end(r);
}

/* -- what is shown --------------------------------------------------------------------
 */

static void show_bar(const struct run *r)
{
    uint64_t of_ms = r->until_ms - r->began_ms;
    uint64_t at_ms = loop_now_ms(r->loop) - r->began_ms;
    at_ms = at_ms < of_ms ? at_ms : of_ms;
    int done = (int)(at_ms * BAR / (of_ms ? of_ms : 1));
    fprintf(stderr, "\r[%.*s%.*s] %u:%02u of %u:%02u, %llu answered, %u open   ", done,
            "########################", BAR - done, "........................",
            (unsigned)(at_ms / 60000), (unsigned)(at_ms / 1000 % 60),
            (unsigned)(of_ms / 60000), (unsigned)(of_ms / 1000 % 60),
            (unsigned long long)r->all.sent, r->nopen);
}

static void on_tick(struct loop_timer *t)
{
    struct run *r = CONTAINER_OF(t, struct run, tick);
    if (r->shows_bar)
        show_bar(r);
    if (is_stopped)
        end(r);
    else
        loop_timer_at(t, loop_now_ms(r->loop) + TICK_MS);
}

static void print_row(const char *name, const struct counts *c)
{
    printf("%-8s %6llu %6llu %6llu %7llu %6llu %8llu %7llu %6llu\n", name,
           (unsigned long long)c->sent, (unsigned long long)c->local,
           (unsigned long long)c->cloud, (unsigned long long)c->masked,
           (unsigned long long)c->kept, (unsigned long long)c->refused,
           (unsigned long long)c->failed, (unsigned long long)c->cut);
}

static void print_counts(const struct run *r)
{
    printf("%-8s %6s %6s %6s %7s %6s %8s %7s %6s\n", "app", "sent", "local", "cloud",
           "masked", "kept", "refused", "failed", "broke");
    for (unsigned i = 0; i < TRAFFIC_APPS; i++)
        print_row(traffic_app_name((enum traffic_app)i), &r->by[i]);
    print_row("all", &r->all);
    printf("masked: left with tags in the place of values; kept: answered here with a "
           "label\n");
    if (r->left_out)
        printf("%u were left out, as %d were open at once\n", r->left_out, OPEN_MOST);
}

/* -- the run --------------------------------------------------------------------------
 */

static void catch_signals(void)
{
    struct sigaction a = {.sa_handler = on_signal};
    sigemptyset(&a.sa_mask);
    sigaction(SIGINT, &a, NULL);
    sigaction(SIGTERM, &a, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static void go(struct run *r, const struct sim_traffic *t)
{
    list_init(&r->open);
    r->shows_bar = isatty(STDERR_FILENO);
    r->key = t->key;
    r->began_ms = loop_now_ms(r->loop);
    r->until_ms = r->began_ms + (uint64_t)(t->minutes * 60000);
    traffic_begin(&r->traffic, t->seed, t->rate);
    loop_timer_init(r->loop, &r->next, on_next);
    loop_timer_init(r->loop, &r->tick, on_tick);
    make_next(r);
    loop_timer_at(&r->next, r->began_ms + 1);
    loop_timer_at(&r->tick, r->began_ms + 1);
    loop_run(r->loop);
    if (r->waiting)
        drop(r->waiting);
    while (!list_empty(&r->open)) {
        struct sending *s = list_first(&r->open, struct sending, link);
        exchange_cancel(s->exchange);
        finish(s, true);
    }
    if (r->shows_bar)
        fprintf(stderr, "\r%78s\r", "");
}

int sim_traffic_run(const struct sim_traffic *t)
{
    struct run r = {.traffic = {0}};
    struct err err = {0};
    r.endpoint = (struct endpoint){.name = STR("weir"),
                                   .origin = t->host,
                                   .host = t->host,
                                   .port = t->port,
                                   .deadlines = {3000, ANSWER_MS, ANSWER_MS, 0}};
    catch_signals();
    r.loop = loop_create(&err);
    r.pool = r.loop ? upstream_pool_create(r.loop, &err) : NULL;
    if (r.pool)
        go(&r, t);
    else
        fprintf(stderr, "weir sim traffic: %s\n", err.msg);
    bool is_deaf = r.deaf == DEAF_AFTER;
    if (is_deaf)
        fprintf(stderr,
                "weir sim traffic: nobody answers on %.*s port %u; start one: weir up, "
                "or weir serve -c examples/trial.yaml\n",
                STR_ARG(t->host), t->port);
    else if (r.pool)
        print_counts(&r);
    upstream_pool_free(r.pool);
    loop_free(r.loop);
    return !err.kind && !is_deaf && r.all.sent > r.all.cut ? EXIT_YES : EXIT_NO;
}
