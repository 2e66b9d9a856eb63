/* prices.c -- loading price rows, choosing one, and multiplying.
 *
 * Money in the file is decimal text, because a JSON number is read as a double by
 * nearly every reader there is; a bare number is refused with that reason. */
#include "facts/prices.h"

#include "core/mem.h"
#include "facts/embedded.h"
#include "facts/money.h"
#include "facts/nearest.h"
#include "facts/price_offers.h"
#include "facts/price_parts.h"
#include "facts/table.h"

#include <stdio.h>

enum { PRICES_ARENA = 8 << 20 };

struct prices {
    struct arena arena;
    struct price *rows;
    size_t n;
    int64_t built_days, stale_after_days;
};

static int read_money(const struct table *t, size_t row, const json_t *object,
                      const char *field, int64_t *ret, struct err *err)
{
    const json_t *v = json_object_get(object, field);
    char where[80];
    *ret = PRICE_UNKNOWN;
    if (!v || json_is_null(v))
        return 0;
    if (!json_is_string(v))
        return table_fault(t, row, field,
                           "write money as text, \"0.15\": numbers lose decimals", err);
    snprintf(where, sizeof where, "prices facts, row %zu, %s", row + 1, field);
    return money_parse_per_million(str_of(json_string_value(v)), where, ret, err);
}

static int read_tier(const struct table *t, size_t row, const json_t *o,
                     struct price_tier *tier, struct err *err)
{
    const json_t *above = json_object_get(o, "above_tokens");
    if (!json_is_integer(above) || json_integer_value(above) <= 0)
        return table_fault(t, row, "tiers.above_tokens", "must be above 0", err);
    tier->above_tokens = (uint64_t)json_integer_value(above);
    if (read_money(t, row, o, "input", &tier->input, err) < 0 ||
        read_money(t, row, o, "output", &tier->output, err) < 0 ||
        read_money(t, row, o, "cached_input", &tier->cached_input, err) < 0 ||
        read_money(t, row, o, "cache_write", &tier->cache_write, err) < 0 ||
        read_money(t, row, o, "reasoning", &tier->reasoning, err) < 0)
        return -1;
    return 0;
}

static int read_tiers(const struct table *t, size_t row, const json_t *object,
                      struct price *p, struct err *err)
{
    const json_t *tiers = json_object_get(object, "tiers");
    size_t n = json_array_size(tiers);
    if (n > PRICE_TIERS)
        return table_fault(t, row, "tiers", "has more tiers than weir knows", err);
    for (size_t i = 0; i < n; i++) {
        if (read_tier(t, row, json_array_get(tiers, i), &p->tiers[i], err) < 0)
            return -1;
        if (i && p->tiers[i].above_tokens <= p->tiers[i - 1].above_tokens)
            return table_fault(t, row, "tiers", "must ascend", err);
    }
    p->ntiers = n;
    return 0;
}

static int read_prices(const struct table *t, size_t row, const json_t *o,
                       struct price *p, struct err *err)
{
    const struct {
        const char *field;
        int64_t *ret;
    } fields[] = {
        {"input", &p->input},
        {"output", &p->output},
        {"cached_input", &p->cached_input},
        {"cache_write", &p->cache_write},
        {"cache_write_1h", &p->cache_write_1h},
        {"reasoning", &p->reasoning},
        {"audio_input", &p->audio_input},
        {"audio_output", &p->audio_output},
    };
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        if (read_money(t, row, o, fields[i].field, fields[i].ret, err) < 0)
            return -1;
    return read_tiers(t, row, o, p, err);
}

static int read_other_source(const struct table *t, size_t row, struct price *p,
                             struct err *err)
{
    const json_t *other = json_object_get(json_array_get(t->rows, row), "other_source");
    if (read_money(t, row, other, "input", &p->other_input, err) < 0 ||
        read_money(t, row, other, "output", &p->other_output, err) < 0)
        return -1;
    if (!other)
        return 0;
    p->other_source = arena_strdup(
        t->arena, str_of(json_string_value(json_object_get(other, "source"))));
    return p->other_source.p ? 0 : err_nomem(err);
}

/* -- tiers of service ---------------------------------------------------------------- */

static void set_source_date(struct price *p)
{
    if (p->source_days != DATE_UNKNOWN)
        date_format(p->source_days, p->source_date);
}

/* A threshold of the base above which this tier of service lists nothing is one above
 * which it has no price. */
static void add_unknown_tiers(struct price *mode, const struct price *base)
{
    if (mode->ntiers || base->ntiers == 0)
        return;
    mode->ntiers = 1;
    mode->tiers[0] = (struct price_tier){base->tiers[0].above_tokens,
                                         PRICE_UNKNOWN,
                                         PRICE_UNKNOWN,
                                         PRICE_UNKNOWN,
                                         PRICE_UNKNOWN,
                                         PRICE_UNKNOWN};
}

/* {"flex": {"input": ..., "output": ..., "source": ..., "source_date": ...}, ...} */
static int read_modes(const struct table *t, size_t row, struct price *base,
                      struct err *err)
{
    json_t *modes = json_object_get(json_array_get(t->rows, row), "modes");
    const char *name;
    json_t *o;
    json_object_foreach(modes, name, o)
    {
        enum service_tier tier = service_tier_of(str_of(name));
        const char *date = json_string_value(json_object_get(o, "source_date"));
        const char *source = json_string_value(json_object_get(o, "source"));
        struct price *mode = arena_new(t->arena, struct price);
        if (!mode)
            return err_nomem(err);
        if (tier == TIER_STANDARD || tier == TIER_OTHER || !date || !source)
            return table_fault(t, row, "modes",
                               "each is flex, priority, batch, fast or scale, with a "
                               "source and a source_date",
                               err);
        *mode = *base;
        mode->source = arena_strdup(t->arena, str_of(source));
        if (read_prices(t, row, o, mode, err) < 0)
            return -1;
        if (!date_parse(str_of(date), &mode->source_days) || !mode->source.p)
            return table_fault(t, row, "modes.source_date", "is no date", err);
        memset(mode->of_tier, 0, sizeof mode->of_tier);
        set_source_date(mode);
        base->of_tier[tier] = mode;
    }
    return 0;
}

/* {"input": ..., "output": ..., "hours": ["00:30-16:30 UTC", ...]} */
static int read_peak(const struct table *t, size_t row, struct price *base,
                     struct err *err)
{
    const json_t *o = json_object_get(json_array_get(t->rows, row), "peak");
    const json_t *hours = json_object_get(o, "hours");
    if (!o)
        return 0;
    struct price *peak = arena_new(t->arena, struct price);
    if (!peak)
        return err_nomem(err);
    *peak = *base;
    memset(peak->of_tier, 0, sizeof peak->of_tier);
    if (read_prices(t, row, o, peak, err) < 0)
        return -1;
    base->peak_hours = STR("");
    for (size_t i = 0; i < json_array_size(hours); i++) {
        const char *text = json_string_value(json_array_get(hours, i));
        base->peak_hours = arena_printf(t->arena, "%.*s%s%s", STR_ARG(base->peak_hours),
                                        i ? ", " : "", text ? text : "?");
        if (!base->peak_hours.p)
            return err_nomem(err);
    }
    base->at_peak = peak;
    return 0;
}

/* What waits for the tiers that other rows hold. */
static void finish_modes(struct price *p)
{
    for (size_t i = 0; i <= TIER_COUNT; i++) {
        const struct price *part = i < TIER_COUNT ? p->of_tier[i] : p->at_peak;
        /* Made here, and not yet shared. */
        struct price *mode = (struct price *)(uintptr_t)part;
        if (!mode)
            continue;
        add_unknown_tiers(mode, p);
        price_fill_tiers(mode);
    }
}

static bool accepts(const struct table *t, size_t row, const char *what)
{
    const json_t *list = json_object_get(json_array_get(t->rows, row), "accepts");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *s = json_string_value(json_array_get(list, i));
        if (s && strcmp(s, what) == 0)
            return true;
    }
    return false;
}

static int read_row(const struct table *t, size_t row, struct price *p, struct err *err)
{
    struct str kind = STR("list");
    p->from_days = p->to_days = p->released_days = DATE_UNKNOWN;
    if (table_str(t, row, "provider", &p->provider, err) < 0 ||
        table_str(t, row, "id", &p->model, err) < 0 ||
        table_str(t, row, "name", &p->name, err) < 0 ||
        table_str(t, row, "kind", &kind, err) < 0 ||
        table_str(t, row, "status", &p->status, err) < 0 ||
        table_u64(t, row, "context_window", &p->context_window, err) < 0 ||
        table_u64(t, row, "max_output", &p->max_output, err) < 0 ||
        table_bool(t, row, "tool_call", &p->tool_call, err) < 0 ||
        table_bool(t, row, "structured_output", &p->structured_output, err) < 0 ||
        table_bool(t, row, "open_weights", &p->open_weights, err) < 0 ||
        table_date(t, row, "from", &p->from_days, err) < 0 ||
        table_date(t, row, "to", &p->to_days, err) < 0 ||
        table_date(t, row, "released", &p->released_days, err) < 0 ||
        table_source(t, row, &p->source, &p->source_days, err) < 0 ||
        read_prices(t, row, json_array_get(t->rows, row), p, err) < 0 ||
        read_other_source(t, row, p, err) < 0)
        return -1;
    set_source_date(p);
    if (p->provider.n == 0 || p->model.n == 0)
        return table_fault(t, row, "provider, id", "both are needed", err);
    if (p->from_days != DATE_UNKNOWN && p->to_days != DATE_UNKNOWN &&
        p->from_days >= p->to_days)
        return table_fault(t, row, "from, to", "the row ends before it begins", err);
    p->is_dated = str_eqz(kind, "dated");
    p->accepts_image = accepts(t, row, "image");
    p->accepts_audio = accepts(t, row, "audio");
    return read_peak(t, row, p, err) < 0 ? -1 : read_modes(t, row, p, err);
}

static int check_currency(const struct table *t, struct err *err)
{
    const char *currency = json_string_value(json_object_get(t->root, "currency"));
    json_int_t per = json_integer_value(json_object_get(t->root, "per_tokens"));
    if (!currency || strcmp(currency, "USD") != 0)
        return err_set(err, ERR_CONFIG, "unknown_currency",
                       "prices facts: currency \"%s\" is unknown; convert the file to "
                       "USD and write \"currency\": \"USD\"",
                       currency ? currency : "(none)");
    if (per != 1000000)
        return err_set(err, ERR_CONFIG, "bad_facts",
                       "prices facts: \"per_tokens\" must be 1000000");
    return 0;
}

static int fill(struct prices *p, const struct table *t, struct err *err)
{
    if (check_currency(t, err) < 0)
        return -1;
    p->rows = arena_array(&p->arena, struct price, t->n);
    if (!p->rows)
        return err_nomem(err);
    for (size_t i = 0; i < t->n; i++)
        if (read_row(t, i, &p->rows[i], err) < 0)
            return -1;
    p->n = t->n;
    price_fill_dated(p->rows, p->n);
    price_join_tiers(p->rows, p->n);
    for (size_t i = 0; i < p->n; i++) {
        price_fill_tiers(&p->rows[i]);
        finish_modes(&p->rows[i]);
    }
    p->built_days = t->built_days;
    p->stale_after_days = t->stale_after_days;
    return 0;
}

int prices_load(struct str json, struct prices **ret, struct err *err)
{
    struct table t;
    struct prices *p = mem_new(struct prices);
    if (!p)
        return err_nomem(err);
    arena_init(&p->arena, PRICES_ARENA);
    if (table_open(&t, "prices", json, &p->arena, err) < 0) {
        prices_free(p);
        return -1;
    }
    int rc = fill(p, &t, err);
    table_close(&t);
    if (rc < 0) {
        prices_free(p);
        return -1;
    }
    *ret = p;
    return 0;
}

int prices_load_embedded(struct prices **ret, struct err *err)
{
    return prices_load(embedded_find("prices"), ret, err);
}

void prices_free(struct prices *p)
{
    if (!p)
        return;
    arena_reset(&p->arena);
    mem_free(p);
}

/* How well a row answers for a day: higher is better, 0 is not at all. */
static int rank(const struct price *p, int64_t day)
{
    bool bounded = p->from_days != DATE_UNKNOWN || p->to_days != DATE_UNKNOWN;
    bool covers = (p->from_days == DATE_UNKNOWN || p->from_days <= day) &&
                  (p->to_days == DATE_UNKNOWN || day < p->to_days);
    if (bounded && day > 0)
        return covers ? 3 : 0;
    if (bounded)
        return 0;
    return p->is_dated ? 1 : 2;
}

/* How a model is looked for: as it is written, or without what a seller puts around it.
 */
enum spelling { AS_WRITTEN, PLAIN };

static bool is_row_of(const struct price *row, struct str provider, struct str model,
                      enum spelling s)
{
    if (provider.n && !str_eq_nocase(provider, row->provider))
        return false;
    if (s == PLAIN)
        return nearest_same(price_plain_name(row->model), model);
    return str_eq(row->model, model) || nearest_same(row->model, model);
}

/* The better of two rows for a day.  Of several providers the one met first answers. */
static const struct price *better(const struct price *best, const struct price *row,
                                  int64_t day)
{
    if (!best)
        return rank(row, day) ? row : NULL;
    if (!str_eq(best->provider, row->provider) || rank(row, day) <= rank(best, day))
        return best;
    return row;
}

/* What OpenRouter calls ":free" costs nothing, whatever the model costs elsewhere. */
static const struct price free_row = {
    .provider = STR_INIT("openrouter"),
    .model = STR_INIT(":free"),
    .name = STR_INIT("free of charge"),
    .from_days = DATE_UNKNOWN,
    .to_days = DATE_UNKNOWN,
    .other_input = PRICE_UNKNOWN,
    .other_output = PRICE_UNKNOWN,
    .source = STR_INIT("the name ends in :free"),
    .source_days = 20785,
    .source_date = "2026-11-28", /* when this was written */
};

static bool is_free(struct str provider, struct str model)
{
    return str_ends(model, STR(":free")) &&
           (provider.n == 0 || str_eq_nocase(provider, STR("openrouter")));
}

/* "provider/model" in two; false when there is nothing to split. */
static bool split_name(struct str *provider, struct str *model)
{
    ptrdiff_t slash = str_index(*model, '/');
    if (provider->n || slash <= 0)
        return false;
    *provider = str_sub(*model, 0, (size_t)slash);
    *model = str_sub(*model, (size_t)slash + 1, model->n);
    return true;
}

static size_t collect(const struct prices *p, struct str provider, struct str model,
                      enum spelling s, const struct price **to)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++) {
        if (!is_row_of(&p->rows[i], provider, model, s))
            continue;
        if (to)
            to[n] = &p->rows[i];
        n++;
    }
    return n;
}

/* The provider, model and spelling by which rows are found; false when none are. */
static bool resolve(const struct prices *p, struct str *provider, struct str *model,
                    enum spelling *s)
{
    *s = AS_WRITTEN;
    if (collect(p, *provider, *model, *s, NULL))
        return true;
    if (split_name(provider, model) && collect(p, *provider, *model, *s, NULL))
        return true;
    *s = PLAIN;
    *model = price_plain_name(*model);
    return provider->n && collect(p, *provider, *model, *s, NULL);
}

const struct price *prices_find(const struct prices *p, struct str provider,
                                struct str model, int64_t date_days)
{
    const struct price *best = NULL;
    enum spelling s;
    if (is_free(provider, model))
        return &free_row;
    if (!resolve(p, &provider, &model, &s))
        return NULL;
    for (size_t i = 0; i < p->n; i++)
        if (is_row_of(&p->rows[i], provider, model, s))
            best = better(best, &p->rows[i], date_days);
    return best;
}

struct price_series prices_series(const struct prices *p, struct str provider,
                                  struct str model, struct arena *a)
{
    static const struct price *free_rows[] = {&free_row};
    enum spelling s;
    if (is_free(provider, model))
        return (struct price_series){free_rows, 1};
    if (!resolve(p, &provider, &model, &s))
        return (struct price_series){NULL, 0};
    size_t n = collect(p, provider, model, s, NULL);
    const struct price **rows = arena_array(a, const struct price *, n);
    if (rows)
        (void)collect(p, provider, model, s, rows);
    return (struct price_series){rows, rows ? n : 0};
}

const struct price *price_on(const struct price_series *s, int64_t date_days)
{
    const struct price *best = NULL;
    for (size_t i = 0; i < s->n; i++)
        best = better(best, s->rows[i], date_days);
    return best;
}

const struct price *price_of_tier(const struct price *p, enum service_tier tier)
{
    if (tier == TIER_STANDARD || p == &free_row)
        return p;
    return p->of_tier[tier];
}

int prices_explain_unknown(const struct prices *p, struct str model, struct err *err)
{
    struct nearest near;
    char words[200];
    nearest_init(&near, model);
    for (size_t i = 0; i < p->n; i++)
        nearest_offer(&near, p->rows[i].model);
    nearest_print(&near, "; the nearest known are ", "", words, sizeof words);
    return err_set(err, ERR_CONFIG, "unknown_model",
                   "no price is known for model \"%.*s\"%s; weir facts prices lists all",
                   (int)(model.n > 60 ? 60 : model.n), model.p, words);
}

static int unknown_price(const struct price *p, const char *what, struct err *err)
{
    return err_set(err, ERR_CONFIG, "unknown_price",
                   "the %s price of %.*s (%.*s) is unknown; give it, or leave those "
                   "tokens out",
                   what, STR_ARG(p->model), STR_ARG(p->provider));
}

static int check_counts(const struct token_counts *n, struct err *err)
{
    uint64_t parts;
    if (__builtin_add_overflow(n->cached, n->cache_write, &parts) ||
        __builtin_add_overflow(parts, n->audio_in, &parts) || parts > n->input)
        return err_set(err, ERR_CONFIG, "bad_counts",
                       "cached + cache_write + audio_in is more than input tokens; "
                       "input must include them");
    if (__builtin_add_overflow(n->reasoning, n->audio_out, &parts) || parts > n->output)
        return err_set(err, ERR_CONFIG, "bad_counts",
                       "reasoning + audio_out is more than output tokens; output must "
                       "include them");
    return 0;
}

/* The price itself, or the ordinary one where none is listed apart. */
static int64_t or_else(int64_t price, int64_t ordinary)
{
    return price == PRICE_UNKNOWN ? ordinary : price;
}

static struct price_tier tier_for(const struct price *p, uint64_t input)
{
    struct price_tier t = {0,         p->input,       p->cached_input,
                           p->output, p->cache_write, p->reasoning};
    for (size_t i = 0; i < p->ntiers; i++)
        if (input > p->tiers[i].above_tokens)
            t = p->tiers[i];
    return t;
}

int prices_cost_nanousd(const struct price *price, const struct token_counts *n,
                        int64_t *ret, struct err *err)
{
    return prices_cost_of_many_nanousd(price, n, 1, ret, err);
}

int prices_cost_of_many_nanousd(const struct price *price, const struct token_counts *n,
                                uint64_t requests, int64_t *ret, struct err *err)
{
    struct price_tier t = tier_for(price, n->input);
    if (check_counts(n, err) < 0)
        return -1;
    const struct {
        uint64_t tokens;
        int64_t pico;
        const char *what;
    } parts[] = {
        {n->input - n->cached - n->cache_write - n->audio_in, t.input, "input"},
        {n->cached, or_else(t.cached_input, t.input), "cached input"},
        {n->cache_write, or_else(t.cache_write, t.input), "cache write"},
        {n->output - n->reasoning - n->audio_out, t.output, "output"},
        {n->reasoning, or_else(t.reasoning, t.output), "reasoning"},
        {n->audio_in, price->audio_input, "audio input"},
        {n->audio_out, price->audio_output, "audio output"},
    };
    money_wide sum = 0;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        if (parts[i].tokens && parts[i].pico == PRICE_UNKNOWN)
            return unknown_price(price, parts[i].what, err);
        if (parts[i].tokens)
            sum += (money_wide)parts[i].tokens * parts[i].pico;
    }
    /* Below 2^90 pico-dollars a request, 2^31 of them stay within 127 bits; above it one
     * request alone passes what nano-dollars hold, and rounding says so. */
    if (requests > UINT32_MAX / 2)
        return err_set(err, ERR_CONFIG, "bad_counts",
                       "requests: more than 2,147,483,647 of one kind; split them");
    if (sum > (money_wide)1 << 90)
        return money_round(sum, 1000, "cost", ret, err);
    return money_round(sum * (money_wide)requests, 1000, "cost", ret, err);
}

size_t prices_count(const struct prices *p)
{
    return p->n;
}

const struct price *prices_at(const struct prices *p, size_t i)
{
    return &p->rows[i];
}

int64_t prices_built_days(const struct prices *p)
{
    return p->built_days;
}

int64_t prices_stale_after_days(const struct prices *p)
{
    return p->stale_after_days;
}

bool price_is_stale(const struct prices *all, const struct price *p, int64_t today)
{
    if (p->to_days != DATE_UNKNOWN && p->to_days <= today)
        return false;
    return table_is_stale(today, p->source_days, all->stale_after_days);
}
