/* bench.c -- `weir bench`: how fast is it here, and how does it hold under load? */
#include "cmd/decide/bench_keep.h"
#include "cmd/decide/bench_runs.h"
#include "cmd/lib/commands.h"
#include "cmd/lib/lines.h"
#include "cmd/lib/output.h"
#include "cmd/lib/say.h"
#include "cmd/lib/values.h"
#include "core/mem.h"
#include "facts/money.h"

#include <errno.h>
#include <math.h>
#include <unistd.h>

static const struct command_option bench_options[] = {
    {"-c", "FILE", "Configuration; without it, what answers on this machine."},
    {"--workload", "NAME|FILE",
     "chat, rag, review, extract, agent, or a file of JSON lines; may be repeated; "
     "default chat."},
    {"--requests", "N", "Measured requests of each run; default 20."},
    {"--warmup", "N",
     "Requests before them, one by one; the first is the cold one; "
     "default 1."},
    {"--concurrency", "N,N...", "So many at once (closed loop), each a run; default 1."},
    {"--sweep", NULL, "1, 2, 4, ... 256 at once, until it no longer pays."},
    {"--rate", "PER_S",
     "Open loop: so many requests a second, whatever becomes of them."},
    {"--poisson", NULL, "With --rate: at random distances instead of equal ones."},
    {"--seed", "N", "Of the random distances; default 1."},
    {"--max-s", "SECONDS", "No request begins later than this in a run."},
    {"--slo", "LIMITS", "What counts as good: ttft=200,itl=50,latency=5000 (ms)."},
    {"--as", "TOOL", "Definitions of weir (default), vllm, aiperf, guidellm or llmperf."},
    {"--same-prompts", NULL, "Let engines answer from their prompt caches."},
    {"--local", NULL, "URLs that nobody recognises are mine: nothing is billed."},
    {"--key-env", "NAME", "Of URLs: the environment variable that holds their API key."},
    {"--speaks", "DIALECT",
     "Of URLs: openai (default), ollama, anthropic, gemini, "
     "responses."},
    {"--trace", "FILE", "Also write a line of JSON with the stamps of each request."},
    {"--list", NULL, "Measure nothing: list what was measured here before."},
    {"--show", "ID", "... and tell all of one run of that list."},
    {"--state-dir", "DIR", "Where results are kept; default the configuration's."},
    {"--yes", NULL, "Do not ask before what may cost money."},
    {"--max-usd", "USD", "Never spend more than this, whatever happens."},
    OUTPUT_FORMS,
};

static const char bench_details[] =
    "Measures engines side by side with the same prompts: time to first token cold and\n"
    "warm, inter-token latency, tokens a second, errors, cost. A target is a URL, an\n"
    "engine, a model or ENGINE/MODEL of the configuration, or weir; without one, every\n"
    "engine that answers on this machine.\n"
    "\n"
    "  weir bench                                      what is here\n"
    "  weir bench http://127.0.0.1:8080 --workload rag\n"
    "  weir bench -c weir.yaml ollama openai --max-usd 0.50\n"
    "  weir bench http://127.0.0.1:8080 --sweep --slo ttft=500,itl=50\n"
    "  weir bench http://127.0.0.1:8080 --rate 5 --poisson --requests 200\n"
    "\n"
    "A paid target asks first, and a cloud engine of the configuration is asked through\n"
    "weir, with its records. Ctrl-C prints what there is.\n"
    "Exit codes: 0 measured, 1 no request was answered, 2 usage.";

/* -- options ------------------------------------------------------------------------ */

static int read_line(void *ctx, size_t number, struct str line, struct err *err)
{
    (void)number;
    return bench_workload_add(ctx, line, err);
}

static int read_workload(struct benching *b, const char *name, struct err *err)
{
    struct bench_workload *w = &b->workloads[b->nworkloads];
    bool is_builtin = false;
    for (size_t i = 0; bench_workload_names[i]; i++)
        is_builtin |= strcmp(name, bench_workload_names[i]) == 0;
    bench_workload_init(w);
    b->workload_names[b->nworkloads++] = name;
    if (is_builtin)
        return bench_workload_builtin(w, name, err);
    if (access(name, R_OK) != 0 && !strchr(name, '/') && !strchr(name, '.'))
        return bench_workload_builtin(w, name, err); /* says which there are */
    if (lines_each(name, read_line, w, err) < 0)
        return -1;
    return w->n ? 0 : err_set(err, ERR_BAD_REQUEST, "workload", "%s has no prompt", name);
}

static int read_workloads(struct benching *b, struct err *err)
{
    const char *name = options_nth(b->o, "--workload", 0);
    if (!name)
        return read_workload(b, "chat", err);
    for (size_t i = 0; (name = options_nth(b->o, "--workload", i)); i++) {
        if (i == BENCH_WORKLOADS)
            return err_set(err, ERR_BAD_REQUEST, "workload", "at most %d workloads",
                           BENCH_WORKLOADS);
        if (read_workload(b, name, err) < 0)
            return -1;
    }
    return 0;
}

static int add_step(struct benching *b, const struct bench_load *base, uint64_t n,
                    struct err *err)
{
    if (n == 0 || n > 4096 || b->nloads == BENCH_STEPS)
        return err_set(err, ERR_BAD_REQUEST, "concurrency",
                       "--concurrency is up to %d numbers from 1 to 4096, such as 1,4,16",
                       BENCH_STEPS);
    b->loads[b->nloads] = *base;
    b->loads[b->nloads].concurrency = (uint32_t)n;
    /* A step has to be at work for a while. */
    if (b->loads[b->nloads].requests < 2 * n && n > 1)
        b->loads[b->nloads].requests = (uint32_t)(2 * n);
    b->nloads++;
    return 0;
}

static int read_steps(struct benching *b, const struct bench_load *base, struct err *err)
{
    const char *list = options_get(b->o, "--concurrency");
    struct str rest = str_of(list ? list : "1"), one;
    b->is_sweep = options_has(b->o, "--sweep");
    if (b->is_sweep && list)
        return err_set(
            err, ERR_BAD_REQUEST, "concurrency",
            "--sweep chooses the concurrency itself; leave one of the two out");
    for (uint64_t n = 1; b->is_sweep && n <= 256; n *= 2)
        if (add_step(b, base, n, err) < 0)
            return -1;
    while (!b->is_sweep && str_split(&rest, ',', &one)) {
        uint64_t n = 0;
        (void)str_to_u64(str_trim(one), &n); /* 0 is refused */
        if (add_step(b, base, n, err) < 0)
            return -1;
    }
    return 0;
}

static int read_loads(struct benching *b, struct err *err)
{
    double rate = 0, max_s = 0;
    uint64_t requests = 20, seed = 1;
    b->warmups = 1;
    if (value_u64(b->o, "--requests", &requests, err) < 0 ||
        value_u64(b->o, "--warmup", &b->warmups, err) < 0 ||
        value_u64(b->o, "--seed", &seed, err) < 0 ||
        value_double(b->o, "--rate", &rate, err) < 0 ||
        value_double(b->o, "--max-s", &max_s, err) < 0)
        return -1;
    if (requests == 0 || requests > 100000 || b->warmups > 1000)
        return err_set(err, ERR_BAD_REQUEST, "requests",
                       "--requests is 1 to 100000, --warmup at most 1000");
    struct bench_load base = {.shape = LOAD_CLOSED,
                              .requests = (uint32_t)requests,
                              .max_us = (uint64_t)(max_s * 1e6),
                              .seed = seed};
    if (!options_has(b->o, "--rate")) {
        if (options_has(b->o, "--poisson"))
            return err_set(err, ERR_BAD_REQUEST, "rate", "--poisson needs --rate");
        return read_steps(b, &base, err);
    }
    if (!(rate > 0) || rate > 100000)
        return err_set(err, ERR_BAD_REQUEST, "rate",
                       "--rate is requests a second, above 0 and at most 100000");
    if (options_has(b->o, "--sweep") || options_has(b->o, "--concurrency"))
        return err_set(err, ERR_BAD_REQUEST, "rate",
                       "--rate is an open loop: --concurrency and --sweep are for closed "
                       "ones");
    base.shape = options_has(b->o, "--poisson") ? LOAD_POISSON : LOAD_CONSTANT;
    base.per_s = rate;
    b->loads[b->nloads++] = base;
    return 0;
}

static int read_slo(struct benching *b, struct err *err)
{
    const char *text = options_get(b->o, "--slo");
    struct str rest = str_of(text ? text : ""), one;
    b->sheet.slo = (struct bench_slo){NAN, NAN, NAN};
    while (rest.n && str_split(&rest, ',', &one)) {
        ptrdiff_t eq = str_index(one, '=');
        struct str name = str_trim(str_sub(one, 0, eq < 0 ? one.n : (size_t)eq));
        struct str value = str_trim(str_sub(one, eq < 0 ? one.n : (size_t)eq + 1, one.n));
        double *to = str_eqz(name, "ttft")      ? &b->sheet.slo.ttft_ms
                     : str_eqz(name, "itl")     ? &b->sheet.slo.itl_ms
                     : str_eqz(name, "latency") ? &b->sheet.slo.latency_ms
                                                : NULL;
        uint64_t n;
        if (!to || !str_to_u64(value, &n))
            return err_set(
                err, ERR_BAD_REQUEST, "slo",
                "--slo is limits in milliseconds: ttft=200,itl=50,latency=5000");
        *to = (double)n;
    }
    return 0;
}

static int read_words(struct benching *b, struct err *err)
{
    const char *as = options_get(b->o, "--as"), *speaks = options_get(b->o, "--speaks");
    b->sheet.as = AS_WEIR;
    while (as && b->sheet.as < AS_COUNT && strcmp(as, bench_as_names[b->sheet.as]) != 0)
        b->sheet.as++;
    if (b->sheet.as == AS_COUNT)
        return err_set(err, ERR_BAD_REQUEST, "as",
                       "--as is weir, vllm, aiperf, guidellm or llmperf, not '%s'", as);
    if (speaks && !engine_speech_parse(str_of(speaks), &b->house.speaks))
        return err_set(err, ERR_BAD_REQUEST, "speaks",
                       "--speaks is openai, ollama, anthropic, gemini or responses, not "
                       "'%s'",
                       speaks);
    b->max_nanousd = -1;
    b->sheet.has_mark = !options_has(b->o, "--same-prompts");
    b->house.config_path = options_get(b->o, "-c");
    b->house.key_env = options_get(b->o, "--key-env");
    b->house.is_local = options_has(b->o, "--local");
    return value_fixed(b->o, "--max-usd", 9, &b->max_nanousd, err);
}

/* -- targets ------------------------------------------------------------------------ */

static int open_target(struct benching *b, const char *word, struct err *err)
{
    if (b->ntargets == BENCH_TARGETS)
        return err_set(err, ERR_BAD_REQUEST, "bench_target", "at most %d targets",
                       BENCH_TARGETS);
    return bench_target_open(&b->targets[b->ntargets++], &b->house, word, err);
}

/* Every engine that can chat and costs nothing. */
static int open_found(struct benching *b, struct err *err)
{
    char names[BENCH_TARGETS][128];
    size_t n = 0;
    if (open_target(b, "", err) < 0)
        return -1;
    const struct config *c = b->targets[0].setup->config;
    for (size_t i = 0; i < c->nengines && n < BENCH_TARGETS; i++)
        if (c->engines[i].side == SIDE_LOCAL)
            snprintf(names[n++], sizeof names[0], "%.*s", STR_ARG(c->engines[i].name));
    bench_target_close(&b->targets[--b->ntargets]);
    if (n == 0)
        return err_set(err, ERR_BAD_REQUEST, "bench_target",
                       "no local engine is there; name a target");
    for (size_t i = 0; i < n; i++)
        if (open_target(b, names[i], err) < 0)
            return -1;
    return 0;
}

static int open_targets(struct benching *b, struct err *err)
{
    if (b->o->nwords == 0)
        return open_found(b, err);
    for (size_t i = 0; i < b->o->nwords; i++)
        if (open_target(b, b->o->words[i], err) < 0)
            return -1;
    return 0;
}

/* -- money -------------------------------------------------------------------------- */

/* Requests of one target over all workloads and loads. */
static uint64_t requests_of(const struct benching *b)
{
    uint64_t n = 0;
    for (size_t i = 0; i < b->nloads; i++)
        n += b->loads[i].requests + b->warmups;
    return n * b->nworkloads;
}

/* *likely and *most: of all runs of a target; -1: unknown. */
static int price_target(struct benching *b, struct bench_target *t, int64_t *likely,
                        int64_t *most, struct err *err)
{
    *likely = *most = 0;
    uint64_t n = requests_of(b) / b->nworkloads;
    for (size_t w = 0; w < b->nworkloads; w++) {
        if (bench_target_load(t, &b->workloads[w], b->sheet.has_mark, err) < 0)
            return -1;
        if (t->likely_nanousd < 0) {
            *likely = *most = -1;
            return 0;
        }
        int64_t worst = 0;
        for (size_t i = 0; i < t->nprompts; i++)
            worst += t->prompts[i].worst_nanousd;
        *likely += (int64_t)((double)t->likely_nanousd * (double)n / (double)t->nprompts);
        *most += (int64_t)((double)worst * (double)n / (double)t->nprompts);
    }
    return 0;
}

static int ask_about(const struct benching *b, const struct bench_target *t,
                     int64_t likely, int64_t most, struct err *err)
{
    char sum[MONEY_TEXT], bound[MONEY_TEXT], line[16];
    money_format(likely < 0 ? 0 : likely, 4, sum);
    money_format(most < 0 ? 0 : most, 4, bound);
    say(stderr, "%s: this will send %llu requests, %s%s%s%s.", t->title,
        (unsigned long long)requests_of(b),
        likely < 0 ? "and their price is not known" : "about ", likely < 0 ? "" : sum,
        likely < 0 ? "" : ", at most ", likely < 0 ? "" : bound);
    if (options_has(b->o, "--yes"))
        return 0;
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
        return err_set(err, ERR_BAD_REQUEST, "bench_asks",
                       "%s may cost money; say --yes to go on without being asked%s",
                       t->title,
                       t->price ? "" : ", or --local when it is an engine of yours");
    fprintf(stderr, "Go on? [y/N] ");
    if (!fgets(line, sizeof line, stdin) || (line[0] != 'y' && line[0] != 'Y'))
        return err_set(err, ERR_BAD_REQUEST, "bench_asks", "nothing was sent");
    return 0;
}

/* Every prompt is encoded once for every target, so what cannot be sent is found before
 * anything is. */
static int check_targets(struct benching *b, struct err *err)
{
    for (size_t i = 0; i < b->ntargets; i++) {
        struct bench_target *t = &b->targets[i];
        int64_t likely, most;
        if (price_target(b, t, &likely, &most, err) < 0)
            return -1;
        if (!bench_target_is_paid(t))
            continue;
        if (b->max_nanousd >= 0 && likely < 0)
            return err_set(
                err, ERR_BAD_REQUEST, "bench_price",
                "%s: its price, or how long its answers can be, is not known, so "
                "--max-usd cannot be kept; name the model as `weir facts prices` does, "
                "or "
                "say max_tokens in the workload",
                t->title);
        if (ask_about(b, t, likely, most, err) < 0)
            return -1;
    }
    return 0;
}

/* -- the verb ----------------------------------------------------------------------- */

static int fail(const struct benching *b, const struct err *err)
{
    bool is_usage = err->kind == ERR_BAD_REQUEST || err->kind == ERR_CONFIG;
    if (is_usage)
        return options_fault(b->o->command, "%s", err->msg);
    say(stderr, "weir bench: %s", err->msg);
    return EXIT_NO;
}

static int open_traces(struct benching *b, struct err *err)
{
    const char *path = options_get(b->o, "--trace");
    b->traces = path ? fopen(path, "we") : NULL;
    return path && !b->traces
               ? err_set(err, ERR_BAD_REQUEST, "bench_trace",
                         "--trace: cannot write %s: %s", path, strerror(errno))
               : 0;
}

static int measure(struct benching *b, struct err *err)
{
    if (read_words(b, err) < 0 || read_workloads(b, err) < 0 || read_loads(b, err) < 0 ||
        read_slo(b, err) < 0 || bench_house_open(&b->house, err) < 0 ||
        open_targets(b, err) < 0 || check_targets(b, err) < 0)
        return fail(b, err);
    if (open_traces(b, err) < 0 || bench_runs(b, err) < 0)
        return fail(b, err);
    bench_keep(b);
    uint32_t done = 0;
    for (size_t i = 0; i < b->sheet.n; i++)
        done += b->sheet.rows[i].summary.done;
    struct report *r = bench_report(&b->sheet);
    return r ? output_report(b->o, r, done ? EXIT_YES : EXIT_NO) : EXIT_NO;
}

static int run(int argc, char **argv)
{
    struct options o;
    struct err err = {0};
    int rc;
    if (!options_read(&o, &cmd_bench, argc, argv, &rc))
        return rc;
    if (options_has(&o, "--list"))
        return bench_keep_list(&o);
    if (options_has(&o, "--show"))
        return bench_keep_show(&o);
    struct benching *b = mem_new(struct benching);
    if (!b)
        return EXIT_NO;
    b->o = &o;
    rc = measure(b, &err);
    bench_runs_release(b);
    if (b->traces && fclose(b->traces) != 0) {
        say(stderr, "weir bench: --trace: not all of it could be written");
        rc = EXIT_NO;
    }
    for (size_t i = 0; i < b->ntargets; i++)
        bench_target_close(&b->targets[i]);
    for (size_t i = 0; i < b->nworkloads; i++)
        bench_workload_release(&b->workloads[i]);
    bench_house_close(&b->house);
    mem_free(b);
    return rc;
}

const struct command cmd_bench = {
    .name = "bench",
    .summary = "how fast an engine answers here, and how it holds under load",
    .usage = "[TARGET...] [options]",
    .details = bench_details,
    .options = bench_options,
    .noptions = ARRAY_LEN(bench_options),
    .run = run,
};
