/* compare.c -- `weir compare`: one prompt to every model that may see it, at once. */
#include "cmd/decide/compare_judge.h"
#include "cmd/decide/compare_pick.h"
#include "cmd/decide/compare_say.h"
#include "cmd/lib/commands.h"
#include "cmd/lib/output.h"
#include "cmd/lib/say.h"
#include "cmd/lib/values.h"
#include "core/mem.h"
#include "facts/prices.h"
#include "judge/final.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { PROMPT_BYTES = 32 << 20, FRAME_MS = 150, ARENA_BYTES = 64 << 20 };

static const struct command_option compare_options[] = {
    {"-m", "MODEL", "Only this model; may be repeated; default all that weir serves."},
    {"-f", "FILE", "The prompt is in this file; '-' is standard input."},
    {"--system", "TEXT", "What stands before the prompt as the system's words."},
    {"--max-tokens", "N", "Of each answer."},
    {"-c", "FILE",
     "Configuration; without it the weir at 127.0.0.1:4141, or what answers "
     "on this machine."},
    {"--diff", NULL, "Where each answer says something else than the first one."},
    {"--judge", "MODEL",
     "This model says of each answer whether it is better than the first one; it is "
     "asked twice, with the two in both orders."},
    {"--pick", NULL,
     "Asks you afterwards which answers are good; the ledger keeps it as feedback."},
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
    "  weir compare --judge gpt-4o --diff --pick 'Explain TCP slow start.'\n"
    "\n"
    "Exit codes: 0 somebody answered, 1 nobody did, 2 usage.";

struct comparing {
    struct options o;
    struct compare_shared shared;
    struct buf prompt;
    struct str models[COMPARE_MODELS];
    struct compare_column *columns;
    size_t n;
    struct prices *prices;
    struct arena arena;
};

/* -- what was asked --------------------------------------------------------------------
 */

static int read_file(struct comparing *p, const char *path, struct err *err)
{
    char piece[65536];
    size_t n;
    FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    if (!f)
        return err_sys(err, ERR_BAD_REQUEST, "compare_file", "cannot read %s", path);
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
    for (size_t i = 0; i < p->shared.gateway.nmodels; i++)
        if (str_eq(p->shared.gateway.models[i], model))
            return true;
    return false;
}

static int choose_models(struct comparing *p, struct err *err)
{
    const char *word;
    for (size_t i = 0; (word = options_nth(&p->o, "-m", i)); i++) {
        if (p->n == COMPARE_MODELS || !is_served(p, str_of(word)))
            return err_set(err, ERR_BAD_REQUEST, "compare_model",
                           "weir serves no model '%s'; `weir check` and /v1/models list "
                           "those that it does",
                           word);
        p->models[p->n++] = str_of(word);
    }
    for (size_t i = 0; !options_get(&p->o, "-m") && i < p->shared.gateway.nmodels; i++)
        p->models[p->n++] = p->shared.gateway.models[i];
    word = options_get(&p->o, "--judge");
    if (word && !is_served(p, str_of(word)))
        return err_set(err, ERR_BAD_REQUEST, "compare_judge",
                       "weir serves no model '%s' that could judge", word);
    return p->n ? 0
                : err_set(err, ERR_BAD_REQUEST, "compare_model", "weir serves no model");
}

/* -- while it happens
 * --------------------------------------------------------------------- */

static bool is_over(struct comparing *p)
{
    bool over = true;
    mutex_lock(&p->shared.lock);
    for (size_t i = 0; i < p->n; i++)
        over &= p->columns[i].is_done;
    mutex_unlock(&p->shared.lock);
    return over;
}

/* Ctrl-C is taken here: serving_begin() has blocked it for all threads. */
static void watch(struct comparing *p)
{
    bool is_live = isatty(STDOUT_FILENO) && !options_has(&p->o, "--json");
    const struct timespec pause = {.tv_nsec = FRAME_MS * 1000000L};
    size_t drawn = 0;
    sigset_t interrupt;
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    sigaddset(&interrupt, SIGTERM);
    while (!is_over(p)) {
        if (is_live)
            drawn = compare_say_frame(p->columns, p->n, drawn);
        if (sigtimedwait(&interrupt, NULL, &pause) > 0)
            p->shared.is_stopped = true;
    }
    compare_say_clear(drawn);
}

static int prepare_all(struct comparing *p, uint64_t max_tokens, struct err *err)
{
    const char *system = options_get(&p->o, "--system");
    p->columns = mem_zalloc(p->n * sizeof *p->columns);
    if (!p->columns)
        return err_nomem(err);
    for (size_t i = 0; i < p->n; i++)
        if (compare_column_prepare(&p->columns[i], &p->shared, p->models[i],
                                   str_of(system ? system : ""), buf_view(&p->prompt),
                                   max_tokens, err) < 0)
            return -1;
    return 0;
}

static int run_all(struct comparing *p, struct err *err)
{
    size_t begun = 0;
    while (begun < p->n && compare_column_begin(&p->columns[begun], err) == 0)
        begun++;
    if (begun == p->n)
        watch(p);
    else
        p->shared.is_stopped = true;
    for (size_t i = 0; i < begun; i++)
        compare_column_join(&p->columns[i]);
    return begun == p->n ? 0 : -1;
}

/* -- afterwards
 * ------------------------------------------------------------------------------ */

/* Final answers that say the same get one number: 1, 2, ... in the order of the columns.
 */
static void group(struct comparing *p)
{
    struct str texts[COMPARE_MODELS];
    int groups[COMPARE_MODELS];
    for (size_t i = 0; i < p->n; i++)
        texts[i] = p->columns[i].was_answered ? buf_view(&p->columns[i].text)
                                              : (struct str){NULL, 0};
    bool are_known = final_groups(task_of(buf_view(&p->prompt), false), texts, p->n,
                                  &p->arena, groups) == 0;
    for (size_t i = 0; i < p->n; i++)
        p->columns[i].group = are_known ? groups[i] : 0;
}

static int judge(struct comparing *p, struct compare_judged *ret, struct err *err)
{
    struct str model = str_of(options_get(&p->o, "--judge"));
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "%.*s reads the answers ...\n", STR_ARG(model));
    return compare_judge(&p->shared, model, buf_view(&p->prompt), p->columns, p->n,
                         p->prices, ret, err);
}

static int pick(struct comparing *p, struct err *err)
{
    size_t said;
    if (compare_pick(&p->shared, p->columns, p->n, stdin, stderr, &said, err) < 0)
        return -1;
    if (said)
        fprintf(stderr, "The ledger has it, of %zu answer%s.\n", said,
                said == 1 ? "" : "s");
    return 0;
}

static int tell(struct comparing *p, size_t answered, const struct compare_judged *judged)
{
    bool is_json = options_has(&p->o, "--json");
    struct report *r = report_create("compare", "One prompt, several models");
    if (!r)
        return EXIT_NO;
    report_answer(r, "%zu of %zu models answered.", answered, p->n);
    compare_say_figures(r, p->columns, p->n);
    compare_say_labels(r, p->columns, p->n);
    if (options_get(&p->o, "--judge"))
        compare_say_judged(r, p->columns, p->n, options_get(&p->o, "--judge"), judged);
    if (options_has(&p->o, "--diff"))
        compare_say_differences(r, p->columns, p->n);
    if (is_json || options_get(&p->o, "--html"))
        compare_say_answers(r, p->columns, p->n);
    if (!is_json)
        compare_say_columns(p->columns, p->n);
    return output_report(&p->o, r, answered ? EXIT_YES : EXIT_NO);
}

static int finish(struct comparing *p, int *ret_exit, struct err *err)
{
    static struct compare_judged judged;
    size_t answered = 0;
    for (size_t i = 0; i < p->n; i++)
        if (p->columns[i].was_answered) {
            answered++;
            compare_column_price(&p->columns[i], p->prices);
        }
    group(p);
    if (options_get(&p->o, "--judge") && judge(p, &judged, err) < 0)
        return -1;
    *ret_exit = tell(p, answered, &judged);
    return options_has(&p->o, "--pick") && answered ? pick(p, err) : 0;
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
        asked_gateway_open(&p->shared.gateway, options_get(&p->o, "-c"), key, err) < 0 ||
        choose_models(p, err) < 0 || prepare_all(p, max_tokens, err) < 0)
        return -1;
    return run_all(p, err);
}

static void release(struct comparing *p)
{
    for (size_t i = 0; p->columns && i < p->n; i++)
        compare_column_release(&p->columns[i]);
    mem_free(p->columns);
    buf_release(&p->prompt);
    prices_free(p->prices);
    arena_reset(&p->arena);
}

static int run(int argc, char **argv)
{
    static struct comparing p;
    struct err err = {0};
    int rc = EXIT_NO;
    if (!options_read(&p.o, &cmd_compare, argc, argv, &rc))
        return rc;
    mutex_init(&p.shared.lock);
    arena_init(&p.arena, ARENA_BYTES);
    bool is_good = compare(&p, &err) == 0 && finish(&p, &rc, &err) == 0;
    if (!is_good)
        rc = EXIT_NO;
    if (!is_good && (err.kind == ERR_BAD_REQUEST || err.kind == ERR_CONFIG))
        rc = options_fault(&cmd_compare, "%s", err.msg);
    else if (!is_good)
        say(stderr, "weir compare: %s", err.msg);
    if (p.shared.gateway.arena.ceiling_bytes)
        asked_gateway_close(&p.shared.gateway);
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
