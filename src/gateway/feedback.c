/* feedback.c -- see feedback.h. */
#include "gateway/feedback.h"

#include "core/clock.h"
#include "gateway/pages.h"
#include "ledger/log/uid.h"
#include "json/scan.h"

#include <math.h>

/* -- which request ---------------------------------------------------------------------
 */

/* Of the key's hash, which a reload does not change. */
static uint64_t owner_of(const struct request *r)
{
    uint64_t owner = 0;
    if (r->key)
        memcpy(&owner, r->key->hash, sizeof owner);
    return owner;
}

/* Two clients that name their requests alike do not meet. */
static uint64_t digest_of_id(const struct request *r, struct str id)
{
    uint64_t owner = owner_of(r);
    struct siphash h;
    if (id.n == 0)
        return 0;
    siphash_init(&h, r->worker->server->session_key);
    siphash_update(&h, (struct str){(const char *)&owner, sizeof owner});
    siphash_update(&h, id);
    uint64_t digest = siphash_final(&h);
    return digest ? digest : 1;
}

/* The same in every run, unlike what hangs on the server's key: what is learnt of a model
 * is kept. */
static uint64_t digest_of_model(const struct config_model *m)
{
    struct siphash h;
    siphash_init(&h, (struct siphash_key){0});
    siphash_update(&h, m->engine->name);
    siphash_update(&h, STR("/"));
    siphash_update(&h, m->name);
    return siphash_final(&h);
}

/* -- what is done with it --------------------------------------------------------------
 */

static void tell(const struct server *s, uint64_t uid, enum feedback said,
                 const struct recent_answer *a)
{
    const struct feedback_heard heard = {uid, said, *a};
    if (s->heard && a->is_there)
        s->heard(s->heard_ctx, &heard);
}

void feedback_begin(struct request *r)
{
    struct server *s = r->worker->server;
    struct ledger_feedback before;
    struct recent_answer answer;
    const struct recent_request now = {
        .uid = r->uid,
        .owner = owner_of(r),
        .client_id = digest_of_id(r, r->client_id),
        .session = r->session,
        .mark = r->draft->mark,
    };
    if (LIKELY(!recent_add(s->recent, &now, loop_now_ms(r->worker->loop),
                           r->started_wall_ms, &before, &answer)))
        return;
    ledger_append_feedback(r->worker->log, &before);
    tell(s, before.uid, before.said, &answer);
}

/* A client that left had seen the beginning of its stream, and of a plain answer nothing.
 */
static bool is_answered(const struct request *r)
{
    return r->outcome == OUTCOME_OK ||
           (r->outcome == OUTCOME_CANCELLED && r->is_stream && r->leg.ttft_ms >= 0);
}

void feedback_end(struct request *r)
{
    const struct server *s = r->worker->server;
    struct recent_answer a = {
        .model = r->model && s->heard ? digest_of_model(r->model) : 0,
        .score = r->score,
        .is_there = r->model && is_answered(r),
        .is_local = r->model && !r->is_cloud,
    };
    if (UNLIKELY(r->noted != NULL)) {
        a.noted = *r->noted;
        a.has_noted = true;
    }
    enum feedback said = recent_end(s->recent, r->uid, &a, loop_now_ms(r->worker->loop));
    if (UNLIKELY(said != FEEDBACK_NONE))
        tell(s, r->uid, said, &a);
}

/* -- POST /v1/feedback -----------------------------------------------------------------
 */

struct order {
    struct str id, verdict;
    enum feedback said;
};

/* What clients may say; a re-ask is weir's own word. */
static enum feedback parse_verdict(struct str word)
{
    for (int i = FEEDBACK_GOOD; i <= FEEDBACK_REGENERATE; i++)
        if (str_eqz(word, feedback_name((enum feedback)i)))
            return (enum feedback)i;
    return FEEDBACK_NONE;
}

static int read_order(struct request *r, struct order *o, struct err *err)
{
    const struct page_text texts[] = {{"id", &o->id}, {"verdict", &o->verdict}};
    if (!page_read_texts(r, texts, ARRAY_LEN(texts)))
        return err_set(
            err, ERR_BAD_REQUEST, "invalid_json",
            "send {\"id\":\"wr-...\",\"verdict\":\"good\"}, both of them texts");
    if (o->id.n == 0)
        return err_set(err, ERR_BAD_REQUEST, "id_missing",
                       "say which answer: id is the x-weir-request-id that came with it, "
                       "or the x-request-id that your request had");
    o->said = parse_verdict(o->verdict);
    if (o->said == FEEDBACK_NONE)
        return err_set(err, ERR_BAD_REQUEST, "unknown_verdict",
                       "verdict is good, bad, edited (it was used after changes) or "
                       "regenerate (another one was asked for, from the cloud)");
    return 0;
}

/* It must not be lost behind a yes. */
static int check_ledger(const struct server *s, struct err *err)
{
    if (ledger_counts(s->ledger).is_writable)
        return 0;
    return err_set(
        err, ERR_OVERLOAD, "ledger_unavailable",
        "the ledger cannot be written now, so nothing was noted; send it again "
        "later");
}

static int take(struct request *r, struct ledger_feedback *f, struct err *err)
{
    struct server *s = r->worker->server;
    struct order o = {.id = STR(""), .verdict = STR("")};
    struct recent_answer answer;
    if (read_order(r, &o, err) < 0 || check_ledger(s, err) < 0)
        return -1;
    *f = (struct ledger_feedback){.ts_ms = clock_wall_ms(), .said = o.said};
    if (!uid_parse(o.id, &f->uid))
        f->uid = 0;
    enum recent_said what =
        recent_say(s->recent, owner_of(r), digest_of_id(r, o.id), f, &answer);
    if (what == RECENT_UNKNOWN)
        return err_set(
            err, ERR_NOT_FOUND, "unknown_request",
            "no request of this id is known%s; weir remembers the last %d "
            "requests of this run: id is the x-weir-request-id of an answer, or "
            "your own x-request-id",
            r->key ? " that was made with this key" : "", RECENT_MOST);
    if (what != RECENT_SAME)
        ledger_append_feedback(r->worker->log, f);
    if (what == RECENT_SAID)
        tell(s, f->uid, f->said, &answer);
    return 0;
}

void page_feedback(struct request *r)
{
    char own[UID_TEXT];
    struct err err = {0};
    struct buf out;
    struct ledger_feedback f;
    buf_init(&out, 4096);
    int rc = take(r, &f, &err);
    if (rc < 0) {
        r->dialect->encode_error(&err, &out);
    } else {
        ledger_format_uid(f.uid, own);
        buf_printf(&out, "{\"id\":\"%s\",\"verdict\":\"%s\"}", own,
                   feedback_name(f.said));
    }
    page_answer(r, rc < 0 ? dialect_error_status(r->dialect, &err) : 200,
                STR("application/json"), &out);
    buf_release(&out);
}
