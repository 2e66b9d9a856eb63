/* whatif.c -- `weir whatif`: the past requests under another policy, model, price, date
 * or hardware. */
#include "whatif/whatif.h"
#include "cmd/decide/measured.h"
#include "cmd/ledger/ledger_when.h"
#include "cmd/lib/commands.h"
#include "cmd/lib/output.h"
#include "cmd/lib/say.h"
#include "cmd/lib/state_dir.h"
#include "cmd/lib/usual_config.h"
#include "cmd/lib/values.h"
#include "cmd/serve/serving.h"
#include "core/clock.h"
#include "core/mem.h"
#include "facts/date.h"
#include "facts/money.h"
#include "whatif/kept.h"

#include <math.h>

static const struct command_option whatif_options[] = {
    {"--policy", "P",
     "local-first, local-only, cloud-only, seed-table or deadline, among the engines of "
     "-c."},
    {"--model", "OLD=NEW",
     "What OLD answered costs what NEW of the price list does; may be "
     "repeated."},
    {"--local", "OLD=NEW",
     "What OLD answered is answered by NEW on this machine, for "
     "nothing; may be repeated."},
    {"--date", "DAY", "At the list prices of this day: 2026-11-01."},
    {"--reprice", NULL, "Price every leg anew at the list price of its own day."},
    {"--slots", "N",
     "Requests that a local engine answers at once; default as configured."},
    {"--speed", "IN,OUT",
     "Tokens a second that local models read and write; default as "
     "measured in the ledger."},
    {"-c", "FILE",
     "Configuration: engines for --policy, and its state_dir; default weir.yaml, if it "
     "is "
     "here. With --policy else what a weir up on this machine serves."},
    {"--since", "TIME", "From: 2026-11-01, or before now: 24h, 7d, 2w."},
    {"--until", "TIME", "Up to; a bare date includes that day."},
    {"--state-dir", "DIR", STATE_DIR_HELP},
    OUTPUT_FORMS,
};

static const char whatif_details[] =
    "Plays the requests in the ledger under other circumstances. What a change does not\n"
    "touch keeps what the ledger says of it, to the nano-dollar.\n"
    "\n"
    "  weir whatif --policy cloud-only -c weir.yaml     what did weir save?\n"
    "  weir whatif --model gpt-4o=gpt-4o-mini --since 30d\n"
    "  weir whatif --local gpt-4o-mini=qwen2.5-7b --slots 2 --speed 800,45\n"
    "\n"
    "Exit codes: 0 played, 1 there is no ledger or it cannot be read, 2 usage.";

struct playing {
    struct options o;
    struct config *config;
    struct prices *prices;
    struct whatif *w;
    struct whatif_change change;
    struct ledger_query query;
    struct whatif_kept kept;
    struct route_measured *measured;
    char state_dir[STATE_DIR_BYTES];
    struct err err; /* of a callback */
};

/* -- options ------------------------------------------------------------------------ */

static int read_swaps(struct playing *p, const char *name, bool is_local, struct err *err)
{
    const char *word;
    for (size_t i = 0; (word = options_nth(&p->o, name, i)); i++) {
        struct str all = str_of(word);
        ptrdiff_t eq = str_index(all, '=');
        if (eq < 1 || (size_t)eq + 1 == all.n || p->change.nswaps == WHATIF_SWAPS)
            return err_set(err, ERR_BAD_REQUEST, "whatif_swap",
                           "%s is OLD=NEW, such as gpt-4o=gpt-4o-mini, at most %d in all",
                           name, WHATIF_SWAPS);
        p->change.swaps[p->change.nswaps++] = (struct whatif_swap){
            str_sub(all, 0, (size_t)eq), str_sub(all, (size_t)eq + 1, all.n), is_local};
    }
    return 0;
}

static int read_speed(struct playing *p, struct err *err)
{
    const char *text = options_get(&p->o, "--speed");
    struct str rest = str_of(text ? text : ""), in = {NULL, 0}, out = {NULL, 0};
    uint64_t prompt = 0, output = 0;
    if (!text)
        return 0;
    str_split(&rest, ',', &in);
    str_split(&rest, ',', &out);
    if (!str_to_u64(in, &prompt) || !str_to_u64(out, &output) || !prompt || !output)
        return err_set(
            err, ERR_BAD_REQUEST, "whatif_speed",
            "--speed is two numbers, tokens a second read and written: 800,45");
    p->change.prompt_per_s = (double)prompt;
    p->change.output_per_s = (double)output;
    return 0;
}

static int read_when(struct playing *p, const char *name, bool is_end, uint64_t *ret,
                     struct err *err)
{
    const char *text = options_get(&p->o, name);
    if (text && !when_parse(str_of(text), clock_wall_ms(), is_end, ret))
        return err_set(err, ERR_BAD_REQUEST, "whatif_time",
                       "%s %s: write a date (2026-11-01) or an age (24h, 7d)", name,
                       text);
    return 0;
}

static int read_change(struct playing *p, struct err *err)
{
    const char *policy = options_get(&p->o, "--policy"),
               *date = options_get(&p->o, "--date");
    uint64_t slots = 0;
    if (policy && !policy_parse(str_of(policy), &p->change.policy))
        return err_set(err, ERR_BAD_REQUEST, "whatif_policy",
                       "no policy is called '%s'; there are " POLICY_WORDS, policy);
    p->change.has_policy = policy != NULL;
    p->change.config = p->config;
    p->change.prices = p->prices;
    p->change.reprices = options_has(&p->o, "--reprice");
    if (date && !date_parse(str_of(date), &p->change.date_days))
        return err_set(err, ERR_BAD_REQUEST, "whatif_date",
                       "--date is a day such as 2026-11-01, not '%s'", date);
    if (value_u64(&p->o, "--slots", &slots, err) < 0 || read_speed(p, err) < 0 ||
        read_swaps(p, "--model", false, err) < 0 ||
        read_swaps(p, "--local", true, err) < 0 ||
        read_when(p, "--since", false, &p->query.since_ms, err) < 0 ||
        read_when(p, "--until", true, &p->query.until_ms, err) < 0)
        return -1;
    if (slots > 100000)
        return err_set(err, ERR_BAD_REQUEST, "whatif_slots", "--slots is at most 100000");
    p->change.slots = (uint32_t)slots;
    return 0;
}

static int read_place(struct playing *p, struct err *err)
{
    char found[STATE_DIR_BYTES];
    const char *path = options_get(&p->o, "-c"), *dir = options_get(&p->o, "--state-dir");
    if (!path && options_has(&p->o, "--policy")) {
        if (usual_config(&p->o, found, err) < 0)
            return -1;
        path = found;
    } else if (!path && !dir && usual_config_is_here()) {
        path = USUAL_CONFIG_FILE;
    }
    if (path && !(p->config = serving_load(path)))
        return err_set(err, ERR_CONFIG, "whatif_config",
                       "the configuration cannot be used; see above");
    if (p->config && !dir)
        snprintf(p->state_dir, sizeof p->state_dir, "%.*s",
                 STR_ARG(p->config->state_dir));
    else if (!state_dir_find(dir, p->state_dir))
        return err_set(err, ERR_BAD_REQUEST, "state_dir", STATE_DIR_FAULT);
    p->query.state_dir = str_of(p->state_dir);
    return 0;
}

/* What `weir bench` measured of the configuration's models, as a running weir knows it.
 */
static int read_measured(struct playing *p, struct err *err)
{
    const struct config *c = p->config;
    if (!p->change.has_policy || !c->nmodels)
        return 0;
    p->measured = mem_zalloc(c->nmodels * sizeof *p->measured);
    if (!p->measured)
        return err_nomem(err);
    measured_of_config(NULL, c, p->measured);
    p->change.measured = p->measured;
    return 0;
}

/* -- the report ------------------------------------------------------------------------
 */

static const char *money(struct report *r, int64_t nanousd)
{
    char text[MONEY_TEXT];
    money_format(nanousd, 4, text);
    return report_fmt(r, "%s", text);
}

static const char *ms(struct report *r, double v)
{
    if (isnan(v))
        return "unknown";
    if (v < 10000)
        return report_fmt(r, v < 100 ? "%.1f ms" : "%.0f ms", v);
    return v < 7200e3 ? report_fmt(r, "%.0f s", v / 1e3)
                      : report_fmt(r, "%.1f hours", v / 3600e3);
}

static void money_value(struct report *r, const char *key, const char *label,
                        int64_t nanousd, uint64_t unknown)
{
    char exact[MONEY_TEXT];
    money_decimal(nanousd, exact);
    report_add(r, &(struct report_value){
                      .key = key,
                      .label = label,
                      .text = unknown ? report_fmt(r, "%s and %llu of unknown cost",
                                                   money(r, nanousd),
                                                   (unsigned long long)unknown)
                                      : money(r, nanousd),
                      .number = report_fmt(r, "%s", exact),
                      .unit = "USD",
                      .truth = TRUTH_COMPUTED,
                      .source = "the ledger's tokens at list prices",
                      .date_days = REPORT_NO_DATE,
                      .expires_days = REPORT_NO_DATE});
}

static void table(struct report *r, struct whatif *w)
{
    static const char *const columns[] = {"", "as it was", "what if"};
    const struct {
        const char *name, *was, *now;
    } rows[] = {
        {"answered here", report_fmt(r, "%llu", (unsigned long long)w->was.local),
         report_fmt(r, "%llu", (unsigned long long)w->now.local)},
        {"answered by the cloud", report_fmt(r, "%llu", (unsigned long long)w->was.cloud),
         report_fmt(r, "%llu", (unsigned long long)w->now.cloud)},
        {"refused", report_fmt(r, "%llu", (unsigned long long)w->was.refused),
         report_fmt(r, "%llu", (unsigned long long)w->now.refused)},
        {"time of an answer, p50", ms(r, sample_quantile(&w->was.total_ms, .5)),
         ms(r, sample_quantile(&w->now.total_ms, .5))},
        {"time of an answer, p99", ms(r, sample_quantile(&w->was.total_ms, .99)),
         ms(r, sample_quantile(&w->now.total_ms, .99))},
        {"wait at a local engine, p99", "in the times",
         ms(r, sample_quantile(&w->now.wait_ms, .99))},
    };
    report_table(r, "sides", columns, ARRAY_LEN(columns), TRUTH_COMPUTED,
                 "the requests of the ledger", REPORT_NO_DATE);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *cells[] = {rows[i].name, rows[i].was, rows[i].now};
        report_row(r, cells);
    }
}

static void assumptions(struct report *r, const struct playing *p)
{
    const struct whatif *w = p->w;
    double load = whatif_load(w);
    if (!w->moved_model && !w->was.unknown && !w->change.has_policy)
        return;
    report_section(r, "assumed", "What this takes for granted");
    if (w->moved_model && load > .8)
        report_text(r,
                    "Local engines would have been busy %.0f %% of the time: %s. More of "
                    "them, or a faster one, would be needed (--slots, --speed).",
                    100 * load,
                    load > 1 ? "more than they can do, so that the queue only grows"
                             : "requests that come together wait long");
    if (w->moved_model)
        report_text(
            r, "Another model is taken to read and write as many tokens as the one "
               "that answered; its answers may be better or worse, and that is not in "
               "these sums.");
    if (w->now.nanousd_uncached != w->now.nanousd)
        report_text(r,
                    "Prompts are taken to come from the new provider's cache as they did "
                    "from the old one's; without any cache the sum would be %s.",
                    money(r, w->now.nanousd_uncached));
    if (w->unmeasured)
        report_text(r,
                    "%llu requests would go to local models that this ledger has not "
                    "measured: how long they would take is unknown. Say it with --speed.",
                    (unsigned long long)w->unmeasured);
    if (w->change.has_policy)
        report_text(r,
                    "Sessions, escalation and engines that are down are not played; what "
                    "was refused stays refused; labels are those of the ledger.");
    if (w->was.unknown)
        report_text(r, "%llu requests have a cost that nobody knows; they are in no sum.",
                    (unsigned long long)w->was.unknown);
}

/* "3.2 days", "5.0 hours", "17 minutes". */
static const char *span(struct report *r, uint64_t ms)
{
    double minutes = (double)ms / 60000.0;
    if (minutes >= 2 * 24 * 60)
        return report_fmt(r, "%.1f days", minutes / (24 * 60));
    if (minutes >= 2 * 60)
        return report_fmt(r, "%.1f hours", minutes / 60);
    return minutes <= 1 ? "a minute" : report_fmt(r, "%.0f minutes", ceil(minutes));
}

static struct report *report_of(const struct playing *p)
{
    struct whatif *w = p->w;
    struct report *r =
        report_create("whatif", "The past requests under other circumstances");
    if (!r)
        return NULL;
    int64_t less = w->was.nanousd - w->now.nanousd;
    const char *over =
        report_fmt(r, "%llu requests in %s", (unsigned long long)w->requests,
                   span(r, w->period.last_ms - w->period.first_ms));
    if (less == 0)
        report_answer(r, "%s, the same as it was, over %s.", money(r, w->now.nanousd),
                      over);
    else
        report_answer(r, "%s instead of %s: %s %s over %s.", money(r, w->now.nanousd),
                      money(r, w->was.nanousd), money(r, less < 0 ? -less : less),
                      less < 0 ? "more" : "less", over);
    report_section(r, "sums", "Sums");
    money_value(r, "actual_usd", "As it was", w->was.nanousd, w->was.unknown);
    money_value(r, "whatif_usd", "What if", w->now.nanousd, w->now.unknown);
    money_value(r, "difference_usd", "Difference", less, 0);
    report_section(r, "sides", "Who would have answered, and when");
    table(r, w);
    report_text(r, "%llu requests would have come home, %llu would have left.",
                (unsigned long long)w->moved_home, (unsigned long long)w->moved_out);
    assumptions(r, p);
    return r;
}

/* -- the verb
 * ---------------------------------------------------------------------------- */

/* Local answers are not timed without speeds, which are those of all rows. */
static int on_measure(void *ctx, const struct ledger_row *row)
{
    struct playing *p = ctx;
    whatif_keep(&p->kept, row);
    return whatif_measure(p->w, row, &p->err);
}

static int on_replay(void *ctx, const struct ledger_row *row)
{
    struct playing *p = ctx;
    return whatif_replay(p->w, row, &p->err);
}

static int fail(const struct playing *p, const struct err *err)
{
    if (err->kind == ERR_BAD_REQUEST || err->kind == ERR_CONFIG)
        return options_fault(p->o.command, "%s", err->msg);
    say(stderr, "weir whatif: %s", err->msg);
    return EXIT_NO;
}

/* Of rows that are not kept, as there are too many, the store is read twice. */
static int play_rows(struct playing *p, struct err *err)
{
    bool wants_speeds = p->change.has_policy || p->change.nswaps;
    if (!wants_speeds)
        return ledger_read(&p->query, on_replay, p, err);
    whatif_kept_init(&p->kept, WHATIF_KEPT_BYTES,
                     p->change.date_days || p->change.reprices);
    int rc = ledger_read(&p->query, on_measure, p, err);
    bool is_kept = rc == 0 && !p->err.kind && !p->kept.is_full;
    if (is_kept)
        rc = whatif_kept_each(&p->kept, on_replay, p);
    whatif_kept_release(&p->kept);
    return rc == 0 && !is_kept && !p->err.kind ? ledger_read(&p->query, on_replay, p, err)
                                               : rc;
}

static int play(struct playing *p, struct err *err)
{
    if (prices_load_embedded(&p->prices, err) < 0 || read_place(p, err) < 0 ||
        read_change(p, err) < 0 || read_measured(p, err) < 0 ||
        whatif_init(p->w, &p->change, err) < 0)
        return fail(p, err);
    int rc = play_rows(p, err);
    if (rc != 0 || p->err.kind)
        return fail(p, p->err.kind ? &p->err : err);
    if (p->w->requests == 0) {
        say(stderr, "weir whatif: no requests of that time in %s", p->state_dir);
        return EXIT_NO;
    }
    struct report *r = report_of(p);
    return r ? output_report(&p->o, r, EXIT_YES) : EXIT_NO;
}

static int run(int argc, char **argv)
{
    static struct playing p;
    struct err err = {0};
    int rc;
    if (!options_read(&p.o, &cmd_whatif, argc, argv, &rc))
        return rc;
    if (p.o.nwords)
        return options_fault(&cmd_whatif, "'%s' is not an option", p.o.words[0]);
    p.w = mem_new(struct whatif);
    if (!p.w)
        return EXIT_NO;
    rc = play(&p, &err);
    whatif_release(p.w);
    mem_free(p.w);
    mem_free(p.measured);
    config_unref(p.config);
    prices_free(p.prices);
    return rc;
}

const struct command cmd_whatif = {
    .name = "whatif",
    .summary = "the past requests under another policy, model, price or machine",
    .usage = "[options]",
    .details = whatif_details,
    .options = whatif_options,
    .noptions = ARRAY_LEN(whatif_options),
    .run = run,
};
