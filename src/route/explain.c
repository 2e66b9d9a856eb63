/* explain.c -- writing a decision down. */
#include "route/explain.h"

#include "json/write.h"

#include <math.h>
#include <stdio.h>

static void write_or_null(struct json_writer *w, const char *key, struct str value)
{
    json_key(w, key);
    json_str(w, value.n ? value : (struct str){NULL, 0});
}

/* Nano-dollars as an exact decimal of dollars. */
static void write_usd(struct json_writer *w, int64_t nanousd)
{
    char text[32];
    int n = snprintf(text, sizeof text, "%lld.%09lld", (long long)(nanousd / 1000000000),
                     (long long)(nanousd % 1000000000));
    while (n > 2 && text[n - 1] == '0' && text[n - 2] != '.')
        n--;
    json_raw(w, (struct str){text, (size_t)n});
}

static void write_estimates(struct json_writer *w, const struct explanation *e)
{
    json_key(w, "est_cost_usd");
    if (e->has_cost)
        write_usd(w, e->est_cost_nanousd);
    else
        json_write_null(w);
    json_key(w, "est_ttft_ms");
    if (e->has_ttft)
        json_u64(w, e->est_ttft_ms);
    else
        json_write_null(w);
    json_key(w, "est_answer_ms");
    if (e->has_answer)
        json_u64(w, e->est_answer_ms);
    else
        json_write_null(w);
    json_key(w, "est_tokens");
    json_object_open(w);
    json_key(w, "input");
    json_u64(w, e->est_input_tokens);
    json_key(w, "output");
    json_u64(w, e->est_output_tokens);
    json_object_close(w);
}

/* What policy learned has seen; null for the others and where there was no choice. */
static void write_learned(struct json_writer *w, const struct route_learned *l)
{
    json_key(w, "learned");
    if (!l || !l->is_scored) {
        json_write_null(w);
        return;
    }
    json_object_open(w);
    json_key(w, "score");
    json_double(w, (double)l->score.gap);
    json_key(w, "threshold"); /* null: all go, or none */
    if (isfinite(l->threshold))
        json_double(w, (double)l->threshold);
    else
        json_write_null(w);
    json_key(w, "suffices");
    json_double(w, (double)l->suffices);
    json_key(w, "why");
    json_str(w, str_of(l->why));
    json_object_close(w);
}

static void write_model(struct json_writer *w, const struct config_model *m)
{
    if (!m) {
        json_write_null(w);
        return;
    }
    json_object_open(w);
    json_key(w, "engine");
    json_str(w, m->engine->name);
    json_key(w, "model");
    json_str(w, m->name);
    json_key(w, "side");
    json_str(w, str_of(side_name(m->is_cloud ? SIDE_CLOUD : SIDE_LOCAL)));
    json_object_close(w);
}

static void write_judging(struct json_writer *w, const struct explain_judging *j)
{
    json_key(w, "escalate");
    if (!j) {
        json_write_null(w);
        return;
    }
    json_object_open(w);
    json_key(w, "judged");
    json_bool(w, !j->why_not);
    json_key(w, "why_not");
    json_str(w, j->why_not ? str_of(j->why_not) : (struct str){NULL, 0});
    json_key(w, "threshold");
    json_double(w, j->threshold);
    json_key(w, "hold_ms");
    json_u64(w, j->hold_ms);
    json_key(w, "hold_tokens");
    json_u64(w, j->hold_tokens);
    json_key(w, "second_opinions");
    json_array_open(w);
    for (size_t i = 0; i < j->nopinions; i++)
        write_model(w, j->opinions[i]);
    json_array_close(w);
    json_key(w, "judge");
    write_model(w, j->judge);
    json_key(w, "stronger");
    write_model(w, j->stronger);
    json_object_close(w);
}

static struct str name_of(const struct config_model *m, struct arena *a)
{
    return arena_printf(a, "%.*s on %.*s", STR_ARG(m->name), STR_ARG(m->engine->name));
}

struct str explain_judging_words(const struct explain_judging *j, struct arena *a)
{
    struct str who = STR("by rules");
    if (j->why_not)
        return str_of(j->why_not);
    for (size_t i = 0; i < j->nopinions; i++)
        who = arena_printf(a, "%.*s, %s%.*s", STR_ARG(who),
                           i ? "" : "where it can be compared a second opinion of ",
                           STR_ARG(name_of(j->opinions[i], a)));
    if (j->judge)
        who = arena_printf(a, "%.*s, judge %.*s", STR_ARG(who),
                           STR_ARG(name_of(j->judge, a)));
    return arena_printf(a,
                        "judged %.*s; below %.2f it goes to %.*s (%s); a stream is held "
                        "for %.1f s or %u tokens at most",
                        STR_ARG(who), j->threshold, STR_ARG(name_of(j->stronger, a)),
                        j->stronger->is_cloud ? "cloud" : "local",
                        (double)j->hold_ms / 1000, j->hold_tokens);
}

void explain_by_measurement(struct explanation *e)
{
    const struct config_model *m = e->choice->model;
    if (!m || !e->query->measured)
        return;
    struct route_measured fact = e->query->measured[m->index];
    if (e->has_ttft)
        fact.ttft_ms = e->est_ttft_ms;
    e->has_ttft = fact.ttft_ms > 0;
    e->est_ttft_ms = fact.ttft_ms;
    e->has_answer = measured_whole_ms(&fact, e->est_output_tokens, &e->est_answer_ms);
}

static void write_error(struct json_writer *w, const struct err *err)
{
    json_key(w, "error");
    if (!err || !err->kind) {
        json_write_null(w);
        return;
    }
    json_object_open(w);
    json_key(w, "code");
    json_str(w, str_of(err->code));
    json_key(w, "message");
    json_str(w, str_of(err->msg));
    json_object_close(w);
}

void explain_json(const struct explanation *e, struct arena *a, struct buf *out)
{
    const struct config_model *m = e->choice->model;
    struct json_writer w;
    json_writer_init(&w, out);
    json_object_open(&w);
    write_or_null(&w, "side",
                  m ? str_of(side_name(m->is_cloud ? SIDE_CLOUD : SIDE_LOCAL)) : STR(""));
    write_or_null(&w, "engine", m ? m->engine->name : STR(""));
    write_or_null(&w, "model", m ? m->name : STR(""));
    write_or_null(&w, "role", str_of(role_name(e->choice->role)));
    write_or_null(&w, "label", str_of(label_name(e->query->label)));
    enum complexity c = complexity_of(policy_query_text(e->query->chat, a));
    write_or_null(&w, "complexity", str_of(complexity_name(c)));
    write_or_null(&w, "policy", str_of(policy_name(e->query->policy)));
    write_learned(&w, e->query->learned);
    write_judging(&w, e->judging);
    json_key(&w, "reasons");
    json_raw(&w, route_reasons_json(e->choice, a));
    write_estimates(&w, e);
    write_error(&w, e->err);
    json_object_close(&w);
}
