/* choose.c -- ROUTE: which model is asked, and why.
 *
 * The gates of all engines are looked at anew each time, and what was tried before is
 * left out.  When nobody is left, the client learns what the last engine said, or why
 * none was asked. */
#include "gateway/escalate.h"
#include "gateway/keeping.h"
#include "gateway/request.h"
#include "route/explain.h"

enum { MAX_ROUTINGS = 12 };
/* OpenAI's own clients take no longer Retry-After than a minute for their word. */
enum { MAX_RETRY_AFTER_S = 60 };
/* When an engine that somebody has stopped is started again nobody knows. */
enum { HELD_RETRY_MS = 30 * 1000 };

/* Whose turn it is in an engine's queue.  By the key's own hash and not by its place in
 * the file, which a reload changes while the queue stays.  Requests without a key are one
 * key: without keys weir listens on loopback alone, where all clients have the same
 * address. */
uint64_t request_fairness_key(const struct request *r)
{
    uint64_t key = 0;
    if (r->key)
        memcpy(&key, r->key->hash, sizeof key);
    return key;
}

/* The session has the key in it; the shape is the kind of thing that is asked. */
struct gate_who request_gate_who(const struct request *r)
{
    const struct draft *d = r->draft;
    uint64_t needs = d ? d->chat.needs : 0;
    return (struct gate_who){.session = r->session,
                             .shape = request_fairness_key(r) ^
                                      (needs << 8 | r->surface << 1 | 1)};
}

void request_look_at_engines(struct request *r)
{
    struct worker *w = r->worker;
    const struct config *cfg = r->setup->config;
    uint64_t now = loop_now_ms(w->loop), key = request_fairness_key(r);
    static const char *const held_words[] = {
        [GATE_RUNS] = NULL,
        [GATE_STOPPED] = "is stopped by the operator",
        [GATE_STARTING] = "is being started",
    };
    for (size_t i = 0; i < cfg->nengines; i++) {
        struct gate_state g = gate_look(r->setup->gates[i], key, now);
        uint64_t wait_ms = g.hold             ? HELD_RETRY_MS
                           : g.retry_after_ms ? g.retry_after_ms
                                              : g.queue_time_ms;
        uint64_t wait_s = (wait_ms + 999) / 1000;
        w->health[i] = (struct engine_health){
            .is_up = !g.hold && (g.breaker != BREAKER_OPEN ||
                                 gate_knows_not(r->setup->gates[i], request_gate_who(r))),
            .held = held_words[g.hold],
            .is_idle = g.has_slot,
            .has_room = g.takes_key,
            .retry_after_s =
                (uint32_t)(wait_s < MAX_RETRY_AFTER_S ? wait_s : MAX_RETRY_AFTER_S),
        };
    }
}

bool request_leaves_masked(const struct draft *d)
{
    return d->clearance && d->screened && d->screened->masked.total > 0;
}

/* What the request would cost at the strong cloud model, for thresholds by price. */
static int64_t cloud_cost(const struct request *r)
{
    const struct config_model *m = setup_strong_cloud(r->setup->config);
    int64_t nanousd = -1, limit = r->draft->chat.max_output_tokens;
    struct err ignored;
    const struct price *p = m ? setup_price_at(r->setup, m, r->started_wall_ms) : NULL;
    const struct token_counts n = {.input = chat_tokens_estimate(&r->draft->chat),
                                   .output = limit >= 0 && limit < EXPLAIN_OUTPUT_TOKENS
                                                 ? (uint64_t)limit
                                                 : EXPLAIN_OUTPUT_TOKENS};
    return p && prices_cost_nanousd(p, &n, &nanousd, &ignored) == 0 ? nanousd : -1;
}

/* What was learnt here, if anything serves: first what weir learns itself. */
static const struct adapter *adapter_now(struct request *r)
{
    struct adapter now;
    if (LIKELY(r->setup->config->learned.learn != LEARN_ON) ||
        !learning_serves(r->worker->server->learning, &now))
        return r->setup->adapter;
    struct adapter *own = arena_new(&r->draft->arena, struct adapter);
    if (own)
        *own = now;
    return own;
}

/* Made once: a request that is routed again is the same traffic. */
static struct route_learned *learned_of(struct request *r)
{
    struct draft *d = r->draft;
    if (r->policy != POLICY_LEARNED || d->learned)
        return d->learned;
    struct route_learned *l = arena_new(&d->arena, struct route_learned);
    if (l)
        *l = (struct route_learned){
            .router = r->setup->router,
            .calibration = r->setup->calibration,
            .adapter = adapter_now(r),
            .keeps_noted = r->setup->config->learned.learn != LEARN_OFF,
            .goal = r->setup->goal,
            .cost_nanousd = r->setup->goal.kind == GOAL_PRICE ? cloud_cost(r) : -1,
            .wall_ms = r->started_wall_ms,
        };
    if (l)
        keeping_look(r, l);
    return d->learned = l;
}

struct route_query request_query(struct request *r)
{
    struct draft *d = r->draft;
    struct route_query q = {
        .config = r->setup->config,
        .chat = &d->chat,
        .label = &r->label,
        .policy = r->policy,
        .hints = d->hints,
        .has_clearance = d->clearance != NULL,
        .masked = request_leaves_masked(d) ? screened_masked_words(d->screened, &d->arena)
                                           : STR(""),
        .would = d->screened ? screened_would_words(d->screened, &d->arena) : STR(""),
        .paused = cloud_words(r->worker->server, &d->arena),
        .health = r->worker->health,
        .ntried = d->ntried,
        .context_above = d->context_above,
        .standings = r->setup->standings,
        .measured = r->setup->measured,
        .now_ms = loop_now_ms(r->worker->loop),
        .learned = learned_of(r),
    };
    for (size_t i = 0; i < d->ntried; i++)
        q.tried[i] = d->tried[i];
    escalate_query(r, &q);
    return q;
}

/* False when there is no room for all of it: a command that is cut is worse than none. */
static bool fits(const struct err *err, size_t n)
{
    return strlen(err->msg) + n + sizeof "; " <= sizeof err->msg;
}

static void add_words(struct err *err, struct str words)
{
    size_t n = strlen(err->msg);
    if (words.n)
        snprintf(err->msg + n, sizeof err->msg - n, "; %.*s", STR_ARG(words));
}

/* A refusal for a label, and for nothing else, says what holds the request and where,
 * what its sender can do, where the label comes from and how the session can go on. */
static void add_offer(struct request *r, struct err *err)
{
    const struct screened *s = r->draft->screened;
    struct arena *a = &r->draft->arena;
    if (!r->draft->choice.is_for_label)
        return;
    struct str origin = label_origin(r, a), offer = label_offer(r, a);
    size_t used = strlen(err->msg) + offer.n + 2 * sizeof "; " + sizeof "it is ";
    if (s && used < sizeof err->msg) {
        struct str where = screened_held_words(s, sizeof err->msg - used, a);
        bool is_value = where.n && !s->holds[0].before;
        add_words(err, is_value ? arena_printf(a, "it is %.*s", STR_ARG(where)) : where);
        if (where.n && s->holds[0].before &&
            fits(err, strlen(s->holds[0].remedy) + offer.n))
            add_words(err, str_of(s->holds[0].remedy));
    }
    if (!offer.n || fits(err, origin.n + sizeof "; " + offer.n))
        add_words(err, origin);
    if (fits(err, offer.n))
        add_words(err, offer);
}

static unsigned health_code(const struct engine_health *h)
{
    return !h->is_up ? 0 : h->is_idle ? 1 : h->has_room ? 2 : 3;
}

/* "gpu:idle openai:busy", made of the codes in w->told. */
static NOINLINE void write_health(struct worker *w, const struct config *cfg)
{
    static const char *const words[] = {":down", ":idle", ":busy", ":full"};
    struct buf b = {
        .p = w->told.text, .cap = sizeof w->told.text, .max_bytes = sizeof w->told.text};
    for (size_t i = 0; i < cfg->nengines; i++) {
        struct str name = cfg->engines[i].name, word = str_of(words[w->told.codes[i]]);
        if (buf_len(&b) + name.n + word.n + 1 > sizeof w->told.text)
            break; /* so many engines: the first ones */
        if (i)
            buf_byte(&b, ' ');
        buf_append(&b, name);
        buf_append(&b, word);
    }
    w->told.n = buf_len(&b);
}

/* Of most requests it is that of the one before. */
static struct str health_words(struct request *r)
{
    struct worker *w = r->worker;
    const struct config *cfg = r->setup->config;
    bool is_same = w->told.setup == w->nsetups + 1 && r->setup == w->setup;
    for (size_t i = 0; i < cfg->nengines; i++) {
        unsigned code = health_code(&w->health[i]);
        is_same &= w->told.codes[i] == code;
        w->told.codes[i] = (unsigned char)code;
    }
    if (UNLIKELY(!is_same)) {
        write_health(w, cfg);
        w->told.setup = r->setup == w->setup ? w->nsetups + 1 : 0;
    }
    return arena_strdup(&r->keep, (struct str){w->told.text, w->told.n});
}

/* For the row: why it was so. */
static void note_knowledge(struct request *r)
{
    const struct draft *d = r->draft;
    const struct route_hints *h = &d->hints;
    int64_t limit = d->chat.max_output_tokens;
    r->knew = (struct ledger_knew){
        .input_estimate = r->input_estimate,
        .output_limit = limit < 0            ? 0
                        : limit < UINT32_MAX ? (uint32_t)limit
                                             : UINT32_MAX,
        .needs = d->chat.needs,
        .wants_quality = h->wants_quality,
        .has_latency = h->has_latency,
        .latency_ms = h->latency_ms,
        .deadline = (uint8_t)h->deadline,
        .deadline_s = h->deadline_s,
        .health = health_words(r),
    };
}

static void take_choice(struct request *r)
{
    struct draft *d = r->draft;
    note_knowledge(r);
    r->reasons_json = arena_strdup(&r->keep, route_reasons_json(&d->choice, &d->arena));
    r->reason_line = arena_strdup(&r->keep, route_reason_line(&d->choice, &d->arena));
    if (!d->choice.model)
        return;
    r->model = d->choice.model;
    r->role = d->choice.role;
    r->is_cloud = r->model->is_cloud;
    r->is_low_quality = d->choice.is_low_quality;
    r->is_masked = r->is_cloud && request_leaves_masked(d);
    if (r->is_masked)
        r->masked_words = screened_masked_words(d->screened, &r->keep);
}

void route_enter(struct request *r)
{
    struct draft *d = r->draft;
    struct err err;
    err_init(&err);
    request_look_at_engines(r);
    const struct route_query q = request_query(r);
    if (d->again) {
        d->again = NULL; /* r->model is still the choice */
        request_enter(r, REQ_ATTEMPT);
        return;
    }
    bool may_go_on = d->nroutings++ < MAX_ROUTINGS && r->ntries < TRIES_MAX;
    if (!may_go_on)
        err_set(&err, ERR_OVERLOAD, "queue_full",
                "other clients took this request's place in the queue again and again");
    if (!may_go_on || route_decide(&q, &d->arena, &d->choice, &err) < 0) {
        if (escalate_fall_back(r, d->last_failure.kind ? &d->last_failure : &err))
            return;
        /* After a failed attempt the client learns what the engine said. */
        d->retry_after_s = d->choice.retry_after_s;
        if (!d->last_failure.kind) {
            take_choice(r);
            add_offer(r, &err);
        }
        request_refuse(r, d->last_failure.kind ? &d->last_failure : &err);
        return;
    }
    take_choice(r);
    if (UNLIKELY(d->learned != NULL))
        keeping_note(r);
    request_enter(r, REQ_ATTEMPT);
}
