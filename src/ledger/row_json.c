/* row_json.c -- a row for programs: one object, one line. */
#include "core/clock.h"
#include "ledger/judged.h"
#include "ledger/ledger.h"
#include "ledger/log/uid.h"
#include "json/write.h"

#include <stdio.h>

const char *outcome_name(enum outcome o)
{
    static const char *const names[OUTCOME_COUNT] = {
        [OUTCOME_OK] = "ok",
        [OUTCOME_ERROR] = "error",
        [OUTCOME_REFUSED] = "refused",
        [OUTCOME_CANCELLED] = "cancelled",
        [OUTCOME_INTERRUPTED] = "interrupted",
    };
    return names[o];
}

static struct str or_null(struct str s)
{
    return s.n ? s : (struct str){NULL, 0};
}

static void key_str(struct json_writer *w, const char *key, struct str s)
{
    json_key(w, key);
    json_str(w, s);
}

static void write_origin(struct json_writer *w, const struct ledger_open *o,
                         struct str session_name)
{
    char own[UID_TEXT], ts[25], session[17];
    ledger_format_uid(o->uid, own);
    clock_format_utc(o->ts_ms, ts);
    snprintf(session, sizeof session, "%016llx", (unsigned long long)o->session);
    bool is_given = o->request_id.n && !str_eqz(o->request_id, own);
    key_str(w, "id", str_of(own));
    key_str(w, "client_id", is_given ? o->request_id : (struct str){NULL, 0});
    key_str(w, "ts", str_of(ts));
    key_str(w, "key", or_null(o->key));
    if (session_name.n == 0 && o->session)
        session_name = str_of(session);
    key_str(w, "session", or_null(session_name));
    key_str(w, "dialect", str_of(dialect_name(o->dialect)));
    key_str(w, "surface", str_of(surface_name(o->surface)));
}

static void write_choice(struct json_writer *w, const struct ledger_row *r)
{
    struct str null = {NULL, 0};
    key_str(w, "side", r->has_engine ? str_of(side_name(r->side)) : null);
    key_str(w, "engine", or_null(r->engine));
    key_str(w, "model_asked", or_null(r->open.model_asked));
    key_str(w, "model_used", or_null(r->model_used));
    key_str(w, "label", or_null(str_of(r->open.label)));
    key_str(w, "policy", or_null(r->policy));
    key_str(w, "role", or_null(r->role));
    json_key(w, "reasons");
    json_raw(w, r->reasons_json.n ? r->reasons_json : STR("[]"));
}

static void key_u64(struct json_writer *w, const char *key, uint64_t v)
{
    json_key(w, key);
    json_u64(w, v);
}

static void key_bool(struct json_writer *w, const char *key, bool v)
{
    json_key(w, key);
    json_bool(w, v);
}

/* -1: null. */
static void key_or_null(struct json_writer *w, const char *key, int64_t v)
{
    json_key(w, key);
    if (v >= 0)
        json_i64(w, v);
    else
        json_str(w, (struct str){NULL, 0});
}

static struct str source_name(bool is_reported)
{
    return is_reported ? STR("reported") : STR("estimated");
}

static void write_tokens(struct json_writer *w, const struct usage *u)
{
    const struct {
        const char *name;
        uint64_t n;
    } counts[] = {{"input", u->input_tokens},
                  {"cached", u->cached_tokens},
                  {"cache_write", u->cache_write_tokens},
                  {"output", u->output_tokens},
                  {"reasoning", u->reasoning_tokens},
                  {"audio_input", u->audio_input_tokens},
                  {"audio_output", u->audio_output_tokens}};
    json_key(w, "tokens");
    json_object_open(w);
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        json_key(w, counts[i].name);
        json_u64(w, counts[i].n);
    }
    json_object_close(w);
}

static void write_usage(struct json_writer *w, const struct ledger_row *r)
{
    write_tokens(w, &r->usage);
    key_str(w, "tokens_source", source_name(r->usage_is_reported));
    key_or_null(w, "cost_nanousd", r->cost_nanousd);
    key_str(w, "price_date", or_null(r->price_date));
    key_str(w, "service_tier", str_of(service_tier_name(r->usage.tier)));
}

/* Where else it was, and what that cost there. */
static void write_spent(struct json_writer *w, const struct ledger_row *r)
{
    key_bool(w, "at_cloud", r->was_at_cloud);
    key_or_null(w, "cloud_cost_nanousd", ledger_cloud_cost(r));
    json_key(w, "failed_attempts");
    json_array_open(w);
    for (size_t i = 0; i < r->nlegs; i++) {
        const struct ledger_leg *x = &r->legs[i];
        if (!ledger_leg_failed_beside(r, x))
            continue;
        json_object_open(w);
        key_str(w, "side", str_of(side_name(x->side)));
        key_str(w, "engine", or_null(x->engine));
        key_str(w, "model", or_null(x->model));
        key_or_null(w, "cost_nanousd", x->cost_nanousd);
        json_object_close(w);
    }
    json_array_close(w);
}

static void write_work(struct json_writer *w, const struct ledger_leg *l, bool is_stream)
{
    write_tokens(w, &l->usage);
    key_str(w, "tokens_source", source_name(l->usage_is_reported));
    key_str(w, "service_tier", str_of(service_tier_name(l->usage.tier)));
    key_u64(w, "started_ms", l->started_ms);
    key_or_null(w, "ttft_ms", is_stream ? l->ttft_ms : -1);
    key_u64(w, "total_ms", l->total_ms);
    json_key(w, "bytes");
    json_object_open(w);
    key_u64(w, "sent", l->sent_bytes);
    key_u64(w, "answer", l->answer_bytes);
    json_object_close(w);
}

static void write_leg(struct json_writer *w, const struct ledger_leg *l, bool is_stream)
{
    json_object_open(w);
    key_u64(w, "n", l->number);
    key_str(w, "purpose", str_of(leg_purpose_name(l->purpose)));
    key_bool(w, "promised", l->is_promised);
    key_str(w, "side", str_of(side_name(l->side)));
    key_str(w, "engine", or_null(l->engine));
    key_str(w, "model", or_null(l->model));
    key_or_null(w, "status", l->is_bare ? -1 : l->status);
    key_str(w, "outcome", str_of(outcome_name(l->outcome)));
    key_str(w, "error_code", or_null(l->error_code));
    key_bool(w, "has_left", l->has_left);
    key_or_null(w, "cost_nanousd", l->cost_nanousd);
    key_str(w, "price_date", or_null(l->price_date));
    if (!l->is_bare) /* what nobody knows is not there */
        write_work(w, l, is_stream);
    json_object_close(w);
}

static void write_legs(struct json_writer *w, const struct ledger_row *r)
{
    json_key(w, "legs");
    json_array_open(w);
    for (size_t i = 0; i < r->nlegs; i++)
        write_leg(w, &r->legs[i], r->is_stream);
    json_array_close(w);
}

/* In the words of the configuration's `can`. */
static void write_needs(struct json_writer *w, unsigned needs)
{
    json_key(w, "needs");
    json_array_open(w);
    for (unsigned bit = 1; bit && bit <= needs; bit <<= 1) {
        const char *name = needs & bit ? capability_name(bit) : NULL;
        if (name)
            json_str(w, str_of(name));
    }
    json_array_close(w);
}

static void write_knew(struct json_writer *w, const struct ledger_knew *k)
{
    json_key(w, "knew");
    json_object_open(w);
    key_u64(w, "input_estimate", k->input_estimate);
    key_or_null(w, "output_limit", k->output_limit ? (int64_t)k->output_limit : -1);
    write_needs(w, k->needs);
    key_bool(w, "wants_quality", k->wants_quality);
    key_or_null(w, "latency_ms", k->has_latency ? (int64_t)k->latency_ms : -1);
    key_u64(w, "deadline", k->deadline);
    key_or_null(w, "deadline_s", k->deadline_s ? (int64_t)k->deadline_s : -1);
    key_str(w, "health", or_null(k->health));
    json_object_close(w);
}

void ledger_row_json(const struct ledger_row *r, struct buf *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_object_open(&w);
    write_origin(&w, &r->open, r->session_name);
    write_choice(&w, r);
    json_key(&w, "status");
    json_i64(&w, r->status);
    key_str(&w, "outcome", str_of(outcome_name(r->outcome)));
    key_str(&w, "error_code", or_null(r->error_code));
    key_u64(&w, "attempts", r->attempts);
    key_bool(&w, "stream", r->is_stream);
    write_usage(&w, r);
    write_spent(&w, r);
    key_or_null(&w, "ttft_ms", ledger_first_token_ms(r));
    key_u64(&w, "total_ms", r->total_ms);
    json_key(&w, "bytes");
    json_object_open(&w);
    key_u64(&w, "request", r->request_bytes);
    key_u64(&w, "answer", r->answer_bytes);
    json_object_close(&w);
    key_str(&w, "judged",
            or_null(str_of(judged_name(judged_of(judged_words_of(r), r->outcome)))));
    key_str(&w, "feedback", or_null(str_of(feedback_name(r->feedback))));
    write_legs(&w, r);
    write_knew(&w, &r->knew);
    json_object_close(&w);
}
