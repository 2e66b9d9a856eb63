/* price_offers.c -- see price_offers.h. */
#include "facts/price_offers.h"

#include "facts/nearest.h"

#include <stdio.h>

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "openai." of "openai.gpt-oss-120b": its length, 0 when there is none. */
static size_t maker_length(struct str name)
{
    size_t n = 0;
    while (n < name.n && is_letter(name.p[n]))
        n++;
    return n >= 2 && n + 1 < name.n && name.p[n] == '.' && is_letter(name.p[n + 1])
               ? n + 1
               : 0;
}

/* "-1:0", "-v1:0" at the end. */
static size_t version_length(struct str name)
{
    size_t at = name.n, digits = at;
    while (at && is_digit(name.p[at - 1]))
        at--;
    if (at == digits || at == 0 || name.p[at - 1] != ':')
        return 0;
    digits = --at;
    while (at && is_digit(name.p[at - 1]))
        at--;
    if (at == digits)
        return 0;
    if (at && name.p[at - 1] == 'v')
        at--;
    return at && name.p[at - 1] == '-' ? name.n - at + 1 : 0;
}

struct str price_plain_name(struct str model)
{
    for (size_t i = model.n; i > 0; i--) {
        if (model.p[i - 1] == '/') {
            model = str_sub(model, i, model.n);
            break;
        }
    }
    model = str_sub(model, maker_length(model), model.n);
    return str_sub(model, 0, model.n - version_length(model));
}

static bool has_seller(const struct price_offers *o, struct str provider)
{
    for (size_t i = 0; i < o->n; i++)
        if (str_eq(o->row[i]->provider, provider))
            return true;
    return false;
}

void prices_offers(const struct prices *p, struct str model, int64_t date_days,
                   struct price_offers *ret)
{
    struct str plain = price_plain_name(model);
    ret->n = 0;
    for (size_t i = 0; i < prices_count(p) && ret->n < PRICE_OFFERS; i++) {
        const struct price *row = prices_at(p, i);
        if (has_seller(ret, row->provider) ||
            !nearest_same(price_plain_name(row->model), plain))
            continue;
        const struct price *best = prices_find(p, row->provider, row->model, date_days);
        if (best)
            ret->row[ret->n++] = best;
    }
}

static int64_t row_since(const struct price *row)
{
    if (row->from_days != DATE_UNKNOWN)
        return row->from_days;
    if (row->released_days != DATE_UNKNOWN)
        return row->released_days;
    return row->to_days != DATE_UNKNOWN && row->to_days <= row->source_days
               ? row->to_days - 1
               : row->source_days;
}

int64_t prices_since(const struct prices *p, struct str provider, struct str model)
{
    struct str plain = price_plain_name(model);
    int64_t first = DATE_UNKNOWN;
    for (size_t i = 0; i < prices_count(p); i++) {
        const struct price *row = prices_at(p, i);
        if (!nearest_same(price_plain_name(row->model), plain) ||
            (provider.n && !str_eq_nocase(provider, row->provider)))
            continue;
        int64_t since = row_since(row);
        if (first == DATE_UNKNOWN || since < first)
            first = since;
    }
    return first;
}

static bool is_provider(const struct prices *p, struct str name)
{
    for (size_t i = 0; i < prices_count(p); i++)
        if (str_eq_nocase(prices_at(p, i)->provider, name))
            return true;
    return false;
}

static int unknown_provider(const struct prices *p, struct str name, struct err *err)
{
    struct nearest near;
    char words[160];
    nearest_init(&near, name);
    for (size_t i = 0; i < prices_count(p); i++)
        nearest_offer(&near, prices_at(p, i)->provider);
    nearest_print(&near, "; the nearest known are ", "", words, sizeof words);
    return err_set(err, ERR_CONFIG, "unknown_provider",
                   "--provider: no prices of \"%.*s\" are known%s; weir facts prices "
                   "lists all",
                   (int)(name.n > 40 ? 40 : name.n), name.p, words);
}

int prices_explain(const struct prices *p, struct str provider, struct str model,
                   struct err *err)
{
    struct price_offers o;
    char words[160] = "";
    size_t used = 0;
    if (provider.n && !is_provider(p, provider))
        return unknown_provider(p, provider, err);
    prices_offers(p, model, 0, &o);
    if (provider.n == 0 || o.n == 0)
        return prices_explain_unknown(p, model, err);
    for (size_t i = 0; i < o.n && used + 30 < sizeof words; i++)
        used += (size_t)snprintf(words + used, sizeof words - used, "%s%.*s",
                                 i ? ", " : "", STR_ARG(o.row[i]->provider));
    return err_set(err, ERR_CONFIG, "unknown_price",
                   "no price of %.*s for model \"%.*s\" is known; known are those of %s",
                   (int)(provider.n > 40 ? 40 : provider.n), provider.p,
                   (int)(model.n > 60 ? 60 : model.n), model.p, words);
}
