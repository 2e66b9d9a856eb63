/* train.c -- the averaged structured perceptron of train.h.
 *
 * A step decodes a stretch with the weights as they are, made harder by a margin for
 * every wrong state, and a larger one for taking a person or an address for nothing to
 * hide: a leak costs more than a mask.  Where that differs from what is right, the
 * features of the right states gain and those of the wrong ones lose.  Words that may be
 * names are forgotten at random, so that the weights lean on what stands around them.
 *
 * The figures are counted with the bytes that were written, by the code that scans. */
#include "scan/ner/train/train.h"

#include "core/mem.h"
#include "scan/ner/train/train_table.h"
#include "scan/scanner.h"

enum { MARGIN = 2, MARGIN_MISS = 3, MARGIN_LEAK = 5, FORGET_ONE_IN = 4, PROGRESS = 512 };

struct trainer {
    const struct scanner *sc;
    const struct train_options *o;
    struct table t;
    struct arena a; /* of one window */
    uint64_t rng;
    int64_t margins, nmargin; /* of spans rightly told */
    /* Of one stretch. */
    struct look look[STRETCH_MAX + 2 * FEATURES_SIDE];
    uint32_t row[STRETCH_MAX][FEATURES_MAX];
    uint8_t nrow[STRETCH_MAX];
    int32_t emit[STRETCH_MAX][STATE_COUNT];
    uint8_t back[STRETCH_MAX][STATE_COUNT];
    uint8_t told[STRETCH_MAX];
    int32_t next[STATE_COUNT][STATE_COUNT];
};

static uint64_t draw(struct trainer *t)
{
    t->rng ^= t->rng << 13;
    t->rng ^= t->rng >> 7;
    t->rng ^= t->rng << 17;
    return t->rng * 0x2545F4914F6CDD1Du;
}

/* -- what is right ------------------------------------------------------------------ */

static uint32_t source_of(const struct window *w, uint32_t pos)
{
    return source_start(w, pos);
}

/* The state of every token of the window. */
static uint8_t *right_states(struct window *w, const struct train_text *t)
{
    uint8_t *state = arena_array(w->a, uint8_t, w->ntok + 1);
    size_t k = 0;
    bool begun = false;
    for (size_t i = 0; state && i < w->ntok; i++) {
        uint32_t at = source_of(w, w->tok[i].start);
        while (k < t->nspan && t->span[k].end <= at) {
            k++;
            begun = false;
        }
        if (k == t->nspan || t->span[k].start > at)
            continue;
        state[i] = (uint8_t)state_of_type((enum guard_type)t->span[k].type, !begun);
        begun = true;
    }
    return state;
}

static int open_window(struct trainer *t, const struct train_text *x, struct window *w,
                       uint8_t **ret_right, struct err *err)
{
    arena_reset(&t->a);
    *w = (struct window){.sc = t->sc, .a = &t->a};
    if (window_normalise(w, x->text) && window_tokenise(w)) {
        find_pairs(w);
        *ret_right = right_states(w, x);
    }
    if (w->failed || !*ret_right) {
        err_nomem(err);
        return -1;
    }
    return 0;
}

/* A stretch that begins inside a span: its first token is then the span's first. */
static void begin_anew(uint8_t *state)
{
    *state = (uint8_t)state_of_type(state_type(*state), true);
}

/* -- decoding ----------------------------------------------------------------------- */

/* As tagger.c does, in wider numbers: weights that learn have no bound. */
static void decode(struct trainer *t, size_t n)
{
    int32_t now[STATE_COUNT], best[STATE_COUNT];
    for (size_t l = 0; l < STATE_COUNT; l++)
        now[l] = t->emit[0][l] + t->next[STATE_O][l];
    for (size_t i = 1; i < n; i++) {
        for (unsigned l = 0; l < STATE_COUNT; l++) {
            unsigned from = 0;
            for (unsigned a = 1; a < STATE_COUNT; a++)
                from = now[a] + t->next[a][l] > now[from] + t->next[from][l] ? a : from;
            best[l] = now[from] + t->next[from][l] + t->emit[i][l];
            t->back[i][l] = (uint8_t)from;
        }
        memcpy(now, best, sizeof now);
    }
    unsigned at = 0;
    for (unsigned l = 1; l < STATE_COUNT; l++)
        at = now[l] > now[at] ? l : at;
    for (size_t i = n; i-- > 0;) {
        t->told[i] = (uint8_t)at;
        at = i ? t->back[i][at] : at;
    }
}

/* -- steps -------------------------------------------------------------------------- */

enum { NEVER = -1000000 }; /* past any sum of weights that learn */

static void read_next(struct trainer *t)
{
    for (unsigned a = 0; a < STATE_COUNT; a++)
        for (unsigned b = 0; b < STATE_COUNT; b++)
            t->next[a][b] = state_may_follow(a, b) ? t->t.next[a][b] : NEVER;
}

static void read_rows(struct trainer *t, const struct window *w, struct stretch s)
{
    struct line line = {0};
    features_look(w, s, &line, t->look);
    for (size_t i = 0; i < s.end - s.first; i++) {
        uint32_t hash[FEATURES_MAX];
        bool forget = draw(t) % FORGET_ONE_IN == 0;
        size_t n = features_of(&t->look[i + FEATURES_SIDE], forget, hash), kept = 0;
        memset(t->emit[i], 0, sizeof t->emit[i]);
        for (size_t k = 0; k < n; k++) {
            uint32_t row = table_row(&t->t, hash[k]);
            if (row == TABLE_NONE)
                continue;
            t->row[i][kept++] = row;
            t->t.seen[row]++;
            for (size_t l = 0; l < STATE_COUNT; l++)
                t->emit[i][l] += t->t.now[row][l];
        }
        t->nrow[i] = (uint8_t)kept;
    }
}

static void change_token(struct trainer *t, size_t i, unsigned right, unsigned told)
{
    for (size_t k = 0; k < t->nrow[i]; k++) {
        table_change(&t->t, t->row[i][k], right, 1);
        table_change(&t->t, t->row[i][k], told, -1);
    }
}

static bool is_hidden(unsigned state)
{
    enum guard_type t = state_type(state);
    return t == TYPE_PERSON || t == TYPE_ADDRESS;
}

/* How much worse than the right state another one is. */
static int32_t cost(unsigned right, unsigned told)
{
    if (right == told)
        return 0;
    if (is_hidden(right) && !is_hidden(told))
        return MARGIN_LEAK;
    return told == STATE_O ? MARGIN_MISS : MARGIN;
}

static size_t learn(struct trainer *t, const uint8_t *right, size_t n)
{
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++)
        for (unsigned l = 0; l < STATE_COUNT; l++)
            t->emit[i][l] += cost(right[i], l);
    decode(t, n);
    t->t.step++;
    for (size_t i = 0; i < n; i++) {
        unsigned r0 = i ? right[i - 1] : STATE_O, t0 = i ? t->told[i - 1] : STATE_O;
        if (right[i] != t->told[i]) {
            wrong++;
            change_token(t, i, right[i], t->told[i]);
        }
        if (right[i] != t->told[i] || r0 != t0) {
            table_change_next(&t->t, r0, right[i], 1);
            table_change_next(&t->t, t0, t->told[i], -1);
        }
    }
    if (wrong)
        read_next(t);
    return wrong;
}

static int learn_text(struct trainer *t, const struct train_text *x, size_t *ret_tokens,
                      uint64_t *ret_wrong, struct err *err)
{
    struct window w;
    struct stretch s;
    uint8_t *right = NULL;
    if (open_window(t, x, &w, &right, err) < 0)
        return -1;
    struct stretches it = {.w = &w};
    while (stretches_next(&it, &s)) {
        read_rows(t, &w, s);
        begin_anew(right + s.first);
        *ret_wrong += learn(t, right + s.first, s.end - s.first);
        *ret_tokens += s.end - s.first;
    }
    return 0;
}

/* -- counting ----------------------------------------------------------------------- */

static int count_features(struct trainer *t, const struct train_text *x, struct err *err)
{
    struct window w;
    struct stretch s;
    uint8_t *right = NULL;
    if (open_window(t, x, &w, &right, err) < 0)
        return -1;
    struct stretches it = {.w = &w};
    while (stretches_next(&it, &s)) {
        struct line line = {0};
        features_look(&w, s, &line, t->look);
        for (size_t i = 0; i < s.end - s.first; i++) {
            uint32_t hash[FEATURES_MAX];
            size_t n = features_of(&t->look[i + FEATURES_SIDE], false, hash);
            for (size_t k = 0; k < n; k++)
                table_count(&t->t, hash[k]);
        }
    }
    return 0;
}

static bool is_at(const uint8_t *right, const struct tagged *v, size_t n)
{
    enum guard_type type = (enum guard_type)v->type;
    if (right[v->first] != state_of_type(type, true))
        return false;
    for (size_t i = v->first + 1; i < v->end; i++)
        if (right[i] != state_of_type(type, false))
            return false;
    return v->end == n || right[v->end] != state_of_type(type, false);
}

/* How often the weights tell what is right, as they will when they scan. */
static int count_text(struct trainer *t, const struct tagger *tagger,
                      const struct train_text *x, struct train_count c[GUARD_NTYPES],
                      struct err *err)
{
    struct window w;
    struct tagged *v;
    size_t n;
    uint8_t *right = NULL;
    if (open_window(t, x, &w, &right, err) < 0)
        return -1;
    if (!tagger_run(tagger, &w, &v, &n))
        return err_nomem(err);
    for (size_t k = 0; k < x->nspan; k++)
        c[x->span[k].type].gold +=
            state_of_type((enum guard_type)x->span[k].type, true) != STATE_O;
    for (size_t k = 0; k < n; k++) {
        bool ok = is_at(right, &v[k], w.ntok);
        c[v[k].type].told++;
        c[v[k].type].right += ok;
        t->margins += ok ? v[k].margin : 0;
        t->nmargin += ok;
    }
    return 0;
}

static bool is_held_out(const struct train_text *x)
{
    uint64_t h = (x->group + 1) * 0x9E3779B97F4A7C15u;
    return (h >> 32) % TRAIN_HELD_OUT == 0;
}

static int count_all(struct trainer *t, const struct train_text *x, size_t n,
                     struct str weights, struct train_report *rep, struct err *err)
{
    struct tagger tagger;
    if (tagger_open(&tagger, weights, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (count_text(t, &tagger, &x[i], is_held_out(&x[i]) ? rep->held : rep->seen,
                       err) < 0)
            return -1;
    return 0;
}

/* -- the whole ---------------------------------------------------------------------- */

int train_check_texts(const struct train_text *x, size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        if (x[i].text.n > TRAIN_MAX_TEXT_BYTES)
            return err_set(err, ERR_TOO_LARGE, "train_text",
                           "text %zu has more than %d bytes", i + 1,
                           TRAIN_MAX_TEXT_BYTES);
        for (size_t k = 0; k < x[i].nspan; k++)
            if (x[i].span[k].start >= x[i].span[k].end ||
                x[i].span[k].end > x[i].text.n || x[i].span[k].type >= GUARD_NTYPES ||
                (k && x[i].span[k].start < x[i].span[k - 1].end))
                return err_set(err, ERR_CONFIG, "train_span",
                               "text %zu: span %zu is empty, outside or out of order",
                               i + 1, k + 1);
    }
    return 0;
}

static int check(const struct train_text *x, size_t n, const struct train_options *o,
                 struct err *err)
{
    if (o->epochs < 1 || o->epochs > TRAIN_MAX_EPOCHS || o->rows < TAGGER_MIN_ROWS ||
        o->rows > TAGGER_MAX_ROWS || o->rows % TAGGER_BUCKET_ROWS)
        return err_set(err, ERR_CONFIG, "train_options",
                       "1 to %d epochs and %d to %d rows, four by four", TRAIN_MAX_EPOCHS,
                       TAGGER_MIN_ROWS, TAGGER_MAX_ROWS);
    return train_check_texts(x, n, err);
}

static int run_epoch(struct trainer *t, const struct train_text *x, uint32_t *order,
                     size_t n, unsigned epoch, struct train_report *rep, struct err *err)
{
    rep->tokens = 0;
    for (size_t i = n; i > 1; i--) {
        size_t k = draw(t) % i;
        uint32_t swap = order[i - 1];
        order[i - 1] = order[k];
        order[k] = swap;
    }
    for (size_t i = 0; i < n; i++) {
        if (learn_text(t, &x[order[i]], &rep->tokens, &rep->wrong[epoch], err) < 0)
            return -1;
        if (t->o->progress && (i % PROGRESS == 0 || i + 1 == n))
            t->o->progress(t->o->ctx, epoch, i + 1, n);
    }
    return 0;
}

/* A span half as sure again as the mean of the right ones is told with all sureness. */
static void write_sure(const struct trainer *t, char *header)
{
    int64_t mean = t->nmargin ? t->margins / t->nmargin : 1;
    uint32_t sure = (uint32_t)(mean < 2 ? 3 : mean * 3 / 2);
    for (size_t i = 0; i < 4; i++)
        header[TAGGER_SURE_AT + i] = (char)(sure >> 8 * i);
}

static int train(struct trainer *t, const struct train_text *x, size_t n, uint32_t *order,
                 struct buf *ret, struct train_report *rep, struct err *err)
{
    size_t nlearn = 0, at = buf_len(ret);
    for (size_t i = 0; i < n; i++)
        if (!is_held_out(&x[i])) {
            order[nlearn++] = (uint32_t)i;
            if (count_features(t, &x[i], err) < 0)
                return -1;
        }
    rep->texts = n;
    rep->held_out = n - nlearn;
    if (!table_begin(&t->t))
        return err_nomem(err);
    read_next(t);
    for (unsigned e = 0; e < t->o->epochs; e++)
        if (run_epoch(t, x, order, nlearn, e, rep, err) < 0)
            return -1;
    rep->features = t->t.n;
    if (!table_write(&t->t, t->o->rows, ret))
        return err_nomem(err);
    struct str bytes = buf_view(ret);
    if (count_all(t, x, n, str_sub(bytes, at, bytes.n), rep, err) < 0)
        return -1;
    write_sure(t, ret->p + ret->off + at);
    return 0;
}

int tagger_train(const struct scanner *sc, const struct train_text *texts, size_t n,
                 const struct train_options *o, struct buf *ret,
                 struct train_report *report, struct err *err)
{
    *report = (struct train_report){0};
    if (check(texts, n, o, err) < 0)
        return -1;
    struct trainer *t = mem_new(struct trainer);
    uint32_t *order = mem_zalloc((n + 1) * sizeof *order);
    int rc = -1;
    if (t && order && table_init(&t->t)) {
        t->sc = sc;
        t->o = o;
        t->rng = o->seed * 0x9E3779B97F4A7C15u + 0x1234567u;
        arena_init(&t->a, 192 * (size_t)WINDOW_BYTES);
        rc = train(t, texts, n, order, ret, report, err);
        arena_reset(&t->a);
    } else {
        err_nomem(err);
    }
    if (t)
        table_release(&t->t);
    mem_free(t);
    mem_free(order);
    return rc;
}
