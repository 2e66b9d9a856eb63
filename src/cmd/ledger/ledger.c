/* ledger.c -- `weir ledger`: what was asked, where it went, what it cost.
 *
 * Reads the state_dir and needs no running weir; with one running it waits a moment
 * for the rows of requests that have just ended. */
#include "cmd/ledger/ledger_delete.h"
#include "cmd/ledger/ledger_escalation.h"
#include "cmd/ledger/ledger_latency.h"
#include "cmd/ledger/ledger_print.h"
#include "cmd/ledger/ledger_when.h"
#include "cmd/lib/commands.h"
#include "cmd/lib/options.h"
#include "cmd/lib/say.h"
#include "cmd/lib/state_dir.h"
#include "config/config.h"
#include "core/clock.h"
#include "core/mem.h"
#include "facts/date.h"
#include "facts/money.h"
#include "facts/prices.h"
#include "ledger/row_filter.h"
#include "ledger/spend.h"
#include "ledger/versus.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { LINE_BYTES = 1 << 20, DEFAULT_WIDTH = 80 };

static const struct command_option options[] = {
    {"--by", "WORD",
     "Add up by day, hour, side, engine, model, label, key, policy or purpose; may be "
     "repeated. Days and hours are UTC."},
    {"--since", "TIME",
     "From: 2026-11-01, 2026-11-01T04:05:06Z, or before now: 90m, 24h, 7d, 2w."},
    {"--until", "TIME", "Up to; a bare date includes that day."},
    {"--versus", "MODEL",
     "Also say what each request, once, would have cost at this model's list price."},
    {"-c", "FILE",
     "Configuration: its state_dir, and its role cloud_strong as the model of --versus."},
    {"--rows", NULL, "Print the requests themselves, oldest first."},
    {"--filter", "WORDS",
     "Only requests for which all words hold (of --limit N: of the newest N). local, "
     "cloud, left, errors, held, masked; "
     "side:, label:, outcome:, key:, engine:, model: with a value; any other word stands "
     "in the row; -WORD: not that."},
    {"--json", NULL, "One JSON object a line: requests, or sums when --by is given."},
    {"--id", "ID", "Only this request, with its reasons and legs."},
    {"--limit", "N", "Only the newest N requests."},
    {"--latency", NULL, "How soon each engine's models answered, and how fast."},
    {"--state-dir", "DIR", STATE_DIR_HELP},
};

static const char details[] =
    "Without options: sums by day, and by side, engine and model. A cost that nobody\n"
    "knows is counted and marked, never taken as 0. Prompts and answers are never in\n"
    "the ledger.\n"
    "\n"
    "Examples:\n"
    "  weir ledger --since 7d --by key\n"
    "  weir ledger --versus gpt-4o\n"
    "  weir ledger --rows --limit 20\n"
    "  weir ledger --rows --filter 'held key:app'\n"
    "  weir ledger --latency --since 7d\n"
    "  weir ledger --id wr-06XTJRF1R0000\n"
    "  weir ledger --json --since 24h | jq .cost_nanousd\n"
    "\n"
    "Exit codes: 0 read, 1 no ledger there, it cannot be read, or there is no such\n"
    "request (--id); 2 usage.";

struct request {
    const struct command *command;
    struct options o;
    char state_dir[STATE_DIR_BYTES];
    char strong[256];   /* the price row of cloud_strong; "" without -c */
    const char *filter; /* "": none */
    uint64_t since_ms, until_ms, limit;
    enum sums_by by[SUMS_BY_COUNT];
    size_t nby;
    size_t width; /* of the terminal; 0: a pipe */
};

static int read_by(struct request *r)
{
    const char *word;
    for (size_t i = 0; (word = options_nth(&r->o, "--by", i)); i++) {
        enum sums_by by;
        if (!sums_by_parse(str_of(word), &by))
            return options_fault(
                r->command,
                "--by %s: write day, hour, side, engine, model, label, key, "
                "policy or purpose",
                word);
        for (size_t k = 0; k < r->nby; k++)
            if (r->by[k] == by)
                return options_fault(r->command, "--by %s is given twice", word);
        r->by[r->nby++] = by;
    }
    return EXIT_YES;
}

static int read_when(struct request *r, const char *name, bool is_end, uint64_t *ret_ms)
{
    const char *text = options_get(&r->o, name);
    if (text && !when_parse(str_of(text), clock_wall_ms(), is_end, ret_ms))
        return options_fault(r->command,
                             "%s %s: write a date (2026-11-01), a time "
                             "(2026-11-01T04:05:06Z) or an age (24h, 7d)",
                             name, text);
    return EXIT_YES;
}

static bool prints_rows(const struct request *r)
{
    const struct options *o = &r->o;
    return !options_has(o, "--latency") &&
           (options_has(o, "--rows") || options_has(o, "--id") ||
            (options_has(o, "--json") && r->nby == 0));
}

static int read_filter(struct request *r)
{
    const char *words = options_get(&r->o, "--filter");
    struct err err;
    if (words && !prints_rows(r))
        return options_fault(r->command,
                             "--filter chooses requests: write it with --rows,"
                             " or with --json and no --by");
    r->filter = words ? words : "";
    return row_filter_check(str_of(r->filter), &err) < 0
               ? options_fault(r->command, "--filter: %s", err.msg)
               : EXIT_YES;
}

static size_t terminal_width(void)
{
    struct winsize size = {0};
    if (!isatty(STDOUT_FILENO))
        return 0;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
        return DEFAULT_WIDTH;
    return size.ws_col;
}

/* What the configuration says about the ledger's place and the strongest model. */
static int read_config(struct request *r, const char *path)
{
    struct config_faults faults;
    struct buf text;
    config_faults_init(&faults);
    struct config *c = config_load(path, NULL, &faults);
    if (!c) {
        buf_init(&text, 1 << 20);
        config_faults_print(&faults, path, &text);
        fprintf(stderr, "%.*s", STR_ARG(buf_view(&text)));
        buf_release(&text);
        config_faults_release(&faults);
        return EXIT_USAGE;
    }
    const struct config_model *strong = c->roles[ROLE_CLOUD_STRONG];
    struct str model = !strong           ? STR("")
                       : strong->price.n ? strong->price
                                         : strong->upstream;
    snprintf(r->strong, sizeof r->strong, "%.*s", STR_ARG(model));
    if (!options_get(&r->o, "--state-dir"))
        snprintf(r->state_dir, sizeof r->state_dir, "%.*s", STR_ARG(c->state_dir));
    config_unref(c);
    config_faults_release(&faults);
    return EXIT_YES;
}

static int read_request(struct request *r)
{
    const char *limit = options_get(&r->o, "--limit");
    if (r->o.nwords)
        return options_fault(r->command, "'%s' is not an option%s", r->o.words[0],
                             command_part(&cmd_ledger, r->o.words[0])
                                 ? "; it stands right behind `weir ledger`"
                                 : "");
    if (read_by(r) || read_when(r, "--since", false, &r->since_ms) ||
        read_when(r, "--until", true, &r->until_ms))
        return EXIT_USAGE;
    if (limit && (!str_to_u64(str_of(limit), &r->limit) || r->limit == 0))
        return options_fault(r->command, "--limit %s: write a number from 1", limit);
    if (read_filter(r))
        return EXIT_USAGE;
    if (!state_dir_find(options_get(&r->o, "--state-dir"), r->state_dir))
        return options_fault(r->command, STATE_DIR_FAULT);
    r->width = terminal_width();
    const char *path = options_get(&r->o, "-c");
    return path ? read_config(r, path) : EXIT_YES;
}

static int print_fault(const struct err *err)
{
    bool is_missing = err->code && strcmp(err->code, "ledger_missing") == 0;
    bool is_damaged = err->code && strcmp(err->code, "ledger_index_damaged") == 0;
    say(stderr, "weir ledger: %s%s", err->msg,
        is_missing ? STATE_DIR_OR_CONFIG
        : is_damaged
            ? "; the store is damaged. A weir that is started now finds that, puts "
              "it aside and builds it anew from the backup and the logs; without a "
              "weir, `weir ledger rebuild` does"
            : "");
    return EXIT_NO;
}

/* -- rows ------------------------------------------------------------------- */

struct rows_ctx {
    const struct request *request;
    struct buf line;
    uint64_t n;
};

static int print_row(void *ctx, const struct ledger_row *row)
{
    struct rows_ctx *c = ctx;
    const struct options *o = &c->request->o;
    char uid[17];
    const struct row_facts facts = row_facts_of(row, uid);
    if (!row_filter_has(str_of(c->request->filter), &facts))
        return 0;
    c->n++;
    if (options_has(o, "--json")) {
        buf_clear(&c->line);
        ledger_row_json(row, &c->line);
        say_json(stdout, buf_view(&c->line));
    } else if (options_has(o, "--id")) {
        row_print_details(row, stdout);
    } else {
        row_print(row, c->request->width, stdout);
    }
    return ferror(stdout);
}

static void print_none(const struct request *r)
{
    printf("No requests %s%sin %s.\n",
           r->filter[0] ? "that the filter lets through " : "",
           r->since_ms || r->until_ms ? "of that time " : "yet ", r->state_dir);
}

static int run_rows(const struct request *r)
{
    struct rows_ctx c = {.request = r};
    struct err err;
    struct ledger_query q = {.state_dir = str_of(r->state_dir),
                             .since_ms = r->since_ms,
                             .until_ms = r->until_ms,
                             .limit = r->limit};
    const char *id = options_get(&r->o, "--id");
    if (id)
        q.id = str_of(id);
    buf_init(&c.line, LINE_BYTES);
    int failed = ledger_read(&q, print_row, &c, &err);
    buf_release(&c.line);
    if (failed)
        return print_fault(&err);
    if (id && c.n == 0) {
        say(stderr, "weir ledger: no request %s in %s", id, r->state_dir);
        return EXIT_NO;
    }
    if (c.n == 0 && !options_has(&r->o, "--json"))
        print_none(r);
    return EXIT_YES;
}

/* -- sums ------------------------------------------------------------------- */

static struct ledger_sums_query sums_query(const struct request *r,
                                           const enum sums_by *by, size_t nby)
{
    struct ledger_sums_query q = {.state_dir = str_of(r->state_dir),
                                  .since_ms = r->since_ms,
                                  .until_ms = r->until_ms,
                                  .nby = nby};
    for (size_t i = 0; i < nby; i++)
        q.by[i] = by[i];
    return q;
}

static int print_json_sums(void *ctx, const struct ledger_sums *s)
{
    const struct request *r = ctx;
    sums_print_json(r->by, r->nby, s, stdout);
    return 0;
}

/* Prints one table and hands out its total. */
static int run_table(const struct request *r, const enum sums_by *by, size_t nby,
                     struct ledger_sums *ret_total)
{
    struct sums_table t;
    struct err err;
    struct ledger_sums_query q = sums_query(r, by, nby);
    sums_table_init(&t, by, nby);
    int failed = ledger_sum(&q, sums_table_add, &t, &err);
    if (!failed && t.failed)
        failed = err_nomem(&err);
    if (!failed && t.n)
        sums_table_print(&t, r->width, stdout);
    *ret_total = t.total;
    sums_table_release(&t);
    return failed ? print_fault(&err) : EXIT_YES;
}

/* The rule of thumb that this month's bill has reached, if any. */
static void print_spend(const struct request *r)
{
    char text[400];
    int64_t sum = 0;
    struct err ignored;
    if (spend_this_month(str_of(r->state_dir), clock_wall_ms(), &sum, &ignored) < 0)
        return;
    const struct spend_rule *rule = spend_rule_for(sum);
    if (!rule)
        return;
    spend_text(sum, rule, text, sizeof text);
    printf("\nNote: %s.\n", text);
}

static int versus_cost(const char *model, const struct ledger_sums_query *q,
                       const struct ledger_sums *total, int64_t *ret_nanousd,
                       int64_t *ret_source_days, struct err *err)
{
    struct prices *prices;
    struct ledger_sums beside;
    if (ledger_sum_beside(q, &beside, err) < 0 || prices_load_embedded(&prices, err) < 0)
        return -1;
    const struct price *found = prices_find(prices, STR(""), str_of(model), date_today());
    int failed = -1;
    if (found) {
        *ret_source_days = found->source_days;
        failed = ledger_versus(total, &beside, found, ret_nanousd, err);
    } else {
        (void)prices_explain_unknown(prices, str_of(model), err);
    }
    prices_free(prices);
    return failed;
}

static int print_versus(const struct request *r, const char *model,
                        const struct ledger_sums *total)
{
    char all[MONEY_TEXT], was[MONEY_TEXT], less[MONEY_TEXT], date[DATE_TEXT];
    int64_t nanousd = 0, days = 0;
    struct err err;
    const struct ledger_sums_query q = sums_query(r, NULL, 0);
    if (versus_cost(model, &q, total, &nanousd, &days, &err) < 0)
        return print_fault(&err);
    money_format(nanousd, 4, all);
    money_format(total->cost_nanousd, 4, was);
    money_format(nanousd - total->cost_nanousd, 4, less);
    date_format(days, date);
    printf("\nEach request once at %s would have cost %s (list price of %s, without\n"
           "long-context surcharges); all of it cost %s%s: a difference of %s.\n"
           "Cloud calls saved: %llu, answered on the local side alone.\n",
           model, all, date, was, total->cost_unknown ? " and an unknown part" : "", less,
           (unsigned long long)total->local_ok);
    return EXIT_YES;
}

static int run_sums(struct request *r)
{
    static const enum sums_by days[] = {SUMS_BY_DAY, SUMS_BY_SIDE};
    static const enum sums_by models[] = {SUMS_BY_SIDE, SUMS_BY_ENGINE, SUMS_BY_MODEL};
    const char *versus = options_get(&r->o, "--versus");
    if (!versus && r->strong[0])
        versus = r->strong;
    struct ledger_sums total;
    int exit_code = r->nby ? run_table(r, r->by, r->nby, &total)
                           : run_table(r, days, ARRAY_LEN(days), &total);
    if (exit_code != EXIT_YES)
        return exit_code;
    if (total.requests == 0) {
        print_none(r);
        return EXIT_YES;
    }
    if (r->nby == 0) {
        fputc('\n', stdout);
        exit_code = run_table(r, models, ARRAY_LEN(models), &total);
    }
    sums_print_notes(&total, stdout);
    print_spend(r);
    return exit_code == EXIT_YES && versus ? print_versus(r, versus, &total) : exit_code;
}

static int run_json_sums(struct request *r)
{
    struct err err;
    struct ledger_sums_query q = sums_query(r, r->by, r->nby);
    return ledger_sum(&q, print_json_sums, r, &err) < 0 ? print_fault(&err) : EXIT_YES;
}

static int run_rebuild(struct request *r)
{
    struct err err;
    if (ledger_rebuild(str_of(r->state_dir), &err) < 0)
        return print_fault(&err);
    say(stdout, "The store in %s is built anew from the backup and the logs.",
        r->state_dir);
    return EXIT_YES;
}

static int add_escalation(void *ctx, const struct ledger_row *row)
{
    escalation_sums_add(ctx, row);
    return 0;
}

static int run_escalation(struct request *r)
{
    struct escalation_sums sums = {0};
    struct err err;
    const struct ledger_query q = {.state_dir = str_of(r->state_dir),
                                   .since_ms = r->since_ms,
                                   .until_ms = r->until_ms,
                                   .limit = r->limit};
    const char *versus = options_get(&r->o, "--versus");
    if (!versus && r->strong[0])
        versus = r->strong;
    if (ledger_read(&q, add_escalation, &sums, &err) < 0 ||
        escalation_sums_print(&sums, versus, options_has(&r->o, "--json"), stdout, &err) <
            0)
        return print_fault(&err);
    return EXIT_YES;
}

struct latency_ctx {
    struct latency_table table;
    struct err err;
};

static int add_latency(void *ctx, const struct ledger_row *row)
{
    struct latency_ctx *c = ctx;
    return latency_add(&c->table, row, &c->err);
}

static int run_latency(const struct request *r)
{
    struct latency_ctx c;
    struct err err;
    const struct ledger_query q = {.state_dir = str_of(r->state_dir),
                                   .since_ms = r->since_ms,
                                   .until_ms = r->until_ms,
                                   .limit = r->limit};
    err_init(&c.err);
    latency_init(&c.table);
    int failed = ledger_read(&q, add_latency, &c, &err);
    if (!failed)
        latency_print(&c.table, options_has(&r->o, "--json"), stdout);
    latency_release(&c.table);
    return failed ? print_fault(c.err.kind ? &c.err : &err) : EXIT_YES;
}

static int run_delete(struct request *r)
{
    return ledger_delete(r->command, &r->o, r->state_dir);
}

static int run_plain(struct request *r)
{
    if (options_has(&r->o, "--latency"))
        return run_latency(r);
    if (prints_rows(r))
        return run_rows(r);
    return options_has(&r->o, "--json") ? run_json_sums(r) : run_sums(r);
}

/* -- the verb and its parts --------------------------------------------------------- */

static int run_with(const struct command *c, int argc, char **argv,
                    int (*work)(struct request *r))
{
    int exit_code = EXIT_USAGE;
    struct request *r = mem_new(struct request);
    if (!r)
        return EXIT_NO;
    r->command = c;
    if (options_read(&r->o, c, argc, argv, &exit_code)) {
        exit_code = read_request(r);
        if (exit_code == EXIT_YES)
            exit_code = work(r);
    }
    mem_free(r);
    return exit_code;
}

static int plain(int argc, char **argv)
{
    return run_with(&cmd_ledger, argc, argv, run_plain);
}

static const struct command cmd_escalation, cmd_delete, cmd_rebuild;

static int escalation(int argc, char **argv)
{
    return run_with(&cmd_escalation, argc, argv, run_escalation);
}

static int delete_rows(int argc, char **argv)
{
    return run_with(&cmd_delete, argc, argv, run_delete);
}

static int rebuild(int argc, char **argv)
{
    return run_with(&cmd_rebuild, argc, argv, run_rebuild);
}

#define CONFIG_HELP "Configuration: its state_dir."

static const struct command_option escalation_options[] = {
    {"--since", "TIME", "From, as for weir ledger."},
    {"--until", "TIME", "Up to, as for weir ledger."},
    {"--versus", "MODEL",
     "Also say what the answers that were kept would have cost at its list price."},
    {"--limit", "N", "Only the newest N requests."},
    {"--json", NULL, "One JSON object."},
    {"-c", "FILE",
     "Configuration: its state_dir, and its role cloud_strong as the model of --versus."},
    {"--state-dir", "DIR", STATE_DIR_HELP},
};

static const struct command cmd_escalation = {
    .name = "ledger escalation",
    .summary = "what judging local answers (`escalate:`) cost, and what it saved",
    .usage = "[--since TIME] [--until TIME] [--versus MODEL] [--json]",
    .details = "Example:\n"
               "  weir ledger escalation --since 7d --versus gpt-4o",
    .options = escalation_options,
    .noptions = ARRAY_LEN(escalation_options),
    .run = escalation,
    .of = &cmd_ledger,
};

static const struct command_option delete_options[] = {
    {"--key", "NAME", "The rows of this key."},
    {"--session", "S",
     "The rows of this session: its name, or the 16 digits that --json shows, also with "
     "s- before them."},
    {"--why", "TEXT", "The reason; it is kept in the audit chain."},
    {"-c", "FILE", CONFIG_HELP},
    {"--state-dir", "DIR", STATE_DIR_HELP},
};

static const struct command cmd_delete = {
    .name = "ledger delete",
    .summary = "deletes rows, for example when a person asks for it",
    .usage = "--key NAME | --session S  --why TEXT",
    .details =
        "From the store, its sums, its backup and the logs, by the running weir if "
        "there\n"
        "is one. Several wait in line; Ctrl-C ends the waiting, not the deletion. The\n"
        "audit chain says how many rows went; it keeps its own records, which have "
        "names\n"
        "of keys and digests of sessions.\n\n"
        "Example:\n"
        "  weir ledger delete --session s-0123456789abcdef --why \"asked by mail\"\n\n"
        "Exit codes: 0 deleted, 1 not done, or there was no row to delete; 2 usage.",
    .options = delete_options,
    .noptions = ARRAY_LEN(delete_options),
    .run = delete_rows,
    .of = &cmd_ledger,
};

static const struct command_option rebuild_options[] = {
    {"-c", "FILE", CONFIG_HELP},
    {"--state-dir", "DIR", STATE_DIR_HELP},
};

static const struct command cmd_rebuild = {
    .name = "ledger rebuild",
    .summary = "puts a damaged store aside and builds it anew",
    .usage = "[-c FILE] [--state-dir DIR]",
    .details = "From its backup and the logs, while no weir runs.\n\n"
               "Example:\n"
               "  weir ledger rebuild --state-dir /var/lib/weir",
    .options = rebuild_options,
    .noptions = ARRAY_LEN(rebuild_options),
    .run = rebuild,
    .of = &cmd_ledger,
};

static const struct command *const parts[] = {&cmd_escalation, &cmd_delete, &cmd_rebuild,
                                              NULL};

const struct command cmd_ledger = {
    .name = "ledger",
    .summary = "what was asked, where it went, what it cost",
    .usage = "[escalation | delete | rebuild] [options]",
    .details = details,
    .options = options,
    .noptions = ARRAY_LEN(options),
    .run = plain,
    .parts = parts,
};
