/* json.c -- a discovery for programs: `weir up --json`. */
#include "discover/yaml.h"

#include "facts/date.h"
#include "facts/money.h"
#include "json/write.h"

static void text(struct json_writer *w, const char *key, struct str s)
{
    json_key(w, key);
    json_str(w, s.n ? s : (struct str){NULL, 0});
}

static void number(struct json_writer *w, const char *key, uint64_t n)
{
    json_key(w, key);
    if (n)
        json_u64(w, n);
    else
        json_write_null(w);
}

static void price(struct json_writer *w, const struct price *p)
{
    char amount[MONEY_TEXT], day[DATE_TEXT] = "";
    json_key(w, "price");
    if (!p || p->input < 0 || p->output < 0) {
        json_write_null(w);
        return;
    }
    json_object_open(w);
    money_decimal_per_million(p->input, amount);
    json_key(w, "usd_per_million_input");
    json_raw(w, str_of(amount));
    money_decimal_per_million(p->output, amount);
    json_key(w, "usd_per_million_output");
    json_raw(w, str_of(amount));
    if (p->source_days != DATE_UNKNOWN)
        date_format(p->source_days, day);
    text(w, "as_of", str_of(day));
    json_object_close(w);
}

static void model(struct json_writer *w, const struct found_model *m)
{
    json_object_open(w);
    text(w, "name", m->name);
    text(w, "side", m->is_cloud ? STR("cloud") : STR("local"));
    text(w, "why", m->why);
    json_key(w, "loaded");
    if (m->load == LOAD_UNKNOWN)
        json_write_null(w);
    else
        json_bool(w, m->load == LOAD_YES);
    number(w, "context_tokens", m->context_tokens);
    number(w, "trained_tokens", m->trained_tokens);
    number(w, "params", m->params);
    json_key(w, "capabilities");
    json_array_open(w);
    for (unsigned bit = 1; bit <= CAP_CHAT; bit <<= 1)
        if (m->caps & bit)
            json_str(w, str_of(capability_name(bit)));
    json_array_close(w);
    price(w, m->price);
    json_object_close(w);
}

static void engine(struct json_writer *w, const struct found_engine *e)
{
    json_object_open(w);
    text(w, "name", e->name);
    text(w, "kind", str_of(engine_kind_name(e->kind)));
    text(w, "side", str_of(side_name(e->side)));
    text(w, "why", e->why);
    text(w, "url", e->url);
    text(w, "key_from", e->key_env);
    text(w, "problem", e->problem);
    number(w, "slots", e->slots);
    json_key(w, "simulated");
    json_bool(w, e->kind == ENGINE_SIM);
    json_key(w, "models");
    json_array_open(w);
    for (size_t i = 0; i < e->nmodels; i++)
        model(w, &e->models[i]);
    json_array_close(w);
    number(w, "models_left_out", e->nleft_out);
    json_object_close(w);
}

void discover_json(const struct discovery *d, struct buf *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_object_open(&w);
    json_key(&w, "simulated");
    json_bool(&w, d->is_simulated);
    json_key(&w, "engines");
    json_array_open(&w);
    for (size_t i = 0; i < d->nengines; i++)
        engine(&w, &d->engines[i]);
    json_array_close(&w);
    json_key(&w, "roles");
    json_object_open(&w);
    for (int r = ROLE_NONE + 1; r < ROLE_COUNT; r++) {
        json_key(&w, role_name((enum role)r));
        if (d->roles[r].engine < 0) {
            json_write_null(&w);
            continue;
        }
        const struct found_engine *e = &d->engines[d->roles[r].engine];
        json_object_open(&w);
        text(&w, "engine", e->name);
        text(&w, "model", e->models[d->roles[r].model].name);
        json_object_close(&w);
    }
    json_object_close(&w);
    json_object_close(&w);
}
