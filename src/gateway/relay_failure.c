/* relay_failure.c -- an engine's refusal: whose fault it is, and what the client sees. */
#include "gateway/relay.h"
#include "gateway/request.h"
#include "gateway/stages.h"

#include "core/log.h"

enum { TELL_EACH_MS = 60 * 1000 };

/* Are the engine's own words the best words for the client?  Not where they are no
 * answer to what the client is told: another status, an overflow that clients, who look
 * for its code, would not know, or another form than the client reads. */
static bool is_fit_to_pass(const struct request *r, const struct err *err)
{
    const struct answer *a = &r->leg.answer;
    bool is_same = a->status == err_http_status(err->kind) ||
                   (err->kind == ERR_BAD_REQUEST && a->status == 422);
    bool is_clients = err->kind == ERR_BAD_REQUEST || err->kind == ERR_RATE_LIMIT ||
                      err->kind == ERR_TOO_LARGE;
    if (!is_same || !is_clients || stages_translates(&r->leg) || a->held.failed ||
        a->is_compressed || !engine_said_why(err))
        return false;
    return !engine_is_overflow(err) ||
           str_find(buf_view(&a->held), STR("\"context_length_exceeded\"")) >= 0;
}

/* What the engine says of tools, with the names that the client gave them. */
static struct str own_names(struct request *r, struct str body)
{
    struct buf told;
    if (LIKELY(!r->leg.names.n))
        return body;
    buf_init(&told, 2 * RELAY_FAILURE_BYTES);
    engine_names_in_words(r->leg.names, body, &told);
    struct str s = told.failed ? body : arena_strdup(&r->draft->arena, buf_view(&told));
    buf_release(&told);
    return s.p ? s : body;
}

/* ... but with the client's own values where it knows only tags. */
static struct str failed_body(struct request *r, struct str body)
{
    struct arena *a = &r->draft->arena;
    struct buf told;
    if (!r->vault)
        return arena_strdup(a, body);
    buf_init(&told, 2 * RELAY_FAILURE_BYTES);
    restore_words(r->vault, body, &told, &r->restored);
    struct str s = arena_strdup(a, told.failed ? body : buf_view(&told));
    buf_release(&told);
    return s;
}

/* What of it is about weir's own additions and may be tried without; 0 once it was. */
static unsigned refused_changes(const struct request *r, struct str body)
{
    const struct draft *d = r->draft;
    const struct target t = {.engine = r->model->engine, .model = r->model};
    unsigned adapt = engine_refused_changes(r->leg.answer.status, body, &t, &d->out.plan);
    return r->ntries < TRIES_MAX ? adapt : 0;
}

/* The engine's own waiting time: passed to the client as it is, and kept. */
static void note_wait(struct request *r, const struct err *err, struct str body)
{
    struct answer *a = &r->leg.answer;
    struct draft *d = r->draft;
    uint64_t ms = a->wait_ms;
    d->failed_fields = a->fields;
    d->engine_wait_ms = 0;
    if (err->kind != ERR_RATE_LIMIT && err->kind != ERR_OVERLOAD)
        return;
    if (ms == 0 && !engine_wait_ms(a->status, body, &ms))
        return;
    d->engine_wait_ms = ms;
    attempt_hold(&r->leg, err, ms);
}

/* A model that has refused pictures is asked last for the next ones. */
static void note_refused_caps(struct request *r, struct str body)
{
    unsigned caps = engine_refused_caps(body) & r->draft->chat.needs;
    struct standing *s = r->setup->standings[r->model->index];
    if (s && caps)
        atomic_fetch_or_explicit(&s->lacks, caps, memory_order_relaxed);
}

/* It is the operator's to mend, and clients may not look at errors.  Once a minute. */
static void tell_operator(const struct request *r, const struct err *err)
{
    struct standing *s = r->setup->standings[r->model->index];
    uint64_t now = loop_now_ms(r->worker->loop) + 1;
    uint64_t told = s ? atomic_load_explicit(&s->told_ms, memory_order_relaxed) : now;
    if (told && now - told < TELL_EACH_MS)
        return;
    atomic_store_explicit(&s->told_ms, now, memory_order_relaxed);
    log_warn("%s", err->msg);
}

/* What the operator can mend is told with the place where it stands. */
static void name_the_place(const struct request *r, struct str body, struct err *err)
{
    const struct config_engine *e = r->model->engine;
    struct err said = *err;
    int status = r->leg.answer.status;
    if (err->kind == ERR_LOOP)
        err_set(err, ERR_LOOP, "request_loop",
                "engine '%.*s' at %.*s is this weir itself, or asks it: the request has "
                "come back; correct that url in weir.yaml",
                STR_ARG(e->name), STR_ARG(e->url));
    else if (engine_wants_tls(status, body))
        err_set(err, ERR_UPSTREAM, "upstream_tls",
                "engine '%.*s' speaks TLS at %.*s, and was asked in plain HTTP: write "
                "https:// in its url",
                STR_ARG(e->name), STR_ARG(e->url));
    else if (engine_lacks_path(status, body))
        err_set(err, ERR_UPSTREAM, "upstream_not_found",
                "engine '%.*s' has no POST %.*s (HTTP %d: %.80s): is its url %.*s right?",
                STR_ARG(e->name), STR_ARG(r->draft->out.message.target), status, said.msg,
                STR_ARG(e->url));
    else if (strcmp(err->code, "upstream_auth") == 0 && e->api_key.n == 0)
        err_set(err, ERR_UPSTREAM, "upstream_auth",
                "engine '%.*s' wants an API key (HTTP %d), and weir has none for it: set "
                "its api_key in weir.yaml",
                STR_ARG(e->name), status);
    else if (strcmp(err->code, "upstream_auth") == 0)
        err_set(err, ERR_UPSTREAM, "upstream_auth",
                "engine '%.*s' refused weir's credentials (HTTP %d): is its api_key in "
                "weir.yaml right?",
                STR_ARG(e->name), status);
    else
        return;
    tell_operator(r, err);
}

void relay_end_failure(struct request *r)
{
    struct answer *a = &r->leg.answer;
    struct draft *d = r->draft;
    struct err err = {0};
    struct str body = engine_object_in(buf_view(&a->held));
    r->leg.exchange = NULL;
    if (a->is_compressed)
        body = STR("the reason is compressed, although weir asked for none");
    bool is_inside = body.n < buf_len(&a->held);
    body = own_names(r, body);
    engine_classify(a->status, body, &err);
    name_the_place(r, body, &err);
    d->failed_status = 0;
    note_wait(r, &err, body);
    unsigned adapt = refused_changes(r, body);
    if (adapt) {
        attempt_adapt(r, adapt, &err);
        return;
    }
    note_refused_caps(r, body);
    if (is_fit_to_pass(r, &err)) {
        d->failed_body = failed_body(r, body);
        d->failed_type = arena_strdup(&d->arena, is_inside ? STR("application/json")
                                                           : a->content_type);
        d->failed_status = a->status;
    }
    attempt_failed(r, &err);
}
