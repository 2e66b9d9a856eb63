/* write.c -- what the page's answers are made of. */
#include "gateway/pages.h"
#include "gateway/paths.h"
#include "ledger/judged.h"
#include "web/room.h"

#include <stdio.h>

void web_key_str(struct json_writer *w, const char *key, struct str s)
{
    json_key(w, key);
    json_str(w, s.n ? s : (struct str){NULL, 0});
}

void web_key_u64(struct json_writer *w, const char *key, uint64_t v)
{
    json_key(w, key);
    json_u64(w, v);
}

void web_key_i64(struct json_writer *w, const char *key, int64_t v)
{
    json_key(w, key);
    json_i64(w, v);
}

void web_key_known(struct json_writer *w, const char *key, int64_t v)
{
    json_key(w, key);
    if (v < 0)
        json_str(w, (struct str){NULL, 0});
    else
        json_i64(w, v);
}

void web_key_bool(struct json_writer *w, const char *key, bool v)
{
    json_key(w, key);
    json_bool(w, v);
}

void web_write_cloud(struct json_writer *w, struct server *s)
{
    struct cloud_state now = cloud_look(s);
    json_object_open(w);
    cloud_write(w, &now);
    json_object_close(w);
}

void web_write_row(struct json_writer *w, const struct ledger_row *row)
{
    char id[17];
    ledger_format_uid(row->open.uid, id);
    json_object_open(w);
    web_key_str(w, "id", str_of(id));
    web_key_u64(w, "at_ms", row->open.ts_ms);
    web_key_str(w, "key", row->open.key);
    web_key_str(w, "asked", row->open.model_asked);
    web_key_str(w, "model", row->model_used);
    web_key_str(w, "engine", row->engine);
    web_key_str(w, "side", row->has_engine ? str_of(side_name(row->side)) : STR(""));
    web_key_bool(w, "at_cloud", row->was_at_cloud);
    web_key_str(w, "label", str_of(row->open.label));
    web_key_str(w, "outcome", str_of(outcome_name(row->outcome)));
    web_key_u64(w, "status", (uint64_t)row->status);
    web_key_str(w, "error", row->error_code);
    web_key_u64(w, "input", row->usage.input_tokens);
    web_key_u64(w, "output", row->usage.output_tokens);
    web_key_bool(w, "stream", row->is_stream);
    web_key_known(w, "ttft_ms", ledger_first_token_ms(row));
    web_key_u64(w, "total_ms", row->total_ms);
    web_key_known(w, "cost_nanousd", row->cost_nanousd);
    web_key_known(w, "cloud_nanousd", ledger_cloud_cost(row));
    web_key_u64(w, "legs", row->nlegs);
    json_key(w, "reasons");
    json_raw(w, row->reasons_json.n ? row->reasons_json : STR("[]"));
    json_object_close(w);
}

static void key_outcomes(struct json_writer *w, const struct ledger_sums *s)
{
    json_key(w, "outcomes");
    json_object_open(w);
    for (int i = 0; i < OUTCOME_COUNT; i++)
        web_key_u64(w, outcome_name((enum outcome)i), s->outcomes[i]);
    json_object_close(w);
}

void web_write_sums(struct json_writer *w, const struct ledger_sums *s)
{
    json_object_open(w);
    web_key_u64(w, "requests", s->requests);
    web_key_u64(w, "local_ok", s->local_ok);
    key_outcomes(w, s);
    web_key_u64(w, "input", s->input_tokens);
    web_key_u64(w, "cached", s->cached_tokens);
    web_key_u64(w, "cache_write", s->cache_write_tokens);
    web_key_u64(w, "output", s->output_tokens);
    web_key_u64(w, "reasoning", s->reasoning_tokens);
    web_key_i64(w, "cost_nanousd", s->cost_nanousd);
    web_key_u64(w, "cost_unknown", s->cost_unknown);
    web_key_u64(w, "failed_attempts", s->failed_attempts);
    web_key_u64(w, "local_after_cloud", s->local_after_cloud);
    web_key_u64(w, "cloud_unreached", s->cloud_unreached);
    web_key_u64(w, "ttft_ms", s->ttft_ms);
    web_key_u64(w, "ttft_count", s->ttft_count);
    json_object_close(w);
}

void web_write_reach(struct json_writer *w, uint64_t rows, uint64_t requests,
                     uint64_t first_ms)
{
    web_key_u64(w, "rows", rows);
    web_key_u64(w, "rows_all", requests < rows ? rows : requests);
    web_key_known(w, "rows_since_ms", requests > rows ? (int64_t)first_ms : -1);
}

void web_write_few_sums(struct json_writer *w, const struct ledger_sums *s)
{
    web_key_u64(w, "requests", s->requests);
    web_key_u64(w, "local_ok", s->local_ok);
    key_outcomes(w, s);
    web_key_u64(w, "local_after_cloud", s->local_after_cloud);
    web_key_u64(w, "cloud_unreached", s->cloud_unreached);
    web_key_i64(w, "cost_nanousd", s->cost_nanousd);
    web_key_u64(w, "cost_unknown", s->cost_unknown);
}

struct str web_parameter(struct str query, const char *name, struct arena *a)
{
    struct str one, key;
    while (str_split(&query, '&', &one)) {
        struct str value = one;
        if (str_split(&value, '=', &key) && str_eqz(key, name))
            return path_unescape(value, a);
    }
    return (struct str){NULL, 0};
}

static void fail(struct request *r, const struct err *err, struct str fields)
{
    struct buf out;
    buf_init(&out, 8192);
    r->dialect->encode_error(err, &out);
    page_answer_with(r, dialect_error_status(r->dialect, err), STR("application/json"),
                     fields, &out);
    buf_release(&out);
}

void web_fail(struct request *r, const struct err *err)
{
    fail(r, err, STR("cache-control: no-store\r\n"));
}

void web_fail_for(struct request *r, const struct err *err, unsigned seconds)
{
    char fields[80];
    snprintf(fields, sizeof fields, "cache-control: no-store\r\nretry-after: %u\r\n",
             seconds);
    fail(r, err, str_of(fields));
}
