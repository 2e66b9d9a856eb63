/* train.c -- the averaged structured perceptron of train.h.
 *
 * A step decodes a stretch with the weights as they are, made harder by a margin for
 * every wrong label (and a larger one for missing what is there: a leak costs more
 * than a mask).  Where that differs from what is right, the features of the right
 * labels gain and those of the wrong ones lose.  Words that may be names are forgotten
 * at random, so that the weights lean on what stands around them.
 *
 * The average is kept lazily: `late` sums each change times the step it was made at. */
#include "guard/train.h"

#include "core/mem.h"
#include "guard/scanner.h"
#include "guard/tagger.h"

enum { MARGIN = 2, MARGIN_MISS = 3, FORGET_ONE_IN = 3, PROGRESS = 512 };

struct weights {
    int32_t (*now)[TAG_WIDTH]; /* rows, then TAG_COUNT rows of what follows what */
    int64_t (*late)[TAG_WIDTH];
    uint32_t nrows;
    int64_t step;
};

struct trainer {
    const struct scanner *sc;
    const struct train_options *o;
    struct weights w;
    struct arena a; /* of one window */
    uint64_t rng;
    int64_t margins, nmargin; /* of tokens rightly told */
    /* Of one stretch. */
    struct look look[STRETCH_MAX + 2 * FEATURES_SIDE];
    uint32_t row[STRETCH_MAX][FEATURES_MAX];
    uint8_t nrow[STRETCH_MAX];
    int32_t emit[STRETCH_MAX][TAG_WIDTH];
    uint8_t back[STRETCH_MAX][TAG_WIDTH];
    uint8_t told[STRETCH_MAX];
    int32_t next[TAG_WIDTH][TAG_WIDTH];
};

static uint64_t draw(struct trainer *t)
{
    t->rng ^= t->rng << 13;
    t->rng ^= t->rng >> 7;
    t->rng ^= t->rng << 17;
    return t->rng * 0x2545F4914F6CDD1Du;
}

/* -- what is right ---------------------------------------------------------------- */

static uint32_t source_of(const struct window *w, uint32_t pos)
{
    return w->from ? w->from[pos] : pos;
}

/* The label of every token of the window. */
static uint8_t *right_labels(struct window *w, const struct train_text *t)
{
    uint8_t *label = arena_array(w->a, uint8_t, w->ntok + 1);
    size_t k = 0;
    bool begun = false;
    for (size_t i = 0; label && i < w->ntok; i++) {
        uint32_t at = source_of(w, w->tok[i].start);
        while (k < t->nspan && t->span[k].end <= at) {
            k++;
            begun = false;
        }
        if (k == t->nspan || t->span[k].start > at)
            continue;
        label[i] = (uint8_t)tag_of_type((enum guard_type)t->span[k].type, !begun);
        begun = true;
    }
    return label;
}

static int open_window(struct trainer *t, const struct train_text *x, struct window *w,
                       uint8_t **ret_right, struct err *err)
{
    arena_reset(&t->a);
    *w = (struct window){.sc = t->sc, .a = &t->a};
    if (!window_normalise(w, x->text) || !window_tokenise(w))
        return err_nomem(err);
    find_fields(w);
    *ret_right = right_labels(w, x);
    return w->failed || !*ret_right ? err_nomem(err) : 0;
}

/* -- decoding ---------------------------------------------------------------------- */

/* As tagger.c does, in wider numbers: weights that learn have no bound. */
static void decode(struct trainer *t, size_t n)
{
    int32_t now[TAG_WIDTH], best[TAG_WIDTH];
    for (size_t l = 0; l < TAG_WIDTH; l++)
        now[l] = t->emit[0][l] + t->next[TAG_O][l];
    for (size_t i = 1; i < n; i++) {
        for (unsigned l = 0; l < TAG_COUNT; l++) {
            unsigned from = 0;
            for (unsigned a = 1; a < TAG_COUNT; a++)
                from = now[a] + t->next[a][l] > now[from] + t->next[from][l] ? a : from;
            best[l] = now[from] + t->next[from][l] + t->emit[i][l];
            t->back[i][l] = (uint8_t)from;
        }
        memcpy(now, best, sizeof now);
    }
    unsigned at = 0;
    for (unsigned l = 1; l < TAG_COUNT; l++)
        at = now[l] > now[at] ? l : at;
    for (size_t i = n; i-- > 0;) {
        t->told[i] = (uint8_t)at;
        at = i ? t->back[i][at] : at;
    }
}

/* -- steps ------------------------------------------------------------------------ */

static void read_next(struct trainer *t)
{
    for (unsigned a = 0; a < TAG_WIDTH; a++)
        for (unsigned b = 0; b < TAG_WIDTH; b++)
            t->next[a][b] = a < TAG_COUNT && b < TAG_COUNT && tag_may_follow(a, b)
                                ? t->w.now[t->w.nrows + a][b]
                                : TAG_NEVER;
}

static void read_rows(struct trainer *t, const struct window *w, struct stretch s,
                      bool learning)
{
    features_look(w, s, t->look);
    for (size_t i = 0; i < s.end - s.first; i++) {
        bool forget = learning && draw(t) % FORGET_ONE_IN == 0;
        size_t n = features_of(&t->look[i + FEATURES_SIDE], forget, t->row[i]);
        t->nrow[i] = (uint8_t)n;
        for (size_t l = 0; l < TAG_WIDTH; l++)
            t->emit[i][l] = 0;
        for (size_t k = 0; k < n; k++) {
            t->row[i][k] = tag_row(t->row[i][k], t->w.nrows);
            for (size_t l = 0; l < TAG_WIDTH; l++)
                t->emit[i][l] += t->w.now[t->row[i][k]][l];
        }
    }
}

static void change(struct weights *w, size_t row, unsigned label, int32_t by)
{
    w->now[row][label] += by;
    w->late[row][label] += w->step * by;
}

static void change_token(struct trainer *t, size_t i, unsigned right, unsigned told)
{
    for (size_t k = 0; k < t->nrow[i]; k++) {
        change(&t->w, t->row[i][k], right, 1);
        change(&t->w, t->row[i][k], told, -1);
    }
}

static size_t learn(struct trainer *t, const uint8_t *right, size_t n)
{
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++)
        for (unsigned l = 0; l < TAG_COUNT; l++)
            if (l != right[i])
                t->emit[i][l] += l == TAG_O ? MARGIN_MISS : MARGIN;
    decode(t, n);
    t->w.step++;
    for (size_t i = 0; i < n; i++) {
        unsigned r0 = i ? right[i - 1] : TAG_O, t0 = i ? t->told[i - 1] : TAG_O;
        if (right[i] != t->told[i]) {
            wrong++;
            change_token(t, i, right[i], t->told[i]);
        }
        if (right[i] != t->told[i] || r0 != t0) {
            change(&t->w, t->w.nrows + r0, right[i], 1);
            change(&t->w, t->w.nrows + t0, t->told[i], -1);
        }
    }
    if (wrong)
        read_next(t);
    return wrong;
}

/* -- counting --------------------------------------------------------------------- */

static size_t span_end(const uint8_t *label, size_t i, size_t n)
{
    size_t k = i + 1;
    while (k < n && tag_type(label[k]) == tag_type(label[i]) &&
           label[k] != tag_of_type(tag_type(label[k]), true))
        k++;
    while (k < n && label[k] == label[i] &&
           tag_of_type(tag_type(label[i]), false) == label[i])
        k++; /* types without an inner label run on */
    return k;
}

static void count_spans(const uint8_t *right, const uint8_t *told, size_t n,
                        struct train_count c[GUARD_NTYPES])
{
    for (size_t i = 0; i < n; i++) {
        bool right_begins = right[i] && (i == 0 || span_end(right, i - 1, n) == i ||
                                         right[i - 1] == TAG_O);
        bool told_begins =
            told[i] && (i == 0 || span_end(told, i - 1, n) == i || told[i - 1] == TAG_O);
        c[tag_type(right[i])].gold += right_begins;
        c[tag_type(told[i])].told += told_begins;
        if (right_begins && told_begins && tag_type(right[i]) == tag_type(told[i]) &&
            span_end(right, i, n) == span_end(told, i, n))
            c[tag_type(right[i])].right++;
    }
}

/* -- one text --------------------------------------------------------------------- */

/* A stretch that begins inside a span: its first token is then the span's first. */
static void begin_anew(uint8_t *label)
{
    *label = (uint8_t)tag_of_type(tag_type(*label), true);
}

static int learn_text(struct trainer *t, const struct train_text *x, size_t *ret_tokens,
                      uint64_t *ret_wrong, struct err *err)
{
    struct window w;
    struct stretch s;
    uint8_t *right;
    if (open_window(t, x, &w, &right, err) < 0)
        return -1;
    struct stretches it = {.w = &w};
    while (stretches_next(&it, &s)) {
        read_rows(t, &w, s, true);
        begin_anew(right + s.first);
        *ret_wrong += learn(t, right + s.first, s.end - s.first);
        *ret_tokens += s.end - s.first;
    }
    return 0;
}

static int count_text(struct trainer *t, const struct train_text *x,
                      struct train_count c[GUARD_NTYPES], struct err *err)
{
    struct window w;
    struct stretch s;
    uint8_t *right, *told;
    if (open_window(t, x, &w, &right, err) < 0)
        return -1;
    told = arena_array(w.a, uint8_t, w.ntok + 1);
    if (!told)
        return err_nomem(err);
    struct stretches it = {.w = &w};
    while (stretches_next(&it, &s)) {
        read_rows(t, &w, s, false);
        decode(t, s.end - s.first);
        memcpy(told + s.first, t->told, s.end - s.first);
        for (size_t i = 0; i < s.end - s.first; i++)
            if (t->told[i] && t->told[i] == right[s.first + i]) {
                t->margins += t->emit[i][t->told[i]] - t->emit[i][TAG_O];
                t->nmargin++;
            }
    }
    count_spans(right, told, w.ntok, c);
    return 0;
}

static bool is_held_out(const struct train_text *x)
{
    uint64_t h = (x->group + 1) * 0x9E3779B97F4A7C15u;
    return (h >> 32) % TRAIN_HELD_OUT == 0;
}

/* -- the average, in bytes ---------------------------------------------------------- */

/* now - late / step, in 1/256. */
static int64_t average(const struct weights *w, size_t row, size_t label)
{
    int64_t steps = w->step ? w->step : 1;
    return w->now[row][label] * (int64_t)256 - w->late[row][label] / steps * 256 -
           w->late[row][label] % steps * 256 / steps;
}

/* Leaves the averages, in 1/256, in w->now. */
static void settle(struct weights *w)
{
    for (size_t r = 0; r < w->nrows + TAG_COUNT; r++)
        for (size_t l = 0; l < TAG_WIDTH; l++) {
            int64_t v = average(w, r, l);
            w->now[r][l] = (int32_t)(v > INT32_MAX / 2   ? INT32_MAX / 2
                                     : v < INT32_MIN / 2 ? INT32_MIN / 2
                                                         : v);
        }
}

/* What one step of a byte stands for: all but one weight in 2048 fit. */
static int32_t grain_of(const struct weights *w)
{
    size_t all = 0;
    for (size_t r = 0; r < w->nrows; r++)
        for (size_t l = 0; l < TAG_COUNT; l++)
            all += w->now[r][l] != 0;
    for (int32_t grain = 1;; grain += 1 + grain / 16) {
        size_t past = 0;
        for (size_t r = 0; r < w->nrows; r++)
            for (size_t l = 0; l < TAG_COUNT; l++)
                past += w->now[r][l] / grain > 127 || w->now[r][l] / grain < -127;
        if (past <= all / 2048)
            return grain;
    }
}

static int32_t in_grains(int32_t v, int32_t grain, int32_t most)
{
    int32_t q = (v + (v < 0 ? -grain / 2 : grain / 2)) / grain;
    return q > most ? most : q < -most ? -most : q;
}

static void put_le(struct buf *b, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_byte(b, (char)(v >> 8 * i));
}

/* Rounds the weights and writes them; they stay rounded in w->now, so that what is
 * counted after is what will be read. */
static int write_weights(struct trainer *t, int32_t sure, struct buf *ret,
                         struct err *err)
{
    struct buf body;
    buf_init(&body, 4u << 20);
    for (size_t a = 0; a < TAG_COUNT; a++)
        for (size_t b = 0; b < TAG_COUNT; b++)
            put_le(&body, (uint16_t)t->w.now[t->w.nrows + a][b], 2);
    for (size_t r = 0; r < t->w.nrows; r++)
        for (size_t l = 0; l < TAG_WIDTH; l++)
            buf_byte(&body, (char)t->w.now[r][l]);
    buf_append(ret, STR(TAGGER_MAGIC));
    put_le(ret, FEATURES_VERSION, 4);
    put_le(ret, t->w.nrows, 4);
    put_le(ret, TAG_COUNT, 4);
    put_le(ret, (uint32_t)sure, 4);
    put_le(ret, tagger_sum(buf_view(&body)), 8);
    buf_append(ret, buf_view(&body));
    bool ok = !ret->failed && !body.failed;
    buf_release(&body);
    return ok ? 0 : err_nomem(err);
}

static void round_weights(struct trainer *t)
{
    settle(&t->w);
    int32_t grain = grain_of(&t->w);
    for (size_t r = 0; r < t->w.nrows + TAG_COUNT; r++)
        for (size_t l = 0; l < TAG_WIDTH; l++)
            t->w.now[r][l] =
                in_grains(t->w.now[r][l], grain, r < t->w.nrows ? 127 : TAG_NEXT_MAX);
    read_next(t);
}

/* -- the whole ---------------------------------------------------------------------- */

static int check(const struct train_text *x, size_t n, const struct train_options *o,
                 struct err *err)
{
    if (o->epochs < 1 || o->epochs > TRAIN_MAX_EPOCHS || o->rows < TAGGER_MIN_ROWS ||
        o->rows > TAGGER_MAX_ROWS)
        return err_set(err, ERR_CONFIG, "train_options",
                       "1 to %d epochs and %d to %d rows", TRAIN_MAX_EPOCHS,
                       TAGGER_MIN_ROWS, TAGGER_MAX_ROWS);
    for (size_t i = 0; i < n; i++) {
        if (x[i].text.n > TRAIN_MAX_TEXT_BYTES)
            return err_set(err, ERR_TOO_LARGE, "train_text",
                           "text %zu has more than %d bytes", i + 1,
                           TRAIN_MAX_TEXT_BYTES);
        for (size_t k = 0; k < x[i].nspan; k++)
            if (x[i].span[k].start >= x[i].span[k].end ||
                x[i].span[k].end > x[i].text.n ||
                (k && x[i].span[k].start < x[i].span[k - 1].end))
                return err_set(err, ERR_CONFIG, "train_span",
                               "text %zu: span %zu is empty, outside or out of order",
                               i + 1, k + 1);
    }
    return 0;
}

static int run_epoch(struct trainer *t, const struct train_text *x, uint32_t *order,
                     size_t n, unsigned epoch, struct train_report *rep, struct err *err)
{
    size_t tokens = 0;
    for (size_t i = n; i > 1; i--) {
        size_t k = draw(t) % i;
        uint32_t swap = order[i - 1];
        order[i - 1] = order[k];
        order[k] = swap;
    }
    for (size_t i = 0; i < n; i++) {
        if (learn_text(t, &x[order[i]], &tokens, &rep->wrong[epoch], err) < 0)
            return -1;
        if (t->o->progress && (i % PROGRESS == 0 || i + 1 == n))
            t->o->progress(t->o->ctx, epoch, i + 1, n);
    }
    rep->tokens = tokens;
    return 0;
}

static int count_all(struct trainer *t, const struct train_text *x, size_t n,
                     struct train_report *rep, struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (count_text(t, &x[i], is_held_out(&x[i]) ? rep->held : rep->seen, err) < 0)
            return -1;
    return 0;
}

/* A token half as sure again as the mean of the right ones is told with all sureness. */
static int32_t sure_margin(const struct trainer *t)
{
    int64_t mean = t->nmargin ? t->margins / t->nmargin : 1;
    return (int32_t)(mean < 2 ? 3 : mean * 3 / 2);
}

static int train(struct trainer *t, const struct train_text *x, size_t n, uint32_t *order,
                 struct buf *ret, struct train_report *rep, struct err *err)
{
    size_t nlearn = 0;
    for (size_t i = 0; i < n; i++)
        if (!is_held_out(&x[i]))
            order[nlearn++] = (uint32_t)i;
    rep->texts = n;
    rep->held_out = n - nlearn;
    read_next(t);
    for (unsigned e = 0; e < t->o->epochs; e++)
        if (run_epoch(t, x, order, nlearn, e, rep, err) < 0)
            return -1;
    round_weights(t);
    if (count_all(t, x, n, rep, err) < 0)
        return -1;
    return write_weights(t, sure_margin(t), ret, err);
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
    size_t rows = o->rows + TAG_COUNT;
    int rc = -1;
    if (t) {
        t->sc = sc;
        t->o = o;
        t->rng = o->seed * 0x9E3779B97F4A7C15u + 0x1234567u;
        t->w.nrows = o->rows;
        t->w.now = mem_zalloc(rows * sizeof *t->w.now);
        t->w.late = mem_zalloc(rows * sizeof *t->w.late);
        arena_init(&t->a, 192 * (size_t)WINDOW_BYTES);
    }
    if (t && order && t->w.now && t->w.late)
        rc = train(t, texts, n, order, ret, report, err);
    else
        err_nomem(err);
    if (t) {
        mem_free(t->w.now);
        mem_free(t->w.late);
        arena_reset(&t->a);
    }
    mem_free(t);
    mem_free(order);
    return rc;
}
