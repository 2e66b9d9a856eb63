/* request.c -- the states, the legal edges, and how a request ends.
 *
 * request_enter() is the one place where the state changes.  An edge that is not in
 * the table is a bug of ours, never of a client, so it asserts. */
#include "gateway/aside.h"
#include "gateway/budget.h"
#include "gateway/escalate.h"
#include "gateway/pairing.h"
#include "gateway/quiet.h"
#include "gateway/refusal.h"
#include "gateway/relay.h"
#include "gateway/witness.h"

#include "core/log.h"
#include "http/write.h"

#include <assert.h>

enum { SMALL_BODY_BYTES = 64 * 1024, ROOM_BYTES = 4 << 20 };

#define TO(state) (1U << (state))

static const struct {
    const char *name;
    unsigned next;
    void (*enter)(struct request *r);
} states[REQ_NSTATES] = {
    [REQ_READ] = {"read", TO(REQ_ADMIT), NULL},
    [REQ_ADMIT] = {"admit", TO(REQ_LABEL) | TO(REQ_REFUSE) | TO(REQ_SETTLE), admit_enter},
    [REQ_LABEL] = {"label", TO(REQ_ROUTE) | TO(REQ_REFUSE) | TO(REQ_SETTLE), label_enter},
    [REQ_ROUTE] = {"route", TO(REQ_ATTEMPT) | TO(REQ_RELAY) | TO(REQ_REFUSE),
                   route_enter},
    [REQ_ATTEMPT] = {"attempt",
                     TO(REQ_ROUTE) | TO(REQ_JUDGE) | TO(REQ_RELAY) | TO(REQ_REFUSE) |
                         TO(REQ_SETTLE),
                     attempt_enter},
    [REQ_JUDGE] = {"judge",
                   TO(REQ_ROUTE) | TO(REQ_RELAY) | TO(REQ_REFUSE) | TO(REQ_SETTLE),
                   judge_enter},
    [REQ_RELAY] = {"relay", TO(REQ_SETTLE), NULL},
    [REQ_REFUSE] = {"refuse", TO(REQ_SETTLE), NULL},
    [REQ_SETTLE] = {"settle", TO(REQ_DONE), settle_enter},
    [REQ_DONE] = {"done", 0, NULL},
};

const char *req_state_name(enum req_state s)
{
    return states[s].name;
}

void request_enter(struct request *r, enum req_state to)
{
    assert(states[r->state].next & TO(to));
    log_debug("%.*s %s -> %s", STR_ARG(r->id), states[r->state].name, states[to].name);
    r->state = to;
    if (states[to].enter)
        states[to].enter(r);
}

/* -- the body -------------------------------------------------------------------- */

static int over_body_limit(const struct request *r, struct err *err)
{
    return err_set(err, ERR_TOO_LARGE, "body_too_large",
                   "the body exceeds the limit of %llu bytes; see limits: body",
                   (unsigned long long)r->setup->config->max_body_bytes);
}

/* An announced length reserves nothing from the common budget: whoever announces much
 * and sends little must not shut others out.  Small bodies get their room at once. */
int request_expect_body(struct request *r, size_t n, struct err *err)
{
    if (n > r->draft->body.max_bytes)
        return over_body_limit(r, err);
    r->draft->expected_bytes = n;
    if (n <= SMALL_BODY_BYTES && !buf_reserve(&r->draft->body, n))
        return err_nomem(err);
    return 0;
}

/* Growing by doubling copies a large body once more.  Room for what is announced, up to a
 * bound, is address space and no memory until it is written to. */
static void make_room(struct draft *d)
{
    size_t have = buf_len(&d->body);
    size_t rest = d->expected_bytes > have ? d->expected_bytes - have : 0;
    if (rest && rest <= ROOM_BYTES && !buf_reserve(&d->body, rest))
        d->body.failed = false; /* it is tried again with less */
}

int request_body(struct request *r, struct str piece, struct err *err)
{
    struct buf *body = &r->draft->body;
    if (piece.n > body->max_bytes - buf_len(body))
        return over_body_limit(r, err);
    if (!budget_hold(r->worker, &r->counted_bytes, buf_len(body) + piece.n))
        return budget_refuse(err);
    if (UNLIKELY(body->cap - body->n < piece.n))
        make_room(r->draft);
    buf_append(body, piece);
    return body->failed ? err_nomem(err) : 0;
}

uint64_t request_owner(const struct request *r)
{
    uint64_t owner = (uint64_t)(uintptr_t)r->client;
    if (r->key)
        memcpy(&owner, r->key->hash, sizeof owner);
    return owner;
}

/* -- ending ---------------------------------------------------------------------- */

/* Callers up the stack may still hold r: the struct goes at the end of the turn. */
static void bury(struct request *r)
{
    r->state = REQ_DONE;
    if (UNLIKELY(r->escalation != NULL))
        escalate_release(r);
    if (UNLIKELY(r->pairing != NULL))
        pairing_free(r);
    leg_release_answer(&r->leg);
    request_drop_draft(r);
    vault_release(r->vault);
    r->vault = NULL;
    quiet_end(r);
    buf_release(&r->echo);
    budget_release(r->worker, &r->echo_bytes);
    arena_reset(&r->keep);
    atomic_fetch_sub_explicit(&r->worker->server->counters.active_requests, 1,
                              memory_order_relaxed);
    setup_unref(r->setup);
    r->setup = NULL;
    list_append(&r->worker->dead, &r->dead);
}

void request_free_dead(struct worker *w)
{
    while (!list_empty(&w->dead)) {
        struct request *r = list_first(&w->dead, struct request, dead);
        list_remove(&r->dead);
        if (UNLIKELY(r->escalation != NULL))
            escalate_free(r);
        slabs_give(&w->requests, r);
    }
}

void request_free_draft(struct draft *d, struct worker *w, uint64_t *counted_bytes)
{
    uint64_t masked_bytes = d->masked_bytes;
    if (d->screened)
        screened_release(d->screened);
    buf_release(&d->body);
    buf_release(&d->echo);
    buf_release(&d->masked);
    arena_reset(&d->arena);
    slabs_give(&w->drafts, d);
    budget_release(w, &masked_bytes);
    budget_release(w, counted_bytes);
}

void request_drop_draft(struct request *r)
{
    struct draft *d = r->draft;
    r->draft = NULL;
    r->leg.draft = NULL;
    if (UNLIKELY(d && d->nasides)) {
        d->counted_bytes = r->counted_bytes;
        r->counted_bytes = 0;
    } else if (d) {
        request_free_draft(d, r->worker, &r->counted_bytes);
    }
}

void request_leave_draft(struct draft *d, struct request *r)
{
    uint64_t counted_bytes = d->counted_bytes;
    if (--d->nasides == 0 && r->draft != d)
        request_free_draft(d, r->worker, &counted_bytes);
}

void request_discard(struct request *r)
{
    assert(r->state == REQ_READ || r->state == REQ_ADMIT); /* it has no record yet */
    if (r->client)
        r->client->request = NULL;
    bury(r);
}

static void finish(struct request *r)
{
    settle_row(r);
    request_enter(r, REQ_DONE);
    bury(r);
}

void request_end(struct request *r)
{
    request_enter(r, REQ_SETTLE);
    if (LIKELY(list_empty(&r->asides) && !r->nholds)) {
        finish(r);
        return;
    }
    request_drop_draft(r);
    aside_linger(r);
}

void request_leg_over(struct request *r)
{
    if (r->state != REQ_SETTLE || !list_empty(&r->asides) || r->nholds)
        return;
    loop_timer_stop(&r->linger);
    finish(r);
}

void request_unhold(struct request *r)
{
    r->nholds--;
    request_leg_over(r);
}

void request_go(struct request *r)
{
    if (r->page)
        r->page(r);
    else
        request_enter(r, REQ_ADMIT);
}

/* What a pool is at stays the pool's; the request ends without it. */
static void leave_to_pool(struct request *r)
{
    struct page_hold *hold = r->hold;
    r->hold = NULL;
    if (UNLIKELY(hold != NULL))
        hold->left(hold);
    reading_abandon(r);
    label_abandon(r);
    whole_abandon(&r->leg);
}

void request_abandon(struct request *r)
{
    r->client = NULL;
    leave_to_pool(r);
    if (r->state == REQ_READ) {
        bury(r);
        return;
    }
    if (r->state == REQ_REFUSE || r->state == REQ_SETTLE)
        return; /* the answer's own write failed; its caller settles */
    leg_drop(&r->leg);
    aside_cancel(r, "client_gone");
    buf_clear(&r->worker->out);
    r->outcome = OUTCOME_CANCELLED;
    r->error_code = "client_gone";
    request_end(r);
}

enum fate request_cut(struct request *r)
{
    struct client *c = r->client;
    leg_drop(&r->leg);
    buf_clear(&r->worker->out);
    r->client = NULL;
    r->outcome = OUTCOME_ERROR;
    r->error_code = "out_of_memory";
    client_answer_abort(c);
    request_end(r);
    return IS_OVER;
}

void request_unchoke(struct request *r)
{
    if (r->leg.exchange)
        exchange_resume(r->leg.exchange);
}

/* -- answers --------------------------------------------------------------------- */

void request_write_origin(struct buf *b, struct str origin)
{
    http_write_own_field(b, STR("access-control-allow-origin: "), origin);
    buf_lit(b, "vary: origin\r\n");
}

static void write_cors(struct request *r, struct buf *b)
{
    if (!r->origin.n)
        return;
    request_write_origin(b, r->origin);
    if (r->page)
        buf_lit(b, "access-control-allow-methods: GET, POST, OPTIONS\r\n"
                   "access-control-allow-headers: authorization, *\r\n"
                   "access-control-max-age: 600\r\n");
    else
        buf_lit(b, "access-control-expose-headers: x-weir-engine, x-weir-side, "
                   "x-weir-reason, x-weir-request-id, x-weir-label, x-weir-masked, "
                   "x-weir-quality, x-weir-offer, x-weir-escalated, x-weir-lost\r\n");
}

/* What the guard made of it: the label, what of it left as tags, and what a label that
 * keeps it here costs. */
static void write_label(struct request *r, struct buf *b, struct arena *a)
{
    if (r->label.is_known)
        http_write_own_field(b, STR("x-weir-label: "), label_words(&r->label, a));
    if (r->is_masked)
        http_write_own_field(b, STR("x-weir-masked: "), r->masked_words);
    if (!r->is_low_quality)
        return;
    http_write_own_field(b, STR("x-weir-quality: "), STR("low"));
    struct str offer = label_offer(r, a);
    if (offer.n)
        http_write_own_field(b, STR("x-weir-offer: "), offer);
}

struct answer_about request_about(const struct request *r)
{
    return (struct answer_about){.path = r->path,
                                 .model = r->model_asked,
                                 .issuer = str_of(r->issuer.text),
                                 .echo = buf_view(&r->echo),
                                 .id = r->uid,
                                 .began_ms = r->started_ms};
}

struct str request_answer_fields(struct request *r, struct str passed, struct arena *a)
{
    char scratch[6144];
    struct buf b = {.p = scratch, .cap = sizeof scratch, .max_bytes = sizeof scratch};
    bool is_open_yet = UNLIKELY(r->is_opened) && r->state != REQ_RELAY;
    if (is_open_yet)
        buf_lit(&b, "x-weir-side: undecided\r\n");
    if (r->model && !is_open_yet) {
        http_write_own_field(&b, STR("x-weir-engine: "), r->model->engine->name);
        buf_append(&b, r->is_cloud ? STR("x-weir-side: cloud\r\n")
                                   : STR("x-weir-side: local\r\n"));
    }
    if (r->reason_line.n && !is_open_yet)
        http_write_own_field(&b, STR("x-weir-reason: "), r->reason_line);
    if (UNLIKELY(r->lost.n) && !is_open_yet)
        http_write_own_field(&b, STR("x-weir-lost: "), r->lost);
    escalate_field(r, &b);
    write_label(r, &b, a);
    if (r->id.n) { /* weir's own letters and digits */
        buf_lit(&b, "x-weir-request-id: ");
        buf_append(&b, r->id);
        buf_lit(&b, "\r\n");
    }
    write_cors(r, &b);
    buf_append(&b, passed);
    return arena_strdup(a, buf_view(&b));
}

static bool has_retry_after(struct str fields)
{
    return str_starts_nocase(fields, STR("retry-after:")) ||
           str_contains_nocase(fields, STR("\nretry-after:")); /* not x-retry-after */
}

/* When to come again.  What the engine said of it goes on as it is; where it said so
 * only in a field that few clients read, the seconds are added. */
static struct str retry_after(struct request *r, const struct err *err, struct arena *a)
{
    const struct draft *d = r->draft;
    uint64_t s = d ? d->retry_after_s : 0;
    struct str said = STR("");
    if (err->kind != ERR_OVERLOAD && err->kind != ERR_RATE_LIMIT)
        return said;
    if (d && err == &d->last_failure) {
        said = d->failed_fields;
        if (has_retry_after(said))
            return said;
        if (d->engine_wait_ms)
            s = (d->engine_wait_ms + 999) / 1000;
    }
    return arena_printf(a, "%.*sretry-after: %llu\r\n", STR_ARG(said),
                        (unsigned long long)(s ? s : 1));
}

/* The engine's own words to the client's fault are the best words: they are passed on
 * as they came, but for tags. */
static void answer_with_engines_error(struct request *r, struct arena *a)
{
    struct draft *d = r->draft;
    struct str fields = d->failed_fields;
    if (d->engine_wait_ms && !has_retry_after(fields))
        fields = retry_after(r, &d->last_failure, a);
    r->status = d->failed_status;
    client_answer(r->client, d->failed_status, d->failed_type,
                  request_answer_fields(r, fields, a), d->failed_body);
    r->leg.answer.sent_bytes = d->failed_body.n;
}

const struct err *request_tell(struct request *r, const struct err *err,
                               struct err *scratch)
{
    if (!r->vault || r->ntries == 0)
        return err;
    restore_error(r->vault, err, scratch, &r->restored);
    return scratch;
}

static bool open_again(struct buf *body)
{
    struct str text = buf_view(body);
    bool is_object = text.n > 0 && text.p[text.n - 1] == '}';
    body->n -= is_object;
    return is_object;
}

/* Beside the error: in some dialects which request it was, in any what was found where,
 * for programs. */
static void add_beside(const struct request *r, struct arena *a, struct buf *body)
{
    struct str found = label_found_json(r, a);
    if (r->dialect->request_id && r->id.n && open_again(body))
        buf_printf(body, ",\"%s\":\"%.*s\"}", r->dialect->request_id, STR_ARG(r->id));
    if (UNLIKELY(found.p) && open_again(body))
        buf_printf(body, ",\"weir\":{\"held\":%.*s}}", STR_ARG(found));
}

/* weir's own words for it. */
static void answer_with_error(struct request *r, const struct err *err, struct arena *a)
{
    struct buf body;
    struct err scratch;
    buf_init(&body, 8192);
    r->dialect->encode_error(request_tell(r, err, &scratch), &body);
    add_beside(r, a, &body);
    struct str extra = retry_after(r, err, a);
    client_answer(r->client, r->status, STR("application/json"),
                  request_answer_fields(r, extra, a), buf_view(&body));
    r->leg.answer.sent_bytes = buf_len(&body);
    buf_release(&body);
}

void request_refuse(struct request *r, const struct err *err)
{
    bool was_admitted = r->state != REQ_READ;
    struct client *c = r->client;
    struct draft *d = r->draft;
    struct arena a;
    if (escalate_fall_back(r, err))
        return;
    arena_init(&a, 64 * 1024);
    r->status = dialect_error_status(r->dialect, err);
    r->error_code = err->code;
    if (was_admitted) {
        witness_refusal(r, err);
        leg_drop(&r->leg);
        request_enter(r, REQ_REFUSE);
        bool is_ours = r->ntries == 0;
        r->outcome = is_ours ? OUTCOME_REFUSED : OUTCOME_ERROR;
    }
    if (UNLIKELY(r->is_opened) && c) {
        opened_fail(r, err);
    } else if (c && was_admitted && d && d->failed_status && err == &d->last_failure) {
        answer_with_engines_error(r, &a);
    } else if (c) {
        if (!was_admitted)
            refusal_tell(r->worker, err, r->page ? "a page" : surface_name(r->surface));
        answer_with_error(r, err, &a);
    }
    r->client = NULL;
    arena_reset(&a);
    if (was_admitted)
        request_end(r);
    else
        bury(r);
}

void request_drain(struct request *r)
{
    if (r->hold && r->hold->drain)
        r->hold->drain(r->hold);
}

void request_stop(struct request *r)
{
    struct err err;
    err_set(&err, ERR_OVERLOAD, "weir_stops",
            "weir stops, and has no time left for this request");
    if (r->state == REQ_RELAY) {
        relay_stop(r, &err);
        return;
    }
    if (r->hold) {
        client_close(r->client);
        return;
    }
    leave_to_pool(r);
    /* Weir gives up, as at a deadline: the engine is owed for what it had begun. */
    if (r->leg.exchange)
        r->leg.answer.was_at_work = exchange_stats(r->leg.exchange).worked_ms > 0;
    request_refuse(r, &err);
}
