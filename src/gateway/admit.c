/* admit.c -- who may ask what: from a head and a body to an admitted request.
 *
 * Facts that shape it: a web page can make a browser post to loopback, so Origin is
 * refused unless configured; a DNS name an attacker controls can point to loopback, so
 * Host must be one of ours; "text/plain" posts need no preflight, so the media type is
 * required; a client's own credentials end here.
 *
 * Elsewhere: which paths there are (paths.c), what the pages say (pages.c). */
#include "gateway/budget.h"
#include "gateway/door.h"
#include "gateway/feedback.h"
#include "gateway/operator.h"
#include "gateway/pages.h"
#include "gateway/paths.h"
#include "gateway/quiet.h"

#include "core/clock.h"
#include "core/mem.h"
#include "dialect/feature_names.h"
#include "http/write.h"

#include <string.h>

#include <math.h>

enum {
    KEEP_ARENA_BYTES = 64 * 1024,
    DRAFT_ARENA_BYTES = 8 << 20,
    MAX_ECHO_BYTES = 8 << 20,
    MAX_VIA_BYTES = 16 * 18 /* so many weirs in a row are a loop as well */
};

/* -- who asks -------------------------------------------------------------------- */

static bool is_loopback_v4(struct str host)
{
    struct str part, rest = host;
    uint64_t v;
    int nparts = 0;
    if (!str_starts(host, STR("127.")))
        return false;
    while (str_split(&rest, '.', &part)) {
        if (!str_to_u64(part, &v) || v > 255 || part.n > 3)
            return false;
        nparts++;
    }
    return nparts == 4;
}

static int refuse_host(struct str said, struct err *err)
{
    return err_set(err, ERR_FORBIDDEN, "host_not_allowed",
                   "'%.*s' is not a name of this weir; add it to hosts: if it is",
                   (int)(said.n > 80 ? 80 : said.n), said.p);
}

static int check_host(const struct config *cfg, const struct http_head *head,
                      struct err *err)
{
    struct str said = http_head_get(head, STR("host")), host = http_host_alone(said);
    if (said.n == 0 && head->minor_version == 0)
        return 0; /* HTTP/1.0 has no Host; a browser never speaks it */
    if (host.n == 0)
        return refuse_host(said, err);
    if (is_loopback_v4(host) || str_eqz(host, "::1") ||
        str_eq_nocase(host, STR("localhost")))
        return 0;
    for (size_t i = 0; i < cfg->nlistens; i++)
        if (str_eq_nocase(host, cfg->listens[i].host))
            return 0; /* what the operator has written himself */
    for (size_t i = 0; i < cfg->nhosts; i++)
        if (str_eq_nocase(host, cfg->hosts[i]))
            return 0;
    return refuse_host(said, err);
}

static bool is_allowed_origin(const struct config *cfg, struct str origin)
{
    for (size_t i = 0; i < cfg->ncors; i++)
        if (str_eq(origin, cfg->cors[i]))
            return true;
    return false;
}

static int check_origin(const struct config *cfg, struct str origin, struct err *err)
{
    if (origin.n == 0 || is_allowed_origin(cfg, origin))
        return 0;
    return err_set(
        err, ERR_FORBIDDEN, "origin_not_allowed",
        "web pages of '%.*s' may not use this weir; add it to cors: if they may",
        (int)(origin.n > 80 ? 80 : origin.n), origin.p);
}

void request_refusal_fields(const struct worker *w, const struct http_head *head,
                            const struct err *err, struct buf *b)
{
    const struct config *cfg = w->setup->config;
    struct str origin = http_head_get(head, STR("origin"));
    if (is_allowed_origin(cfg, origin))
        request_write_origin(b, origin);
    if (err->kind == ERR_METHOD)
        path_write_allow(w->server->pages, head, b);
}

/* A connection's requests carry one key, so the newest one found is remembered with
 * the connection.  It is known again by a keyed digest, which clients can neither
 * compute nor aim at; a forged match would only give the key that this connection has
 * already shown. */
static const struct config_key *find_key(struct client *c, struct str text)
{
    const struct worker *w = c->worker;
    uint64_t digest = siphash_once(w->server->session_key, text);
    if (c->key && c->key_digest == digest && c->key_setup == w->nsetups)
        return c->key;
    c->key = config_key_find(w->setup->config, text);
    c->key_digest = digest;
    c->key_setup = w->nsetups;
    return c->key;
}

/* ?key=wk_...: how Google's clients may send one.  Never logged. */
static struct str key_in_query(struct str target)
{
    ptrdiff_t at = str_index(target, '?');
    struct str query = at < 0 ? STR("") : str_sub(target, (size_t)at + 1, target.n), part;
    while (str_split(&query, '&', &part))
        if (str_starts(part, STR("key=")))
            return str_sub(part, strlen("key="), part.n);
    return STR("");
}

static bool is_weirs(struct str key)
{
    return str_starts(key, STR("wk_"));
}

/* Where clients of the dialects put their key.  Some send two (one of them their
 * provider's, which is of no use here): the one that looks like weir's counts. */
static struct str key_of(const struct http_head *head)
{
    struct str bearer = http_head_get(head, STR("authorization"));
    bool has_bearer = str_starts_nocase(bearer, STR("bearer "));
    bearer = has_bearer ? str_trim(str_sub(bearer, 7, bearer.n)) : STR("");
    if (LIKELY(is_weirs(bearer))) /* what most send: the others are not looked for */
        return bearer;
    const struct str found[] = {
        bearer,
        str_trim(http_head_get(head, STR("x-api-key"))),
        str_trim(http_head_get(head, STR("x-goog-api-key"))),
        key_in_query(head->target),
    };
    struct str first = STR("");
    for (size_t i = 0; i < ARRAY_LEN(found); i++) {
        if (is_weirs(found[i]))
            return found[i];
        first = first.n ? first : found[i];
    }
    return first;
}

static int check_key(struct client *c, const struct http_head *head,
                     const struct config_key **ret, struct err *err)
{
    *ret = NULL;
    if (c->worker->setup->config->nkeys == 0)
        return 0;
    struct str key = key_of(head);
    if (!key.n)
        return err_set(err, ERR_AUTH, "key_missing",
                       "this weir wants a key: send 'authorization: Bearer wk_...' (or "
                       "x-api-key, x-goog-api-key; make one with: weir key new NAME)");
    *ret = find_key(c, key);
    if (*ret)
        return 0;
    return err_set(err, ERR_AUTH, "key_unknown", "no key with this value is configured");
}

/* An address may offer some dialects only; weir's own pages are everywhere. */
static int check_spoken(const struct client *c, const struct path_found *found,
                        struct err *err)
{
    bool is_own_page = found->page && found->path->answer == ANSWERED_BY_MODEL;
    if (LIKELY(c->dialects >> found->dialect->id & 1) || is_own_page)
        return 0;
    return err_set(err, ERR_NOT_FOUND, "not_spoken_here",
                   "this address of weir does not offer the paths of %s; see listen: "
                   "speaks",
                   dialect_name(found->dialect->id));
}

static int check_access(struct client *c, struct path_found *path,
                        const struct http_head *head, const struct config_key **ret_key,
                        struct err *err)
{
    switch (path->access) {
    case ACCESS_OPEN:
        return 0;
    case ACCESS_KEY:
        return check_key(c, head, ret_key, err);
    case ACCESS_OPERATOR:
        break;
    case ACCESS_SHELL:
    case ACCESS_VIEW:
    case ACCESS_OPERATE:
        return door_check_access(c->worker->server, c->worker->setup->config, head,
                                 path->access, &path->visit, err);
    }
    return operator_check(c->worker->server, http_head_get(head, STR("authorization")),
                          err);
}

/* Apps are asked for a key, and may come from other machines; the page is for a browser
 * on this one (door.h). */
static int check_whence(const struct client *c, const struct http_head *head,
                        const struct path_found *found, struct err *err)
{
    const struct config *cfg = c->worker->setup->config;
    if (UNLIKELY(found->access >= ACCESS_SHELL))
        return door_check_head(c, head, found->access, err);
    return check_host(cfg, head, err) < 0
               ? -1
               : check_origin(cfg, http_head_get(head, STR("origin")), err);
}

static int check_body_head(const struct request *r, const struct http_head *head,
                           struct err *err)
{
    const struct config *cfg = r->setup->config;
    struct str type = http_head_get(head, STR("content-type"));
    struct str encoding = http_head_get(head, STR("content-encoding"));
    struct str media = type;
    ptrdiff_t semicolon = str_index(type, ';');
    if (semicolon >= 0)
        media = str_sub(type, 0, (size_t)semicolon);
    if (!str_eq_nocase(str_trim(media), STR("application/json")) &&
        !r->dialect->takes_any_type)
        return err_set(err, ERR_UNSUPPORTED, "content_type",
                       "send the request as 'content-type: application/json'");
    if (encoding.n && !str_eq_nocase(encoding, STR("identity")))
        return err_set(err, ERR_UNSUPPORTED, "content_encoding",
                       "compressed request bodies are not taken; send it as it is");
    if (head->content_length < 0 && !head->is_chunked)
        return err_set(err, ERR_BAD_REQUEST, "empty_body", "the request has no body");
    if (head->content_length > 0 && (uint64_t)head->content_length > cfg->max_body_bytes)
        return err_set(err, ERR_TOO_LARGE, "body_too_large",
                       "the body is %lld bytes and the limit is %llu; see limits: body",
                       (long long)head->content_length,
                       (unsigned long long)cfg->max_body_bytes);
    return 0;
}

/* -- what it says about itself ------------------------------------------------------ */

/* Whatever stands in front of weir may add its own label to the client's, before it or
 * after it: the higher one holds. */
static int read_sensitivity(struct request *r, const struct http_head *head,
                            struct err *err)
{
    for (size_t i = 0; i < head->nfields; i++) {
        struct str word = head->fields[i].value;
        enum sensitivity said;
        if (!str_eq_nocase(head->fields[i].name, STR("x-weir-sensitivity")))
            continue;
        if (!sensitivity_parse(word, &said))
            return err_set(err, ERR_BAD_REQUEST, "invalid_sensitivity",
                           "x-weir-sensitivity is '%.*s'; it must be public, internal or "
                           "confidential",
                           (int)(word.n > 40 ? 40 : word.n), word.p);
        if (said > r->declared)
            r->declared = said;
    }
    return 0;
}

static int refuse_policy(const struct request *r, struct err *err)
{
    return err_set(err, ERR_FORBIDDEN, "policy_is_local_only",
                   "x-weir-policy: %s is not allowed here: %s says local-only",
                   policy_name(r->policy),
                   r->key && r->key->has_policy ? "this key" : "weir.yaml");
}

/* A header may choose among policies, but not out of local-only: who set that for a key
 * or for all meant that nothing leaves. */
static int read_policy(struct request *r, const struct http_head *head, struct err *err)
{
    struct str word = http_head_get(head, STR("x-weir-policy"));
    enum policy configured = r->setup->config->policy;
    if (r->key && r->key->has_policy)
        configured = r->key->policy;
    enum policy policy = configured;
    if (word.p && !policy_parse(word, &policy))
        return err_set(err, ERR_BAD_REQUEST, "invalid_policy",
                       "x-weir-policy is '%.*s'; there are " POLICY_WORDS,
                       (int)(word.n > 40 ? 40 : word.n), word.p);
    r->policy = policy;
    r->is_policy_forbidden = configured == POLICY_LOCAL_ONLY && policy != configured;
    return r->page && r->is_policy_forbidden ? refuse_policy(r, err) : 0;
}

static int bad_hint(struct err *err, const char *name, struct str value, const char *want)
{
    return err_set(err, ERR_BAD_REQUEST, "invalid_hint", "%s is '%.*s'; it must be %s",
                   name, (int)(value.n > 40 ? 40 : value.n), value.p, want);
}

static int read_escalate(struct request *r, const struct http_head *head, struct err *err)
{
    struct str word = http_head_get(head, STR("x-weir-escalate"));
    if (LIKELY(!word.p))
        return 0;
    if (str_eq_nocase(word, STR("off"))) {
        r->escalate = ESCALATE_SAID_OFF;
        return 0;
    }
    if (!str_eq_nocase(word, STR("on")))
        return bad_hint(err, "x-weir-escalate", word, "on or off");
    if (!r->setup->config->escalate.may_ask)
        return err_set(err, ERR_BAD_REQUEST, "escalate_not_configured",
                       "x-weir-escalate: on, but " ESCALATE_IS_OFF);
    if (r->key && r->key->has_escalate && !r->key->escalate)
        return err_set(err, ERR_FORBIDDEN, "escalate_is_off_for_key",
                       "x-weir-escalate: on is not allowed here: this key has "
                       "`escalate: off` in weir.yaml; leave the header out, and the "
                       "answer is given as it comes");
    r->escalate = ESCALATE_SAID_ON;
    return 0;
}

static int read_hints(struct route_hints *h, const struct http_head *head,
                      struct err *err)
{
    struct str quality = http_head_get(head, STR("x-weir-quality"));
    struct str latency = http_head_get(head, STR("x-weir-latency-ms"));
    struct str deadline = http_head_get(head, STR("x-weir-deadline-s"));
    uint64_t n = 0;
    h->wants_quality = quality.p && str_eqz(quality, "high");
    if (quality.p && !h->wants_quality && !str_eqz(quality, "normal"))
        return bad_hint(err, "x-weir-quality", quality, "high or normal");
    if (latency.p) {
        if (!str_to_u64(latency, &n) || n > UINT32_MAX)
            return bad_hint(err, "x-weir-latency-ms", latency,
                            "a number of milliseconds");
        h->has_latency = true;
        h->latency_ms = (uint32_t)n;
    }
    if (!deadline.p)
        return 0;
    if (str_eqz(deadline, "none")) {
        h->deadline = DEADLINE_NONE;
        return 0;
    }
    if (!str_to_u64(deadline, &n) || n > UINT32_MAX)
        return bad_hint(err, "x-weir-deadline-s", deadline,
                        "a number of seconds or none");
    h->deadline = DEADLINE_SECONDS;
    h->deadline_s = (uint32_t)n;
    return 0;
}

/* Asked by a weir: by this one, through however many others, it would go round for ever;
 * else this one's mark is added. */
static int read_via(struct request *r, const struct http_head *head, struct err *err)
{
    struct str via = http_head_get(head, STR(ENGINE_VIA));
    const char *mark = r->worker->server->mark;
    if (LIKELY(!via.p))
        return 0;
    if (str_find(via, str_of(mark)) >= 0 || via.n > MAX_VIA_BYTES)
        return err_set(err, ERR_LOOP, "request_loop",
                       "this request has come back to the weir that sent it: the url of "
                       "one of its engines is this weir's own address, or that of one "
                       "that asks it; correct that url");
    const struct str parts[] = {via, via.n ? STR(", ") : STR(""), str_of(mark)};
    r->draft->via = arena_join(&r->draft->arena, parts, ARRAY_LEN(parts));
    return r->draft->via.p ? 0 : err_nomem(err);
}

/* Nothing in them is looked at for what must not leave, so they may be no more than names
 * of features; others stay here. */
static int read_passed(struct request *r, const struct http_head *head, struct err *err)
{
    const char *const *names = r->dialect->passed_fields;
    struct draft *d = r->draft;
    for (size_t i = 0; i < head->nfields && names; i++)
        for (size_t k = 0; names[k]; k++) {
            const struct http_field *f = &head->fields[i];
            if (!str_eq_nocase(f->name, str_of(names[k])) ||
                !features_are_plain(f->value))
                continue;
            const struct str parts[] = {d->passed, str_of(names[k]), STR(": "), f->value,
                                        STR("\r\n")};
            d->passed = arena_join(&d->arena, parts, ARRAY_LEN(parts));
            if (!d->passed.p)
                return err_nomem(err);
        }
    return 0;
}

static void read_names(struct request *r, const struct http_head *head)
{
    struct str id = http_head_get(head, STR("x-request-id"));
    char own[17];
    r->uid = ledger_new_uid(r->worker->log);
    ledger_format_uid(r->uid, own);
    r->id = arena_strdup(&r->keep, str_of(own));
    if (request_is_plain_name(id))
        r->client_id = arena_strdup(&r->keep, id);
    request_name_session(r, head);
}

/* -- READ ------------------------------------------------------------------------ */

struct draft *request_take_draft(struct worker *w, const struct config *c)
{
    struct draft *d = slabs_take(&w->drafts);
    if (!d)
        return NULL;
    mem_zero(d, offsetof(struct draft, last_failure));
    err_init(&d->last_failure);
    arena_init_in(&d->arena, DRAFT_ARENA_BYTES, d->first, sizeof d->first);
    buf_init_in(&d->body, c->max_body_bytes, d->first_body, sizeof d->first_body);
    buf_init(&d->echo, MAX_ECHO_BYTES);
    return d;
}

static struct request *create(struct client *c, const struct path_found *found)
{
    struct worker *w = c->worker;
    struct request *r = slabs_take(&w->requests);
    struct draft *d = request_take_draft(w, w->setup->config);
    if (!r || !d) {
        slabs_give(&w->requests, r);
        slabs_give(&w->drafts, d);
        return NULL;
    }
    mem_zero(r, offsetof(struct request, first));
    r->worker = w;
    r->client = c;
    r->setup = setup_ref(w->setup);
    r->draft = d;
    r->page = found->page;
    r->dialect = found->dialect;
    r->path = found->path;
    r->surface = found->path->surface;
    r->score = NAN;
    r->started_ms = loop_now_ms(w->loop);
    r->started_wall_ms = clock_wall_ms();
    leg_init(&r->leg, r);
    list_init(&r->asides);
    arena_init_in(&r->keep, KEEP_ARENA_BYTES, r->first, sizeof r->first);
    atomic_fetch_add_explicit(&c->worker->server->counters.active_requests, 1,
                              memory_order_relaxed);
    return r;
}

static int read_head(struct request *r, const struct http_head *head, struct err *err)
{
    bool has_body = str_eqz(head->method, "POST");
    if (!has_body)
        return 0;
    if (read_via(r, head, err) < 0 || read_passed(r, head, err) < 0 ||
        read_sensitivity(r, head, err) < 0 || read_policy(r, head, err) < 0 ||
        read_hints(&r->draft->hints, head, err) < 0 || read_escalate(r, head, err) < 0 ||
        check_body_head(r, head, err) < 0)
        return -1;
    read_names(r, head);
    if (head->content_length > 0 &&
        request_expect_body(r, (size_t)head->content_length, err) < 0)
        return -1;
    return 0;
}

/* What a page for browsers looks at beside its body. */
static bool read_page_head(struct request *r, const struct http_head *head,
                           const struct path_found *found)
{
    struct page_head *h = arena_alloc(&r->keep, sizeof *h);
    ptrdiff_t at = str_index(head->target, '?');
    if (!h)
        return false;
    struct str query = at < 0 ? STR("") : str_sub(head->target, (size_t)at + 1, SIZE_MAX);
    *h = (struct page_head){
        .name = arena_strdup(&r->keep, found->name),
        .query = arena_strdup(&r->keep, query),
        .last_event_id =
            arena_strdup(&r->keep, http_head_get(head, STR("last-event-id"))),
        .visit = found->visit,
        .takes_gzip =
            str_contains_nocase(http_head_get(head, STR("accept-encoding")), STR("gzip")),
        .is_secure = door_is_behind(r->setup->config, head),
    };
    r->head = h;
    return h->name.p && h->query.p && h->last_event_id.p;
}

static bool is_preflight(const struct http_head *head, struct str origin)
{
    return origin.n && str_eqz(head->method, "OPTIONS");
}

struct request *request_begin(struct client *c, const struct http_head *head,
                              struct err *err)
{
    struct str origin = http_head_get(head, STR("origin"));
    const struct config_key *key = NULL;
    struct path_found found = {.access = ACCESS_OPEN};
    struct err no_path;
    err_init(&no_path);
    bool is_found = true;
    if (is_preflight(head, origin))
        found = path_preflight();
    else
        is_found = path_find(c->worker->server->pages, head, &found, &no_path) == 0;
    if (check_whence(c, head, &found, err) < 0)
        return NULL; /* before it is said which paths there are */
    if (!is_found) {
        *err = no_path;
        return NULL;
    }
    if (check_spoken(c, &found, err) < 0 || check_access(c, &found, head, &key, err) < 0)
        return NULL;
    struct request *r = create(c, &found);
    if (!r) {
        err_nomem(err);
        return NULL;
    }
    r->key = key;
    if (UNLIKELY(found.access >= ACCESS_SHELL) && !read_page_head(r, head, &found)) {
        request_discard(r);
        err_nomem(err);
        return NULL;
    }
    if (found.name.n && !r->head)
        r->model_asked = path_unescape(str_sub(found.name, 0, 512), &r->keep);
    if (origin.n && !r->head)
        r->origin = arena_strdup(&r->keep, origin);
    if (read_head(r, head, err) < 0) {
        request_discard(r);
        return NULL;
    }
    return r;
}

/* -- ADMIT ------------------------------------------------------------------------ */

/* Nothing is asked of a model: the request ends here, as a page does.  -1: the name that
 * it says is no model's. */
static int answer_at_once(struct request *r, struct err *err)
{
    const struct chat *chat = &r->draft->chat;
    struct str owner;
    struct buf body;
    if (route_find_name(r->setup->config, chat->model, &owner, err) < 0)
        return -1;
    buf_init(&body, chat->answered.n + 1);
    buf_append(&body, chat->answered);
    page_answer(r, body.failed ? 500 : 200,
                chat->is_stream ? dialect_stream_type(r->dialect, r->path)
                                : STR("application/json"),
                &body);
    buf_release(&body);
    return 0;
}

static void on_read(struct request *r, const struct err *why)
{
    struct draft *d = r->draft;
    struct err err;
    err_init(&err);
    int rc = why ? -1 : 0;
    if (why)
        err = *why;
    if (UNLIKELY(rc == 0 && d->chat.answered.p)) {
        rc = answer_at_once(r, &err);
        if (rc == 0)
            return;
    }
    if (rc == 0) {
        r->surface = d->chat.surface;
        r->is_stream = d->chat.is_stream;
        r->nchoices = d->chat.nchoices;
        r->wants_usage = d->chat.wants_usage;
        r->model_asked = arena_strdup(&r->keep, str_sub(d->chat.model, 0, 256));
        r->echo = d->echo;
        buf_init(&d->echo, 0);
        r->input_estimate = chat_tokens_estimate(&d->chat);
        r->input_floor = chat_tokens_floor(&d->chat);
    }
    if (rc == 0 && (!budget_hold(r->worker, &r->echo_bytes, buf_len(&r->echo)) ||
                    !budget_hold(r->worker, &r->counted_bytes,
                                 buf_len(&d->body) + d->arena.used_bytes)))
        rc = budget_refuse(&err);
    const struct ledger_open o = request_open(r);
    ledger_append_open(r->worker->log, &o);
    feedback_begin(r);
    if (rc == 0 && r->is_policy_forbidden)
        rc = refuse_policy(r, &err); /* such an attempt has a row */
    if (rc < 0) {
        request_refuse(r, &err);
        return;
    }
    quiet_begin(r);
    request_enter(r, REQ_LABEL);
}

void admit_enter(struct request *r)
{
    atomic_fetch_add_explicit(&r->worker->server->counters.requests, 1,
                              memory_order_relaxed);
    r->request_bytes = buf_len(&r->draft->body);
    r->label = label_declared(r);
    request_read(r, on_read);
}
