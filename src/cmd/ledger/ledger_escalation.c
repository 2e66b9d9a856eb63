/* ledger_escalation.c -- see ledger_escalation.h. */
#include "cmd/ledger/ledger_escalation.h"

#include "cmd/lib/say.h"
#include "facts/date.h"
#include "facts/money.h"
#include "json/write.h"

/* As for `--versus`: long-context surcharges depend on each request, so without them. */
static int price_kept(const struct escalation_sums *s, const char *model, int64_t *ret,
                      struct err *err)
{
    struct prices *prices;
    if (prices_load_embedded(&prices, err) < 0)
        return -1;
    const struct price *found = prices_find(prices, STR(""), str_of(model), date_today());
    int failed = -1;
    if (!found)
        (void)prices_explain_unknown(prices, str_of(model), err);
    else
        failed = escalation_kept_cost(s, found, ret, err);
    prices_free(prices);
    return failed;
}

static void print_json(const struct escalation_sums *s, const char *versus, int64_t saved,
                       FILE *out)
{
    struct json_writer w;
    struct buf b;
    const struct {
        const char *name;
        uint64_t n;
    } counts[] = {{"judged", escalation_sums_total(s)},
                  {"kept", s->kept},
                  {"unsure", s->unsure},
                  {"escalated", s->escalated},
                  {"given_back", s->given_back},
                  {"not_judged", s->not_judged},
                  {"cancelled", s->cancelled},
                  {"second_opinions", s->nopinions},
                  {"judges", s->njudges},
                  {"local_ms", s->local_ms}};
    const struct {
        const char *name;
        int64_t nanousd;
    } costs[] = {{"stronger_nanousd", s->stronger_nanousd},
                 {"aside_nanousd", s->aside_nanousd},
                 {"kept_would_cost_nanousd", versus ? saved : COST_UNKNOWN}};
    buf_init(&b, 64 * 1024);
    json_writer_init(&w, &b);
    json_object_open(&w);
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        json_key(&w, counts[i].name);
        json_u64(&w, counts[i].n);
    }
    for (size_t i = 0; i < ARRAY_LEN(costs); i++) {
        json_key(&w, costs[i].name);
        if (costs[i].nanousd == COST_UNKNOWN)
            json_write_null(&w);
        else
            json_i64(&w, costs[i].nanousd);
    }
    json_key(&w, "versus");
    json_str(&w, versus ? str_of(versus) : (struct str){0});
    json_object_close(&w);
    say_json(out, buf_view(&b));
    buf_release(&b);
}

static void print_line(FILE *out, const char *what, uint64_t n, uint64_t of)
{
    fprintf(out, "  %-44s %8llu %6.1f %%\n", what, (unsigned long long)n,
            100.0 * (double)n / (double)of);
}

static const char *money(int64_t nanousd, char text[MONEY_TEXT])
{
    if (nanousd == COST_UNKNOWN)
        return "an unknown sum";
    money_format(nanousd, 4, text);
    return text;
}

static void print_table(const struct escalation_sums *s, const char *versus,
                        int64_t saved, FILE *out)
{
    char text[MONEY_TEXT];
    uint64_t n = escalation_sums_total(s);
    if (n == 0) {
        fputs(
            "No local answer was judged yet; `escalate:` in weir.yaml switches it on.\n",
            out);
        return;
    }
    fprintf(out, "Local answers that were to be judged: %llu\n", (unsigned long long)n);
    print_line(out, "good enough, kept", s->kept, n);
    print_line(out, "kept: nobody could say more of it", s->unsure, n);
    print_line(out, "too weak, a stronger model answered", s->escalated, n);
    print_line(out, "too weak, but no stronger model answered", s->given_back, n);
    print_line(out, "not judged, for the reason in the row", s->not_judged, n);
    print_line(out, "the client left, or an error ended it", s->cancelled, n);
    fprintf(out, "\nIt cost:\n  stronger models: %s\n", money(s->stronger_nanousd, text));
    fprintf(out, "  %llu second opinions and %llu judges: %s\n",
            (unsigned long long)s->nopinions, (unsigned long long)s->njudges,
            money(s->aside_nanousd, text));
    fprintf(out,
            "  local engines' time for what nobody got: %.1f minutes, in legs that may\n"
            "  have run side by side\n",
            (double)s->local_ms / 60000);
    if (versus)
        fprintf(out,
                "It saved:\n  the kept answers would have cost %s at %s (list price, "
                "without\n  long-context surcharges)\n",
                money(saved, text), versus);
    else
        fputs("What it saved: give --versus MODEL, the model that would have been "
              "asked.\n",
              out);
}

int escalation_sums_print(const struct escalation_sums *s, const char *versus,
                          bool is_json, FILE *out, struct err *err)
{
    int64_t saved = COST_UNKNOWN;
    if (versus && price_kept(s, versus, &saved, err) < 0)
        return -1;
    if (is_json)
        print_json(s, versus, saved, out);
    else
        print_table(s, versus, saved, out);
    return 0;
}
