/* eval_escalate.c -- `weir eval escalate`: what judging the local answer is worth.
 *
 * Every answer is judged as the gateway would judge it, with the opinions that are
 * there; the prompts with the lowest scores go to the cloud.  The figures are RouteLLM's
 * (eval/apgr.h).  Beside them stand chance, the longer prompt first, and what sees both
 * scores. */
#include "cmd/decide/eval_escalate.h"

#include "cmd/decide/escalate_rows.h"
#include "cmd/lib/output.h"
#include "cmd/lib/say.h"
#include "core/mem.h"
#include "eval/apgr.h"
#include "eval/calibrated.h"
#include "judge/traits.h"
#include "route/learned/learned.h"
#include "json/write.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

enum { MAX_ROWS = 4 * 1024 * 1024, EXPLAINED_BYTES = 400 };

struct run {
    const double *weights;
    struct router router;
    bool tells_each;
    size_t n, cap;
    struct eval_pair *pairs;
    double *scores; /* what goes to the cloud first: 1 - score */
    double *stated; /* the score */
    double *length;
    double *prompt; /* what policy learned thinks of the question alone */
    double *us;
    bool *stays; /* at the threshold */
    bool *came;  /* the local answer was as good as the cloud's */
};

static void run_free(struct run *r)
{
    mem_free(r->pairs);
    mem_free(r->scores);
    mem_free(r->stated);
    mem_free(r->length);
    mem_free(r->prompt);
    mem_free(r->us);
    mem_free(r->came);
    mem_free(r->stays);
}

static bool grow_one(void *at, size_t size, size_t cap)
{
    void **p = at;
    void *more = mem_realloc(*p, cap * size);
    if (more)
        *p = more;
    return more != NULL;
}

static bool run_grow(struct run *r)
{
    if (r->n < r->cap)
        return true;
    size_t cap = r->cap ? 2 * r->cap : 1024;
    if (cap > MAX_ROWS || !grow_one(&r->pairs, sizeof *r->pairs, cap) ||
        !grow_one(&r->scores, sizeof *r->scores, cap) ||
        !grow_one(&r->stated, sizeof *r->stated, cap) ||
        !grow_one(&r->length, sizeof *r->length, cap) ||
        !grow_one(&r->prompt, sizeof *r->prompt, cap) ||
        !grow_one(&r->us, sizeof *r->us, cap) ||
        !grow_one(&r->stays, sizeof *r->stays, cap) ||
        !grow_one(&r->came, sizeof *r->came, cap))
        return false;
    r->cap = cap;
    return true;
}

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void tell(const struct escalate_row *row, const struct judgement *j,
                 struct arena *arena)
{
    struct buf b;
    struct json_writer w;
    struct str words = judge_explain(j, EXPLAINED_BYTES, arena);
    buf_init(&b, 1 << 20);
    json_writer_init(&w, &b);
    json_object_open(&w);
    json_key(&w, "id");
    json_str(&w, row->id);
    json_key(&w, "score");
    json_double(&w, j->score);
    json_key(&w, "evidence");
    json_bool(&w, j->has_evidence);
    json_key(&w, "task");
    json_str(&w, str_of(task_name(j->findings.task)));
    json_key(&w, "final");
    json_str(&w, str_sub(j->findings.final.text, 0, 200));
    json_key(&w, "why");
    json_str(&w, words);
    json_object_close(&w);
    say_json(stdout, buf_view(&b));
    buf_release(&b);
}

static int judge_row(void *ctx, const struct escalate_row *row, struct arena *arena,
                     struct err *err)
{
    struct run *r = ctx;
    struct judgement j;
    struct router_score prompt;
    struct judge_case c = {.question = &row->question,
                           .answers = row->answers,
                           .nanswers = row->nanswers,
                           .prompt_score = NAN,
                           .verdict = NAN};
    if (!run_grow(r))
        return err_nomem(err);
    double before = now_us();
    if (judge_weighted(&c, r->weights, arena, &j) < 0)
        return err_nomem(err);
    r->us[r->n] = now_us() - before;
    r->pairs[r->n] = (struct eval_pair){row->local, row->cloud, eval_tie(row->id)};
    r->stated[r->n] = j.score;
    r->scores[r->n] = 1 - j.score;
    r->stays[r->n] = judge_is_good(&j, JUDGE_THRESHOLD);
    r->length[r->n] = eval_length(row->question.prompt);
    router_read(&r->router, row->question.prompt, &prompt);
    r->prompt[r->n] = (double)prompt.gap;
    r->came[r->n] = row->local >= row->cloud;
    r->n++;
    if (r->tells_each)
        tell(row, &j, arena);
    return 0;
}

struct figures {
    struct eval_figures judged, prompt, length, oracle;
    double random, ece, us_p50, us_p99;
    double kept,
        kept_quality; /* at the threshold: share that stays, and how good all is */
};

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int measure(struct run *r, struct figures *f, struct err *err)
{
    if (eval_scores(r->pairs, r->scores, r->n, &f->judged, err) < 0 ||
        eval_scores(r->pairs, r->prompt, r->n, &f->prompt, err) < 0 ||
        eval_scores(r->pairs, r->length, r->n, &f->length, err) < 0 ||
        eval_oracle(r->pairs, r->n, &f->oracle, err) < 0 ||
        eval_random(r->pairs, r->n, &f->random, err) < 0)
        return -1;
    f->ece = eval_ece(r->stated, r->came, r->n);
    f->kept = f->kept_quality = 0;
    for (size_t i = 0; i < r->n; i++) {
        bool stays = r->stays[i];
        f->kept += stays;
        f->kept_quality += stays ? r->pairs[i].local : r->pairs[i].cloud;
    }
    f->kept /= (double)r->n;
    f->kept_quality /= (double)r->n;
    qsort(r->us, r->n, sizeof *r->us, by_value);
    f->us_p50 = r->us[r->n / 2];
    f->us_p99 = r->us[(size_t)((double)(r->n - 1) * .99)];
    return 0;
}

static void print_json(const char *path, const struct figures *f)
{
    const struct {
        const char *name;
        double value;
    } rows[] = {{"apgr", f->judged.apgr},
                {"cpt50", f->judged.cpt50},
                {"cpt80", f->judged.cpt80},
                {"share95", f->judged.share95},
                {"oracle", f->oracle.apgr},
                {"random", f->random},
                {"length", f->length.apgr},
                {"prompt_only", f->prompt.apgr},
                {"ece", f->ece},
                {"us_p50", f->us_p50},
                {"us_p99", f->us_p99},
                {"local", f->judged.local},
                {"cloud", f->judged.cloud},
                {"kept", f->kept},
                {"kept_quality", f->kept_quality}};
    struct buf b;
    struct json_writer w;
    buf_init(&b, 1 << 16);
    json_writer_init(&w, &b);
    json_object_open(&w);
    json_key(&w, "file");
    json_str(&w, str_of(path));
    json_key(&w, "n");
    json_u64(&w, f->judged.n);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        json_key(&w, rows[i].name);
        json_double(&w, rows[i].value);
    }
    json_object_close(&w);
    say_json(stdout, buf_view(&b));
    buf_release(&b);
}

static void print_text(const char *path, const struct figures *f)
{
    const struct eval_figures *j = &f->judged, *l = &f->length, *o = &f->oracle,
                              *p = &f->prompt;
    say(stdout, "%s: %zu prompts; alone the local model has %.3f, the cloud %.3f", path,
        j->n, j->local, j->cloud);
    printf("              APGR   50 %% of the gain   80 %%   95 %% of the cloud's "
           "quality\n");
    printf("  judged     %5.3f  %5.1f %% cloud     %5.1f %%  %5.1f %% cloud\n", j->apgr,
           j->cpt50, j->cpt80, j->share95);
    printf("  prompt     %5.3f  %5.1f %%           %5.1f %%  %5.1f %%   (policy learned, "
           "before there is an answer)\n",
           p->apgr, p->cpt50, p->cpt80, p->share95);
    printf("  longest    %5.3f  %5.1f %%           %5.1f %%  %5.1f %%\n", l->apgr,
           l->cpt50, l->cpt80, l->share95);
    printf("  chance     %5.3f\n", f->random);
    printf("  sees both  %5.3f  %5.1f %%           %5.1f %%  %5.1f %%\n", o->apgr,
           o->cpt50, o->cpt80, o->share95);
    printf("  kept at a score of %.2f: %.1f %%, and all answers together have %.3f\n",
           JUDGE_THRESHOLD, 100 * f->kept, f->kept_quality);
    printf("  calibration error %.3f; %.1f us a judgement, 99 of 100 within %.1f us\n",
           f->ece, f->us_p50, f->us_p99);
}

static int one_file(const struct options *o, const char *path, const double *weights,
                    struct err *err)
{
    struct run r = {.weights = weights, .tells_each = options_has(o, "--each")};
    struct figures f;
    int rc = router_open(&r.router, router_builtin(), err);
    if (rc == 0)
        rc = escalate_read(path, judge_row, &r, err);
    if (rc == 0 && !r.n)
        rc = err_set(err, ERR_CONFIG, "escalate_empty",
                     "%s: there is no line in it; each is one prompt with its answers",
                     path);
    if (rc == 0)
        rc = measure(&r, &f, err);
    if (rc == 0 && options_has(o, "--json"))
        print_json(path, &f);
    else if (rc == 0)
        print_text(path, &f);
    run_free(&r);
    return rc;
}

int eval_escalate(const struct options *o, size_t first)
{
    struct err err = {0};
    double weights[FEATURE_COUNT];
    const char *from = options_get(o, "--weights");
    memcpy(weights, judge_weights, sizeof weights);
    if (o->nwords <= first)
        return options_fault(o->command, "name at least one file (\"-\" is stdin)");
    int rc = from ? escalate_read_weights(from, weights, &err) : 0;
    for (size_t i = first; rc == 0 && i < o->nwords; i++)
        rc = one_file(o, o->words[i], weights, &err);
    if (rc < 0) {
        say(stderr, "weir eval: %s", err.msg);
        return err.kind == ERR_CONFIG ? EXIT_USAGE : EXIT_NO;
    }
    return output_finish() ? EXIT_NO : EXIT_YES;
}
