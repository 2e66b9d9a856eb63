/* train_router.c -- lines in, pooled labels, weights out.
 *
 * Which models of a source are weak and which strong is read from their names and scores:
 * weak are those whose name says at most ten billion parameters ("8b"), strong the better
 * half of the others.  A weak model with less than half of the best weak one's score has
 * failed for another reason (it did not keep to the form of an answer) and is left out.
 */
#include "cmd/decide/train_router.h"

#include "cmd/decide/figures.h"
#include "cmd/decide/prompt_lines.h"
#include "cmd/decide/train_ledger.h"
#include "cmd/lib/commands.h"
#include "cmd/lib/files.h"
#include "cmd/lib/options.h"
#include "cmd/lib/output.h"
#include "cmd/lib/say.h"
#include "cmd/lib/state_dir.h"
#include "core/mem.h"
#include "eval/apgr.h"
#include "route/train/train.h"

#include <errno.h>
#include <math.h>

enum { MAX_OUTPUT_BYTES = 4 * 1024 * 1024 };

enum model_class { MODEL_NEITHER, MODEL_WEAK, MODEL_STRONG };

/* Billions of parameters that a name says: "llama-3.1-8b" has 8, "8x7B" 56; 0: none. */
static double named_size(struct str name)
{
    for (size_t i = 0; i < name.n; i++) {
        double size = 0, times = 1, scale = 1;
        size_t at = i;
        bool is_fraction = false, has_digit = false;
        for (; at < name.n; at++) {
            char c = name.p[at];
            if (c >= '0' && c <= '9') {
                size = size * 10 + (c - '0');
                scale *= is_fraction ? 10 : 1;
                has_digit = true;
            } else if (c == 'x' && has_digit && !is_fraction) {
                times = size;
                size = 0;
            } else if (c == '.' && has_digit && !is_fraction) {
                is_fraction = true;
            } else {
                break;
            }
        }
        bool ends = at + 1 >= name.n || (name.p[at + 1] | 0x20) < 'a' ||
                    (name.p[at + 1] | 0x20) > 'z';
        if (has_digit && at < name.n && (name.p[at] | 0x20) == 'b' && ends)
            return times * size / scale;
        if (has_digit)
            i = at;
    }
    return 0;
}

static void mean_scores(const struct prompt_lines *l, uint32_t source, double *mean)
{
    double n[LINES_MAX_MODELS] = {0};
    memset(mean, 0, LINES_MAX_MODELS * sizeof *mean);
    for (size_t i = 0; i < l->n; i++)
        for (size_t m = 0; l->v[i].source == source && m < LINES_MAX_MODELS; m++)
            if (isfinite(l->v[i].scores[m])) {
                mean[m] += (double)l->v[i].scores[m];
                n[m]++;
            }
    for (size_t m = 0; m < LINES_MAX_MODELS; m++)
        mean[m] = n[m] > 0 ? mean[m] / n[m] : NAN;
}

static bool is_small(struct str name)
{
    double size = named_size(name);
    return size > 0 && size <= 10;
}

static size_t count_better(const double *mean, size_t n, size_t m)
{
    size_t better = 0;
    for (size_t k = 0; k < n; k++)
        better += mean[k] > mean[m] || (mean[k] == mean[m] && k < m);
    return better;
}

static void classify_models(const struct prompt_lines *l, uint32_t source,
                            enum model_class *cls)
{
    const struct prompt_source *s = &l->sources[source];
    double mean[LINES_MAX_MODELS], small[LINES_MAX_MODELS], middle = 0;
    size_t nsmall = 0;
    mean_scores(l, source, mean);
    for (size_t m = 0; m < s->nmodels; m++)
        if (is_small(s->models[m]))
            small[nsmall++] = mean[m];
    for (size_t m = 0; m < nsmall; m++)
        if (count_better(small, nsmall, m) == nsmall / 2)
            middle = small[m];
    for (size_t m = 0; m < s->nmodels; m++)
        cls[m] = is_small(s->models[m])
                     ? 2 * mean[m] >= middle ? MODEL_WEAK : MODEL_NEITHER
                 : 2 * count_better(mean, s->nmodels, m) < s->nmodels ? MODEL_STRONG
                                                                      : MODEL_NEITHER;
}

/* False: no weak or no strong model has a score of it. */
static bool pool(const struct prompt_line *p, const enum model_class *cls, size_t nmodels,
                 struct train_row *row)
{
    double weak = 0, strong = 0, nweak = 0, nstrong = 0, held = 0;
    for (size_t m = 0; m < nmodels; m++) {
        double x = (double)p->scores[m];
        if (!isfinite(x) || cls[m] == MODEL_NEITHER)
            continue;
        *(cls[m] == MODEL_WEAK ? &weak : &strong) += x;
        *(cls[m] == MODEL_WEAK ? &nweak : &nstrong) += 1;
        for (size_t k = 0; cls[m] == MODEL_WEAK && k < nmodels; k++)
            if (cls[k] == MODEL_STRONG && isfinite(p->scores[k]))
                held += x >= (double)p->scores[k];
    }
    if (nweak == 0 || nstrong == 0)
        return false;
    *row = (struct train_row){p->prompt, eval_tie(p->id),
                              (float)(strong / nstrong - weak / nweak),
                              (float)(held / (nweak * nstrong)), p->source};
    return true;
}

static void print_source(const struct prompt_lines *l, uint32_t source,
                         const enum model_class *cls, size_t rows)
{
    const struct prompt_source *s = &l->sources[source];
    size_t nweak = 0, nstrong = 0;
    for (size_t m = 0; m < s->nmodels; m++) {
        nweak += cls[m] == MODEL_WEAK;
        nstrong += cls[m] == MODEL_STRONG;
    }
    say(stdout, "%-20.*s %6zu prompts, %zu weak and %zu strong models", STR_ARG(s->name),
        rows, nweak, nstrong);
}

/* The rows of all sources but the one that is left out. */
static size_t pool_all(const struct prompt_lines *l, const char *leave,
                       struct train_row *rows)
{
    enum model_class cls[LINES_MAX_MODELS];
    size_t n = 0;
    for (uint32_t s = 0; s < l->nsources; s++) {
        size_t from = n;
        if (leave && str_eqz(l->sources[s].name, leave))
            continue;
        classify_models(l, s, cls);
        for (size_t i = 0; i < l->n; i++)
            if (l->v[i].source == s)
                n += pool(&l->v[i], cls, l->sources[s].nmodels, &rows[n]);
        print_source(l, s, cls, n - from);
    }
    return n;
}

static int write_weights(const struct buf *out, const char *path)
{
    if (output_write(path, buf_view(out))) {
        say(stdout, "%zu bytes of weights in %s: learned: {weights: %s} uses them.",
            buf_len(out), path, path);
        return EXIT_YES;
    }
    say(stderr, "weir train router: cannot write %s: %s", path, strerror(errno));
    return EXIT_NO;
}

static bool has_source(const struct prompt_lines *l, const char *name)
{
    for (size_t i = 0; i < l->nsources; i++)
        if (str_eqz(l->sources[i].name, name))
            return true;
    return false;
}

static int learn(const struct prompt_lines *l, const char *leave, struct train_row *rows,
                 struct buf *out, struct err *err)
{
    struct train_settings settings = train_usual();
    if (leave && !has_source(l, leave))
        return err_set(err, ERR_CONFIG, "train_leave",
                       "--leave %s: no line has this \"source\"", leave);
    size_t n = pool_all(l, leave, rows);
    if (n == 0)
        return err_set(err, ERR_CONFIG, "train_empty",
                       "no prompt has a weak and a strong model's score: names say how "
                       "large a model is (\"llama-3.1-8b\")");
    return train_router(rows, n, &settings, out, err);
}

static int train_lines(const struct options *o, const struct prompt_lines *l)
{
    struct train_row *rows = mem_alloc((l->n + 1) * sizeof *rows);
    struct err err = {0};
    struct buf out;
    buf_init(&out, MAX_OUTPUT_BYTES);
    int rc =
        rows ? learn(l, options_get(o, "--leave"), rows, &out, &err) : err_nomem(&err);
    int code = rc < 0 ? figures_tell(o->command->name, &err)
                      : write_weights(&out, options_get(o, "--out"));
    buf_release(&out);
    mem_free(rows);
    return code;
}

/* -- a user's own labels ------------------------------------------------------------ */

static int say_own(const struct train_own *t, const struct buf *out, const char *path)
{
    printf("%zu prompts of your own; error of the gap, held out: %.4f as built in, %.4f "
           "with them (standard error of the difference %.4f)\n",
           t->n, t->loss_before, t->loss_after, t->error);
    if (t->is_better)
        return write_weights(out, path);
    if (t->n < TRAIN_OWN_LEAST)
        printf("Fewer than %d would make it worse: nothing is written.\n",
               TRAIN_OWN_LEAST);
    else
        printf("The gain is not above two standard errors: nothing is written, keep the "
               "weights you have.\n");
    return EXIT_NO;
}

static int train_own_lines(const struct options *o, const struct prompt_lines *l)
{
    struct train_row *rows = mem_alloc((l->n + 1) * sizeof *rows);
    struct router *was = mem_new(struct router);
    struct train_own report = {0};
    struct err err = {0};
    struct buf out;
    buf_init(&out, MAX_OUTPUT_BYTES);
    for (size_t i = 0; rows && i < l->n; i++) {
        const struct prompt_line *p = &l->v[i];
        rows[i] =
            (struct train_row){p->prompt, eval_tie(p->id), (float)(p->cloud - p->local),
                               p->local >= p->cloud ? 1.0f : 0.0f, 0};
    }
    int rc = -1;
    if (!rows || !was)
        (void)err_nomem(&err);
    else if (router_open(was, router_builtin(), &err) == 0)
        rc = train_own(was, rows, l->n, &out, &report, &err);
    int code = rc < 0 ? figures_tell(o->command->name, &err)
                      : say_own(&report, &out, options_get(o, "--out"));
    buf_release(&out);
    mem_free(rows);
    mem_free(was);
    return code;
}

static int check_words(const struct options *o)
{
    static const char *const reads[] = {"--own"};
    bool has_own = options_get(o, "--own"), has_ledger = options_has(o, "--ledger");
    if (!options_get(o, "--out") || (o->nwords > 0) + has_own + has_ledger != 1)
        return options_fault(
            o->command, "one of FILE..., --own FILE and --ledger is needed, and --out "
                        "FILE: weir train router scores.jsonl --out weights.bin");
    if (o->nwords == 0 && options_get(o, "--leave"))
        return options_fault(o->command, "--leave is for FILE..., whose lines have a "
                                         "\"source\"; other outcomes have none");
    if (!has_ledger && (options_has(o, "--json") || options_get(o, "--state-dir")))
        return options_fault(o->command, "--json and --state-dir go with --ledger");
    return files_check(o, "--out", reads, ARRAY_LEN(reads));
}

static int run(int argc, char **argv)
{
    struct options o;
    struct prompt_lines l;
    struct err err = {0};
    int code = EXIT_YES, rc;
    if (!options_read(&o, &cmd_train_router, argc, argv, &code))
        return code;
    if ((code = check_words(&o)) != EXIT_YES)
        return code;
    if (options_has(&o, "--ledger"))
        return train_ledger(&o);
    const char *own = options_get(&o, "--own");
    prompt_lines_init(&l);
    rc = own ? prompt_lines_read(&l, own, FORM_PAIRS, &err) : 0;
    for (size_t i = 0; rc == 0 && i < o.nwords; i++)
        rc = prompt_lines_read(&l, o.words[i], FORM_MATRIX, &err);
    code = rc < 0 ? figures_tell(o.command->name, &err)
           : own  ? train_own_lines(&o, &l)
                  : train_lines(&o, &l);
    prompt_lines_release(&l);
    return code;
}

static const struct command_option options[] = {
    {"--out", "FILE", "Where the weights go."},
    {"--own", "FILE",
     "Your own judged prompts; --out is written only if they help clearly."},
    {"--leave", "SOURCE", "Do not learn from this source, to measure on it."},
    {"--ledger", NULL,
     "Learn from the ledger's outcomes; --out is written only if they help."},
    {"--state-dir", "DIR", "Of --ledger. " STATE_DIR_HELP},
    {"--json", NULL, "Of --ledger: one JSON object."},
};

const struct command cmd_train_router = {
    .name = "train router",
    .summary = "weights of policy learned: which prompts gain by the cloud",
    .usage = "FILE... --out FILE [--leave SOURCE], or --own FILE --out FILE, or --ledger "
             "--out FILE",
    .details =
        "A line of a FILE is "
        "{\"id\",\"source\",\"prompt\",\"scores\":{\"llama-3.1-8b\":0,\n"
        "\"gpt-4o\":1}}, scores 0 to 1; an id is there once in a file. Models whose "
        "name\n"
        "says at most 10b are weak, the better half of the others strong. At least 400\n"
        "prompts are needed. --leave SOURCE keeps a source out, to measure on it with\n"
        "weir eval route. --own FILE (instead of FILE...) takes lines as weir eval "
        "route\n"
        "does, and learns from them on top of the weights that are built in, if that is\n"
        "better on what is held out, by more than two standard "
        "errors.\n\n" TRAIN_LEDGER_DETAILS "\n"
        "Examples:\n"
        "  weir train router scores.jsonl --out weights.bin\n"
        "  weir train router --own prompts.jsonl --out weights.bin\n"
        "  weir train router --ledger --out adapter.bin\n\n"
        "Exit codes: 0 the weights are written, 1 they could not be or would not help, "
        "2\n"
        "the options or the lines are at fault.",
    .options = options,
    .noptions = ARRAY_LEN(options),
    .run = run,
    .of = &cmd_train,
};
