/* compare.c -- `weir compare`: one prompt to every model that may see it, at once. */
#include "bench/figures.h"
#include "bench/run.h"
#include "cmd/decide/compare_columns.h"
#include "cmd/decide/compare_gateway.h"
#include "cmd/lib/commands.h"
#include "cmd/lib/output.h"
#include "cmd/lib/say.h"
#include "cmd/lib/values.h"
#include "core/clock.h"
#include "core/mem.h"
#include "core/mutex.h"
#include "dialect/spoken.h"
#include "facts/date.h"
#include "facts/money.h"
#include "judge/final.h"
#include "json/write.h"

#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    PROMPT_BYTES = 32 << 20,
    ANSWER_BYTES = 4 << 20,
    FRAME_LINES = 12,
    FRAME_MS = 150,
    PIPE_WIDTH = 100,
    ARENA_BYTES = 64 << 20
};

static const struct command_option compare_options[] = {
    {"-m", "MODEL", "Only this model; may be repeated; default all that weir serves."},
    {"-f", "FILE", "The prompt is in this file; '-' is standard input."},
    {"--system", "TEXT", "What stands before the prompt as the system's words."},
    {"--max-tokens", "N", "Of each answer."},
    {"-c", "FILE",
     "Configuration; without it the weir at 127.0.0.1:4141, or what answers "
     "on this machine."},
    {"--key-env", "NAME",
     "The variable that holds a client's key for weir; default "
     "WEIR_API_KEY."},
    OUTPUT_FORMS,
};

static const char compare_details[] =
    "Asks through weir, as any client does: what must stay is refused for cloud models "
    "and\n"
    "says why, each answer has its row in the ledger, and masked values come back. On a\n"
    "terminal the answers grow side by side.\n"
    "\n"
    "  weir compare 'Why is the sky blue? One sentence.'\n"
    "  weir compare -m qwen2.5:7b -m gpt-4o-mini -f question.txt\n"
    "  weir compare --html page.html 'What is 17 * 23?'\n"
    "\n"
    "Exit codes: 0 somebody answered, 1 nobody did, 2 usage.";

/* One model's answer, written by its own thread. */
struct column {
    struct comparing *of;
    struct str model;
    pthread_t thread;
    struct bench_prompt prompt;
    struct bench_result result;
    struct bench_figures figures;
    struct buf body, text, thoughts;
    struct arena scratch;
    struct spoken_halves halves;
    char side[16], request[40], failure[600];
    int64_t cost_nanousd; /* -1: unknown */
    int group;            /* of answers that agree, from 1; 0: not comparable */
    bool is_done, was_answered;
};

struct comparing {
    struct options o;
    struct compare_gateway gateway;
    struct buf prompt;
    struct column *columns;
    size_t n;
    struct prices *prices;
    struct arena arena;
    struct mutex lock; /* over what columns say of themselves */
    uint64_t began_us;
    atomic_bool is_stopped;
};

/* -- one column ---------------------------------------------------------------------- */

static void on_head(void *ctx, const struct http_head *head)
{
    struct column *c = ctx;
    struct str side = http_head_get(head, STR("x-weir-side"));
    struct str request = http_head_get(head, STR("x-weir-request-id"));
    mutex_lock(&c->of->lock);
    snprintf(c->side, sizeof c->side, "%.*s", STR_ARG(side));
    snprintf(c->request, sizeof c->request, "%.*s", STR_ARG(request));
    mutex_unlock(&c->of->lock);
}

static void on_event(void *ctx, const struct event *e)
{
    struct column *c = ctx;
    struct spoken s;
    struct err ignored;
    if (spoken_read_event(e, STR(""), &c->halves, &c->scratch, &s, &ignored) == 0) {
        mutex_lock(&c->of->lock);
        buf_append(&c->text, s.text.p ? s.text : STR(""));
        buf_append(&c->text, s.refusal.p ? s.refusal : STR(""));
        buf_append(&c->thoughts, s.reasoning.p ? s.reasoning : STR(""));
        mutex_unlock(&c->of->lock);
    }
    arena_rewind(&c->scratch);
}

static void on_failed(void *ctx, const struct err *err)
{
    struct column *c = ctx;
    mutex_lock(&c->of->lock);
    snprintf(c->failure, sizeof c->failure, "%s", err->msg);
    mutex_unlock(&c->of->lock);
}

static bool on_progress(void *ctx, uint32_t done, uint32_t of, uint64_t elapsed_us)
{
    const struct column *c = ctx;
    (void)done;
    (void)of;
    (void)elapsed_us;
    return c->of->is_stopped;
}

static void *run_column(void *arg)
{
    struct column *c = arg;
    struct err err = {0};
    const struct bench_ears ears = {on_head, on_event, on_failed, c};
    const struct bench_ask ask = {.endpoint = &c->of->gateway.endpoint,
                                  .speaks = SPEECH_OPENAI,
                                  .prompts = &c->prompt,
                                  .nprompts = 1,
                                  .load = {.concurrency = 1, .requests = 1},
                                  .max_nanousd = -1,
                                  .ears = &ears,
                                  .progress = on_progress,
                                  .ctx = c};
    int rc = bench_run(&ask, &c->result, &err);
    mutex_lock(&c->of->lock);
    c->was_answered = rc == 0 && c->result.n && c->result.traces[0].end == BENCH_DONE;
    if (c->was_answered)
        bench_figures(&c->result.traces[0], AS_WEIR, false, &c->figures);
    else if (!c->failure[0])
        snprintf(c->failure, sizeof c->failure, "%s", rc < 0 ? err.msg : "stopped");
    c->is_done = true;
    mutex_unlock(&c->of->lock);
    return NULL;
}

static void write_message(struct json_writer *w, const char *role, struct str text)
{
    json_object_open(w);
    json_key(w, "role");
    json_str(w, str_of(role));
    json_key(w, "content");
    json_str(w, text);
    json_object_close(w);
}

static int prepare(struct comparing *p, struct column *c, uint64_t max_tokens,
                   struct err *err)
{
    const char *system = options_get(&p->o, "--system");
    struct json_writer w;
    buf_init(&c->body, 8 * PROMPT_BYTES);
    buf_init(&c->text, ANSWER_BYTES);
    buf_init(&c->thoughts, ANSWER_BYTES);
    arena_init(&c->scratch, ARENA_BYTES);
    json_writer_init(&w, &c->body);
    json_object_open(&w);
    json_key(&w, "model");
    json_str(&w, c->model);
    json_key(&w, "stream");
    json_bool(&w, true);
    json_key(&w, "stream_options");
    json_object_open(&w);
    json_key(&w, "include_usage");
    json_bool(&w, true);
    json_object_close(&w);
    if (max_tokens) {
        json_key(&w, "max_tokens");
        json_u64(&w, max_tokens);
    }
    json_key(&w, "messages");
    json_array_open(&w);
    if (system)
        write_message(&w, "system", str_of(system));
    write_message(&w, "user", buf_view(&p->prompt));
    json_array_close(&w);
    json_object_close(&w);
    if (c->body.failed)
        return err_nomem(err);
    const struct http_message m = {.method = STR("POST"),
                                   .target = STR("/v1/chat/completions"),
                                   .fields = str_of(p->gateway.fields),
                                   .body = {buf_view(&c->body)},
                                   .npieces = 1,
                                   .body_bytes = buf_len(&c->body)};
    bench_prompt_init(&c->prompt, &m, 0);
    return 0;
}

/* -- what was asked --------------------------------------------------------------------
 */

static int read_file(struct comparing *p, const char *path, struct err *err)
{
    char piece[65536];
    size_t n;
    FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    if (!f)
        return err_set(err, ERR_BAD_REQUEST, "compare_file", "cannot read %s", path);
    while ((n = fread(piece, 1, sizeof piece, f)) > 0)
        buf_append(&p->prompt, (struct str){piece, n});
    if (f != stdin)
        fclose(f);
    return 0;
}

static int read_prompt(struct comparing *p, struct err *err)
{
    const char *path = options_get(&p->o, "-f");
    buf_init(&p->prompt, PROMPT_BYTES);
    if (path && p->o.nwords)
        return err_set(err, ERR_BAD_REQUEST, "compare_prompt",
                       "give the prompt as words or with -f, not both");
    if (p->o.nwords == 1 && strcmp(p->o.words[0], "-") == 0)
        path = "-";
    if (path && read_file(p, path, err) < 0)
        return -1;
    for (size_t i = 0; !path && i < p->o.nwords; i++) {
        if (i)
            buf_byte(&p->prompt, ' ');
        buf_append(&p->prompt, str_of(p->o.words[i]));
    }
    if (p->prompt.failed || str_trim(buf_view(&p->prompt)).n == 0)
        return err_set(err, ERR_BAD_REQUEST, "compare_prompt",
                       p->prompt.failed ? "the prompt is larger than 32 MiB"
                                        : "give a prompt, or - for standard input");
    return 0;
}

static bool is_served(const struct comparing *p, struct str model)
{
    for (size_t i = 0; i < p->gateway.nmodels; i++)
        if (str_eq(p->gateway.models[i], model))
            return true;
    return false;
}

static int choose_models(struct comparing *p, struct err *err)
{
    const char *word;
    p->columns = mem_zalloc(COMPARE_MODELS * sizeof *p->columns);
    if (!p->columns)
        return err_nomem(err);
    for (size_t i = 0; (word = options_nth(&p->o, "-m", i)); i++) {
        if (p->n == COMPARE_MODELS || !is_served(p, str_of(word)))
            return err_set(err, ERR_BAD_REQUEST, "compare_model",
                           "weir serves no model '%s'; `weir check` and /v1/models list "
                           "those that it does",
                           word);
        p->columns[p->n++].model = str_of(word);
    }
    for (size_t i = 0; !options_get(&p->o, "-m") && i < p->gateway.nmodels; i++)
        p->columns[p->n++].model = p->gateway.models[i];
    return p->n ? 0
                : err_set(err, ERR_BAD_REQUEST, "compare_model", "weir serves no model");
}

/* -- while it happens
 * --------------------------------------------------------------------- */

static size_t terminal_width(void)
{
    struct winsize size = {0};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col < COLUMN_LEAST)
        return PIPE_WIDTH;
    return size.ws_col;
}

/* The newest lines of each answer, in the place of the frame before. */
static size_t draw(struct comparing *p, size_t drawn, size_t width)
{
    struct str heads[COLUMNS_MAX], texts[COLUMNS_MAX];
    struct buf out;
    size_t lines, shown = columns_fit(width, p->n);
    buf_init(&out, 1 << 20);
    if (drawn)
        buf_printf(&out, "\033[%zuA\033[J", drawn);
    mutex_lock(&p->lock);
    for (size_t i = 0; i < shown; i++) {
        const struct column *c = &p->columns[i];
        heads[i] = c->model;
        texts[i] = c->failure[0]       ? str_of(c->failure)
                   : buf_len(&c->text) ? buf_view(&c->text)
                                       : STR("...");
    }
    lines = columns_write(heads, shown, width, 1, &out);
    lines += columns_write(texts, shown, width, FRAME_LINES, &out);
    mutex_unlock(&p->lock);
    if (shown < p->n) {
        buf_printf(&out, "and %zu further models\n", p->n - shown);
        lines++;
    }
    fwrite(out.p, 1, out.n, stdout);
    fflush(stdout);
    buf_release(&out);
    return lines;
}

static bool is_over(struct comparing *p)
{
    bool over = true;
    mutex_lock(&p->lock);
    for (size_t i = 0; i < p->n; i++)
        over &= p->columns[i].is_done;
    mutex_unlock(&p->lock);
    return over;
}

/* Ctrl-C is taken here: serving_begin() has blocked it for all threads. */
static void watch(struct comparing *p)
{
    bool is_live = isatty(STDOUT_FILENO) && !options_has(&p->o, "--json");
    const struct timespec pause = {.tv_nsec = FRAME_MS * 1000000L};
    size_t drawn = 0, width = terminal_width();
    sigset_t interrupt;
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    sigaddset(&interrupt, SIGTERM);
    while (!is_over(p)) {
        if (is_live)
            drawn = draw(p, drawn, width);
        if (sigtimedwait(&interrupt, NULL, &pause) > 0)
            p->is_stopped = true;
    }
    if (is_live && drawn) {
        printf("\033[%zuA\033[J", drawn);
        fflush(stdout);
    }
}

static int run_all(struct comparing *p, struct err *err)
{
    p->began_us = clock_mono_us();
    for (size_t i = 0; i < p->n; i++) {
        struct column *c = &p->columns[i];
        if (pthread_create(&c->thread, NULL, run_column, c) != 0) {
            p->n = i;
            p->is_stopped = true;
            err_nomem(err);
        }
    }
    watch(p);
    for (size_t i = 0; i < p->n; i++)
        pthread_join(p->columns[i].thread, NULL);
    return err->kind ? -1 : 0;
}

/* -- afterwards
 * ------------------------------------------------------------------------------ */

static void price(struct comparing *p, struct column *c)
{
    struct err ignored;
    const struct usage *u = &c->result.traces[0].usage;
    const struct price *list = prices_find(p->prices, STR(""), c->model, date_today());
    const struct token_counts n = {.input = u->input_tokens,
                                   .cached = u->cached_tokens,
                                   .cache_write = u->cache_write_tokens,
                                   .output = u->output_tokens,
                                   .reasoning = u->reasoning_tokens};
    c->cost_nanousd = -1;
    if (strcmp(c->side, "local") == 0)
        c->cost_nanousd = 0;
    else if (!list || !u->is_known ||
             prices_cost_nanousd(list, &n, &c->cost_nanousd, &ignored) < 0)
        c->cost_nanousd = -1;
}

/* Final answers that say the same get one number: 1, 2, ... in the order of the columns.
 */
static void group(struct comparing *p)
{
    static struct final finals[COMPARE_MODELS];
    struct task_facts task = task_of(buf_view(&p->prompt), false);
    int groups = 0;
    for (size_t i = 0; i < p->n; i++) {
        struct column *c = &p->columns[i];
        if (!task_is_comparable(task.task) || !c->was_answered ||
            final_find(task, buf_view(&c->text), &p->arena, &finals[i]) < 0)
            continue;
        for (size_t k = 0; k < i && !c->group; k++)
            if (p->columns[k].group && final_agree(&finals[k], &finals[i]))
                c->group = p->columns[k].group;
        if (!c->group && finals[i].mark != FINAL_NONE)
            c->group = ++groups;
    }
}

static const char *number(struct report *r, double v, const char *unit)
{
    return isnan(v) ? "unknown" : report_fmt(r, v < 10 ? "%.2f%s" : "%.0f%s", v, unit);
}

static const char *cost_of(struct report *r, const struct column *c)
{
    char text[MONEY_TEXT];
    if (c->cost_nanousd < 0)
        return "unknown";
    if (strcmp(c->side, "local") == 0)
        return "not billed";
    money_format(c->cost_nanousd, 6, text);
    return report_fmt(r, "%s", text);
}

static void add_table(struct report *r, const struct comparing *p)
{
    static const char *const columns[] = {"model",     "side",   "first token",
                                          "all of it", "tokens", "tokens/s",
                                          "cost",      "answer"};
    report_section(r, "figures", "Figures");
    report_table(r, "models", columns, ARRAY_LEN(columns), TRUTH_MEASURED,
                 "weir compare, this run; cost at list prices", REPORT_NO_DATE);
    for (size_t i = 0; i < p->n; i++) {
        const struct column *c = &p->columns[i];
        const struct bench_figures *f = &c->figures;
        const char *model = report_fmt(r, "%.*s", STR_ARG(c->model));
        const char *side = c->side[0] ? c->side : "-";
        const char *refused[] = {model, side, "-", "-", "-", "-", "-", "none"};
        const char *cells[] = {model,
                               side,
                               number(r, f->ttft_ms, " ms"),
                               number(r, f->latency_ms, " ms"),
                               report_fmt(r, "%.0f", f->tokens),
                               number(r, f->tokens_per_s, ""),
                               cost_of(r, c),
                               c->group ? report_fmt(r, "%c", 'A' + (c->group - 1) % 26)
                                        : "-"};
        report_row(r, c->was_answered ? cells : refused);
    }
    report_text(r,
                "Answers with the same letter come to the same result; '-': it cannot be "
                "compared without reading.");
}

static void add_answers(struct report *r, const struct comparing *p)
{
    report_section(r, "answers", "Answers");
    for (size_t i = 0; i < p->n; i++) {
        const struct column *c = &p->columns[i];
        report_text(r, "%.*s%s%s%s:", STR_ARG(c->model), c->request[0] ? " (" : "",
                    c->request, c->request[0] ? ")" : "");
        report_verbatim(r, c->was_answered ? buf_view(&c->text) : str_of(c->failure));
    }
}

/* For a terminal and a pipe: columns, as wide as they fit. */
static void print_columns(const struct comparing *p)
{
    size_t width = isatty(STDOUT_FILENO) ? terminal_width() : PIPE_WIDTH;
    size_t fit = columns_fit(width, p->n);
    struct buf out;
    buf_init(&out, 64 << 20);
    for (size_t from = 0; from < p->n; from += fit) {
        struct str heads[COLUMNS_MAX], rules[COLUMNS_MAX], texts[COLUMNS_MAX];
        size_t n = p->n - from < fit ? p->n - from : fit;
        for (size_t i = 0; i < n; i++) {
            const struct column *c = &p->columns[from + i];
            heads[i] = c->model;
            rules[i] = STR("------------------------");
            texts[i] = c->was_answered ? buf_view(&c->text) : str_of(c->failure);
        }
        columns_write(heads, n, width, 0, &out);
        columns_write(rules, n, width, 0, &out);
        columns_write(texts, n, width, 0, &out);
        buf_byte(&out, '\n');
    }
    fwrite(out.p, 1, out.n, stdout);
    buf_release(&out);
}

static int tell(struct comparing *p)
{
    size_t answered = 0;
    struct report *r = report_create("compare", "One prompt, several models");
    if (!r)
        return EXIT_NO;
    for (size_t i = 0; i < p->n; i++)
        if (p->columns[i].was_answered) {
            answered++;
            price(p, &p->columns[i]);
        }
    group(p);
    report_answer(r, "%zu of %zu models answered.", answered, p->n);
    add_table(r, p);
    if (options_has(&p->o, "--json") || options_get(&p->o, "--html"))
        add_answers(r, p);
    if (!options_has(&p->o, "--json"))
        print_columns(p);
    return output_report(&p->o, r, answered ? EXIT_YES : EXIT_NO);
}

/* -- the verb
 * --------------------------------------------------------------------------------- */

static int compare(struct comparing *p, struct err *err)
{
    const char *variable = options_get(&p->o, "--key-env");
    const char *key = getenv(variable ? variable : "WEIR_API_KEY");
    uint64_t max_tokens = 0;
    if (variable && !key)
        return err_set(err, ERR_BAD_REQUEST, "compare_key", "%s is not set", variable);
    if (value_u64(&p->o, "--max-tokens", &max_tokens, err) < 0 ||
        read_prompt(p, err) < 0 || prices_load_embedded(&p->prices, err) < 0 ||
        compare_gateway_open(&p->gateway, options_get(&p->o, "-c"), key, err) < 0 ||
        choose_models(p, err) < 0)
        return -1;
    for (size_t i = 0; i < p->n; i++) {
        p->columns[i].of = p;
        if (prepare(p, &p->columns[i], max_tokens, err) < 0)
            return -1;
    }
    return run_all(p, err);
}

static void release(struct comparing *p)
{
    for (size_t i = 0; p->columns && i < p->n; i++) {
        struct column *c = &p->columns[i];
        bench_result_release(&c->result);
        buf_release(&c->body);
        buf_release(&c->text);
        buf_release(&c->thoughts);
        arena_reset(&c->scratch);
    }
    mem_free(p->columns);
    buf_release(&p->prompt);
    prices_free(p->prices);
    arena_reset(&p->arena);
}

static int run(int argc, char **argv)
{
    static struct comparing p;
    struct err err = {0};
    int rc;
    if (!options_read(&p.o, &cmd_compare, argc, argv, &rc))
        return rc;
    mutex_init(&p.lock);
    arena_init(&p.arena, ARENA_BYTES);
    bool is_good = compare(&p, &err) == 0;
    rc = is_good ? tell(&p) : EXIT_NO;
    if (!is_good && (err.kind == ERR_BAD_REQUEST || err.kind == ERR_CONFIG))
        rc = options_fault(&cmd_compare, "%s", err.msg);
    else if (!is_good)
        say(stderr, "weir compare: %s", err.msg);
    if (p.gateway.arena.ceiling_bytes)
        compare_gateway_close(&p.gateway);
    release(&p);
    return rc;
}

const struct command cmd_compare = {
    .name = "compare",
    .summary = "one prompt to every model that may see it, side by side",
    .usage = "[options] PROMPT...|-",
    .details = compare_details,
    .options = compare_options,
    .noptions = ARRAY_LEN(compare_options),
    .run = run,
};
