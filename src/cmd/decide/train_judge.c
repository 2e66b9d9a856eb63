/* train_judge.c -- `weir train judge`: the weights of the judge's score, learnt. */
#include "cmd/decide/train_judge.h"

#include "cmd/decide/escalate_rows.h"
#include "cmd/decide/figures.h"
#include "cmd/lib/commands.h"
#include "cmd/lib/files.h"
#include "cmd/lib/options.h"
#include "cmd/lib/output.h"
#include "cmd/lib/say.h"
#include "core/mem.h"
#include "judge/learn.h"

#include <errno.h>
#include <limits.h>
#include <math.h>

enum {
    MAX_ROWS = 1024 * 1024,
    MAX_OUTPUT_BYTES = 64 * 1024,
    LEAST_ROWS = 10 * FEATURE_COUNT
};
_Static_assert(LEAST_ROWS == 150, "the help says 150");
#define RIDGE      30.0   /* in rows; chosen with one source left out at a time */
#define ROWS_COUNT 5000.0 /* what every file counts for */

struct rows {
    struct learn_row *v;
    size_t n, cap;
    unsigned source;
};

static int take_row(void *ctx, const struct escalate_row *row, struct arena *arena,
                    struct err *err)
{
    struct rows *r = ctx;
    struct judge_seen seen;
    struct judge_case c = {.question = &row->question,
                           .answers = row->answers,
                           .nanswers = row->nanswers,
                           .prompt_score = NAN,
                           .verdict = NAN};
    if (!mem_room(&r->v, sizeof *r->v, r->n, &r->cap, MAX_ROWS))
        return r->n < MAX_ROWS ? err_nomem(err)
                               : err_set(err, ERR_CONFIG, "train_line",
                                         "more than %d lines", MAX_ROWS);
    struct learn_row *one = &r->v[r->n];
    if (judge_features(&c, arena, one->v, &seen) < 0)
        return err_nomem(err);
    one->good = row->local >= row->cloud;
    one->source = r->source;
    r->n++;
    return 0;
}

static bool write_weights(const char *path, const double *w, size_t nrows, size_t nfiles)
{
    struct buf b;
    buf_init(&b, MAX_OUTPUT_BYTES);
    buf_printf(
        &b,
        "/* weights.inc -- log odds of a good answer; by `weir train judge` from %zu "
        "answers\n * of %zu files. */\n",
        nrows, nfiles);
    for (size_t i = 0; i < FEATURE_COUNT; i++)
        buf_printf(&b, "JUDGE_WEIGHT(%s, %.4f)\n", judge_feature_names[i], w[i]);
    if (b.failed)
        errno = ENOMEM;
    bool ok = !b.failed && output_write(path, buf_view(&b));
    buf_release(&b);
    return ok;
}

static int read_rows(const struct options *o, struct rows *r, struct err *err)
{
    for (size_t i = 0; i < o->nwords; i++) {
        size_t before = r->n;
        r->source = (unsigned)i;
        if (escalate_read(o->words[i], take_row, r, err) < 0)
            return -1;
        for (size_t k = before; k < r->n; k++)
            r->v[k].weight = ROWS_COUNT / (double)(r->n - before);
    }
    if (r->n >= LEAST_ROWS)
        return 0;
    return err_set(err, ERR_CONFIG, "train_few",
                   "%zu answers are too few: at least %d are needed, ten for each of the "
                   "%d weights; fewer would be learnt by heart",
                   r->n, LEAST_ROWS, FEATURE_COUNT);
}

static int learn(const struct options *o, struct rows *r)
{
    const char *out = options_get(o, "--out");
    struct err err = {0};
    double w[FEATURE_COUNT];
    if (read_rows(o, r, &err) < 0)
        return figures_tell(o->command->name, &err);
    learn_weights(r->v, r->n, UINT_MAX, RIDGE, w);
    if (!write_weights(out, w, r->n, o->nwords)) {
        say(stderr, "weir train judge: cannot write %s: %s", out, strerror(errno));
        return EXIT_NO;
    }
    say(stdout, "%zu answers of %zu files; the weights are in %s", r->n, o->nwords, out);
    return EXIT_YES;
}

static int run(int argc, char **argv)
{
    struct options o;
    struct rows r = {0};
    int code = EXIT_YES;
    if (!options_read(&o, &cmd_train_judge, argc, argv, &code))
        return code;
    if (!o.nwords || !options_get(&o, "--out"))
        return options_fault(o.command,
                             "FILE... and --out FILE are needed: weir train judge "
                             "--out weights.inc answers.jsonl");
    if ((code = files_check(&o, "--out", NULL, 0)) != EXIT_YES)
        return code;
    code = learn(&o, &r);
    mem_free(r.v);
    return code;
}

static const struct command_option options[] = {
    {"--out", "FILE", "Where the weights go."},
};

const struct command cmd_train_judge = {
    .name = "train judge",
    .summary = "weights of the judge: which local answers are good enough",
    .usage = "FILE... --out FILE",
    .details =
        "Files are those of `weir eval escalate`; each counts alike, whatever its "
        "length.\n"
        "At least 150 answers are needed. Try new weights before they are built in "
        "with:\n"
        "weir eval escalate --weights FILE, on answers that were not learnt from.\n\n"
        "Example:\n"
        "  weir train judge --out weights.inc exams.jsonl code.jsonl\n\n"
        "Exit codes: 0 the weights are written, 1 they could not be, 2 the options or "
        "the\n"
        "lines are at fault.",
    .options = options,
    .noptions = ARRAY_LEN(options),
    .run = run,
    .of = &cmd_train,
};
