/* net_train.c -- see net_train.h.
 *
 * The order of the texts is drawn anew for each epoch; the rate of learning falls to
 * nothing along a line.  The figures are counted with the bytes that were written, by the
 * code that scans. */
#include "scan/ner/train/net_train.h"

#include "core/mem.h"
#include "scan/ner/train/net_model.h"
#include "scan/scanner.h"

#include <math.h>

enum { BATCH = 640, FORGET_ONE_IN = 3, DROP_OF_256 = 46, PROGRESS = 512 };
enum { NO_PERSON = NET_CLASSES }; /* a label: anything but a person */

struct net_trainer {
    const struct scanner *sc;
    const struct net_train_options *o;
    struct model m;
    struct pass *pass;
    struct arena a; /* of one window */
    uint64_t rng;
    size_t in_batch; /* pieces since the last step */
    uint64_t pieces; /* of the epoch */
    double loss;
    float dlogit[MODEL_ROOM][NET_CLASSES];
};

static uint64_t draw(struct net_trainer *t)
{
    t->rng ^= t->rng << 13;
    t->rng ^= t->rng >> 7;
    t->rng ^= t->rng << 17;
    return t->rng * 0x2545F4914F6CDD1Du;
}

/* -- what is right ------------------------------------------------------------------ */

static unsigned class_of(unsigned type)
{
    switch (type) {
    case TYPE_PERSON:
        return NET_PERSON;
    case TYPE_LOCATION:
    case TYPE_ADDRESS:
        return NET_PLACE;
    case TYPE_ORG:
        return NET_FIRM;
    case TYPE_NRP:
        return NET_OTHER;
    default:
        return NET_NOTHING;
    }
}

/* The label of every piece of the window. */
static uint8_t *right_classes(const struct window *w, const struct pieces *p,
                              const struct train_text *t)
{
    uint8_t *label = arena_array(w->a, uint8_t, p->n + 1);
    size_t k = 0;
    bool begun = false;
    for (size_t i = 0; label && i < p->n; i++) {
        uint32_t at = source_start(w, p->v[i].start);
        while (k < t->nspan && t->span[k].end <= at) {
            k++;
            begun = false;
        }
        label[i] = t->people_only ? NO_PERSON : NET_NOTHING;
        if (k == t->nspan || t->span[k].start > at)
            continue;
        unsigned c = class_of(t->span[k].type);
        if (c != NET_NOTHING)
            label[i] = (uint8_t)(begun ? c + 1 : c);
        begun = true;
    }
    return label;
}

static int open_window(struct net_trainer *t, const struct train_text *x,
                       struct window *w, struct pieces *p, uint8_t **ret, struct err *err)
{
    arena_reset(&t->a);
    *w = (struct window){.sc = t->sc, .a = &t->a};
    *ret = NULL;
    if (window_normalise(w, x->text) && window_tokenise(w)) {
        find_pairs(w);
        if (pieces_read(w, p))
            *ret = right_classes(w, p, x);
    }
    if (w->failed || !*ret) {
        err_nomem(err);
        return -1;
    }
    return 0;
}

/* -- steps -------------------------------------------------------------------------- */

/* A share of the passages look like those of languages that are not learnt. */
static unsigned draw_hiding(struct net_trainer *t)
{
    uint64_t x = draw(t) % 100;
    if (x < 7)
        return HIDE_LETTERS;
    if (x < 12)
        return HIDE_LETTERS | HIDE_CASE;
    if (x < 15)
        return HIDE_LETTERS | HIDE_CASE | HIDE_COMMON;
    if (x < 25)
        return HIDE_WORD | HIDE_COMMON | (x < 21 ? HIDE_LETTERS : 0);
    return 0;
}

static void read_rows(struct net_trainer *t, const struct pieces *p, struct passage s)
{
    unsigned hide = draw_hiding(t);
    struct pass *x = t->pass;
    size_t from = s.first > NET_AROUND ? s.first - NET_AROUND : 0;
    size_t end = s.end + NET_AROUND < p->n ? s.end + NET_AROUND : p->n;
    x->n = end - from;
    x->first = s.first - from;
    x->end = s.end - from;
    for (size_t i = from; i < end; i++) {
        unsigned word = draw(t) % FORGET_ONE_IN == 0 ? HIDE_WORD : 0;
        x->nrow[i - from] =
            (uint8_t)piece_rows(p, i, t->o->rows, hide | word, x->row[i - from]);
        for (size_t o = 0; o < NET_WIDTH; o += 8) {
            uint64_t dice = draw(t);
            for (size_t k = 0; k < 8; k++)
                x->keep[i - from][o + k] = (dice >> 8 * k & 255) >= DROP_OF_256;
        }
    }
}

static bool is_person(unsigned c)
{
    return c == NET_PERSON || c == NET_PERSON_IN;
}

/* The gradient of one piece, and what it cost. */
static void judge(struct net_trainer *t, size_t i, unsigned label)
{
    const float *z = t->pass->logit[i];
    float p[NET_CLASSES], most = z[0], sum = 0, right = 0, *d = t->dlogit[i];
    for (size_t c = 1; c < NET_CLASSES; c++)
        most = z[c] > most ? z[c] : most;
    for (unsigned c = 0; c < NET_CLASSES; c++) {
        p[c] = model_exp(z[c] - most);
        sum += p[c];
        if (label == NO_PERSON ? !is_person(c) : c == label)
            right += p[c];
    }
    float weight = is_person(label) ? (float)t->o->weight / 10 : 1;
    for (unsigned c = 0; c < NET_CLASSES; c++) {
        bool is_right = label == NO_PERSON ? !is_person(c) : c == label;
        d[c] = weight * (p[c] / sum - (is_right && right > 0 ? p[c] / right : 0));
    }
    t->loss += (double)weight * -log((double)(right / sum) + 1e-9);
}

static void end_batch(struct net_trainer *t, float rate)
{
    if (t->in_batch)
        model_step(&t->m, rate);
    t->in_batch = 0;
}

static int learn_text(struct net_trainer *t, const struct train_text *x, float rate,
                      struct err *err)
{
    struct window w;
    struct pieces p;
    struct passage s;
    uint8_t *label;
    if (open_window(t, x, &w, &p, &label, err) < 0)
        return -1;
    for (size_t at = 0; passage_next(&p, at, NET_PASSAGE, &s); at = s.end) {
        read_rows(t, &p, s);
        model_forward(&t->m, t->pass);
        for (size_t i = t->pass->first; i < t->pass->end; i++)
            judge(t, i, label[s.first + i - t->pass->first]);
        model_backward(&t->m, t->pass, (const float(*)[NET_CLASSES])t->dlogit);
        t->in_batch += s.end - s.first;
        t->pieces += s.end - s.first;
        if (t->in_batch >= BATCH)
            end_batch(t, rate);
    }
    return 0;
}

/* -- counting ----------------------------------------------------------------------- */

static bool is_held_out(const struct train_text *x)
{
    uint64_t h = (x->group + 1) * 0x9E3779B97F4A7C15u;
    return (h >> 32) % (10 * TRAIN_HELD_OUT) == 0;
}

static int count_text(struct net_trainer *t, const struct net *net,
                      const struct train_text *x, struct train_count *c, struct err *err)
{
    struct window w;
    struct pieces p;
    struct named *v;
    size_t n;
    uint8_t *label;
    if (open_window(t, x, &w, &p, &label, err) < 0)
        return -1;
    if (!net_run(net, &w, &v, &n))
        return err_nomem(err);
    for (size_t k = 0; k < x->nspan; k++)
        c->gold += x->span[k].type == TYPE_PERSON;
    for (size_t i = 0; i < n; i++) {
        if (v[i].is_weak)
            continue;
        c->told++;
        for (size_t k = 0; k < x->nspan; k++)
            c->right += x->span[k].type == TYPE_PERSON &&
                        x->span[k].start == source_start(&w, v[i].start) &&
                        x->span[k].end == source_end(&w, v[i].end - 1);
    }
    return 0;
}

static int count_all(struct net_trainer *t, const struct train_text *x, size_t n,
                     struct str weights, struct net_train_report *rep, struct err *err)
{
    struct net *net = mem_new(struct net);
    int rc = net ? net_open(net, weights, err) : err_nomem(err);
    for (size_t i = 0; rc == 0 && i < n; i++)
        if (is_held_out(&x[i]) || i % 64 == 0)
            rc = count_text(t, net, &x[i], is_held_out(&x[i]) ? &rep->held : &rep->seen,
                            err);
    mem_free(net);
    return rc;
}

/* -- the whole ---------------------------------------------------------------------- */

static int check(const struct train_text *x, size_t n, const struct net_train_options *o,
                 struct err *err)
{
    if (o->epochs < 1 || o->epochs > TRAIN_MAX_EPOCHS || o->rows < NET_MIN_ROWS ||
        o->rows > NET_MAX_ROWS)
        return err_set(err, ERR_CONFIG, "train_options", "1 to %d epochs, %d to %d rows",
                       TRAIN_MAX_EPOCHS, NET_MIN_ROWS, NET_MAX_ROWS);
    return train_check_texts(x, n, err);
}

static int run_epoch(struct net_trainer *t, const struct train_text *x, uint32_t *order,
                     size_t n, unsigned epoch, struct err *err)
{
    double all = (double)n * t->o->epochs;
    for (size_t i = n; i > 1; i--) {
        size_t j = draw(t) % i;
        uint32_t swap = order[i - 1];
        order[i - 1] = order[j];
        order[j] = swap;
    }
    t->loss = 0;
    t->pieces = 0;
    for (size_t i = 0; i < n; i++) {
        double done = ((double)epoch * (double)n + (double)i) / all;
        double warm = done < 0.01 ? done * 100 : 1;
        float rate = (float)(t->o->rate * 1e-6 * warm * (1.0 - done));
        if (learn_text(t, &x[order[i]], rate, err) < 0)
            return -1;
        if (t->o->progress && i % PROGRESS == 0)
            t->o->progress(t->o->ctx, epoch, i, n);
    }
    end_batch(t, (float)(t->o->rate * 1e-6 * (1.0 - (epoch + 1.0) / t->o->epochs)));
    if (t->o->progress)
        t->o->progress(t->o->ctx, epoch, n, n);
    return 0;
}

static int run(struct net_trainer *t, const struct train_text *x, size_t n,
               uint32_t *order, struct buf *ret, struct net_train_report *rep,
               struct err *err)
{
    size_t learnt = 0, begin = buf_len(ret);
    for (size_t i = 0; i < n; i++)
        if (!is_held_out(&x[i]))
            order[learnt++] = (uint32_t)i;
    rep->texts = n;
    rep->held_out = n - learnt;
    for (unsigned e = 0; e < t->o->epochs; e++) {
        if (run_epoch(t, x, order, learnt, e, err) < 0)
            return -1;
        rep->pieces = t->pieces;
        rep->loss[e] = t->pieces ? t->loss / (double)t->pieces : 0;
    }
    if (!model_write(&t->m, t->o->lean, ret))
        return err_nomem(err);
    struct str all = buf_view(ret);
    return count_all(t, x, n, str_sub(all, begin, all.n), rep, err);
}

int net_train(const struct scanner *sc, const struct train_text *texts, size_t n,
              const struct net_train_options *o, struct buf *ret,
              struct net_train_report *report, struct err *err)
{
    if (check(texts, n, o, err) < 0)
        return -1;
    struct net_trainer *t = mem_new(struct net_trainer);
    uint32_t *order = mem_alloc((n + 1) * sizeof *order);
    int rc = -1;
    if (t) {
        *t = (struct net_trainer){.sc = sc, .o = o, .rng = o->seed * 2 + 1};
        t->pass = mem_new(struct pass);
        arena_init(&t->a, 2 * (size_t)WINDOW_ARENA_BYTES);
    }
    if (!t || !order || !t->pass || !model_init(&t->m, o->rows, o->seed))
        err_nomem(err);
    else
        rc = run(t, texts, n, order, ret, report, err);
    if (t) {
        model_release(&t->m);
        mem_free(t->pass);
        arena_reset(&t->a);
    }
    mem_free(order);
    mem_free(t);
    return rc;
}
