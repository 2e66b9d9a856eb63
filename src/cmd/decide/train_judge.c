/* train_judge.c -- `weir train judge`: the weights of the judge's score, learnt. */
#include "cmd/decide/train_judge.h"

#include "cmd/decide/escalate_rows.h"
#include "cmd/lib/command.h"
#include "cmd/lib/say.h"
#include "core/mem.h"
#include "judge/learn.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>

enum { MAX_ROWS = 1024 * 1024 };
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
    if (r->n == r->cap) {
        size_t cap = r->cap ? 2 * r->cap : 4096;
        struct learn_row *v = cap > MAX_ROWS ? NULL : mem_realloc(r->v, cap * sizeof *v);
        if (!v)
            return err_nomem(err);
        r->v = v;
        r->cap = cap;
    }
    struct learn_row *one = &r->v[r->n];
    if (judge_features(&c, arena, one->v, &seen) < 0)
        return err_nomem(err);
    one->good = row->local >= row->cloud;
    one->source = r->source;
    r->n++;
    return 0;
}

static int write_weights(const char *path, const double *w, size_t nrows, size_t nfiles)
{
    FILE *f = fopen(path, "w");
    if (!f)
        return -1;
    fprintf(f,
            "/* weights.inc -- log odds of a good answer; by `weir train judge` from %zu "
            "answers\n * of %zu files. */\n",
            nrows, nfiles);
    for (size_t i = 0; i < FEATURE_COUNT; i++)
        fprintf(f, "JUDGE_WEIGHT(%s, %.4f)\n", judge_feature_names[i], w[i]);
    return fclose(f);
}

int train_judge(const char *const *files, size_t n, const char *out)
{
    struct rows r = {0};
    struct err err = {0};
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < n; i++) {
        size_t before = r.n;
        r.source = (unsigned)i;
        rc = escalate_read(files[i], take_row, &r, &err);
        for (size_t k = before; k < r.n; k++)
            r.v[k].weight = ROWS_COUNT / (double)(r.n - before);
    }
    if (rc == 0 && !r.n)
        rc = err_set(&err, ERR_CONFIG, "train_empty", "there is no line to learn from");
    if (rc < 0) {
        say(stderr, "weir train: %s", err.msg);
        mem_free(r.v);
        return err.kind == ERR_CONFIG ? EXIT_USAGE : EXIT_NO;
    }
    double w[FEATURE_COUNT];
    learn_weights(r.v, r.n, UINT_MAX, RIDGE, w);
    rc = write_weights(out, w, r.n, n);
    if (rc != 0)
        say(stderr, "weir train: %s cannot be written", out);
    else
        say(stdout, "%zu answers of %zu files; the weights are in %s", r.n, n, out);
    mem_free(r.v);
    return rc == 0 ? EXIT_YES : EXIT_NO;
}
