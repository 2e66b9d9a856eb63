/* errata.c -- the known errors of five published articles, recomputed every time.
 *
 * Each row is computed from the facts and formulas weir itself uses; nothing in the
 * last column is typed in.  The golden file of the tests holds all 23. */
#include "cmd/decide/plan_input.h"
#include "cmd/decide/plan_method.h"
#include "estimate/memory.h"
#include "facts/money.h"
#include "fit/claim.h"
#include "plan/method.h"

struct errata {
    struct report *r;
    const struct facts *f;
    const struct price *lite, *flash, *pro, *mini, *gpt4o, *haiku;
    struct err *err;
    bool failed;
};

static void row(struct errata *e, const char *id, const char *written,
                const char *computed)
{
    const char *cells[] = {id, written, computed};
    report_row(e->r, cells);
}

static const char *per_million(struct errata *e, int64_t pico)
{
    char text[MONEY_TEXT];
    money_decimal_per_million(pico, text);
    return report_fmt(e->r, "$%s", text);
}

static int64_t dollars(int64_t v)
{
    return v * NANOUSD_PER_USD;
}

static const char *month_of_gut(struct errata *e, const struct price *p, uint64_t in,
                                uint64_t out)
{
    struct gut_month m = {0};
    char text[MONEY_TEXT];
    if (gut_month(in, out, 30, p, &m, e->err) < 0)
        e->failed = true;
    money_decimal(m.api_nanousd, text);
    return report_fmt(e->r, "$%s", text);
}

static const char *payback_text(struct errata *e, struct payback p)
{
    return p.kind == PAYBACK_NEVER
               ? "never"
               : report_fmt(e->r, "%.1f", (double)p.milli_months / 1e3);
}

/* E05: 50 million tokens a month, five to one, against a card at $299 and its power. */
static const char *card_payback(struct errata *e, const struct price *p,
                                int64_t *ret_bill)
{
    struct token_counts t = {.input = 41666670, .output = 8333334};
    struct gut_month power = {0};
    int64_t bill = 0;
    if (prices_cost_nanousd(p, &t, &bill, e->err) < 0 ||
        gut_month(0, 1, 30, p, &power, e->err) < 0)
        e->failed = true;
    *ret_bill = bill;
    return payback_text(
        e, locally_break_even(dollars(299), bill, power.electricity_nanousd));
}

static const struct price *price_of(struct errata *e, const char *model)
{
    const struct price *p = prices_find(e->f->prices, (struct str){0}, str_of(model), 0);
    if (!p && !e->failed) {
        prices_explain_unknown(e->f->prices, str_of(model), e->err);
        e->failed = true;
    }
    return p;
}

static void prices_rows(struct errata *e)
{
    int64_t bill = 0;
    int64_t ignored = 0;
    row(e, "E01", "Gut Feeling: 500K in + 100K out a day is $2.475",
        report_fmt(e->r, "%s; $2.475 takes 150K out a day (%s)",
                   month_of_gut(e, e->lite, 500000, 100000),
                   month_of_gut(e, e->lite, 500000, 150000)));
    row(e, "E02", "Gut Feeling: 2.0 Flash costs $0.075 in",
        report_fmt(e->r, "2.0 Flash %s/%s, Flash-Lite %s/%s; the example is %s",
                   per_million(e, e->flash->input), per_million(e, e->flash->output),
                   per_million(e, e->lite->input), per_million(e, e->lite->output),
                   month_of_gut(e, e->flash, 500000, 100000)));
    row(e, "E03", "Eight Factors, Definitive: Gemini 2.5 Pro output is $5",
        report_fmt(e->r, "%s; above %llu prompt tokens %s/%s",
                   per_million(e, e->pro->output),
                   (unsigned long long)e->pro->tiers[0].above_tokens,
                   per_million(e, e->pro->tiers[0].input),
                   per_million(e, e->pro->tiers[0].output)));
    row(e, "E04", "Constraint: mini class output is $1-3",
        report_fmt(e->r, "gpt-4o-mini %s, Haiku 4.5 %s", per_million(e, e->mini->output),
                   per_million(e, e->haiku->output)));
    const char *at_lite = card_payback(e, e->lite, &bill);
    row(e, "E05", "Gut Feeling: local pays from 50M tokens a month",
        report_fmt(
            e->r, "bill %s; a $299 card pays back in %s months (2.0 Flash %s, GPT-4o %s)",
            usd(e->r, bill), at_lite, card_payback(e, e->flash, &ignored),
            card_payback(e, e->gpt4o, &ignored)));
}

static void power_rows(struct errata *e)
{
    struct plan_input in;
    struct plan p = {0};
    plan_input_init(&in);
    in.requests = 30;
    in.per_request = (struct token_counts){.output = 100000};
    in.price = e->lite;
    in.load_mw = 115000;
    in.tariff_nanousd_per_kwh = INT64_C(120000000);
    in.decode_milli_tok_s = in.prefill_milli_tok_s = 68000;
    if (plan_compute(&in, &p, e->err) < 0)
        e->failed = true;
    row(e, "E06", "Gut Feeling: 30 % utilisation whatever the volume",
        report_fmt(e->r, "100K out a day at 68 tok/s is %.1f %% busy: %s decoding",
                   (double)p.busy_ppm / 1e4, usd(e->r, p.energy_nanousd)));
    row(e, "E07", "Eight Factors: an 8B model costs $0.10-0.30 an hour",
        report_fmt(e->r, "that is %.0f-%.0f W at $0.12; 450 W is $0.054",
                   (double)factors_implied_mw(100000000, 120000000) / 1e3,
                   (double)factors_implied_mw(300000000, 120000000) / 1e3));
    row(e, "E08", "Run Locally: $30 a month = power + card over 24 months",
        report_fmt(e->r, "the card alone is %s", usd(e->r, dollars(1600) / 24)));
    row(e, "E09", "Constraint: $30-50 API spend pays back in 2-3 years",
        report_fmt(
            e->r, "%s to %s months; $200 in %s to %s",
            payback_text(e, locally_break_even(dollars(1000), dollars(50), dollars(10))),
            payback_text(e, locally_break_even(dollars(1700), dollars(30), dollars(20))),
            payback_text(e, locally_break_even(dollars(1000), dollars(200), dollars(10))),
            payback_text(e,
                         locally_break_even(dollars(1700), dollars(200), dollars(20)))));
    uint64_t month = constraint_tokens_per_day(34722) * 30;
    row(e, "E10", "Constraint: no cap on what one card displaces",
        report_fmt(e->r, "3M a day is %.0fM a month: at most $%.0f-%.0f at $1-3",
                   (double)month / 1e6, (double)month / 1e6, (double)month * 3 / 1e6));
    row(e, "E11", "evaluate local above $30-50, $200-300 or $500",
        "three thresholds; weir plan shows them beside the computed break-even");
    row(e, "E12", "a hybrid saves 30-50 %, 95/5 or 55-70 %",
        "three claims; weir plan computes the displaceable share");
}

static void request_rows(struct errata *e)
{
    int64_t low = definitive_per_request(dollars(2800), 500000);
    int64_t high = definitive_per_request(dollars(8500), 500000);
    uint64_t most = definitive_break_even_requests(dollars(800), dollars(2800), 500000);
    uint64_t least = definitive_break_even_requests(dollars(350), dollars(8500), 500000);
    row(e, "E13", "Definitive: API below 100K requests, local above 200K",
        report_fmt(e->r, "%s-%s a request: break-even at %llu to %llu requests",
                   usd(e->r, low), usd(e->r, high), (unsigned long long)least,
                   (unsigned long long)most));
    uint64_t tokens = constraint_tokens_per_day(90000) * 30;
    row(e, "E14", "Definitive: $0.00 a token, amortised",
        report_fmt(
            e->r, "%.0fM tokens a month flat out: rent is %s-%s a million",
            (double)tokens / 1e6,
            usd(e->r, definitive_per_request(dollars(350) * 1000, tokens / 1000)),
            usd(e->r, definitive_per_request(dollars(800) * 1000, tokens / 1000))));
    row(e, "E15", "Run Locally: $0.0000015 and $0.000015 a word",
        report_fmt(e->r, "input prices are %s and %s a million: %lldx and %lldx too high",
                   per_million(e, e->mini->input), per_million(e, e->gpt4o->input),
                   (long long)(1500000 / e->mini->input),
                   (long long)(15000000 / e->gpt4o->input)));
}

static const char *claim_word_of(struct errata *e, const char *text,
                                 struct claim_verdict *v)
{
    struct claim c;
    *v = (struct claim_verdict){0};
    if (claim_parse(e->f, str_of(text), &c, e->err) < 0 ||
        claim_judge(&c, v, e->err) < 0) {
        e->failed = true;
        return "?";
    }
    return report_fmt(e->r, "%s (ceiling %.0f)", claim_word(v->word),
                      v->speed.ceiling_tok_s);
}

static void speed_rows(struct errata *e)
{
    struct claim_verdict v;
    row(e, "E16", "M4 14B 44, M3 Pro 8B 75, A100 70B 90 tok/s",
        report_fmt(e->r, "%s; %s; %s",
                   claim_word_of(e, "Qwen2.5-14B Q4_K_M M4 44 tok/s", &v),
                   claim_word_of(e, "Llama-3.1-8B Q4_K_M M3 Pro 75 tok/s", &v),
                   claim_word_of(e, "Llama-3.3-70B Q4_K_M A100 90 tok/s", &v)));
    const struct model *m14 = models_find(e->f->models, STR("Qwen2.5-14B"));
    struct memory_need need = {0};
    const struct kv_ask kv = {.context = 20000, .bits_x2 = KV_F16_X2};
    if (!m14 || memory_need(m14, QUANT_Q4_K_M, &kv, &need, e->err) < 0)
        e->failed = true;
    row(e, "E17", "Gut Feeling: 14B Q4_K_M takes 8.1 GB; 20K tokens fit 16 GB",
        report_fmt(
            e->r, "weights %.2f GB, with 20K tokens %.1f GB of %.1f lent to the GPU",
            (double)need.weights / 1e9, (double)need.total / 1e9, 16 * GIB * 0.7 / 1e9));
    row(e, "E18", "Gut Feeling: 32B on an 8 GB 4060 at 10.8 tok/s",
        report_fmt(e->r, "%s in Q4_K_M",
                   claim_word_of(e, "Qwen2.5-32B Q4_K_M RTX 4060 10.8 tok/s", &v)));
    row(e, "E19", "Eight Factors: local is at most 120 tok/s; the 4090 130-160",
        report_fmt(e->r, "160 on a 4090: %s",
                   claim_word_of(e, "Llama-3.1-8B Q4_K_M RTX 4090 160 tok/s", &v)));
}

static void other_rows(struct errata *e)
{
    static const double ttft[] = {380, 220, 195, 410, 280};
    struct gut_spread s = gut_spread(ttft, ARRAY_LEN(ttft));
    row(e, "E20", "Gut Feeling: Gemini's first token takes 200-400 ms",
        report_fmt(e->r,
                   "its own samples are 195 to 410 (mean %.0f, sd %.0f); MMLU 92.1 "
                   "and 85-90 are both given",
                   s.mean, s.stdev));
    const struct model *m70 = models_find(e->f->models, STR("Llama-3.1-70B"));
    struct model_size size = {0};
    if (!m70 || model_size(m70, QUANT_Q4_K_M, &size, e->err) < 0)
        e->failed = true;
    row(e, "E21", "Run Locally: 70B needs two A100",
        report_fmt(e->r, "%.1f GB fits one of 80 GB", (double)size.file_bytes / 1e9));
    row(e, "E22", "Definitive: Llama 3.3 8B runs locally",
        models_find(e->f->models, STR("Llama-3.3-8B"))
            ? "known"
            : "unverified: no source here has its weights");
    row(e, "E23", "Run Locally: the router sends MEDIUM to the cloud unseen",
        gut_route(GUT_INTERNAL, 100000, true, false, 0) == GUT_LOCAL_GPU
            ? "internal data stays local: the privacy gate comes first"
            : "?");
}

/* The names by which the rows call the articles. */
static const struct {
    const char *name, *what;
} articles[] = {
    {"Gut Feeling",
     "\"Still Picking API vs Local LLM by Gut Feeling? A Framework With Real "
     "Benchmarks\", March 2026"},
    {"Constraint", "a note on what each side wins and which constraint is biting, "
                   "2026-05-16"},
    {"Run Locally", "\"When to Run Locally\", a course note, 2026"},
    {"Eight Factors",
     "a comparison of local models and cloud APIs by eight factors, 2026"},
    {"Definitive", "\"Local LLM vs Cloud API: The Definitive Performance and Cost "
                   "Comparison in 2026\""},
};

int errata_report(struct report *r, const struct facts *f, struct err *err)
{
    static const char *const columns[] = {"id", "written", "computed"};
    struct errata e = {.r = r, .f = f, .err = err};
    e.lite = price_of(&e, "gemini-2.0-flash-lite");
    e.flash = price_of(&e, "gemini-2.0-flash");
    e.pro = price_of(&e, "gemini-2.5-pro");
    e.mini = price_of(&e, "gpt-4o-mini");
    e.gpt4o = price_of(&e, "gpt-4o");
    e.haiku = price_of(&e, "claude-haiku-4-5");
    if (e.failed)
        return -1;
    report_section(r, "errata", "");
    report_table(r, "errata", columns, ARRAY_LEN(columns), TRUTH_COMPUTED,
                 "formulas and facts of weir", REPORT_NO_DATE);
    prices_rows(&e);
    power_rows(&e);
    request_rows(&e);
    speed_rows(&e);
    other_rows(&e);
    report_section(r, "articles", "The articles");
    for (size_t i = 0; i < ARRAY_LEN(articles); i++)
        report_text(r, "%s: %s", articles[i].name, articles[i].what);
    return e.failed ? -1 : 0;
}
