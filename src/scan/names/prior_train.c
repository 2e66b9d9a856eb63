/* prior_train.c -- see prior_train.h.
 *
 * Stochastic gradient descent on the logistic loss, each slot with a rate of its own
 * that falls with what it has moved (AdaGrad); at the end weights become bytes. */
#include "scan/names/prior_train.h"

#include "core/mem.h"
#include "scan/scanner.h"

#include <math.h>

enum { INSTANCES_MOST = 1 << 22, IDS_MOST = 1 << 28, BYTE_MOST = 127 };
enum { NOT_PRIVATE, PRIVATE, UNKNOWN };

struct instance {
    size_t sign; /* in ids */
    uint32_t nsign, text;
    int weight;
    bool is_private, is_sure;
};

struct read_text {
    size_t bag; /* in ids */
    uint32_t nbag, names;
};

struct prior_set {
    uint32_t *ids; /* owned, as are the next */
    struct instance *v;
    struct read_text *t;
    size_t nids, cap_ids, n, cap, nt;
    const struct train_text *now;
    bool failed, is_begun;
};

static void set_release(struct prior_set *s)
{
    mem_free(s->ids);
    mem_free(s->v);
    mem_free(s->t);
}

static size_t put_ids(struct prior_set *s, const uint32_t *v, size_t n)
{
    size_t at = s->nids;
    for (size_t i = 0; i < n && !s->failed; i++) {
        s->failed = !mem_room(&s->ids, sizeof *s->ids, s->nids, &s->cap_ids, IDS_MOST);
        if (!s->failed)
            s->ids[s->nids++] = v[i];
    }
    return at;
}

static int label_of(const struct train_text *t, uint32_t start, uint32_t end)
{
    bool has_person = false;
    for (size_t i = 0; i < t->nspan; i++) {
        if (t->span[i].type != TYPE_PERSON)
            continue;
        has_person = true;
        if (t->span[i].start < end && start < t->span[i].end)
            return PRIVATE;
    }
    return has_person ? UNKNOWN : NOT_PRIVATE;
}

static void take(void *ctx, const struct window *w, const struct span *sp,
                 const struct prior *p, int weight, bool is_sure)
{
    struct prior_set *s = ctx;
    struct read_text *t = &s->t[s->nt];
    int label = label_of(s->now, source_start(w, sp->start), source_end(w, sp->end - 1));
    if (label == UNKNOWN || s->failed)
        return;
    if (!s->is_begun) {
        t->bag = put_ids(s, p->bag, p->nbag);
        t->nbag = (uint32_t)p->nbag;
        s->is_begun = true;
    }
    s->failed |= !mem_room(&s->v, sizeof *s->v, s->n, &s->cap, INSTANCES_MOST);
    if (s->failed)
        return;
    s->v[s->n] = (struct instance){.nsign = (uint32_t)p->nsign,
                                   .text = (uint32_t)s->nt,
                                   .weight = weight,
                                   .is_private = label == PRIVATE,
                                   .is_sure = is_sure};
    s->v[s->n++].sign = put_ids(s, p->sign, p->nsign);
    t->names++;
}

static bool read_set(const struct scanner *sc, const struct train_text *x, size_t n,
                     struct prior_set *s)
{
    const struct prior_tap tap = {take, s};
    struct arena a;
    s->t = mem_zalloc((n + 1) * sizeof *s->t);
    if (!s->t)
        return false;
    arena_init(&a, WINDOW_ARENA_BYTES);
    for (; s->nt < n && !s->failed; s->nt++) {
        struct word_memo memo[WORD_MEMOS] = {0};
        struct window w = {.sc = sc, .a = &a, .memo = memo, .tap = &tap};
        s->now = &x[s->nt];
        s->is_begun = false;
        s->failed |= scan_window(&w, x[s->nt].text) < 0;
        arena_rewind(&a);
    }
    arena_reset(&a);
    return !s->failed;
}

/* -- learning ----------------------------------------------------------------------- */

struct learner {
    double w[PRIOR_SLOTS], moved[PRIOR_SLOTS];
    uint64_t rng;
};

static uint64_t draw(struct learner *l)
{
    l->rng ^= l->rng << 13;
    l->rng ^= l->rng >> 7;
    l->rng ^= l->rng << 17;
    return l->rng * 0x2545F4914F6CDD1Du;
}

static double bag_share(const struct read_text *t)
{
    return t->nbag ? PRIOR_BAG / sqrt((double)t->nbag) : 0;
}

static void nudge(struct learner *l, uint32_t id, double gradient)
{
    static const double rate = 0.08, shrink = 2e-5;
    gradient += shrink * l->w[id];
    l->moved[id] += gradient * gradient;
    l->w[id] -= rate * gradient / (sqrt(l->moved[id]) + 1e-3);
}

static void learn(struct learner *l, const struct prior_set *s, const struct instance *x,
                  double weight)
{
    const struct read_text *t = &s->t[x->text];
    const uint32_t *bag = s->ids + t->bag, *sign = s->ids + x->sign;
    double share = bag_share(t), sum = 0;
    for (uint32_t i = 0; i < t->nbag; i++)
        sum += share * l->w[bag[i]];
    for (uint32_t i = 0; i < x->nsign; i++)
        sum += l->w[sign[i]];
    double p = 1 / (1 + exp(-sum));
    double g = (p - x->is_private) * weight / sqrt((double)t->names);
    for (uint32_t i = 0; i < t->nbag; i++)
        nudge(l, bag[i], g * share);
    for (uint32_t i = 0; i < x->nsign; i++)
        nudge(l, sign[i], g);
}

static void learn_all(struct learner *l, const struct prior_set *s, uint32_t *order,
                      const struct prior_options *o)
{
    for (unsigned e = 0; e < o->epochs; e++) {
        for (size_t i = s->n; i > 1; i--) {
            size_t k = draw(l) % i;
            uint32_t x = order[i - 1];
            order[i - 1] = order[k];
            order[k] = x;
        }
        for (size_t i = 0; i < s->n; i++) {
            const struct instance *x = &s->v[order[i]];
            learn(l, s, x, x->is_private ? o->weight / 10.0 : 1);
        }
    }
}

static void round_all(const struct learner *l, int8_t *table)
{
    for (size_t i = 0; i < PRIOR_SLOTS; i++) {
        double v = floor(l->w[i] * PRIOR_ONE + .5);
        table[i] = (int8_t)(v > BYTE_MOST ? BYTE_MOST : v < -BYTE_MOST ? -BYTE_MOST : v);
    }
}

/* -- what came of it ---------------------------------------------------------------- */

static int score_of(const struct prior_set *s, const struct instance *x,
                    const int8_t *table)
{
    const struct read_text *t = &s->t[x->text];
    const struct prior p = {.bag = s->ids + t->bag,
                            .sign = s->ids + x->sign,
                            .nbag = t->nbag,
                            .nsign = x->nsign};
    return prior_score(&p, table);
}

static void count_cut(const struct prior_set *s, const int *score, struct prior_curve *c,
                      size_t k)
{
    size_t last = SIZE_MAX;
    for (size_t i = 0; i < s->n; i++) {
        const struct instance *x = &s->v[i];
        if (x->weight <= 0 || (!x->is_sure && score[i] < c->cut[k]))
            continue;
        c->kept[k] += x->is_private;
        c->needless[k] += !x->is_private && x->text != last;
        last = x->text;
    }
}

static bool curve(const struct prior_set *s, const struct train_text *x,
                  const int8_t *table, struct prior_curve *c)
{
    enum { FROM = -64, STEP = 8 };
    int *score = mem_zalloc((s->n + 1) * sizeof *score);
    size_t last = SIZE_MAX;
    if (!score)
        return false;
    for (size_t i = 0; i < s->nt; i++)
        c->texts += label_of(&x[i], 0, 0) == NOT_PRIVATE;
    for (size_t i = 0; i < s->n; i++) {
        const struct instance *v = &s->v[i];
        score[i] = score_of(s, v, table);
        c->names += v->is_private;
        c->names_now += v->is_private && v->weight > 0;
        if (!v->is_private && v->weight > 0) {
            c->texts_now += v->text != last;
            last = v->text;
        }
    }
    for (size_t k = 0; k < PRIOR_CUTS; k++) {
        c->cut[k] = FROM + STEP * (int)k;
        count_cut(s, score, c, k);
    }
    mem_free(score);
    return true;
}

int prior_train(const struct scanner *sc, const struct train_text *texts, size_t n,
                const struct train_text *held, size_t nheld,
                const struct prior_options *o, struct buf *ret,
                struct prior_report *report, struct err *err)
{
    struct prior_set s = {0}, h = {0};
    struct learner *l = mem_new(struct learner);
    int8_t *table = mem_zalloc(PRIOR_SLOTS);
    uint32_t *order = NULL;
    bool ok = l && table && read_set(sc, texts, n, &s) && read_set(sc, held, nheld, &h);
    if (ok)
        order = mem_zalloc((s.n + 1) * sizeof *order);
    if (order) {
        l->rng = o->seed * 2 + 1;
        for (size_t i = 0; i < s.n; i++)
            order[i] = (uint32_t)i;
        learn_all(l, &s, order, o);
        round_all(l, table);
        report->texts = n;
        report->names = s.n;
        for (size_t i = 0; i < s.n; i++)
            report->privates += s.v[i].is_private;
        ok = curve(&s, texts, table, &report->seen) &&
             curve(&h, held, table, &report->held);
        buf_append(ret, (struct str){(const char *)table, PRIOR_SLOTS});
    }
    ok = ok && order && !ret->failed;
    set_release(&s);
    set_release(&h);
    mem_free(order);
    mem_free(table);
    mem_free(l);
    return ok ? 0 : err_nomem(err);
}
