/* relay_plain.c -- an answer that comes as one object.
 *
 * It is held whole (so that an error inside a 200 is found), unless it is too large to
 * hold.  Where a cloud engine may know tags of the session, it is held whole whatever its
 * size, up to the bound of collected ones. */
#include "gateway/budget.h"
#include "gateway/escalate.h"
#include "gateway/pairing.h"
#include "gateway/relay.h"
#include "gateway/stages.h"

#include "core/mem.h"

enum {
    MAX_HELD_BYTES = 1 << 20, /* of a plain answer, before it is passed on */
    TAIL_BYTES = 4096         /* of a large answer, where usage stands */
};

/* Of a plain answer, before it is passed on; what must be restored, translated, or become
 * a stream, never is. */
size_t relay_max_held(const struct leg *l)
{
    return stages_restores(l) || stages_translates(l) || l->request->is_stream
               ? WHOLE_MAX_BYTES
               : MAX_HELD_BYTES;
}

static void pass_piece(struct leg *l, struct str piece)
{
    struct request *r = l->request;
    l->answer.sent_bytes += piece.n;
    if (client_answer_piece(r->client, piece) == IS_OVER)
        return;
    if (client_is_choked(r->client))
        exchange_pause(l->exchange);
}

static enum fate may_hold(struct leg *l, size_t n)
{
    struct err err;
    err_init(&err);
    struct answer *a = &l->answer;
    a->taken_bytes += n;
    if (budget_hold(l->request->worker, &a->counted_bytes, a->taken_bytes))
        return GOES_ON;
    budget_refuse(&err);
    request_refuse(l->request, &err);
    return IS_OVER;
}

/* It has become too large to hold: what there is goes out, and the rest as it comes. */
static void pass_held(struct leg *l)
{
    struct request *r = l->request;
    struct answer *a = &l->answer;
    struct buf held = a->held;
    struct str whole = buf_view(&held), mark = STR("\xEF\xBB\xBF");
    if (str_starts(whole, mark)) {
        whole = str_sub(whole, mark.n, whole.n);
        a->content_length -= a->content_length > 0 ? (int64_t)mark.n : 0;
    }
    relay_commit(l, a->content_length);
    budget_release(r->worker, &a->counted_bytes);
    buf_init(&a->held, 4 * TAIL_BYTES);
    a->usage = engine_usage_in_tail(r->surface, str_sub(whole, 0, TAIL_BYTES));
    buf_append_end(&a->held, whole, TAIL_BYTES);
    pass_piece(l, whole);
    buf_release(&held);
}

/* A large answer in the form of the other surface is held whole as well, to be put into
 * the client's; by the name that it gives itself. */
static bool is_of_other_surface(const struct leg *l)
{
    struct str start = str_sub(buf_view(&l->answer.held), 0, TAIL_BYTES);
    enum surface surface = l->request->surface;
    return surface != SURFACE_EMBEDDINGS &&
           str_find(start, surface == SURFACE_CHAT ? STR("\"text_completion\"")
                                                   : STR("\"chat.completion")) >= 0;
}

/* Too large to be passed on later: goes on as it comes from now on, or is refused. */
static void outgrow(struct leg *l)
{
    struct answer *a = &l->answer;
    bool is_stream = l->request->is_stream;
    struct err err;
    err_init(&err);
    if (a->held.max_bytes < WHOLE_MAX_BYTES && is_of_other_surface(l)) {
        a->held.max_bytes = WHOLE_MAX_BYTES + LOOP_SCRATCH_BYTES;
        return;
    }
    if (!a->restorer && !is_stream && a->held.max_bytes < WHOLE_MAX_BYTES) {
        pass_held(l);
        return;
    }
    if (buf_len(&a->held) <= WHOLE_MAX_BYTES)
        return;
    err_set(&err, ERR_UPSTREAM, "answer_too_large",
            "an answer %s is larger than %d bytes",
            a->restorer ? "with tags in it"
            : is_stream ? "that is to become a stream"
                        : "that is to be put into another form",
            WHOLE_MAX_BYTES);
    attempt_failed(l->request, &err);
}

void relay_feed_plain(struct leg *l, struct str piece)
{
    struct request *r = l->request;
    struct answer *a = &l->answer;
    leg_note_content(l);
    /* Until it is whole and read, its bytes say best how much was made. */
    if (r->surface != SURFACE_EMBEDDINGS)
        a->content_bytes += piece.n;
    if (r->state == REQ_RELAY) {
        buf_append_end(&a->held, piece, TAIL_BYTES);
        pass_piece(l, piece);
        return;
    }
    if (may_hold(l, piece.n) == IS_OVER)
        return;
    buf_append(&a->held, piece);
    if (UNLIKELY(buf_len(&a->held) > relay_max_held(l)))
        outgrow(l);
}

/* Takes the body. */
static void answer_whole(struct leg *l, struct str type, struct buf *body)
{
    _Alignas(16) char first[1024];
    struct request *r = l->request;
    struct arena scratch;
    struct client *c = r->client;
    request_enter(r, REQ_RELAY);
    r->status = l->answer.status;
    r->outcome = OUTCOME_OK;
    l->answer.sent_bytes = buf_len(body);
    /* From here on it is the client's, and counted there. */
    budget_release(r->worker, &l->answer.counted_bytes);
    if (UNLIKELY(r->escalation != NULL))
        escalate_over(r);
    if (UNLIKELY(r->is_opened)) {
        opened_answer(l, body);
        return;
    }
    arena_init_in(&scratch, 32 * 1024, first, sizeof first);
    struct str fields = request_answer_fields(r, l->answer.fields, &scratch);
    r->client = NULL;
    c->request = NULL;
    client_answer_taking(c, r->status, type, fields, body);
    arena_reset(&scratch);
    request_end(r);
}

void relay_give(struct leg *l, struct str type, struct buf *body)
{
    answer_whole(l, type, body);
}

/* A whole_then. */
void relay_pass_whole(struct leg *l, struct buf *body, const struct err *err)
{
    struct request *r = l->request;
    const struct answer *a = &l->answer;
    if (err) {
        if (!a->usage.is_known && !a->usage.has_unpriced && a->content_bytes == 0)
            l->ttft_ms = -1; /* an error in a 200: a refusal, not the beginning of work */
        attempt_failed(l->request, err);
        return;
    }
    struct str type = r->is_stream ? dialect_stream_type(r->dialect, r->path)
                      : a->mode == ANSWER_COLLECT ? STR("application/json")
                                                  : relay_json_type(a->content_type);
    relay_succeed(l);
    if (UNLIKELY(pairing_wants(l)))
        pairing_take(r, &l->answer.judged);
    if (UNLIKELY(escalate_holds(l)))
        escalate_take(l, type, body, &l->answer.judged);
    else
        answer_whole(l, type, body);
}

void relay_end_plain(struct leg *l)
{
    struct request *r = l->request;
    struct answer *a = &l->answer;
    l->exchange = NULL;
    if (r->state == REQ_RELAY) {
        struct usage last = engine_usage_in_tail(r->surface, buf_view(&a->held));
        if (last.tier == TIER_STANDARD)
            last.tier = a->usage.tier; /* of the answer's beginning */
        if (last.is_known)
            a->usage = last;
        a->usage.tier = last.tier;
        r->outcome = OUTCOME_OK;
        relay_succeed(l);
        relay_finish(l);
        return;
    }
    whole_make(l, relay_pass_whole);
}
