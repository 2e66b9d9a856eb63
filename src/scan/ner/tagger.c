/* tagger.c -- reads a window with the weights of tagger.h.
 *
 * The bytes: "weirtag3", u32 version of the features, u32 rows, u32 states, u32 sure,
 * u64 sum over what follows; then next[] and the rows.  A set that was cut, mixed with
 * another version or changed is refused as a whole. */
#include "scan/ner/tagger.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

extern const unsigned char guard_tagger_begin[], guard_tagger_end[];

struct str tagger_builtin(void)
{
    return (struct str){(const char *)guard_tagger_begin,
                        (size_t)(guard_tagger_end - guard_tagger_begin)};
}

enum guard_type state_type(unsigned state)
{
    static const uint16_t types[STATE_COUNT] = {
        GUARD_NTYPES, TYPE_PERSON,   TYPE_PERSON,   TYPE_ADDRESS,
        TYPE_ADDRESS, TYPE_LOCATION, TYPE_LOCATION, TYPE_ORG,
        TYPE_ORG,     TYPE_NRP,      TYPE_TITLE,    GUARD_NTYPES};
    return (enum guard_type)types[state];
}

unsigned state_of_type(enum guard_type t, bool is_first)
{
    switch ((unsigned)t) {
    case TYPE_PERSON:
        return is_first ? STATE_PERSON : STATE_PERSON_IN;
    case TYPE_ADDRESS:
        return is_first ? STATE_ADDRESS : STATE_ADDRESS_IN;
    case TYPE_LOCATION:
        return is_first ? STATE_LOCATION : STATE_LOCATION_IN;
    case TYPE_ORG:
        return is_first ? STATE_ORG : STATE_ORG_IN;
    case TYPE_NRP:
        return STATE_NRP;
    case TYPE_TITLE:
        return STATE_TITLE;
    default:
        return STATE_O;
    }
}

static bool is_inner(unsigned state)
{
    return state == STATE_PERSON_IN || state == STATE_ADDRESS_IN ||
           state == STATE_LOCATION_IN || state == STATE_ORG_IN;
}

bool state_may_follow(unsigned from, unsigned to)
{
    if (to == STATE_SPARE)
        return false;
    return !is_inner(to) || from == to || from + 1 == to;
}

/* -- the bytes ------------------------------------------------------------------- */

static uint64_t read_le(const char *p, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v |= (uint64_t)(unsigned char)p[i] << 8 * i;
    return v;
}

uint64_t tagger_sum(struct str s)
{
    uint64_t h = 0xcbf29ce484222325u;
    size_t i = 0;
    for (; i + 8 <= s.n; i += 8)
        h = (h ^ read_le(s.p + i, 8)) * 0x9E3779B97F4A7C15u, h ^= h >> 29;
    for (; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3u;
    return h ^ h >> 32;
}

static int refuse(struct err *err, const char *why)
{
    return err_set(err, ERR_CONFIG, "tagger_weights", "these are no tagger weights: %s",
                   why);
}

static void read_next(struct tagger *t, const char *p)
{
    for (unsigned a = 0; a < STATE_WIDTH; a++)
        for (unsigned b = 0; b < STATE_WIDTH; b++) {
            bool ok = a < STATE_COUNT && b < STATE_COUNT && state_may_follow(a, b);
            int v = ok ? (int16_t)read_le(p + 2 * (a * STATE_COUNT + b), 2) : STATE_NEVER;
            t->next[a][b] = (int16_t)(v > STATE_NEXT_MAX ? STATE_NEXT_MAX
                                      : v < STATE_NEVER  ? STATE_NEVER
                                                         : v);
        }
}

static int read_header(struct tagger *t, struct str b, struct err *err)
{
    if (b.n < TAGGER_HEADER_BYTES || memcmp(b.p, TAGGER_MAGIC, 8) != 0)
        return refuse(err, "the first eight bytes are not \"" TAGGER_MAGIC "\"");
    uint64_t version = read_le(b.p + 8, 4), rows = read_le(b.p + 12, 4);
    if (version != FEATURES_VERSION)
        return refuse(err, "they were trained for other features; train them again");
    if (read_le(b.p + 16, 4) != STATE_COUNT || rows < TAGGER_MIN_ROWS ||
        rows > TAGGER_MAX_ROWS || rows % TAGGER_BUCKET_ROWS)
        return refuse(err, "the header is out of range");
    if (b.n != TAGGER_HEADER_BYTES + TAGGER_NEXT_BYTES +
                   rows / TAGGER_BUCKET_ROWS * TAGGER_BUCKET_BYTES)
        return refuse(err, "bytes are missing or left over");
    t->nrows = (uint32_t)rows;
    t->sure = (int32_t)read_le(b.p + TAGGER_SURE_AT, 4);
    if (t->sure < 1)
        return refuse(err, "the header is out of range");
    read_next(t, b.p + TAGGER_HEADER_BYTES);
    t->row = (const int8_t *)(b.p + TAGGER_HEADER_BYTES + TAGGER_NEXT_BYTES);
    return 0;
}

int tagger_open(struct tagger *t, struct str b, struct err *err)
{
    struct tagger read;
    if (read_header(&read, b, err) < 0)
        return -1;
    if (read_le(b.p + 24, 8) != tagger_sum(str_sub(b, TAGGER_HEADER_BYTES, b.n)))
        return refuse(err, "the sum over the bytes is wrong");
    *t = read;
    return 0;
}

int tagger_open_builtin(struct tagger *t, struct err *err)
{
    return read_header(t, tagger_builtin(), err);
}

/* -- reading --------------------------------------------------------------------- */

/* Eight sums; two of them hold the states of a token. */
typedef int16_t sums __attribute__((vector_size(16)));

struct lanes {
    sums a, b;
};

/* The buckets of a token's features, on their way into the cache. */
struct wanted {
    uint32_t mark[FEATURES_MAX];
    const int8_t *bucket[FEATURES_MAX];
    size_t n;
};

static void ask(const struct tagger *t, const struct look *at, struct wanted *q)
{
    q->n = features_of(at, false, q->mark);
    for (size_t i = 0; i < q->n; i++) {
        q->bucket[i] =
            t->row + (size_t)tagger_bucket(q->mark[i], t->nrows) * TAGGER_BUCKET_BYTES;
        q->mark[i] = tagger_mark(q->mark[i]);
        __builtin_prefetch(q->bucket[i]);
    }
}

#ifdef __SSE2__
/* Four features in ten have no row.  A branch on that is mispredicted as often as not,
 * and so is a comparison with one mark after the other; so the marks of a bucket are
 * compared at once, and a feature without a row adds a row of zeros.  Weights are added
 * as w + 128, which widens without a sign, and BIAS of each is taken away at the end. */
static void add_up(const struct wanted *q, int16_t ret[STATE_WIDTH])
{
    enum { BIAS = 128 };
    const __m128i bias = _mm_set1_epi8((char)BIAS), zero = _mm_setzero_si128();
    __m128i a = zero, b = zero;
    for (size_t i = 0; i < q->n; i++) {
        const int8_t *bucket = q->bucket[i];
        __m128i marks =
            _mm_loadu_si128((const __m128i *)(const void *)(bucket + TAGGER_MARKS_AT));
        __m128i same = _mm_cmpeq_epi32(marks, _mm_set1_epi32((int)q->mark[i]));
        unsigned bits = (unsigned)_mm_movemask_ps(_mm_castsi128_ps(same));
        size_t k = (size_t)__builtin_ctz(bits | 1u << (TAGGER_BUCKET_ROWS - 1));
        /* Behind the states of the row come other bytes of the bucket. */
        __m128i row = _mm_loadu_si128(
            (const __m128i *)(const void *)(bucket + k * TAGGER_ROW_BYTES));
        row = _mm_and_si128(row, _mm_set1_epi32(-(int)(bits != 0)));
        row = _mm_xor_si128(row, bias);
        a = _mm_add_epi16(a, _mm_unpacklo_epi8(row, zero));
        b = _mm_add_epi16(b, _mm_unpackhi_epi8(row, zero));
    }
    __m128i all = _mm_set1_epi16((short)(BIAS * (int)q->n));
    _mm_storeu_si128((__m128i *)(void *)ret, _mm_sub_epi16(a, all));
    _mm_storeu_si128((__m128i *)(void *)(ret + STATE_WIDTH / 2), _mm_sub_epi16(b, all));
    for (size_t l = STATE_COUNT; l < STATE_WIDTH; l++)
        ret[l] = 0;
}
#else
static inline uint32_t mark_at(const int8_t *bucket, size_t row)
{
    const unsigned char *p = (const unsigned char *)bucket + TAGGER_MARKS_AT + 4 * row;
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
           (uint32_t)p[3] << 24;
}

static void add_up(const struct wanted *q, int16_t ret[STATE_WIDTH])
{
    memset(ret, 0, STATE_WIDTH * sizeof *ret);
    for (size_t i = 0; i < q->n; i++) {
        size_t k = 0;
        while (k < TAGGER_BUCKET_ROWS && mark_at(q->bucket[i], k) != q->mark[i])
            k++;
        for (size_t l = 0; k < TAGGER_BUCKET_ROWS && l < STATE_COUNT; l++)
            ret[l] = (int16_t)(ret[l] + q->bucket[i][k * TAGGER_ROW_BYTES + l]);
    }
}
#endif

/* Asks for the next token's rows before it adds up those of this one. */
static void score_tokens(const struct tagger *t, const struct look *at, size_t n,
                         int16_t (*ret)[STATE_WIDTH])
{
    struct wanted q[2];
    ask(t, at, &q[0]);
    for (size_t i = 0; i < n; i++) {
        if (i + 1 < n)
            ask(t, at + i + 1, &q[(i + 1) & 1]);
        add_up(&q[i & 1], ret[i]);
    }
}

/* One step of Viterbi: the best way to each state.  Sums are kept below zero and
 * above STATE_NEVER, so that 16 bits hold them. */
static void step(const struct tagger *t, const int16_t emit[STATE_WIDTH],
                 int16_t now[STATE_WIDTH], int16_t from[STATE_WIDTH])
{
    struct lanes best, back = {{0}, {0}}, next, e;
    int16_t v[STATE_WIDTH], most;
    memcpy(&next, t->next[0], sizeof next);
    best.a = next.a + now[0];
    best.b = next.b + now[0];
    for (unsigned l = 1; l < STATE_SPARE; l++) {
        if (now[l] <= STATE_NEVER)
            continue;
        memcpy(&next, t->next[l], sizeof next);
        next.a += now[l];
        next.b += now[l];
        sums more_a = next.a > best.a, more_b = next.b > best.b;
        best.a = (best.a & ~more_a) | (next.a & more_a);
        best.b = (best.b & ~more_b) | (next.b & more_b);
        back.a = (back.a & ~more_a) | (more_a & (int16_t)l);
        back.b = (back.b & ~more_b) | (more_b & (int16_t)l);
    }
    memcpy(&e, emit, sizeof e);
    best.a += e.a;
    best.b += e.b;
    memcpy(v, &best, sizeof v);
    memcpy(from, &back, sizeof back);
    most = v[0];
    for (size_t l = 1; l < STATE_SPARE; l++)
        most = v[l] > most ? v[l] : most;
    for (size_t l = 0; l < STATE_SPARE; l++) {
        int d = v[l] - most;
        now[l] = (int16_t)(d < STATE_NEVER ? STATE_NEVER : d);
    }
}

struct reader {
    struct line line;
    struct look *look;
    int16_t (*emit)[STATE_WIDTH];
    int16_t (*back)[STATE_WIDTH];
    uint8_t *state;
};

static bool reader_init(struct reader *r, struct arena *a)
{
    r->line = (struct line){0};
    r->look = arena_raw(a, (STRETCH_MAX + 2 * FEATURES_SIDE) * sizeof *r->look);
    r->emit = arena_raw(a, STRETCH_MAX * sizeof *r->emit);
    r->back = arena_raw(a, STRETCH_MAX * sizeof *r->back);
    r->state = arena_raw_array(a, uint8_t, STRETCH_MAX);
    return r->look && r->emit && r->back && r->state;
}

static void decode(const struct tagger *t, struct reader *r, size_t n)
{
    int16_t now[STATE_WIDTH];
    size_t at = 0;
    for (size_t l = 0; l < STATE_WIDTH; l++)
        now[l] = STATE_NEVER;
    now[STATE_O] = 0; /* nothing stands before */
    for (size_t i = 0; i < n; i++)
        step(t, r->emit[i], now, r->back[i]);
    for (size_t l = 1; l < STATE_SPARE; l++)
        at = now[l] > now[at] ? l : at;
    for (size_t i = n; i-- > 0;) {
        r->state[i] = (uint8_t)at;
        at = (size_t)r->back[i][at];
    }
}

/* How much more the states say than that there is nothing, for each token. */
static int32_t margin_of(const struct reader *r, size_t from, size_t end)
{
    int32_t sum = 0;
    for (size_t i = from; i < end; i++)
        sum += r->emit[i][r->state[i]] - r->emit[i][STATE_O];
    return sum / (int32_t)(end - from);
}

static uint8_t score_of(const struct tagger *t, int32_t margin)
{
    int64_t s = TAGGER_SCORE_MIN +
                (int64_t)margin * (TAGGER_SCORE_MAX - TAGGER_SCORE_MIN) / t->sure;
    return (uint8_t)(s < TAGGER_SCORE_MIN   ? TAGGER_SCORE_MIN
                     : s > TAGGER_SCORE_MAX ? TAGGER_SCORE_MAX
                                            : s);
}

/* Is the token at k of the same span as the one before?  Two people do not stand side
 * by side without a mark or a line's end between them. */
static bool goes_on(const struct window *w, const struct reader *r, size_t first,
                    size_t k)
{
    unsigned now = r->state[k];
    return (now == state_of_type(state_type(r->state[k - 1]), false) && now != STATE_O) ||
           (now == STATE_PERSON && state_type(r->state[k - 1]) == TYPE_PERSON &&
            w->tok[first + k].gap == GAP_SPACE && w->tok[first + k - 1].kind == TOK_WORD);
}

static void read_stretch(const struct tagger *t, const struct window *w, struct stretch s,
                         struct reader *r, struct tagged *v, size_t *n)
{
    size_t len = s.end - s.first;
    features_look(w, s, &r->line, r->look);
    score_tokens(t, r->look + FEATURES_SIDE, len, r->emit);
    decode(t, r, len);
    for (size_t i = 0; i < len;) {
        size_t k = i + 1;
        if (r->state[i] == STATE_O) {
            i++;
            continue;
        }
        while (k < len && goes_on(w, r, s.first, k))
            k++;
        int32_t margin = margin_of(r, i, k);
        v[(*n)++] = (struct tagged){(uint32_t)(s.first + i), (uint32_t)(s.first + k),
                                    (uint16_t)state_type(r->state[i]),
                                    score_of(t, margin), margin};
        i = k;
    }
}

bool tagger_run(const struct tagger *t, const struct window *w, struct tagged **ret,
                size_t *ret_n)
{
    struct reader r;
    struct stretch s;
    *ret_n = 0;
    *ret = NULL;
    struct stretches it = {.w = w};
    if (!stretches_next(&it, &s))
        return true; /* nothing in it is worth a look */
    *ret = arena_raw_array(w->a, struct tagged, w->ntok + 1);
    if (!*ret || !reader_init(&r, w->a))
        return false;
    do
        read_stretch(t, w, s, &r, *ret, ret_n);
    while (stretches_next(&it, &s));
    return true;
}
