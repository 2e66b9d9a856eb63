/* plan_input.c -- what a plan is made from, and where each number comes from.
 *
 * Defaults are rules of thumb and are labelled so: a reader sees which figures are his
 * and which are guesses to be replaced. */
#include "cmd/decide/plan_input.h"

#include "cmd/decide/plan_ledger.h"
#include "cmd/lib/values.h"
#include "facts/date.h"
#include "facts/money.h"

const char *usd(struct report *r, int64_t nanousd)
{
    char text[MONEY_TEXT];
    int64_t magnitude = nanousd < 0 ? -nanousd : nanousd;
    money_format(nanousd, magnitude && magnitude < NANOUSD_PER_USD ? 4 : 2, text);
    return report_fmt(r, "%s", text);
}

const char *usd_number(struct report *r, int64_t nanousd)
{
    char text[MONEY_TEXT];
    money_decimal(nanousd, text);
    return report_fmt(r, "%s", text);
}

/* In nano-units of the user's currency. */
static int64_t own_units(const struct plan_inputs *x, int64_t nanousd)
{
    if (!x->currency)
        return nanousd;
    return (int64_t)((money_wide)nanousd * NANOUSD_PER_USD /
                     x->currency->nanousd_per_unit);
}

static const char *own_money(const struct plan_inputs *x, struct report *r,
                             int64_t nanousd, unsigned places)
{
    char text[MONEY_TEXT];
    int64_t units = own_units(x, nanousd);
    money_format(units, places, text);
    if (!x->currency)
        return report_fmt(r, "%s", text);
    bool minus = text[0] == '-';
    return report_fmt(r, "%s%.*s %s", minus ? "-" : "", STR_ARG(x->currency->code),
                      text + (minus ? 2 : 1));
}

const char *plan_money(const struct plan_inputs *x, struct report *r, int64_t nanousd)
{
    int64_t units = own_units(x, nanousd);
    int64_t magnitude = units < 0 ? -units : units;
    return own_money(x, r, nanousd, magnitude && magnitude < NANOUSD_PER_USD ? 4 : 2);
}

const char *plan_money_about(const struct plan_inputs *x, struct report *r,
                             int64_t nanousd)
{
    int64_t units = own_units(x, nanousd);
    int64_t magnitude = units < 0 ? -units : units;
    return own_money(x, r, nanousd, magnitude >= 100 * NANOUSD_PER_USD ? 0 : 2);
}

const char *plan_money_number(const struct plan_inputs *x, struct report *r,
                              int64_t nanousd)
{
    return usd_number(r, own_units(x, nanousd));
}

const char *plan_currency(const struct plan_inputs *x)
{
    return x->currency ? x->currency->code.p : "USD";
}

/* Without a provider the maker's price, else that of the first who sells the model. */
static int choose_price(const struct prices *p, struct str provider, struct str model,
                        const char *day, struct plan_inputs *x, struct err *err)
{
    char since[DATE_TEXT], wanted[DATE_TEXT];
    x->in.price = prices_find(p, provider, model, x->today);
    prices_offers(p, model, x->today, &x->offers);
    x->is_provider_given = provider.n > 0;
    if (!x->in.price && provider.n == 0 && x->offers.n)
        x->in.price = x->offers.row[0];
    int64_t first = prices_since(p, provider, model);
    if (day && first != DATE_UNKNOWN && x->today < first) {
        date_format(first, since);
        date_format(x->today, wanted);
        return err_set(err, ERR_CONFIG, "unknown_price",
                       "--date: no price of %.*s is known for %s; the first is of %s",
                       (int)(model.n > 60 ? 60 : model.n), model.p, wanted, since);
    }
    x->is_price_stale = x->in.price && price_is_stale(p, x->in.price, date_today());
    return x->in.price ? 0 : prices_explain(p, provider, model, err);
}

static int read_cloud(const struct options *o, const struct facts *f,
                      struct plan_inputs *x, struct err *err)
{
    const char *model = options_get(o, "--model");
    const char *provider = options_get(o, "--provider");
    const char *day = options_get(o, "--date");
    x->today = date_today();
    if (day && !date_parse(str_of(day), &x->today))
        return err_set(err, ERR_CONFIG, "bad_value",
                       "--date: \"%s\" is no day; write 2026-07-01", day);
    if (!model)
        return err_set(err, ERR_CONFIG, "bad_value",
                       "--model: name the cloud model, for example gpt-4o-mini");
    if (choose_price(f->prices, str_of(provider ? provider : ""), str_of(model), day, x,
                     err) < 0 ||
        value_percent(o, "--batch-share", &x->in.batch_share_ppm, err) < 0 ||
        value_percent(o, "--batch-discount", &x->in.batch_discount_ppm, err) < 0 ||
        value_percent(o, "--price-decline", &x->in.api_decline_ppm, err) < 0)
        return -1;
    if (!options_has(o, "--batch-discount"))
        x->in.batch = price_of_tier(x->in.price, TIER_BATCH);
    if (x->in.batch_share_ppm && !x->in.batch && !options_has(o, "--batch-discount"))
        return err_set(err, ERR_CONFIG, "unknown_price",
                       "--batch-discount: no batch price of %.*s is known; give the "
                       "discount in percent",
                       STR_ARG(x->in.price->model));
    return 0;
}

static int read_ledger(const struct options *o, const struct facts *f, struct report *r,
                       struct plan_inputs *x, struct err *err)
{
    struct plan_ledger_ask ask = {
        .models = f->models,
        .model = x->local.model,
        .state_dir = options_get(o, "--state-dir"),
        .allow_short = options_has(o, "--short-sample"),
        /* What answered was this machine, and no other. */
        .wants_speed = x->local.is_here,
    };
    struct plan_ledger_seen seen;
    x->workload_truth = TRUTH_GIVEN;
    if (!options_has(o, "--from-ledger"))
        return 0;
    x->workload_truth = TRUTH_MEASURED;
    if (plan_ledger_read(&ask, &x->in, &seen, err) < 0)
        return -1;
    x->ledger_window =
        report_fmt(r, "%llu requests in %.1f days, scaled to 30 days",
                   (unsigned long long)seen.requests, (double)seen.span_ms / 86400000.0);
    return 0;
}

/* Pictures count as tokens of the prompt. */
static int read_images(const struct options *o, struct plan_inputs *x, struct err *err)
{
    int64_t images = 0;
    uint64_t each = 1000;
    if (value_fixed(o, "--images", 3, &images, err) < 0 ||
        value_u64(o, "--image-tokens", &each, err) < 0)
        return -1;
    if (each > 1000000 || images > 1000000000)
        return err_set(err, ERR_CONFIG, "bad_value",
                       "--images, --image-tokens: too many");
    if (images && !x->in.price->accepts_image)
        return err_set(err, ERR_CONFIG, "bad_value",
                       "--images: %.*s is not known to take pictures",
                       STR_ARG(x->in.price->model));
    if (images && x->local.model && x->local.model->vision_params == 0)
        return err_set(err, ERR_CONFIG, "bad_value",
                       "--images: %.*s is not known to see pictures",
                       STR_ARG(x->local.model->id));
    x->image_tokens = (uint64_t)images * each / 1000;
    x->in.per_request.input += x->image_tokens;
    return 0;
}

static int read_volume(const struct options *o, struct plan_inputs *x, struct err *err)
{
    struct plan_input *in = &x->in;
    uint64_t daily = 0;
    int64_t peak = (int64_t)in->peak_milli;
    struct token_counts *t = &in->per_request;
    if (value_u64(o, "--days", &in->days, err) < 0 ||
        value_u64(o, "--requests-per-day", &daily, err) < 0 ||
        value_u64(o, "--requests-per-month", &in->requests, err) < 0 ||
        value_u64(o, "--input-tokens", &t->input, err) < 0 ||
        value_u64(o, "--cached-tokens", &t->cached, err) < 0 ||
        value_u64(o, "--cache-write-tokens", &t->cache_write, err) < 0 ||
        value_u64(o, "--output-tokens", &t->output, err) < 0 ||
        value_u64(o, "--reasoning-tokens", &t->reasoning, err) < 0 ||
        value_fixed(o, "--peak", 3, &peak, err) < 0)
        return -1;
    in->peak_milli = (uint64_t)peak;
    if (options_has(o, "--requests-per-day") && options_has(o, "--requests-per-month"))
        return err_set(err, ERR_CONFIG, "bad_value",
                       "--requests-per-day, --requests-per-month: give one of them");
    if (options_has(o, "--requests-per-day") && in->days >= 1 && in->days <= 31) {
        if (daily > UINT64_MAX / 31)
            return err_set(err, ERR_CONFIG, "bad_value", "--requests-per-day: too many");
        in->requests = daily * in->days;
    }
    if (t->reasoning > t->output)
        return err_set(err, ERR_CONFIG, "bad_value",
                       "--reasoning-tokens: is a part of --output-tokens, and more than "
                       "those");
    return read_images(o, x, err);
}

/* A prompt that the cloud's model cannot read is no workload for it, and no answer one
 * for a model that makes vectors. */
static int check_models(const struct plan_inputs *x, struct err *err)
{
    const struct price *p = x->in.price;
    const struct token_counts *t = &x->in.per_request;
    if (x->local.model && x->local.model->is_embedding && t->output)
        return err_set(err, ERR_CONFIG, "bad_value",
                       "--local-model: %.*s makes vectors and writes no answers; name "
                       "another one, or --output-tokens 0",
                       STR_ARG(x->local.model->id));
    if (p->context_window && t->input + t->output > p->context_window)
        return err_set(err, ERR_CONFIG, "bad_value",
                       "--input-tokens: prompt and answer are %llu tokens, and %.*s "
                       "takes %llu; name a model that can read it",
                       (unsigned long long)(t->input + t->output), STR_ARG(p->model),
                       (unsigned long long)p->context_window);
    return 0;
}

static const char *name_of(const struct plan_inputs *x, struct report *r)
{
    const struct plan_local *l = &x->local;
    const char *machine = l->device ? l->fitting.device_name : "your machine";
    const char *machines =
        x->in.machines > 1
            ? report_fmt(r, "%llu machines with ", (unsigned long long)x->in.machines)
            : "";
    if (!l->model)
        return report_fmt(r, "a local model on %s%s", machines, machine);
    const struct model *draft = l->fitting.draft.model;
    return report_fmt(r, "%.*s %s%s on %s%s", STR_ARG(l->model->id), quant_name(l->quant),
                      draft ? report_fmt(r, " with %.*s as draft", STR_ARG(draft->id))
                            : "",
                      machines, machine);
}

int plan_inputs_read(const struct options *o, const struct facts *f, struct report *r,
                     struct plan_inputs *ret, struct err *err)
{
    struct plan_inputs *x = ret;
    *x = (struct plan_inputs){.local = {.speed_truth = TRUTH_GIVEN, .cards = 1}};
    plan_input_init(&x->in);
    plan_ranges_default(&x->ranges);
    if (read_cloud(o, f, x, err) < 0 || plan_local_choose(o, f, r, &x->local, err) < 0 ||
        read_ledger(o, f, r, x, err) < 0 || read_volume(o, x, err) < 0 ||
        check_models(x, err) < 0 ||
        plan_local_speed(o, f, r, &x->local, &x->in, &x->ranges, err) < 0 ||
        plan_costs_read(o, f, r, x, err) < 0 ||
        (plan_local_runs(&x->local) &&
         plan_local_scale(o, &x->local, &x->in, x->are_machines_given, err) < 0) ||
        plan_input_check(&x->in, err) < 0)
        return -1;
    x->local_name = name_of(x, r);
    return 0;
}
