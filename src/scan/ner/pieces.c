/* pieces.c -- see pieces.h. */
#include "scan/ner/pieces.h"

#include "scan/text/facts.h"
#include "scan/text/letters.h"
#include "scan/text/lexicon.h"

enum { FOLD_MAX = 40, LISTED_MOST = 4, BEGINS = 1, GOES_ON = 2, WHOLE = 4 };

/* -- cutting ------------------------------------------------------------------------ */

struct cutter {
    const struct window *w;
    const char *p, *end;
    size_t tok, field; /* those not behind the place where it is */
    char fold[FOLD_MAX];
    size_t nfold;
    uint32_t last[4]; /* code points, the last one first */
};

static uint32_t mix(uint32_t a, uint32_t b)
{
    uint32_t h = (a + b * 0x9E3779B1u) * 0x85EBCA6Bu;
    return h ^ h >> 15;
}

static void fold_put(struct cutter *c, uint32_t cp)
{
    char base = latin_base(cp), out[4];
    uint32_t low = base ? (uint32_t)(unsigned char)base : letter_lower(cp);
    size_t n = letter_put(low, out);
    for (size_t i = 0; i < n && c->nfold < FOLD_MAX; i++)
        c->fold[c->nfold++] = out[i];
    c->last[3] = c->last[2];
    c->last[2] = c->last[1];
    c->last[1] = c->last[0];
    c->last[0] = low;
}

static uint8_t read_gap(struct cutter *c)
{
    uint8_t gap = 0;
    uint32_t cp;
    while (c->p < c->end) {
        size_t k = utf8_read(c->p, c->end, &cp);
        if (letter_kind(cp) != LETTER_BLANK)
            break;
        gap |= GAP_SPACE;
        if (cp == '\n')
            gap |= gap & GAP_LINE ? GAP_BLANK_LINE : GAP_LINE;
        c->p += k;
    }
    return gap;
}

static uint8_t case_of(size_t upper, size_t lower, bool starts)
{
    if (upper + lower == 0)
        return CASE_NONE;
    if (upper == 0)
        return CASE_LOWER;
    if (lower == 0)
        return upper == 1 ? CASE_TITLE : CASE_UPPER;
    return starts && upper == 1 ? CASE_TITLE : CASE_MIXED;
}

/* Latin, Greek, Cyrillic, Armenian. */
static bool has_case(uint32_t cp)
{
    return cp < 0x300 || (cp >= 0x370 && cp < 0x590) || (cp >= 0x1E00 && cp < 0x2000);
}

/* Does an apostrophe at p join two parts of a name: O'Brien, D'Angelo? */
static bool joins_name(const char *p, const char *begin, const char *end)
{
    return *p == '\'' && p - begin <= 2 && end - p > 2 && (is_alpha(p[1]) || p[1] < 0) &&
           (is_alpha(p[2]) || p[2] < 0);
}

/* The letters of a word; one alone of a script without blanks. */
static void read_letters(struct cutter *c, struct piece *x)
{
    size_t upper = 0, lower = 0, n = 0;
    const char *begin = c->p;
    bool starts = false;
    c->nfold = 0;
    memset(c->last, 0, sizeof c->last);
    while (c->p < c->end) {
        uint32_t cp;
        size_t k = utf8_read(c->p, c->end, &cp);
        enum letter_kind kind = letter_kind(cp);
        if (n && x->kind == LETTER_WORD && cp == '\'' &&
            joins_name(c->p, begin, c->end)) {
            c->p++;
            continue;
        }
        if (n && kind != LETTER_JOINS && (kind != LETTER_WORD || x->kind == LETTER_ALONE))
            break;
        bool is_upper = letter_lower(cp) != cp;
        starts |= n == 0 && is_upper;
        upper += is_upper;
        lower += !is_upper && has_case(cp);
        if (kind != LETTER_JOINS || cp >= 0x590)
            fold_put(c, cp);
        if (n == 0)
            x->first3 = 0;
        if (n < 3)
            x->first3 = mix(x->first3, c->last[0]);
        n++;
        c->p += k;
    }
    x->width = (uint8_t)(n > 255 ? 255 : n);
    x->letter = case_of(upper, lower, starts);
}

static void finish_word(struct cutter *c, struct piece *x)
{
    uint64_t hash = word_hash(c->fold, c->nfold);
    x->hash = (uint32_t)(hash >> 32);
    x->last2 = mix(c->last[1], c->last[0]);
    x->last3 = mix(c->last[2], x->last2);
    x->last4 = mix(c->last[3], x->last3);
    x->facts = facts_find(hash);
}

/* What the tokens of the window know of it. */
static void ask_token(struct cutter *c, struct piece *x)
{
    const struct window *w = c->w;
    while (c->tok < w->ntok && w->tok[c->tok].end <= x->start)
        c->tok++;
    if (c->tok < w->ntok && w->tok[c->tok].start == x->start &&
        w->tok[c->tok].end == x->end) {
        x->lex = w->tok[c->tok].lex;
        x->names = w->tok[c->tok].names;
        x->cls = w->tok[c->tok].cls;
    }
    while (c->field < w->nfield && w->field[c->field].end <= x->start)
        c->field++;
    if (c->field < w->nfield && w->field[c->field].start <= x->start)
        x->field = (uint8_t)(1 + w->field[c->field].cls);
}

static void cut(struct cutter *c, struct piece *x)
{
    uint32_t cp;
    size_t k = utf8_read(c->p, c->end, &cp);
    x->start = (uint32_t)(c->p - c->w->p);
    x->cp = cp;
    x->kind = (uint8_t)letter_kind(cp);
    x->letter = CASE_NONE;
    x->width = 1;
    if (x->kind == LETTER_WORD || x->kind == LETTER_ALONE) {
        read_letters(c, x);
        finish_word(c, x);
    } else if (x->kind == LETTER_DIGIT) {
        const char *begin = c->p;
        while (c->p < c->end && utf8_read(c->p, c->end, &cp) == k &&
               letter_kind(cp) == LETTER_DIGIT)
            c->p += k;
        size_t n = (size_t)(c->p - begin) / k;
        x->width = (uint8_t)(n > 255 ? 255 : n);
    } else {
        c->p += k;
    }
    x->end = (uint32_t)(c->p - c->w->p);
    ask_token(c, x);
}

/* -- names in scripts without blanks ------------------------------------------------ */

/* Marks the letters of each listed name of several letters: Chinese, Japanese, Korean. */
static void mark_listed(const struct window *w, struct pieces *p, size_t i)
{
    enum { NAMES = FACT_FIRST | FACT_LAST | FACT_PERSON | FACT_PLACE | FACT_FIRM };
    struct piece *x = &p->v[i];
    x->inside |= x->facts;
    for (size_t n = 2; n <= LISTED_MOST && i + n <= p->n; n++) {
        const struct piece *z = &p->v[i + n - 1];
        if (z->kind != LETTER_ALONE || z->gap)
            return;
        uint16_t f = facts_find(word_hash(w->p + x->start, z->end - x->start));
        if (!f)
            continue;
        for (size_t k = 0; k < n; k++) {
            x[k].inside |= f;
            if (f & NAMES)
                x[k].place |= k == 0 ? BEGINS : GOES_ON;
        }
        if (f & FACT_PERSON)
            x->place |= WHOLE;
    }
}

/* -- lines -------------------------------------------------------------------------- */

struct line {
    size_t words, upper, title, english, signs;
};

static void count(struct line *l, const struct piece *x)
{
    l->signs += x->kind == LETTER_SIGN;
    if (x->kind != LETTER_WORD)
        return;
    l->words++;
    l->upper += x->letter == CASE_UPPER;
    l->title += x->letter == CASE_TITLE || x->letter == CASE_MIXED;
    l->english += (x->facts & FACT_ENGLISH) != 0;
}

static uint8_t line_of(const struct line *l)
{
    unsigned letters = l->upper + l->title == 0      ? 0
                       : l->upper * 4 > l->words * 3 ? 1
                       : l->title * 4 > l->words * 3 ? 2
                                                     : 3;
    unsigned length = l->words <= 2 ? 0 : l->words <= 5 ? 1 : l->words <= 10 ? 2 : 3;
    unsigned signs = l->signs * 3 > l->words * 2;
    return (uint8_t)((letters * 4 + length) * 2 + signs);
}

static uint8_t english_of(const struct line *l)
{
    return l->english * 2 > l->words ? 2 : l->english * 4 > l->words ? 1 : 0;
}

static void mark_lines(struct pieces *p)
{
    for (size_t i = 0, k; i < p->n; i = k) {
        struct line l = {0};
        for (k = i; k < p->n && (k == i || !(p->v[k].gap & GAP_LINE)); k++)
            count(&l, &p->v[k]);
        uint8_t line = line_of(&l), english = english_of(&l);
        for (size_t j = i; j < k; j++) {
            p->v[j].line = line;
            p->v[j].english = english;
        }
    }
}

/* -- what is worth a look ----------------------------------------------------------- */

static bool is_worth(const struct piece *x)
{
    if (x->kind == LETTER_ALONE)
        return true;
    if (x->kind != LETTER_WORD)
        return false;
    if (x->letter == CASE_NONE)
        return true; /* Arabic, Hindi, Georgian */
    if (x->letter != CASE_LOWER)
        return x->gap == 0 || !(x->lex & LEX_STOP);
    return (x->facts & FACT_FREQUENCY) == 0 ||
           ((x->facts & (FACT_FIRST | FACT_LAST)) && (x->facts & FACT_FREQUENCY) <= 5);
}

bool pieces_read(const struct window *w, struct pieces *ret)
{
    struct cutter c = {.w = w, .p = w->p, .end = w->p + w->n};
    size_t cap = w->n / 3 + 64;
    ret->n = 0;
    ret->v = arena_raw(w->a, cap * sizeof *ret->v);
    while (ret->v) {
        uint8_t gap = read_gap(&c);
        if (c.p >= c.end)
            break;
        if (ret->n == cap) {
            struct piece *v = arena_raw(w->a, 2 * cap * sizeof *v);
            if (!v)
                return false;
            memcpy(v, ret->v, cap * sizeof *v);
            ret->v = v;
            cap *= 2;
        }
        struct piece *x = &ret->v[ret->n++];
        *x = (struct piece){.gap = gap};
        cut(&c, x);
    }
    for (size_t i = 0; ret->v && i < ret->n; i++)
        if (ret->v[i].kind == LETTER_ALONE)
            mark_listed(w, ret, i);
    if (ret->v)
        mark_lines(ret);
    for (size_t i = 0; ret->v && i < ret->n; i++)
        ret->v[i].is_worth = is_worth(&ret->v[i]);
    return ret->v != NULL;
}

/* From the line of a piece worth a look to the last line with one. */
bool passage_next(const struct pieces *p, size_t at, size_t most, struct passage *ret)
{
    size_t i = at, line = at, last;
    for (; i < p->n && !p->v[i].is_worth; i++)
        if (i > at && (p->v[i].gap & GAP_LINE))
            line = i;
    if (i == p->n)
        return false;
    if (p->v[i].gap & GAP_LINE)
        line = i;
    if (i - line >= most / 2)
        line = i - most / 2;
    last = i;
    for (i++; i < p->n && i - line < most; i++) {
        if ((p->v[i].gap & GAP_LINE) && i - last > 16)
            break;
        if (p->v[i].is_worth)
            last = i;
    }
    *ret = (struct passage){line, i};
    return true;
}

/* -- looks -------------------------------------------------------------------------- */

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
    ROW_LINE = 1024 /* with whether a word has a capital */
};
_Static_assert(ROW_LINE + 2 * 3 * 32 <= PIECE_FIXED_ROWS, "a row for each");
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
    uint32_t h = mix(a + no * 0x7FEB352Du, no);
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
    put_hash(r, 1, mix(x->facts, x->names) + x->letter);
    put_bits(r, ROW_LEX, x->lex);
    if (x->cls)
        put(r, ROW_CLASS + x->cls);
    if (x->kind == LETTER_ALONE) {
        put_bits(r, ROW_INSIDE, x->inside & 0xFFF8u);
        put(r, ROW_PLACE + x->place);
        put_hash(r, 2, mix(x->inside, x->place));
    }
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
    put_hash(r, 4, mix(before, x->cp));
    put_hash(r, 5, mix(x->cp, after));
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
    if (x.field)
        put(&r, ROW_FIELD + x.field);
    if (x.kind == LETTER_SIGN && x.cp < 128)
        put(&r, ROW_ASCII + x.cp);
    else if (x.kind == LETTER_SIGN)
        put_hash(&r, 14, x.cp);
    if (x.kind != LETTER_WORD && x.kind != LETTER_ALONE)
        return r.n;
    put_lists(&r, &x);
    uint32_t glue = x.kind == LETTER_WORD ? glue_of(p, i) : 0;
    if (glue)
        put_hash(&r, 13, mix(glue, x.letter));
    if (hide & HIDE_LETTERS)
        return r.n;
    if (x.kind == LETTER_ALONE)
        put_alone(&r, p, i, hide);
    else
        put_letters(&r, &x, hide);
    return r.n;
}
