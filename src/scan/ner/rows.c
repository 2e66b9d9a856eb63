/* rows.c -- what a piece looks like, in rows of the net's table; see pieces.h. */
#include "scan/ner/pieces.h"
#include "scan/text/facts.h"
#include "scan/text/letters.h"

/* Rows that stand for one thing each. */
enum {
    ROW_SHAPE = 0, /* kind, case, width */
    ROW_GAP = 400,
    ROW_NEXT_GAP = 408,
    ROW_COMMON = 416, /* how common, by case */
    ROW_FACT = 480,
    ROW_LEX = 496,
    ROW_NAME = 528,
    ROW_CLASS = 544, /* of the word */
    ROW_FIELD = 672, /* that it stands under */
    ROW_ASCII = 800,
    ROW_INSIDE = 928,
    ROW_PLACE = 944,
    ROW_LINE = 1024, /* with whether a word has a capital */
    ROW_CODE = 1216, /* of the window, by case */
    ROW_STEM = 1248, /* by whether it is Latin */
    ROW_SEEN = 1264,
    ROW_PLAIN = 1265,
    ROW_SHARE = 1280, /* of capitals, by how it is written here */
    ROW_CLUSTER = 1344,
    ROW_NEAR = ROW_CLUSTER + USAGE_CLUSTERS /* clusters that lie together */
};
_Static_assert(ROW_LINE + 2 * 3 * 32 <= ROW_CODE, "a row for each");
_Static_assert(ROW_SHARE + 8 * USAGE_SHARES <= ROW_CLUSTER, "a row for each");
_Static_assert(ROW_NEAR + (USAGE_CLUSTERS >> USAGE_NEAR) <= PIECE_FIXED_ROWS,
               "a row for each");
_Static_assert(CLS_COUNT < 128, "a row for each class");

struct rows {
    uint32_t *v;
    size_t n;
    uint32_t nrows;
};

static void put(struct rows *r, uint32_t row)
{
    if (r->n < PIECE_ROWS)
        r->v[r->n++] = row;
}

static void put_hash(struct rows *r, uint32_t no, uint32_t a)
{
    uint32_t h = piece_mix(a + no * 0x7FEB352Du, no);
    h = (h ^ h >> 13) * 0x846CA68Bu;
    put(r,
        PIECE_FIXED_ROWS + (uint32_t)((uint64_t)h * (r->nrows - PIECE_FIXED_ROWS) >> 32));
}

static void put_bits(struct rows *r, uint32_t row, uint32_t bits)
{
    for (; bits; bits &= bits - 1)
        put(r, row + (uint32_t)__builtin_ctz(bits));
}

static void put_lists(struct rows *r, const struct piece *x)
{
    uint32_t common = x->facts & FACT_FREQUENCY;
    put(r, ROW_COMMON + common * 8 + x->letter);
    put_bits(r, ROW_FACT, (uint32_t)(x->facts & ~FACT_FREQUENCY) & 0xFFFF);
    put_bits(r, ROW_NAME, x->names);
    put_hash(r, 1, piece_mix(x->facts, x->names) + x->letter);
    put_bits(r, ROW_LEX, x->lex);
    if (x->cls)
        put(r, ROW_CLASS + x->cls);
    if (x->kind == LETTER_ALONE) {
        put_bits(r, ROW_INSIDE, x->inside & 0xFFF8u);
        put(r, ROW_PLACE + x->place);
        put_hash(r, 2, piece_mix(x->inside, x->place));
    }
}

/* How raw text uses it. */
static void put_usage(struct rows *r, const struct piece *x)
{
    if (!x->usage.cluster)
        return;
    put(r, ROW_SHARE + x->usage.share * 8u + x->letter);
    put(r, ROW_CLUSTER + x->usage.cluster);
    put(r, ROW_NEAR + (x->usage.cluster >> USAGE_NEAR));
}

/* One letter of a script without blanks, and the two it makes with its neighbours. */
static void put_alone(struct rows *r, const struct pieces *p, size_t i, unsigned hide)
{
    const struct piece *x = &p->v[i];
    uint32_t before = i && !x->gap ? p->v[i - 1].cp : 1;
    uint32_t after = i + 1 < p->n && !p->v[i + 1].gap ? p->v[i + 1].cp : 1;
    put_hash(r, 3, x->cp);
    if (hide & HIDE_WORD)
        return;
    put_hash(r, 4, piece_mix(before, x->cp));
    put_hash(r, 5, piece_mix(x->cp, after));
}

static void put_letters(struct rows *r, const struct piece *x, unsigned hide)
{
    if ((x->facts || x->names || x->lex) && !(hide & HIDE_WORD)) {
        put_hash(r, 6, x->hash);
        put_hash(r, 7, x->hash);
    }
    put_hash(r, 8, x->first3);
    put_hash(r, 9, x->last2);
    put_hash(r, 10, x->last3);
    if (x->width > 5)
        put_hash(r, 11, x->last4);
    put_hash(r, 12, x->cp << 3 | x->letter);
}

/* Humps, underscores and brackets glued to it: the looks of code. */
static uint32_t glue_of(const struct pieces *p, size_t i)
{
    const struct piece *x = &p->v[i];
    uint32_t before = i && !x->gap ? p->v[i - 1].cp : 0;
    uint32_t after = i + 1 < p->n && !p->v[i + 1].gap ? p->v[i + 1].cp : 0;
    before = before < 0x80 ? before : 1;
    after = after < 0x80 ? after : 1;
    if (i && !x->gap && p->v[i - 1].kind == LETTER_DIGIT)
        before = '0';
    if (before && i && !x->gap && p->v[i - 1].kind == LETTER_WORD)
        before = 'a';
    return before << 8 | after;
}

static struct piece without(const struct piece *p, unsigned hide)
{
    struct piece x = *p;
    if ((hide & HIDE_CASE) && x.kind == LETTER_WORD)
        x.letter = CASE_NONE;
    if (hide & (HIDE_LETTERS | HIDE_COMMON)) {
        x.lex = 0;
        x.names = 0;
        x.cls = CLS_NONE;
        x.usage = (struct usage){0};
    }
    if (hide & HIDE_COMMON) {
        x.facts &= (uint16_t) ~(FACT_FREQUENCY | FACT_ENGLISH | FACT_TERM);
        x.english = 0;
    }
    return x;
}

size_t piece_rows(const struct pieces *p, size_t i, uint32_t nrows, unsigned hide,
                  uint32_t ret[PIECE_ROWS])
{
    const struct piece x = without(&p->v[i], hide);
    struct rows r = {ret, 0, nrows};
    uint32_t wide = x.width > 9 ? 7 : x.width > 6 ? 6 : x.width;
    put(&r, ROW_SHAPE + (x.kind * 8u + x.letter) * 8u + wide);
    put(&r, ROW_GAP + x.gap);
    put(&r, ROW_NEXT_GAP + (i + 1 < p->n ? p->v[i + 1].gap : 7u));
    put(&r, ROW_LINE + (x.line * 3u + x.english) * 2u + (x.letter != CASE_LOWER));
    put(&r, ROW_CODE + x.code * 8u + x.letter);
    if (x.stem)
        put(&r, ROW_STEM + (x.cp < 0x250 ? 0u : 8u) + x.stem);
    if (x.is_seen)
        put(&r, ROW_SEEN);
    if (x.is_plain)
        put(&r, ROW_PLAIN);
    if (x.field)
        put(&r, ROW_FIELD + x.field);
    if (x.kind == LETTER_SIGN && x.cp < 128)
        put(&r, ROW_ASCII + x.cp);
    else if (x.kind == LETTER_SIGN)
        put_hash(&r, 14, x.cp);
    if (x.kind != LETTER_WORD && x.kind != LETTER_ALONE)
        return r.n;
    put_lists(&r, &x);
    put_usage(&r, &x);
    uint32_t glue = x.kind == LETTER_WORD ? glue_of(p, i) : 0;
    if (glue)
        put_hash(&r, 13, piece_mix(glue, x.letter));
    if (hide & HIDE_LETTERS)
        return r.n;
    if (x.kind == LETTER_ALONE)
        put_alone(&r, p, i, hide);
    else
        put_letters(&r, &x, hide);
    return r.n;
}
