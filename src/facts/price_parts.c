/* price_parts.c -- see price_parts.h. */
#include "facts/price_parts.h"

#include "facts/money.h"

/* Reads "-200k" off the end of a model's name. */
static bool split_suffix(struct str model, struct str *ret_base, uint64_t *ret_tokens)
{
    size_t end = model.n - 1, at = end;
    uint64_t thousands;
    if (model.n < 4 || (model.p[end] != 'k' && model.p[end] != 'K'))
        return false;
    while (at > 0 && model.p[at - 1] >= '0' && model.p[at - 1] <= '9')
        at--;
    if (at < 2 || at == end || model.p[at - 1] != '-' ||
        !str_to_u64(str_sub(model, at, end), &thousands) || thousands == 0 ||
        thousands > 100000)
        return false;
    *ret_base = str_sub(model, 0, at - 1);
    *ret_tokens = thousands * 1000;
    return true;
}

static bool is_base(const struct price *p, const struct price *tier, struct str base)
{
    return str_eq(p->provider, tier->provider) && p->is_dated == tier->is_dated &&
           p->from_days == tier->from_days && p->to_days == tier->to_days &&
           str_eq_nocase(p->model, base);
}

/* Into its place in the ascending order; one that is there says more. */
static void add_tier(struct price *p, uint64_t above, const struct price *from)
{
    size_t at = 0;
    while (at < p->ntiers && p->tiers[at].above_tokens < above)
        at++;
    if (p->ntiers == PRICE_TIERS ||
        (at < p->ntiers && p->tiers[at].above_tokens == above))
        return;
    for (size_t i = p->ntiers; i > at; i--)
        p->tiers[i] = p->tiers[i - 1];
    p->tiers[at] =
        (struct price_tier){above,        from->input,       from->cached_input,
                            from->output, from->cache_write, from->reasoning};
    p->ntiers++;
}

void price_join_tiers(struct price *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct str base;
        uint64_t above;
        if (!split_suffix(rows[i].model, &base, &above))
            continue;
        for (size_t k = 0; k < n; k++)
            if (k != i && is_base(&rows[k], &rows[i], base))
                add_tier(&rows[k], above, &rows[i]);
    }
}

/* price * now / was, rounded half up; the price itself when that says nothing. */
static int64_t moved(int64_t price, int64_t now, int64_t was)
{
    struct err ignored;
    int64_t v;
    if (price == PRICE_UNKNOWN)
        return price;
    if (now == PRICE_UNKNOWN)
        return PRICE_UNKNOWN;
    if (was <= 0 || money_round((money_wide)price * now, was, "tier", &v, &ignored) < 0)
        return price;
    return v;
}

static void take_from_list(struct price *p, const struct price *list)
{
    if (p->cached_input == PRICE_UNKNOWN)
        p->cached_input = moved(list->cached_input, p->input, list->input);
    if (p->cache_write == PRICE_UNKNOWN)
        p->cache_write = moved(list->cache_write, p->input, list->input);
    if (p->reasoning == PRICE_UNKNOWN)
        p->reasoning = moved(list->reasoning, p->output, list->output);
    if (p->audio_input == PRICE_UNKNOWN)
        p->audio_input = moved(list->audio_input, p->input, list->input);
    if (p->audio_output == PRICE_UNKNOWN)
        p->audio_output = moved(list->audio_output, p->output, list->output);
}

void price_fill_dated(struct price *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; rows[i].is_dated && k < n; k++)
            if (!rows[k].is_dated && str_eq(rows[k].provider, rows[i].provider) &&
                str_eq_nocase(rows[k].model, rows[i].model))
                take_from_list(&rows[i], &rows[k]);
}

void price_fill_tiers(struct price *p)
{
    for (size_t i = 0; i < p->ntiers; i++) {
        struct price_tier *t = &p->tiers[i];
        if (t->cached_input == PRICE_UNKNOWN)
            t->cached_input = moved(p->cached_input, t->input, p->input);
        if (t->cache_write == PRICE_UNKNOWN)
            t->cache_write = moved(p->cache_write, t->input, p->input);
        if (t->reasoning == PRICE_UNKNOWN)
            t->reasoning = moved(p->reasoning, t->output, p->output);
    }
}
