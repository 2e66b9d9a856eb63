/* net.c -- reads a window with the weights of net.h.
 *
 * The bytes: "weirnam2", u32 version of the pieces, u32 rows, u64 0, u64 sum over what
 * follows the header, i32 lean of each script; layers, their biases, output, its biases,
 * rows.  A net that was cut, mixed with another version or changed is refused as a whole.
 */
#include "scan/ner/net.h"

#include "scan/ner/identifiers.h"
#include "scan/ner/net_sums.h"
#include "scan/ner/tagger.h"
#include "scan/text/facts.h"
#include "scan/text/letters.h"
#include "scan/text/lexicon.h"

extern const unsigned char guard_names_begin[], guard_names_end[];

struct str net_builtin(void)
{
    return (struct str){(const char *)guard_names_begin,
                        (size_t)(guard_names_end - guard_names_begin)};
}

/* -- the bytes ------------------------------------------------------------------- */

static uint64_t read_le(const char *p, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v |= (uint64_t)(unsigned char)p[i] << 8 * i;
    return v;
}

static int refuse(struct err *err, const char *why)
{
    return err_set(err, ERR_CONFIG, "names_weights", "these are no weights for names: %s",
                   why);
}

static uint32_t size_of(int16_t v)
{
    int32_t w = v;
    return (uint32_t)(w < 0 ? -w : w);
}

/* Of the weights of one output, no sum may pass 32 bits. */
static bool read_layers(struct net *t, const char **p)
{
    for (size_t l = 0; l < NET_LAYERS; l++) {
        uint32_t total[NET_WIDTH] = {0};
        for (size_t k = 0; k < NET_IN / 2; k++)
            for (size_t o = 0; o < NET_WIDTH; o++)
                for (size_t i = 0; i < 2; i++, *p += 2) {
                    int16_t v = (int16_t)read_le(*p, 2);
                    t->layer[l][k][o][i] = v;
                    total[o] += size_of(v);
                }
        for (size_t o = 0; o < NET_WIDTH; o++)
            if (total[o] > NET_WEIGHTS_MAX)
                return false;
    }
    return true;
}

static bool read_bias(int32_t *v, size_t n, const char **p)
{
    for (size_t i = 0; i < n; i++, *p += 4) {
        v[i] = (int32_t)read_le(*p, 4);
        if (v[i] > 1 << 29 || v[i] < -(1 << 29))
            return false;
    }
    return true;
}

static bool read_output(struct net *t, const char **p)
{
    for (size_t c = 0; c < NET_CLASSES; c++) {
        uint32_t total = 0;
        for (size_t o = 0; o < NET_WIDTH; o++, *p += 2) {
            int16_t v = (int16_t)read_le(*p, 2);
            t->out[c][o] = v;
            total += size_of(v);
        }
        if (total > NET_WEIGHTS_MAX)
            return false;
    }
    return read_bias(t->out_bias, NET_CLASSES, p);
}

static bool read_lean(struct net *t, const char *p)
{
    for (size_t i = 0; i < NET_SCRIPTS; i++) {
        t->lean[i] = (int32_t)read_le(p + 4 * i, 4);
        if (t->lean[i] > 1 << 16 || t->lean[i] < -(1 << 16))
            return false;
    }
    return true;
}

static int read_net(struct net *t, struct str b, struct err *err)
{
    if (b.n < NET_HEADER_BYTES || memcmp(b.p, NET_MAGIC, 8) != 0)
        return refuse(err, "the first eight bytes are not \"" NET_MAGIC "\"");
    if (read_le(b.p + NET_VERSION_AT, 4) != PIECES_VERSION)
        return refuse(err, "they were trained for other pieces; train them again");
    uint64_t rows = read_le(b.p + NET_ROWS_AT, 4);
    if (rows < NET_MIN_ROWS || rows > NET_MAX_ROWS || !read_lean(t, b.p + NET_LEAN_AT))
        return refuse(err, "the header is out of range");
    if (b.n != NET_HEADER_BYTES + NET_WEIGHT_BYTES + rows * NET_WIDTH)
        return refuse(err, "bytes are missing or left over");
    const char *p = b.p + NET_HEADER_BYTES;
    t->nrows = (uint32_t)rows;
    if (!read_layers(t, &p) || !read_bias(t->bias[0], NET_LAYERS * NET_WIDTH, &p) ||
        !read_output(t, &p))
        return refuse(err, "a weight is out of range");
    t->row = (const int8_t *)p;
    return 0;
}

int net_open(struct net *t, struct str b, struct err *err)
{
    if (read_net(t, b, err) < 0)
        return -1;
    if (read_le(b.p + NET_SUM_AT, 8) != tagger_sum(str_sub(b, NET_HEADER_BYTES, b.n)))
        return refuse(err, "the sum over the bytes is wrong");
    return 0;
}

int net_open_builtin(struct net *t, struct err *err)
{
    return read_net(t, net_builtin(), err);
}

/* -- reading --------------------------------------------------------------------- */

enum { ROOM = NET_PASSAGE + 2 * NET_AROUND }; /* pieces, neighbours included */

struct reader {
    int16_t (*x)[NET_WIDTH]; /* ROOM + 2 * NET_FAR: nothing stands on either side */
    int16_t (*y)[NET_WIDTH]; /* ROOM */
    int32_t (*emit)[NET_CLASSES];
    uint8_t (*back)[NET_CLASSES];
    uint8_t *class_of;
};

static bool reader_init(struct reader *r, struct arena *a)
{
    r->x = arena_raw(a, (ROOM + 2 * NET_FAR) * sizeof *r->x);
    r->y = arena_raw(a, ROOM * sizeof *r->y);
    r->emit = arena_raw(a, ROOM * sizeof *r->emit);
    r->back = arena_raw(a, ROOM * sizeof *r->back);
    r->class_of = arena_raw(a, ROOM);
    return r->x && r->y && r->emit && r->back && r->class_of;
}

/* Adds up the rows of a piece. */
static void look(const struct net *t, const struct net_sums *sums, const struct pieces *p,
                 size_t i, int16_t x[NET_WIDTH])
{
    uint32_t row[PIECE_ROWS];
    size_t n = piece_rows(p, i, t->nrows, 0, row);
    for (size_t k = 0; k < n; k++)
        __builtin_prefetch(t->row + (size_t)row[k] * NET_WIDTH);
    sums->look(t->row, row, n, x);
}

/* What each layer makes of three pieces is added to the one in the middle.  Of the n
 * pieces those are asked for that lie in [first, end); of the others a layer sees only as
 * many as the layers above it need. */
static void think(const struct net *t, const struct net_sums *sums, struct reader *r,
                  size_t n, size_t first, size_t end)
{
    const int16_t(*y)[NET_WIDTH] = (const int16_t(*)[NET_WIDTH])r->y;
    size_t around = NET_AROUND;
    for (size_t l = 0; l < NET_LAYERS; l++) {
        size_t far = net_far(l);
        around -= far;
        size_t from = first > around ? first - around : 0;
        size_t many = (end + around < n ? end + around : n) - from;
        int16_t(*x)[NET_WIDTH] = r->x + NET_FAR + from;
        sums->layer(t->layer[l], t->bias[l], (const int16_t(*)[NET_WIDTH])(x - far), r->y,
                    many, far);
        sums->add(x, y, many);
    }
}

/* Fast in builds for tests as well: all bounds are constants. */
#ifdef __clang__
#define HOT __attribute__((no_sanitize("address", "undefined")))
#else
#define HOT __attribute__((optimize("O3"), no_sanitize("address", "undefined")))
#endif

HOT static void emit(const struct net *t, const int16_t x[NET_WIDTH], int32_t lean,
                     int32_t ret[NET_CLASSES])
{
    for (size_t c = 0; c < NET_CLASSES; c++) {
        int32_t sum = t->out_bias[c];
        for (size_t o = 0; o < NET_WIDTH; o++)
            sum += x[o] * t->out[c][o];
        ret[c] = sum / NET_WEIGHT_ONE;
    }
    ret[NET_PERSON] += lean + NET_WEAK;
    ret[NET_PERSON_IN] += lean + NET_WEAK;
}

/* The likeliest of the classes that may stand before class c; of equals the first. */
static unsigned best_before(const int32_t now[NET_CLASSES], unsigned most, unsigned c)
{
    if (net_may_follow(NET_NOTHING, c))
        return most; /* it may stand behind any */
    return now[c] > now[c - 1] ? c : c - 1;
}

static unsigned likeliest(const int32_t now[NET_CLASSES])
{
    unsigned at = 0;
    for (unsigned c = 1; c < NET_CLASSES; c++)
        at = now[c] > now[at] ? c : at;
    return at;
}

static void decode(struct reader *r, size_t n)
{
    enum { NEVER = -(1 << 29) };
    int32_t now[NET_CLASSES], best[NET_CLASSES];
    unsigned at = NET_NOTHING;
    for (unsigned c = 0; c < NET_CLASSES; c++)
        now[c] = c ? NEVER : 0;
    for (size_t i = 0; i < n; i++) {
        for (unsigned c = 0; c < NET_CLASSES; c++) {
            unsigned from = best_before(now, at, c);
            best[c] = now[from] + r->emit[i][c];
            r->back[i][c] = (uint8_t)from;
        }
        at = likeliest(best);
        for (unsigned c = 0; c < NET_CLASSES; c++)
            now[c] = best[c] - best[at] < NEVER / 2 ? NEVER / 2 : best[c] - best[at];
    }
    for (size_t i = n; i-- > 0;) {
        r->class_of[i] = (uint8_t)at;
        at = r->back[i][at];
    }
}

static bool is_person(unsigned c)
{
    return c == NET_PERSON || c == NET_PERSON_IN;
}

static int32_t margin_of(const int32_t e[NET_CLASSES])
{
    int32_t person = e[NET_PERSON] > e[NET_PERSON_IN] ? e[NET_PERSON] : e[NET_PERSON_IN];
    int32_t other = e[NET_NOTHING];
    for (size_t c = NET_PLACE; c < NET_CLASSES; c++)
        other = e[c] > other ? e[c] : other;
    return person - other - NET_WEAK;
}

static uint8_t score_of(int32_t margin)
{
    int32_t s =
        NET_SCORE_MIN + margin * (NET_SCORE_MAX - NET_SCORE_MIN) / (6 * NET_SUM_ONE);
    return (uint8_t)(margin < 0 ? NET_SCORE_WEAK : s > NET_SCORE_MAX ? NET_SCORE_MAX : s);
}

/* -- what was found ---------------------------------------------------------------- */

/* Pieces [i, k) of the passage are one person. */
static void put_named(const struct pieces *p, const struct reader *r, size_t first,
                      size_t i, size_t k, struct named *v, size_t *n)
{
    int64_t sum = 0;
    size_t from = first + i, end = first + k, count = k - i;
    for (size_t j = i; j < k; j++) {
        int32_t m = margin_of(r->emit[j]);
        sum += m > 1 << 16 ? 1 << 16 : m;
    }
    while (from < end && p->v[from].kind == LETTER_SIGN)
        from++;
    while (end > from && p->v[end - 1].kind == LETTER_SIGN)
        end--;
    if (from == end || is_identifier(p, from, end))
        return;
    int32_t margin = (int32_t)(sum / (int64_t)count);
    v[(*n)++] = (struct named){.start = p->v[from].start,
                               .end = p->v[end - 1].end,
                               .score = score_of(margin),
                               .is_weak = margin < 0,
                               .margin = margin};
}

static enum net_script script_of(const struct piece *x)
{
    if (x->kind == LETTER_ALONE || (x->letter == CASE_NONE && x->cp >= 0x590))
        return NET_UNCASED;
    return x->cp < 0x370 || (x->cp >= 0x1E00 && x->cp < 0x1F00) ? NET_LATIN : NET_CASED;
}

static int32_t lean_of(const struct net *t, const struct pieces *p, struct passage s)
{
    size_t n[NET_SCRIPTS] = {0}, most = 0;
    for (size_t i = s.first; i < s.end; i++)
        if (p->v[i].kind == LETTER_WORD || p->v[i].kind == LETTER_ALONE)
            n[script_of(&p->v[i])]++;
    for (size_t i = 1; i < NET_SCRIPTS; i++)
        most = n[i] > n[most] ? i : most;
    return t->lean[most];
}

/* Reads pieces [s.first, s.end) with NET_AROUND neighbours on each side. */
static void read_passage(const struct net *t, const struct pieces *p, struct passage s,
                         struct reader *r, struct named *v, size_t *n)
{
    size_t from = s.first > NET_AROUND ? s.first - NET_AROUND : 0;
    size_t end = s.end + NET_AROUND < p->n ? s.end + NET_AROUND : p->n;
    size_t len = s.end - s.first;
    int32_t lean = lean_of(t, p, s);
    const struct net_sums *sums = net_sums_best();
    memset(r->x, 0, NET_FAR * sizeof r->x[0]);
    for (size_t i = from; i < end; i++)
        look(t, sums, p, i, r->x[i - from + NET_FAR]);
    memset(r->x[end - from + NET_FAR], 0, NET_FAR * sizeof r->x[0]);
    think(t, sums, r, end - from, s.first - from, s.end - from);
    for (size_t i = 0; i < len; i++)
        emit(t, r->x[s.first - from + i + NET_FAR], lean, r->emit[i]);
    decode(r, len);
    for (size_t i = 0; i < len;) {
        size_t k = i + 1;
        if (!is_person(r->class_of[i])) {
            i++;
            continue;
        }
        while (k < len && r->class_of[k] == NET_PERSON_IN)
            k++;
        put_named(p, r, s.first, i, k, v, n);
        i = k;
    }
}

bool net_run(const struct net *t, const struct window *w, struct named **ret,
             size_t *ret_n)
{
    struct pieces p;
    struct passage s;
    struct reader r;
    *ret_n = 0;
    *ret = NULL;
    if (!pieces_read(w, &p))
        return false;
    if (!passage_next(&p, 0, NET_PASSAGE, &s))
        return true; /* nothing in it is worth a look */
    *ret = arena_raw(w->a, (p.n + 1) * sizeof **ret);
    if (!*ret || !reader_init(&r, w->a))
        return false;
    do
        read_passage(t, &p, s, &r, *ret, ret_n);
    while (passage_next(&p, s.end, NET_PASSAGE, &s));
    return true;
}
