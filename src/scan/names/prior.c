/* prior.c -- see prior.h.
 *
 * Of a long text its beginning and its end are read: there stands what is asked.  A
 * slot's number is a hash; two signs may share one, which the learning bears. */
#include "scan/names/prior.h"

enum {
    HEAD_WORDS = 320,
    TAIL_WORDS = 160,
    IDS_EACH = 12, /* of a token at most, with its letters */
    SIGNS_MOST = 160,
    SIDE_WORDS = 2,
    NEAR_WORDS = 10,
    STEM_LETTERS = 4
};

/* Kinds of slots: what a hash begins with. */
enum kind {
    OF_WORD = 1,
    OF_STEM,
    OF_PAIR,
    OF_LETTERS,
    OF_SHAPE,
    OF_WEIGHT,
    OF_BIT,
    OF_SIDE,
    OF_NEAR,
    OF_NAME,
    OF_EDGE
};

extern const unsigned char guard_prior_begin[], guard_prior_end[];

const int8_t *prior_builtin(void)
{
    return (const int8_t *)guard_prior_begin;
}

static uint32_t slot(enum kind k, uint32_t a, uint32_t b)
{
    uint64_t h = ((uint64_t)a << 32 | b) ^ (uint64_t)k * 0x9E3779B97F4A7C15u;
    h ^= h >> 31;
    h *= 0xD6E8FEB86659FD93u;
    h ^= h >> 32;
    h *= 0xD6E8FEB86659FD93u;
    return (uint32_t)(h >> 40) % PRIOR_SLOTS;
}

static int bin(size_t n)
{
    int b = 0;
    for (; n; n >>= 1)
        b++;
    return b;
}

/* -- the words ---------------------------------------------------------------------- */

struct reading {
    const struct window *w;
    struct prior *p;
    uint8_t *seen; /* a bit for each slot */
    size_t cap, next_span;
    uint32_t last; /* what stood before */
};

static void bag_add(struct reading *r, uint32_t id)
{
    uint8_t bit = (uint8_t)(1 << (id & 7));
    if (r->p->nbag == r->cap || (r->seen[id >> 3] & bit))
        return;
    r->seen[id >> 3] |= bit;
    r->p->bag[r->p->nbag++] = id;
}

static bool is_wide(const struct token *t)
{
    return (unsigned char)t->c >= 0xE0;
}

/* Letters of a script that may put no blanks: pairs of them. */
static void bag_letters(struct reading *r, size_t from, size_t to)
{
    const char *p = r->w->p + from, *end = r->w->p + to;
    uint32_t last = 0, cp;
    for (size_t n = 0; p < end && n < IDS_EACH; n++) {
        p += utf8_read(p, end, &cp);
        bag_add(r, slot(OF_LETTERS, last, cp));
        last = cp;
    }
}

static uint32_t stem(const struct window *w, const struct token *t)
{
    const char *p = w->p + t->start, *end = w->p + t->end;
    uint32_t h = 0, cp;
    for (size_t n = 0; p < end && n < STEM_LETTERS; n++) {
        p += utf8_read(p, end, &cp);
        char base = cp < 128 ? to_lower((char)cp) : latin_base(cp);
        h = h * 0x01000193u ^ (base ? (unsigned char)base : cp);
    }
    return h;
}

/* What a token counts as beside others: a name and a number are only that. */
static uint32_t mark_of(const struct token *t)
{
    enum { A_NUMBER = 2 };
    if (t->kind == TOK_NUMBER)
        return A_NUMBER;
    return t->kind == TOK_WORD ? t->hash : (uint32_t)(unsigned char)t->c << 8;
}

enum { A_NAME = 1 };

static bool is_in_name(const struct window *w, size_t *next, const struct token *t)
{
    while (*next < w->nfound &&
           (w->found[*next].end <= t->start || w->found[*next].type != TYPE_PERSON))
        ++*next;
    return *next < w->nfound && w->found[*next].start < t->end;
}

static void bag_token(struct reading *r, size_t i)
{
    const struct token *t = &r->w->tok[i];
    uint32_t mark = mark_of(t);
    if (is_in_name(r->w, &r->next_span, t)) {
        const struct span *s = &r->w->found[r->next_span];
        if (is_wide(t) && t->start < s->start)
            bag_letters(r, t->start, s->start);
        if (is_wide(t) && t->end > s->end)
            bag_letters(r, s->end, t->end);
        if (r->last == A_NAME)
            return;
        mark = A_NAME;
    } else if (t->kind == TOK_WORD) {
        bag_add(r, slot(OF_WORD, t->hash, 0));
        bag_add(r, slot(OF_STEM, stem(r->w, t), 0));
        if (is_wide(t))
            bag_letters(r, t->start, t->end);
    }
    bag_add(r, slot(OF_PAIR, r->last, mark));
    r->last = mark;
}

static void sign(struct prior *p, uint32_t id)
{
    if (p->nsign < SIGNS_MOST)
        p->sign[p->nsign++] = id;
}

/* -- the structure ------------------------------------------------------------------ */

static void read_shape(const struct window *w, struct prior *p)
{
    enum { LINES, WORDS, NUMBERS, NAMES, OTHERS, QUOTES, ENDS, BEGINS, GROUPS };
    size_t lines = 0, numbers = 0, quotes = 0, names = 0, others = 0;
    for (size_t i = 0; i < w->ntok; i++) {
        lines += (w->tok[i].gap & GAP_LINE) != 0;
        numbers += w->tok[i].kind == TOK_NUMBER;
        quotes += w->tok[i].c == '"';
    }
    uint32_t groups = 0;
    for (size_t i = 0; i < w->nfound; i++) {
        enum guard_group g = guard_type_group((enum guard_type)w->found[i].type);
        names += w->found[i].type == TYPE_PERSON;
        others += g != GROUP_LOW && g != GROUP_PERSON;
        groups |= UINT32_C(1) << g;
    }
    const struct token *end = w->ntok ? &w->tok[w->ntok - 1] : NULL;
    sign(p, slot(OF_SHAPE, LINES, (uint32_t)bin(lines)));
    sign(p, slot(OF_SHAPE, WORDS, (uint32_t)bin(w->ntok)));
    sign(p, slot(OF_SHAPE, NUMBERS, (uint32_t)bin(numbers)));
    sign(p, slot(OF_SHAPE, NAMES, (uint32_t)bin(names)));
    sign(p, slot(OF_SHAPE, OTHERS, (uint32_t)bin(others)));
    sign(p, slot(OF_SHAPE, QUOTES, (uint32_t)bin(quotes)));
    sign(p, slot(OF_SHAPE, ENDS, end && end->kind == TOK_PUNCT ? (uint8_t)end->c : 1));
    sign(p, slot(OF_SHAPE, BEGINS, w->ntok ? w->tok[0].letter : CASE_NONE));
    for (uint32_t g = 0; g < 32; g++)
        if (groups >> g & 1)
            sign(p, slot(OF_SHAPE, GROUPS, g));
}

bool prior_read_text(const struct window *w, struct prior *p)
{
    size_t head = w->ntok < HEAD_WORDS ? w->ntok : HEAD_WORDS;
    size_t tail = w->ntok > head + TAIL_WORDS ? w->ntok - TAIL_WORDS : head;
    struct reading r = {.w = w, .p = p, .cap = (head + w->ntok - tail) * IDS_EACH + 2};
    *p = (struct prior){0};
    p->bag = arena_array(w->a, uint32_t, r.cap);
    p->sign = arena_array(w->a, uint32_t, SIGNS_MOST);
    r.seen = arena_array(w->a, uint8_t, PRIOR_SLOTS / 8);
    if (!p->bag || !p->sign || !r.seen)
        return false;
    for (size_t i = 0; i < head; i++)
        bag_token(&r, i);
    for (size_t i = tail; i < w->ntok; i++)
        bag_token(&r, i);
    for (size_t i = 0; i < 2 && i < w->ntok; i++)
        if (w->tok[i].kind == TOK_WORD)
            sign(p, slot(OF_EDGE, (uint32_t)i, w->tok[i].hash));
    read_shape(w, p);
    p->ntext = p->nsign;
    return true;
}

/* -- one name ----------------------------------------------------------------------- */

/* What stands beside it, by place; and the nearest words on both sides. */
static void read_sides(const struct window *w, size_t first, size_t end, struct prior *p)
{
    for (size_t d = 1; d <= NEAR_WORDS; d++) {
        uint32_t place = d <= SIDE_WORDS ? (uint32_t)d : 0;
        const struct token *b = first >= d ? &w->tok[first - d] : NULL;
        const struct token *a = end + d - 1 < w->ntok ? &w->tok[end + d - 1] : NULL;
        if (place) {
            sign(p, slot(OF_SIDE, place, b ? mark_of(b) : 0));
            sign(p, slot(OF_SIDE, place + SIDE_WORDS, a ? mark_of(a) : 0));
        }
        if (b && b->kind == TOK_WORD && !(b->names & 1))
            sign(p, slot(OF_NEAR, b->hash, 0));
        if (a && a->kind == TOK_WORD && !(a->names & 1))
            sign(p, slot(OF_NEAR, a->hash, 1));
    }
}

static uint32_t clipped(int n)
{
    enum { MOST = 12 };
    return (uint32_t)(n > MOST ? 2 * MOST : n < -MOST ? 0 : n + MOST);
}

void prior_read_name(const struct window *w, const struct span *s,
                     const struct prior_signs *signs, struct prior *p)
{
    enum { SUM, BEFORE, BEHIND, KNOWN };
    enum { WORDS, SCORE, SAW, FLAGS, LETTERS };
    enum { TEN = 10 };
    size_t first = token_at(w, s->start), end = first, words = 0;
    uint32_t flags = 0;
    for (; end < w->ntok && w->tok[end].start < s->end; end++) {
        words += w->tok[end].kind == TOK_WORD;
        flags |= w->tok[end].names;
    }
    p->nsign = p->ntext;
    sign(p, slot(OF_WEIGHT, SUM, clipped(signs->weight)));
    sign(p, slot(OF_WEIGHT, BEFORE, clipped(signs->before)));
    sign(p, slot(OF_WEIGHT, BEHIND, clipped(signs->behind)));
    sign(p, slot(OF_WEIGHT, KNOWN, clipped(signs->known)));
    for (uint32_t b = 0; b < 32; b++)
        if (signs->bits >> b & 1)
            sign(p, slot(OF_BIT, b, 0));
    sign(p, slot(OF_NAME, WORDS, words > 4 ? 5 : (uint32_t)words));
    sign(p, slot(OF_NAME, SCORE, s->score / TEN));
    sign(p, slot(OF_NAME, SAW, s->evidence));
    sign(p, slot(OF_NAME, FLAGS, flags));
    sign(p, slot(OF_NAME, LETTERS, first < w->ntok ? w->tok[first].letter : 0));
    read_sides(w, first, end, p);
}

/* The root of n, rounded down. */
static uint32_t root(uint32_t n)
{
    uint32_t r = 0;
    for (uint32_t bit = 1u << 15; bit; bit >>= 1)
        if ((r + bit) * (uint64_t)(r + bit) <= n)
            r += bit;
    return r;
}

int prior_score(const struct prior *p, const int8_t *table)
{
    enum { FINE = 64 }; /* of the root */
    int bag = 0, sum = 0;
    for (size_t i = 0; i < p->nbag; i++)
        bag += table[p->bag[i]];
    for (size_t i = 0; i < p->nsign; i++)
        sum += table[p->sign[i]];
    if (p->nbag)
        sum += bag * PRIOR_BAG * FINE / (int)root((uint32_t)p->nbag * FINE * FINE);
    return sum;
}
