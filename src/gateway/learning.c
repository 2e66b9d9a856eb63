/* learning.c -- see learning.h. */
#include "gateway/learning.h"

#include "core/hash.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/mutex.h"
#include "gateway/calibration.h"
#include "gateway/feedback.h"
#include "gateway/statefile.h"
#include "route/train/learner.h"

#include <math.h>
#include <string.h>

enum { KEEP_EVERY_MS = 60 * 1000, BOARD_TRIES = 4 };
static const float most_weight = 10; /* of an outcome that was unlikely to be seen */

/* What serves, for readers without a lock: odd while it is written.  A reader that saw
 * two different turns reads again, a few times: it must not wait for a writer that has
 * lost its core. */
struct board {
    atomic_uint turn;
    _Atomic float x[ADAPTER_SIZE];
};

/* For /metrics. */
struct figures {
    atomic_ullong outcomes, promoted, rolled_back;
    _Atomic double loss_base, loss_serving, loss_candidate; /* not a number: unknown */
};

struct learning {
    struct mutex lock; /* of the queue */
    struct adapt_row queue[LEARNING_QUEUE];
    uint32_t nqueued;
    atomic_bool is_on, is_serving;
    struct board board;
    struct figures figures;
    atomic_ullong dropped;
    /* The main thread's. */
    atomic_uint digest; /* of weights, models and base: older outcomes are not taken */
    uint32_t weights, models;
    struct learner learner;
    struct adapt_row taken[LEARNING_QUEUE];
    uint64_t saved_nlearnt, saved_ms;
    bool is_told;
};

struct learning *learning_create(void)
{
    struct learning *l = mem_new(struct learning);
    if (l)
        mutex_init(&l->lock);
    return l;
}

void learning_free(struct learning *l)
{
    if (l)
        mutex_release(&l->lock);
    mem_free(l);
}

/* -- what serves ----------------------------------------------------------------------
 */

static void publish(struct learning *l)
{
    unsigned turn = atomic_load_explicit(&l->board.turn, memory_order_relaxed);
    atomic_store(&l->board.turn, turn + 1);
    for (size_t k = 0; k < ADAPTER_SIZE; k++)
        atomic_store_explicit(&l->board.x[k], l->learner.serving.x[k],
                              memory_order_release);
    atomic_store(&l->board.turn, turn + 2);
    atomic_store(&l->is_serving, l->learner.is_serving);
}

bool learning_serves(const struct learning *l, struct adapter *ret)
{
    if (!atomic_load_explicit(&l->is_serving, memory_order_relaxed))
        return false;
    for (int tries = 0; tries < BOARD_TRIES; tries++) {
        unsigned before = atomic_load_explicit(&l->board.turn, memory_order_acquire);
        for (size_t k = 0; k < ADAPTER_SIZE; k++)
            ret->x[k] = atomic_load_explicit(&l->board.x[k], memory_order_acquire);
        unsigned after = atomic_load_explicit(&l->board.turn, memory_order_relaxed);
        if (LIKELY(before == after && !(before & 1)))
            return true;
    }
    return false;
}

/* -- outcomes -------------------------------------------------------------------------
 */

void learning_outcome(struct learning *l, const struct noted *n, bool suffices,
                      float weight)
{
    float by_chance = (float)NOTED_CHANCE / (float)n->chance;
    const struct adapt_row r = {.in = n->in,
                                .weight = fminf(most_weight, by_chance) * weight,
                                .suffices = suffices};
    if (!atomic_load_explicit(&l->is_on, memory_order_relaxed))
        return;
    mutex_lock(&l->lock);
    bool is_ours = n->weights == l->weights && n->models == l->models;
    bool has_room = l->nqueued < LEARNING_QUEUE;
    if (is_ours && has_room)
        l->queue[l->nqueued++] = r;
    mutex_unlock(&l->lock);
    if (is_ours && !has_room)
        atomic_fetch_add(&l->dropped, 1);
}

static const float of_reask = 1.0f / 3;

void learning_heard(struct learning *l, const struct feedback_heard *heard)
{
    const struct recent_answer *a = &heard->answer;
    if (a->is_local && a->has_noted)
        learning_outcome(l, &a->noted, heard->said == FEEDBACK_GOOD,
                         heard->said == FEEDBACK_REASK ? of_reask : 1);
}

static uint32_t take_queue(struct learning *l)
{
    mutex_lock(&l->lock);
    uint32_t n = l->nqueued;
    memcpy(l->taken, l->queue, n * sizeof *l->taken);
    l->nqueued = 0;
    mutex_unlock(&l->lock);
    return n;
}

static double loss_of(const struct learner *x, double sum)
{
    return x->weight > 0 ? sum / x->weight : NAN;
}

static void note_figures(struct learning *l)
{
    const struct learner *x = &l->learner;
    atomic_store(&l->figures.outcomes, x->nlearnt);
    atomic_store(&l->figures.promoted, x->npromoted);
    atomic_store(&l->figures.rolled_back, x->nrolled_back);
    atomic_store(&l->figures.loss_base, loss_of(x, x->loss_base));
    atomic_store(&l->figures.loss_serving, loss_of(x, x->loss_serving));
    atomic_store(&l->figures.loss_candidate,
                 x->has_candidate ? loss_of(x, x->loss_candidate) : NAN);
}

static void tell_step(const struct learner *x, enum learner_step step)
{
    if (step == LEARNER_PROMOTED)
        log_info(
            "policy learned: what was learnt from %llu outcomes predicts them better "
            "than what served before (log loss %.3f, the weights alone %.3f): it "
            "serves from now on",
            (unsigned long long)x->nlearnt, loss_of(x, x->loss_candidate),
            loss_of(x, x->loss_base));
    if (step == LEARNER_ROLLED_BACK)
        log_warn("policy learned: what was learnt is worse than the weights alone by now "
                 "(log loss %.3f, the weights %.3f): the weights alone serve again. Have "
                 "the local models changed, or what people ask?",
                 loss_of(x, x->loss_serving), loss_of(x, x->loss_base));
}

/* True: something else serves now. */
static bool learn(struct learning *l, struct calibration *c)
{
    uint32_t n = take_queue(l);
    bool has_changed = false;
    for (uint32_t i = 0; i < n; i++) {
        enum learner_step step = learner_take(&l->learner, &l->taken[i]);
        if (step == LEARNER_SAME)
            continue;
        has_changed = true;
        tell_step(&l->learner, step);
        publish(l);
        calibration_rescored(c);
    }
    if (n)
        note_figures(l);
    return has_changed;
}

/* -- the file -------------------------------------------------------------------------
 */

static uint32_t digest_of(uint32_t weights, uint32_t models, const struct adapter *base)
{
    uint32_t sum = crc32c(weights, (struct str){(const char *)&models, sizeof models});
    return crc32c(sum, (struct str){(const char *)base, sizeof *base});
}

/* What became of it; LEARNER_OTHER also where there is none, and then path is empty. */
static enum learner_load load(struct learner *x, const char *state_dir, uint32_t digest,
                              const struct adapter *base, char path[STATEFILE_PATH])
{
    static unsigned char bytes[LEARNER_BYTES + 1]; /* of the main thread */
    long n = statefile_read(state_dir, "route.adapter", path, bytes, sizeof bytes);
    learner_reset(x, base);
    if (n >= 0)
        return learner_load(x, base, digest,
                            (struct str){(const char *)bytes, (size_t)n});
    path[0] = '\0';
    return LEARNER_OTHER;
}

static void begin(struct learning *l, const char *state_dir, const struct adapter *base)
{
    char path[STATEFILE_PATH];
    enum learner_load got =
        load(&l->learner, state_dir, atomic_load(&l->digest), base, path);
    if (got != LEARNER_LOADED && path[0])
        log_warn("%s is %s: policy learned begins to learn anew", path,
                 got == LEARNER_OTHER ? "of other weights or other local models"
                                      : "damaged, or of another version of weir");
}

bool learning_saved(const char *state_dir, const struct config *c, const struct router *r,
                    const struct adapter *base, struct adapter *ret)
{
    static struct learner learner; /* of the main thread */
    char path[STATEFILE_PATH];
    const struct adapter none = adapter_base();
    const struct adapter *from = base ? base : &none;
    uint32_t digest = digest_of(r->digest, models_digest(c), from);
    if (c->learned.learn != LEARN_ON ||
        load(&learner, state_dir, digest, from, path) != LEARNER_LOADED ||
        !learner.is_serving)
        return false;
    *ret = learner.serving;
    return true;
}

static void keep(struct learning *l, const char *state_dir, uint64_t now_ms, bool must)
{
    static unsigned char bytes[LEARNER_BYTES];
    char path[STATEFILE_PATH];
    bool is_new = l->learner.nlearnt != l->saved_nlearnt;
    if (!is_new || (!must && now_ms - l->saved_ms < KEEP_EVERY_MS))
        return;
    l->saved_ms = now_ms;
    learner_save(&l->learner, atomic_load(&l->digest), bytes);
    bool ok = statefile_write(state_dir, "route.adapter", path, bytes, sizeof bytes);
    if (ok)
        l->saved_nlearnt = l->learner.nlearnt;
    else if (!l->is_told)
        log_warn("%s cannot be written: what policy learned learns is lost with a "
                 "restart",
                 path);
    l->is_told = !ok;
}

void learning_change(struct learning *l, const char *state_dir, bool is_on,
                     uint32_t weights, uint32_t models, const struct adapter *base)
{
    const struct adapter none = adapter_base();
    const struct adapter *from = base ? base : &none;
    uint32_t digest = digest_of(weights, models, from);
    bool was_on = atomic_load(&l->is_on);
    if (was_on && !is_on)
        keep(l, state_dir, 0, true);
    atomic_store(&l->is_on, is_on);
    if (is_on && (!was_on || digest != atomic_load(&l->digest))) {
        bool had = was_on && l->learner.nlearnt;
        mutex_lock(&l->lock);
        l->weights = weights;
        l->models = models;
        l->nqueued = 0;
        mutex_unlock(&l->lock);
        atomic_store(&l->digest, digest);
        learner_reset(&l->learner, from);
        if (!was_on)
            begin(l, state_dir, from);
        else if (had)
            log_warn("the weights or the local models are others than those that were "
                     "learnt from: policy learned begins to learn anew");
        l->saved_nlearnt = l->learner.nlearnt;
        publish(l);
        note_figures(l);
    }
    if (!is_on)
        atomic_store(&l->is_serving, false);
}

void learning_forget(struct learning *l, struct calibration *c,
                     const struct adapter *base)
{
    const struct adapter none = adapter_base();
    bool was_learnt = l->learner.is_serving;
    if (!atomic_load(&l->is_on))
        return;
    mutex_lock(&l->lock);
    l->nqueued = 0;
    mutex_unlock(&l->lock);
    learner_reset(&l->learner, base ? base : &none);
    l->saved_nlearnt = UINT64_MAX; /* what the file has is old */
    publish(l);
    note_figures(l);
    if (was_learnt)
        calibration_rescored(c);
}

void learning_tend(struct learning *l, const char *state_dir, struct calibration *c,
                   uint64_t now_ms, bool must)
{
    if (!atomic_load(&l->is_on))
        return;
    bool has_changed = learn(l, c); /* what was announced is kept at once */
    keep(l, state_dir, now_ms, must || has_changed);
}

/* -- /metrics -------------------------------------------------------------------------
 */

static void write_loss(struct buf *out, const char *of, const _Atomic double *loss)
{
    double v = atomic_load(loss);
    if (isfinite(v))
        buf_printf(out, "weir_learned_loss{of=\"%s\"} %.6f\n", of, v);
}

void learning_write_metrics(const struct learning *l, struct buf *out)
{
    const struct figures *f = &l->figures;
    if (!atomic_load(&l->is_on))
        return;
    buf_printf(
        out,
        "# HELP weir_learned_outcomes_total Outcomes of local answers that policy "
        "learned "
        "has learnt from.\n"
        "# TYPE weir_learned_outcomes_total counter\n"
        "weir_learned_outcomes_total %llu\n"
        "# HELP weir_learned_outcomes_lost_total Outcomes that came too fast to be "
        "learnt "
        "from.\n"
        "# TYPE weir_learned_outcomes_lost_total counter\n"
        "weir_learned_outcomes_lost_total %llu\n"
        "# HELP weir_learned_promoted_total Times that what was learnt came to serve.\n"
        "# TYPE weir_learned_promoted_total counter\n"
        "weir_learned_promoted_total %llu\n"
        "# HELP weir_learned_rolled_back_total Times that the weights alone came back, "
        "as "
        "what was learnt had become worse.\n"
        "# TYPE weir_learned_rolled_back_total counter\n"
        "weir_learned_rolled_back_total %llu\n"
        "# HELP weir_learned_serving 1 while what was learnt serves.\n"
        "# TYPE weir_learned_serving gauge\n"
        "weir_learned_serving %d\n"
        "# HELP weir_learned_loss Mean log loss of the newest outcomes, each predicted "
        "before it was seen.\n"
        "# TYPE weir_learned_loss gauge\n",
        (unsigned long long)atomic_load(&f->outcomes),
        (unsigned long long)atomic_load(&l->dropped),
        (unsigned long long)atomic_load(&f->promoted),
        (unsigned long long)atomic_load(&f->rolled_back), atomic_load(&l->is_serving));
    write_loss(out, "weights", &f->loss_base);
    write_loss(out, "serving", &f->loss_serving);
    write_loss(out, "candidate", &f->loss_candidate);
}
