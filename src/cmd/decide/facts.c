/* facts.c -- weir facts: the prices, devices, models and speeds weir reckons with. */
#include "facts/facts.h"

#include "cmd/lib/commands.h"
#include "cmd/lib/output.h"
#include "cmd/lib/values.h"
#include "estimate/quant.h"
#include "facts/date.h"
#include "facts/money.h"
#include "facts/table.h"

static const struct command_option facts_options[] = {
    {"--match", "TEXT", "Only rows whose name or provider contains TEXT."},
    {"--date", "DAY", "Prices as of this day, 2026-07-01; default today."},
    {"--flagged", NULL, "Only rows that are stale, deprecated or disputed."},
    {"--all", NULL, "All rows, not the first 40."},
    OUTPUT_OPTIONS,
};

static const char facts_details[] =
    "Kinds: prices, devices, models, speeds, costs (rent of GPUs, electricity, exchange\n"
    "rates). Without a kind, a summary of all. Rows are flagged stale (by the row's own\n"
    "date: 90 days for a list price), deprecated (by the provider), disputed (two "
    "sources\n"
    "disagree) or unverified (no page behind it).\n\n"
    "  weir facts prices --match gpt-4o\n"
    "  weir facts prices --match claude-sonnet-5 --date 2026-08-31\n"
    "  weir facts devices --match 4060\n"
    "  weir facts update prices new-prices.json   checks the file, then installs it";

enum { ROWS_SHOWN = 40 };

struct listing {
    const struct options *o;
    struct report *r;
    struct str match;
    bool flagged, all;
    int64_t today;
    size_t shown, matched;
};

static bool wants(struct listing *l, struct str name, struct str other, bool is_flagged)
{
    if (l->flagged && !is_flagged)
        return false;
    if (l->match.n && !str_contains_nocase(name, l->match) &&
        !str_contains_nocase(other, l->match))
        return false;
    l->matched++;
    if (!l->all && l->shown >= ROWS_SHOWN)
        return false;
    l->shown++;
    return true;
}

/* The last column, the source of a row, is for programs: it does not fit a terminal. */
static size_t shown_columns(const struct listing *l, size_t all)
{
    return options_has(l->o, "--json") ? all : all - 1;
}

static const char *price_text(struct listing *l, int64_t pico)
{
    char text[MONEY_TEXT];
    if (pico == PRICE_UNKNOWN)
        return "unknown";
    money_decimal_per_million(pico, text);
    return report_fmt(l->r, "%s", text);
}

static const char *price_flags(struct listing *l, const struct prices *all,
                               const struct price *p)
{
    bool stale = price_is_stale(all, p, date_today());
    bool disputed = p->other_input != PRICE_UNKNOWN || p->other_output != PRICE_UNKNOWN;
    char text[160] = "";
    size_t n = 0;
    if (disputed)
        n += (size_t)snprintf(text + n, sizeof text - n, "disputed: other source %s/%s ",
                              price_text(l, p->other_input),
                              price_text(l, p->other_output));
    if (p->status.n)
        n += (size_t)snprintf(text + n, sizeof text - n, "%.*s ", STR_ARG(p->status));
    if (stale)
        snprintf(text + n, sizeof text - n, "stale");
    return report_fmt(l->r, "%s", text);
}

static void list_prices(struct listing *l, const struct facts *f)
{
    static const char *const columns[] = {"provider", "model",  "input",
                                          "cached",   "output", "from source of",
                                          "flags",    "source"};
    report_table(l->r, "prices", columns, shown_columns(l, ARRAY_LEN(columns)),
                 TRUTH_LIST,
                 "USD for a million tokens; source of each row in --json and data/",
                 prices_built_days(f->prices));
    for (size_t i = 0; i < prices_count(f->prices); i++) {
        const struct price *p = prices_at(f->prices, i);
        char day[DATE_TEXT];
        const char *flags = price_flags(l, f->prices, p);
        bool bounded = p->from_days != DATE_UNKNOWN || p->to_days != DATE_UNKNOWN;
        if (p->is_dated && !bounded)
            continue;
        if (bounded && prices_find(f->prices, p->provider, p->model, l->today) != p)
            continue;
        if (!wants(l, p->model, p->provider, flags[0] != '\0'))
            continue;
        date_format(p->source_days, day);
        const char *cells[] = {report_fmt(l->r, "%.*s", STR_ARG(p->provider)),
                               report_fmt(l->r, "%.*s", STR_ARG(p->model)),
                               price_text(l, p->input),
                               price_text(l, p->cached_input),
                               price_text(l, p->output),
                               day,
                               flags,
                               report_fmt(l->r, "%.*s", STR_ARG(p->source))};
        report_row(l->r, cells);
    }
}

static const char *number_or_unknown(struct listing *l, double v, const char *fmt)
{
    if (v <= 0)
        return "unknown";
    char text[32];
    snprintf(text, sizeof text, fmt[0] == 'd' ? "%.1f" : "%.0f", v);
    return report_fmt(l->r, "%s", text);
}

static const char *device_flags(struct listing *l, const struct device *d)
{
    return report_fmt(l->r, "%s%s%.*s%s%s%.*s",
                      d->price_unverified ? "price unverified" : "",
                      d->price_unverified && d->unverified.n ? ", " : "",
                      STR_ARG(d->unverified), d->unverified.n ? " unverified " : "",
                      d->has_conflict ? "disputed: " : "", STR_ARG(d->conflict));
}

static void list_devices(struct listing *l, const struct facts *f)
{
    static const char *const columns[] = {"device",     "GB",    "GB/s",  "W",
                                          "launch USD", "flags", "source"};
    report_table(l->r, "devices", columns, shown_columns(l, ARRAY_LEN(columns)),
                 TRUTH_LIST, "makers' figures; source of each row in --json and data/",
                 devices_built_days(f->devices));
    struct device_answer asked;
    devices_ask(f->devices, l->match, 0, &asked);
    for (size_t i = 0; i < devices_count(f->devices); i++) {
        const struct device *d = devices_at(f->devices, i);
        char price[MONEY_TEXT] = "unknown";
        bool named = false;
        for (size_t k = 0; k < asked.n; k++)
            named = named || asked.choices[k] == d;
        if (!wants(l, d->name, named ? l->match : (struct str){0},
                   device_flags(l, d)[0] != '\0'))
            continue;
        if (d->price_nanousd >= 0)
            money_decimal(d->price_nanousd, price);
        const char *cells[] = {
            report_fmt(l->r, "%.*s", STR_ARG(d->name)),
            number_or_unknown(l, d->memory_gb, "n"),
            number_or_unknown(l, d->bandwidth_gbs, "d"),
            number_or_unknown(l, d->tdp_w, "n"),
            price,
            device_flags(l, d),
            report_fmt(l->r, "%.*s", STR_ARG(d->source)),
        };
        report_row(l->r, cells);
    }
}

static void list_models(struct listing *l, const struct facts *f)
{
    static const char *const columns[] = {"model",   "billion",     "layers",  "context",
                                          "file GB", "KV KB/token", "licence", "source"};
    report_table(l->r, "models", columns, shown_columns(l, ARRAY_LEN(columns)),
                 TRUTH_LIST, "published configurations; sizes computed",
                 models_built_days(f->models));
    struct model_answer asked;
    models_ask(f->models, l->match, &asked);
    for (size_t i = 0; i < models_count(f->models); i++) {
        const struct model *m = models_at(f->models, i);
        bool named = false;
        for (size_t k = 0; k < asked.n; k++)
            named = named || asked.choices[k] == m;
        struct model_size s = {0};
        struct err err;
        bool known = model_size(m, quant_default(m), &s, &err) == 0;
        if (!wants(l, m->id, named ? l->match : m->licence, m->params == 0))
            continue;
        const char *cells[] = {
            report_fmt(l->r, "%.*s", STR_ARG(m->id)),
            number_or_unknown(l, (double)m->params / 1e9, "d"),
            report_fmt(l->r, "%llu", (unsigned long long)m->layers),
            number_or_unknown(l, (double)m->context, "n"),
            known ? report_fmt(l->r, "%.2f%s", (double)s.file_bytes / 1e9,
                               s.is_approximate ? " approx." : "")
                  : "unknown",
            number_or_unknown(l, (double)m->kv_bytes_per_token / 1024, "n"),
            m->licence.n ? report_fmt(l->r, "%.*s", STR_ARG(m->licence)) : "unknown",
            report_fmt(l->r, "%.*s", STR_ARG(m->source)),
        };
        report_row(l->r, cells);
    }
}

static void list_speeds(struct listing *l, const struct facts *f)
{
    static const char *const columns[] = {"device", "model", "quant", "depth",
                                          "tok/s",  "flag",  "source"};
    report_table(
        l->r, "speeds", columns, shown_columns(l, ARRAY_LEN(columns)), TRUTH_MEASURED,
        "measured by others; source of each row in data/speeds.json", REPORT_NO_DATE);
    for (size_t i = 0; i < speeds_count(f->speeds); i++) {
        const struct speed_row *s = speeds_at(f->speeds, i);
        if (!wants(l, s->gpu, s->model, s->flag.n > 0))
            continue;
        const char *cells[] = {
            report_fmt(l->r, "%s%.*s",
                       s->gpus > 1
                           ? report_fmt(l->r, "%llux ", (unsigned long long)s->gpus)
                           : "",
                       STR_ARG(s->gpu)),
            report_fmt(l->r, "%.*s", STR_ARG(s->model)),
            report_fmt(l->r, "%.*s", STR_ARG(s->quant)),
            report_fmt(l->r, "%.0f", s->depth_tokens),
            report_fmt(l->r, "%.1f", s->tok_s),
            report_fmt(l->r, "%.*s", STR_ARG(s->flag)),
            report_fmt(l->r, "%.*s", STR_ARG(s->source)),
        };
        report_row(l->r, cells);
    }
}

static void cost_row(struct listing *l, const char *kind, const char *name,
                     const char *other, int64_t nanousd, const char *unit,
                     const struct cost_source *from, int64_t stale_days)
{
    char day[DATE_TEXT], price[MONEY_TEXT] = "unknown";
    bool stale = cost_is_stale(from, stale_days, date_today());
    if (!wants(l, str_of(name), str_of(other), stale || from->is_unverified))
        return;
    if (nanousd >= 0)
        money_decimal(nanousd, price);
    date_format(from->days, day);
    const char *cells[] = {kind,
                           name,
                           other,
                           price,
                           unit,
                           day,
                           report_fmt(l->r, "%s%s",
                                      from->is_unverified ? "unverified " : "",
                                      stale ? "stale" : ""),
                           report_fmt(l->r, "%.*s", STR_ARG(from->source))};
    report_row(l->r, cells);
}

static void list_costs(struct listing *l, const struct facts *f)
{
    static const char *const columns[] = {"kind", "name",           "who",   "USD",
                                          "per",  "from source of", "flags", "source"};
    report_table(l->r, "costs", columns, shown_columns(l, ARRAY_LEN(columns)), TRUTH_LIST,
                 "source of each row in --json and data/", costs_built_days(f->costs));
    for (size_t i = 0; i < costs_rents(f->costs); i++) {
        const struct cost_rent *c = costs_rent_at(f->costs, i);
        bool spot = c->nanousd_per_gpu_hour < 0;
        cost_row(l,
                 spot             ? "rent, spot"
                 : c->is_reserved ? "rent, reserved"
                                  : "rent",
                 report_fmt(l->r, "%.*s", STR_ARG(c->gpu)),
                 report_fmt(l->r, "%.*s", STR_ARG(c->provider)),
                 spot ? c->spot_nanousd_per_gpu_hour : c->nanousd_per_gpu_hour,
                 "GPU hour", &c->from, RENT_STALE_DAYS);
    }
    for (size_t i = 0; i < costs_countries(f->costs); i++) {
        const struct cost_electricity *c = costs_country_at(f->costs, i);
        cost_row(l, "electricity", report_fmt(l->r, "%.*s", STR_ARG(c->country)),
                 report_fmt(l->r, "%.*s, %.*s", STR_ARG(c->name), STR_ARG(c->period)),
                 c->nanousd_per_kwh, "kWh", &c->from, ELECTRICITY_STALE_DAYS);
    }
    for (size_t i = 0; i < costs_currencies(f->costs); i++) {
        const struct cost_currency *c = costs_currency_at(f->costs, i);
        const char *code = report_fmt(l->r, "%.*s", STR_ARG(c->code));
        cost_row(l, "currency", code, "", c->nanousd_per_unit, code, &c->from,
                 CURRENCY_STALE_DAYS);
    }
}

static const struct {
    const char *name;
    void (*list)(struct listing *l, const struct facts *f);
} kinds[] = {{"prices", list_prices},
             {"devices", list_devices},
             {"models", list_models},
             {"speeds", list_speeds},
             {"costs", list_costs}};

/* What of a kind is stale, or that it does not age: a card's bandwidth stays. */
static const char *state_of(struct report *r, const struct facts *f, const char *kind)
{
    size_t n = 0, all = 0;
    int64_t today = date_today();
    if (strcmp(kind, "prices") == 0) {
        for (; all < prices_count(f->prices); all++)
            n += price_is_stale(f->prices, prices_at(f->prices, all), today);
    } else if (strcmp(kind, "costs") == 0) {
        for (size_t i = 0; i < costs_rents(f->costs); i++, all++)
            n += cost_is_stale(&costs_rent_at(f->costs, i)->from, RENT_STALE_DAYS, today);
        for (size_t i = 0; i < costs_countries(f->costs); i++, all++)
            n += cost_is_stale(&costs_country_at(f->costs, i)->from,
                               ELECTRICITY_STALE_DAYS, today);
        for (size_t i = 0; i < costs_currencies(f->costs); i++, all++)
            n += cost_is_stale(&costs_currency_at(f->costs, i)->from, CURRENCY_STALE_DAYS,
                               today);
    } else {
        return "does not age";
    }
    return n ? report_fmt(r, "%zu of %zu stale", n, all) : "current";
}

static int summary(const struct options *o, const struct facts *f)
{
    struct report *r = report_create("facts", "What weir reckons with");
    static const char *const columns[] = {"kind", "rows", "built", "state"};
    const size_t counts[] = {prices_count(f->prices), devices_count(f->devices),
                             models_count(f->models), speeds_count(f->speeds),
                             costs_rents(f->costs) + costs_countries(f->costs) +
                                 costs_currencies(f->costs)};
    const int64_t built[] = {prices_built_days(f->prices), devices_built_days(f->devices),
                             models_built_days(f->models), REPORT_NO_DATE,
                             costs_built_days(f->costs)};
    if (!r)
        return EXIT_NO;
    report_section(r, "summary", "");
    report_table(r, "files", columns, ARRAY_LEN(columns), TRUTH_LIST,
                 "each row carries its own source and date", REPORT_NO_DATE);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        char day[DATE_TEXT] = "each row";
        if (built[i] != REPORT_NO_DATE)
            date_format(built[i], day);
        const char *cells[] = {kinds[i].name, report_fmt(r, "%zu", counts[i]), day,
                               state_of(r, f, kinds[i].name)};
        report_row(r, cells);
    }
    return output_report(o, r, EXIT_YES);
}

static int list(const struct options *o, const struct facts *f, size_t kind)
{
    struct listing l = {.o = o,
                        .match = str_of(options_get(o, "--match")),
                        .flagged = options_has(o, "--flagged"),
                        .all = options_has(o, "--all") || options_has(o, "--json"),
                        .today = date_today()};
    const char *day = options_get(o, "--date");
    if (day && !date_parse(str_of(day), &l.today))
        return options_fault(o->command, "--date: \"%s\" is no day; write 2026-07-01",
                             day);
    l.r = report_create("facts", kinds[kind].name);
    if (!l.r)
        return EXIT_NO;
    report_section(l.r, kinds[kind].name, "");
    kinds[kind].list(&l, f);
    if (l.shown < l.matched)
        report_text(l.r, "%zu of %zu rows; --all shows the rest, --match narrows.",
                    l.shown, l.matched);
    return output_report(o, l.r, l.matched ? EXIT_YES : EXIT_NO);
}

static int update(const struct options *o)
{
    char where[512];
    struct err err;
    if (o->nwords != 3)
        return options_fault(o->command, "update: give the kind and the file");
    if (facts_install(o->words[1], o->words[2], where, &err) < 0)
        return value_fault(o, &err);
    printf("checked and installed: %s\n", where);
    return EXIT_YES;
}

static int run(int argc, char **argv)
{
    struct options o;
    struct facts f;
    struct err err;
    int rc;
    if (!options_read(&o, &cmd_facts, argc, argv, &rc))
        return rc;
    if (o.nwords && strcmp(o.words[0], "update") == 0)
        return update(&o);
    size_t kind = 0;
    while (o.nwords && kind < ARRAY_LEN(kinds) &&
           strcmp(o.words[0], kinds[kind].name) != 0)
        kind++;
    if (kind == ARRAY_LEN(kinds) || o.nwords > 1)
        return options_fault(&cmd_facts,
                             "the kind is one of prices, devices, models, speeds, "
                             "costs");
    if (facts_load(&f, options_get(&o, "--facts"), &err) < 0)
        return value_fault(&o, &err);
    rc = o.nwords ? list(&o, &f, kind) : summary(&o, &f);
    facts_release(&f);
    return rc;
}

const struct command cmd_facts = {
    .name = "facts",
    .summary = "prices, devices, models, speeds and costs: list, filter, update",
    .usage = "[prices|devices|models|speeds|costs] [--match TEXT] | update KIND FILE",
    .details = facts_details,
    .options = facts_options,
    .noptions = ARRAY_LEN(facts_options),
    .run = run,
};
