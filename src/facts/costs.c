/* costs.c -- rows of several kinds in one file, told apart by "kind". */
#include "facts/costs.h"

#include "core/mem.h"
#include "facts/money.h"
#include "facts/table.h"

enum { COSTS_ARENA = 4 << 20 };

struct costs {
    struct arena arena;
    struct cost_rent *rents;
    struct cost_electricity *countries;
    struct cost_currency *currencies;
    size_t nrents, ncountries, ncurrencies;
    int64_t built_days;
};

static int read_source(const struct table *t, size_t row, struct cost_source *s,
                       struct err *err)
{
    if (table_source(t, row, &s->source, &s->days, err) < 0 ||
        table_bool(t, row, "unverified", &s->is_unverified, err) < 0)
        return -1;
    return 0;
}

/* Decimal text with up to nine places; -1 when it is not there. */
static int read_usd(const struct table *t, size_t row, const char *field, int64_t *ret,
                    struct err *err)
{
    struct str text = {0};
    char where[80];
    *ret = -1;
    if (table_str(t, row, field, &text, err) < 0)
        return -1;
    snprintf(where, sizeof where, "costs facts, row %zu, %s", row + 1, field);
    return text.n ? money_parse_usd(text, where, ret, err) : 0;
}

static int read_rent(const struct table *t, size_t row, struct costs *c, struct err *err)
{
    struct cost_rent *r = &c->rents[c->nrents++];
    if (table_str(t, row, "provider", &r->provider, err) < 0 ||
        table_str(t, row, "gpu", &r->gpu, err) < 0 ||
        table_number(t, row, "memory_gb", &r->memory_gb, err) < 0 ||
        table_bool(t, row, "reserved", &r->is_reserved, err) < 0 ||
        read_usd(t, row, "usd_per_gpu_hour", &r->nanousd_per_gpu_hour, err) < 0 ||
        read_usd(t, row, "spot_usd_per_gpu_hour", &r->spot_nanousd_per_gpu_hour, err) <
            0 ||
        read_source(t, row, &r->from, err) < 0)
        return -1;
    if (r->provider.n == 0 || r->gpu.n == 0)
        return table_fault(t, row, "provider, gpu", "both are needed", err);
    return 0;
}

static int read_country(const struct table *t, size_t row, struct costs *c,
                        struct err *err)
{
    struct cost_electricity *e = &c->countries[c->ncountries++];
    if (table_str(t, row, "country", &e->country, err) < 0 ||
        table_str(t, row, "name", &e->name, err) < 0 ||
        table_str(t, row, "period", &e->period, err) < 0 ||
        table_bool(t, row, "with_tax", &e->has_tax, err) < 0 ||
        read_usd(t, row, "usd_per_kwh", &e->nanousd_per_kwh, err) < 0 ||
        read_source(t, row, &e->from, err) < 0)
        return -1;
    if (e->country.n == 0 || e->nanousd_per_kwh <= 0)
        return table_fault(t, row, "country, usd_per_kwh", "both are needed", err);
    return 0;
}

static int read_currency(const struct table *t, size_t row, struct costs *c,
                         struct err *err)
{
    struct cost_currency *x = &c->currencies[c->ncurrencies++];
    if (table_str(t, row, "currency", &x->code, err) < 0 ||
        read_usd(t, row, "usd_per_unit", &x->nanousd_per_unit, err) < 0 ||
        read_source(t, row, &x->from, err) < 0)
        return -1;
    if (x->code.n != 3 || x->nanousd_per_unit <= 0)
        return table_fault(t, row, "currency, usd_per_unit",
                           "a code of three letters and a price above 0", err);
    return 0;
}

static int read_row(const struct table *t, size_t row, struct costs *c, struct err *err)
{
    static const struct {
        const char *kind;
        int (*read)(const struct table *t, size_t row, struct costs *c, struct err *err);
    } kinds[] = {
        {"rent", read_rent}, {"electricity", read_country}, {"currency", read_currency}};
    struct str kind = {0};
    if (table_str(t, row, "kind", &kind, err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_eqz(kind, kinds[i].kind))
            return kinds[i].read(t, row, c, err);
    return table_fault(t, row, "kind", "must be rent, electricity or currency", err);
}

int costs_load(struct str json, struct costs **ret, struct err *err)
{
    struct table t;
    struct costs *c = mem_new(struct costs);
    if (!c)
        return err_nomem(err);
    arena_init(&c->arena, COSTS_ARENA);
    if (table_open(&t, "costs", json, &c->arena, err) < 0) {
        costs_free(c);
        return -1;
    }
    c->rents = arena_array(&c->arena, struct cost_rent, t.n);
    c->countries = arena_array(&c->arena, struct cost_electricity, t.n);
    c->currencies = arena_array(&c->arena, struct cost_currency, t.n);
    int rc = c->rents && c->countries && c->currencies ? 0 : err_nomem(err);
    for (size_t i = 0; rc == 0 && i < t.n; i++)
        rc = read_row(&t, i, c, err);
    c->built_days = t.built_days;
    table_close(&t);
    if (rc < 0) {
        costs_free(c);
        return -1;
    }
    *ret = c;
    return 0;
}

void costs_free(struct costs *c)
{
    if (!c)
        return;
    arena_reset(&c->arena);
    mem_free(c);
}

/* The words of `part` begin `whole`, as "H100" does "H100 SXM". */
static bool is_gpu(struct str whole, struct str part)
{
    return part.n && str_starts_nocase(whole, part) &&
           (whole.n == part.n || whole.p[part.n] == ' ');
}

static int64_t rank(const struct cost_rent *r)
{
    return r->nanousd_per_gpu_hour < 0 ? INT64_MAX : r->nanousd_per_gpu_hour;
}

size_t costs_rent(const struct costs *c, struct str gpu, struct cost_rent *ret,
                  size_t max)
{
    size_t n = 0, kept = 0;
    for (size_t i = 0; i < c->nrents; i++) {
        if (!is_gpu(c->rents[i].gpu, gpu))
            continue;
        n++;
        size_t at = kept;
        while (at > 0 && rank(&ret[at - 1]) > rank(&c->rents[i]))
            at--;
        if (at == max)
            continue;
        if (kept < max)
            kept++;
        for (size_t k = kept - 1; k > at; k--)
            ret[k] = ret[k - 1];
        ret[at] = c->rents[i];
    }
    return n;
}

const struct cost_electricity *costs_electricity(const struct costs *c,
                                                 struct str country)
{
    for (size_t i = 0; i < c->ncountries; i++)
        if (str_eq_nocase(c->countries[i].country, country) ||
            str_eq_nocase(c->countries[i].name, country))
            return &c->countries[i];
    return NULL;
}

const struct cost_currency *costs_currency(const struct costs *c, struct str code)
{
    for (size_t i = 0; i < c->ncurrencies; i++)
        if (str_eq_nocase(c->currencies[i].code, code))
            return &c->currencies[i];
    return NULL;
}

int costs_to_usd(const struct cost_currency *c, int64_t nano_units, int64_t *ret,
                 struct err *err)
{
    return money_round((money_wide)nano_units * c->nanousd_per_unit, NANOUSD_PER_USD,
                       "amount in another currency", ret, err);
}

size_t costs_rents(const struct costs *c)
{
    return c->nrents;
}

const struct cost_rent *costs_rent_at(const struct costs *c, size_t i)
{
    return &c->rents[i];
}

size_t costs_countries(const struct costs *c)
{
    return c->ncountries;
}

const struct cost_electricity *costs_country_at(const struct costs *c, size_t i)
{
    return &c->countries[i];
}

size_t costs_currencies(const struct costs *c)
{
    return c->ncurrencies;
}

const struct cost_currency *costs_currency_at(const struct costs *c, size_t i)
{
    return &c->currencies[i];
}

int64_t costs_built_days(const struct costs *c)
{
    return c->built_days;
}

bool cost_is_stale(const struct cost_source *s, int64_t stale_days, int64_t today)
{
    return table_is_stale(today, s->days, stale_days);
}
