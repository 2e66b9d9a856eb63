/* eval_learn.c -- see eval_learn.h.
 *
 * In service only prompts that stay local get outcomes; here every line is one, so what
 * is learnt is the most that so many outcomes can teach. */
#include "cmd/decide/eval_learn.h"

#include "cmd/decide/figures.h"
#include "cmd/lib/say.h"
#include "core/mem.h"
#include "eval/apgr.h"
#include "eval/calibrated.h"
#include "route/calibrate.h"
#include "route/train/learner.h"
#include "json/write.h"

#include <math.h>
#include <stdlib.h>

/* Lines that must be left to measure on. */
enum { LOOKS = 3, LEFT_AT_LEAST = 100 };
static const size_t looks[LOOKS] = {500, 1000, 3000};

enum view { BY_WEIGHTS, BY_CALIBRATION, BY_ADAPTER, VIEWS };
static const char *const view_names[VIEWS] = {"weights", "calibrated", "adapter"};

/* Chances and orders of the lines that are left. */
struct left_figures {
    double loss, ece, apgr;
};

struct look {
    size_t outcomes, left;
    double before_base, before_serving; /* mean loss, each predicted before it was seen */
    uint64_t npromoted, nrolled_back;
    struct left_figures of[VIEWS];
};

struct line {
    struct router_score score;
    struct adapt_row row;
    struct eval_pair pair;
};

struct replay {
    struct line *lines; /* in the order in which they come */
    size_t n;
    struct learner *learner;
    struct calibration *calibration;
    double *stated, *score; /* of the lines that are left */
    bool *came;
    struct eval_pair *pairs;
    struct look looks[LOOKS];
    size_t nlooks;
};

static int by_tie(const void *pa, const void *pb)
{
    const struct line *a = pa, *b = pb;
    return a->pair.tie < b->pair.tie ? -1 : a->pair.tie > b->pair.tie;
}

static void read_lines(struct replay *p, const struct prompt_lines *l,
                       const struct router *r)
{
    struct prompt prompt;
    for (size_t i = 0; i < l->n; i++) {
        struct line *x = &p->lines[i];
        const struct prompt_line *from = &l->v[i];
        x->pair = (struct eval_pair){from->local, from->cloud, eval_tie(from->id)};
        prompt_read(&r->words, r->w.common, from->prompt, &prompt);
        router_judge(r, &prompt, &x->score);
        adapter_inputs_of(&prompt, &x->score, &x->row.in);
        x->row.suffices = from->local >= from->cloud;
        x->row.weight = 1;
    }
    qsort(p->lines, p->n, sizeof *p->lines, by_tie);
}

/* The score and the chance of a line as this view has them. */
static void see(const struct replay *p, enum view v, const struct line *x, double *score,
                double *stated)
{
    struct router_score s = x->score;
    if (v == BY_ADAPTER)
        adapter_apply(&p->learner->candidate, &x->row.in, &s);
    *score = (double)s.gap;
    *stated = (double)(v == BY_CALIBRATION ? calibration_suffices(p->calibration, &s)
                                           : s.suffices);
}

static int measure(struct replay *p, size_t from, struct look *look, struct err *err)
{
    struct eval_figures f;
    look->left = p->n - from;
    for (enum view v = 0; v < VIEWS; v++) {
        double loss = 0;
        for (size_t i = 0; i < look->left; i++) {
            const struct line *x = &p->lines[from + i];
            see(p, v, x, &p->score[i], &p->stated[i]);
            p->came[i] = x->row.suffices;
            p->pairs[i] = x->pair;
            loss -= log(fmax(0.001, p->came[i] ? p->stated[i] : 1 - p->stated[i]));
        }
        if (eval_scores(p->pairs, p->score, look->left, &f, err) < 0)
            return -1;
        look->of[v] = (struct left_figures){
            loss / (double)look->left, eval_ece(p->stated, p->came, look->left), f.apgr};
    }
    return 0;
}

static int play(struct replay *p, const struct router *r, struct err *err)
{
    const struct goal goal = {GOAL_SHARE, 0.2};
    const struct adapter base = adapter_base();
    double of_base = 0, of_serving = 0;
    learner_reset(p->learner, &base);
    calibration_reset(p->calibration);
    for (size_t i = 0; i < p->n && p->nlooks < LOOKS; i++) {
        const struct line *x = &p->lines[i];
        of_base += adapt_loss(&p->learner->base, &x->row);
        of_serving += adapt_loss(&p->learner->serving, &x->row);
        (void)learner_take(p->learner, &x->row);
        calibration_outcome(p->calibration, x->score.gap, !x->row.suffices);
        (void)calibration_decide(p->calibration, r, &x->score, &goal, -1, i + 1);
        if (i + 1 != looks[p->nlooks])
            continue;
        if (p->n - (i + 1) < LEFT_AT_LEAST)
            break;
        struct look *look = &p->looks[p->nlooks++];
        look->outcomes = i + 1;
        look->before_base = of_base / (double)(i + 1);
        look->before_serving = of_serving / (double)(i + 1);
        look->npromoted = p->learner->npromoted;
        look->nrolled_back = p->learner->nrolled_back;
        if (measure(p, i + 1, look, err) < 0)
            return -1;
    }
    return 0;
}

/* -- showing ------------------------------------------------------------------------ */

static void write_number(struct json_writer *w, const char *key, double v)
{
    json_key(w, key);
    json_double(w, v);
}

static void write_look(struct json_writer *w, const struct look *look)
{
    json_object_open(w);
    json_key(w, "outcomes");
    json_u64(w, look->outcomes);
    json_key(w, "left");
    json_u64(w, look->left);
    write_number(w, "before_weights", look->before_base);
    write_number(w, "before_serving", look->before_serving);
    json_key(w, "promoted");
    json_u64(w, look->npromoted);
    json_key(w, "rolled_back");
    json_u64(w, look->nrolled_back);
    for (enum view v = 0; v < VIEWS; v++) {
        json_key(w, view_names[v]);
        json_object_open(w);
        write_number(w, "loss", look->of[v].loss);
        write_number(w, "ece", look->of[v].ece);
        write_number(w, "apgr", look->of[v].apgr);
        json_object_close(w);
    }
    json_object_close(w);
}

static int print_json(const struct replay *p, const char *path)
{
    struct json_writer w;
    struct buf out;
    buf_init(&out, 64 * 1024);
    json_writer_init(&w, &out);
    json_object_open(&w);
    json_key(&w, "file");
    json_str(&w, str_of(path));
    json_key(&w, "n");
    json_u64(&w, p->n);
    json_key(&w, "looks");
    json_array_open(&w);
    for (size_t i = 0; i < p->nlooks; i++)
        write_look(&w, &p->looks[i]);
    json_array_close(&w);
    json_object_close(&w);
    return figures_print_json(&out);
}

static int print_text(const struct replay *p)
{
    if (p->nlooks == 0) {
        printf("%zu prompts are too few to learn from %zu and to measure on %d others.\n",
               p->n, looks[0], LEFT_AT_LEAST);
        return EXIT_YES;
    }
    for (size_t i = 0; i < p->nlooks; i++) {
        const struct look *look = &p->looks[i];
        printf("after %zu outcomes (log loss before each was seen: weights %.4f, what "
               "served %.4f; %llu times a candidate came to serve, %llu times the "
               "weights came back)\n",
               look->outcomes, look->before_base, look->before_serving,
               (unsigned long long)look->npromoted,
               (unsigned long long)look->nrolled_back);
        for (enum view v = 0; v < VIEWS; v++) {
            const struct left_figures *f = &look->of[v];
            char t[3][FIGURE_TEXT];
            printf(
                "  %-10s  on the %zu left: log loss %s, calibration error %s, APGR %s\n",
                view_names[v], look->left, figure_text(t[0], 4, f->loss, ""),
                figure_text(t[1], 3, f->ece, ""), figure_text(t[2], 3, f->apgr, ""));
        }
    }
    return EXIT_YES;
}

static bool replay_init(struct replay *p, size_t n)
{
    *p = (struct replay){.n = n};
    p->lines = mem_zalloc((n + 1) * sizeof *p->lines);
    p->learner = mem_new(struct learner);
    p->calibration = mem_new(struct calibration);
    p->stated = mem_alloc((n + 1) * sizeof *p->stated);
    p->score = mem_alloc((n + 1) * sizeof *p->score);
    p->came = mem_alloc((n + 1) * sizeof *p->came);
    p->pairs = mem_alloc((n + 1) * sizeof *p->pairs);
    return p->lines && p->learner && p->calibration && p->stated && p->score && p->came &&
           p->pairs;
}

static void replay_free(struct replay *p)
{
    mem_free(p->lines);
    mem_free(p->learner);
    mem_free(p->calibration);
    mem_free(p->stated);
    mem_free(p->score);
    mem_free(p->came);
    mem_free(p->pairs);
}

int eval_learn(const struct options *o, const char *path, const struct prompt_lines *l,
               const struct router *r)
{
    struct replay p;
    struct err err = {0};
    int code = EXIT_NO;
    bool ok = replay_init(&p, l->n);
    if (ok) {
        read_lines(&p, l, r);
        ok = play(&p, r, &err) == 0;
    } else {
        err_nomem(&err);
    }
    if (!ok)
        code = figures_tell(o->command->name, &err);
    else
        code = options_has(o, "--json") ? print_json(&p, path) : print_text(&p);
    replay_free(&p);
    return code;
}
