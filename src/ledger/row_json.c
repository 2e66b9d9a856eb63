/* row_json.c -- a row for programs: one object, one line. */
#include "core/clock.h"
#include "ledger/ledger.h"
#include "ledger/uid.h"
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

static void write_cost(struct json_writer *w, const char *key, int64_t nanousd)
{
    json_key(w, key);
    if (nanousd >= 0)
        json_i64(w, nanousd);
    else
        json_str(w, (struct str){NULL, 0});
}

static void write_usage(struct json_writer *w, const struct ledger_row *r)
{
    json_key(w, "tokens");
    json_object_open(w);
    json_key(w, "input");
    json_u64(w, r->usage.input_tokens);
    json_key(w, "cached");
    json_u64(w, r->usage.cached_tokens);
    json_key(w, "cache_write");
    json_u64(w, r->usage.cache_write_tokens);
    json_key(w, "output");
    json_u64(w, r->usage.output_tokens);
    json_key(w, "reasoning");
    json_u64(w, r->usage.reasoning_tokens);
    json_key(w, "audio_input");
    json_u64(w, r->usage.audio_input_tokens);
    json_key(w, "audio_output");
    json_u64(w, r->usage.audio_output_tokens);
    json_object_close(w);
    key_str(w, "tokens_source",
            r->usage_is_reported ? STR("reported") : STR("estimated"));
    write_cost(w, "cost_nanousd", r->cost_nanousd);
    key_str(w, "price_date", or_null(r->price_date));
    key_str(w, "service_tier", str_of(service_tier_name(r->usage.tier)));
}

/* Where else it was, and what that cost there. */
static void write_spent(struct json_writer *w, const struct ledger_row *r)
{
    json_key(w, "at_cloud");
    json_bool(w, r->was_at_cloud);
    write_cost(w, "cloud_cost_nanousd", ledger_cloud_cost(r));
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
        write_cost(w, "cost_nanousd", x->cost_nanousd);
        json_object_close(w);
    }
    json_array_close(w);
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
    json_key(&w, "attempts");
    json_u64(&w, r->attempts);
    json_key(&w, "stream");
    json_bool(&w, r->is_stream);
    write_usage(&w, r);
    write_spent(&w, r);
    json_key(&w, "ttft_ms");
    if (r->ttft_ms >= 0)
        json_i64(&w, r->ttft_ms);
    else
        json_str(&w, (struct str){NULL, 0});
    json_key(&w, "total_ms");
    json_u64(&w, r->total_ms);
    json_key(&w, "bytes");
    json_object_open(&w);
    json_key(&w, "request");
    json_u64(&w, r->request_bytes);
    json_key(&w, "answer");
    json_u64(&w, r->answer_bytes);
    json_object_close(&w);
    json_object_close(&w);
}
