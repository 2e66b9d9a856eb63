/* ledger.c -- the workload a plan starts from, taken from what really happened.
 *
 * Months are averaged, not summed: a plan is for one month.  Speeds come from local
 * rows alone, and only when their times are known; a prefill time that is unknown
 * leaves the prefill speed as it was. */
#include "plan/plan.h"

static size_t months_in(const struct plan_ledger_row *rows, size_t n)
{
    size_t months = 0;
    for (size_t i = 0; i < n; i++) {
        bool seen = false;
        for (size_t k = 0; k < i && !seen; k++)
            seen = rows[k].month_days == rows[i].month_days;
        months += !seen;
    }
    return months;
}

static int add(uint64_t *sum, uint64_t v, struct err *err)
{
    if (__builtin_add_overflow(*sum, v, sum))
        return err_set(err, ERR_CONFIG, "bad_ledger", "ledger: the sums overflow");
    return 0;
}

static int sum_tokens(const struct plan_ledger_row *r, struct token_counts *t,
                      struct err *err)
{
    const struct token_counts *x = &r->tokens;
    if (add(&t->input, x->input, err) < 0 || add(&t->cached, x->cached, err) < 0 ||
        add(&t->cache_write, x->cache_write, err) < 0 ||
        add(&t->output, x->output, err) < 0 ||
        add(&t->reasoning, x->reasoning, err) < 0 ||
        add(&t->audio_in, x->audio_in, err) < 0 ||
        add(&t->audio_out, x->audio_out, err) < 0)
        return -1;
    return 0;
}

static uint64_t milli_rate(uint64_t tokens, uint64_t ms)
{
    if (tokens == 0 || ms == 0 || tokens > UINT64_MAX / 1000000)
        return 0;
    return tokens * 1000000 / ms;
}

int plan_from_ledger(const struct plan_ledger_row *rows, size_t n, struct plan_input *in,
                     struct err *err)
{
    struct token_counts sum = {0};
    struct token_counts local = {0};
    uint64_t requests = 0;
    uint64_t prefill_ms = 0;
    uint64_t decode_ms = 0;
    size_t months = months_in(rows, n);

    for (size_t i = 0; i < n; i++) {
        bool timed = rows[i].is_local && rows[i].decode_ms;
        if (add(&requests, rows[i].requests, err) < 0 ||
            sum_tokens(&rows[i], &sum, err) < 0 ||
            (timed && (sum_tokens(&rows[i], &local, err) < 0 ||
                       add(&prefill_ms, rows[i].prefill_ms, err) < 0 ||
                       add(&decode_ms, rows[i].decode_ms, err) < 0)))
            return -1;
    }
    if (requests == 0 || (sum.input == 0 && sum.output == 0))
        return err_set(err, ERR_CONFIG, "empty_ledger",
                       "ledger: no request with tokens in it yet; send some through "
                       "weir, or describe the workload with flags");
    in->requests = requests / months ? requests / months : 1;
    in->per_request = (struct token_counts){
        sum.input / requests,     sum.cached / requests,    sum.cache_write / requests,
        sum.output / requests,    sum.reasoning / requests, sum.audio_in / requests,
        sum.audio_out / requests,
    };
    uint64_t decode = milli_rate(local.output, decode_ms);
    uint64_t fresh = local.input > local.cached ? local.input - local.cached : 0;
    uint64_t prefill = milli_rate(fresh, prefill_ms);
    in->decode_milli_tok_s = decode ? decode : in->decode_milli_tok_s;
    in->prefill_milli_tok_s = prefill ? prefill : in->prefill_milli_tok_s;
    return 0;
}
