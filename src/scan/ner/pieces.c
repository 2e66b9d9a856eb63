/* pieces.c -- see pieces.h. */
#include "scan/ner/pieces.h"

#include "scan/ner/latinise.h"
#include "scan/text/facts.h"
#include "scan/text/letters.h"
#include "scan/text/lexicon.h"

enum { FOLD_MAX = 40, LISTED_MOST = 4, BEGINS = 1, GOES_ON = 2, WHOLE = 4 };

/* -- cutting ------------------------------------------------------------------------ */

struct cutter {
    const struct window *w;
    const char *p, *end;
    size_t tok, field; /* those not behind the place where it is */
    char fold[FOLD_MAX], latin[FOLD_MAX];
    size_t nfold, nlatin;      /* nlatin 0: a script that latinise.h does not know */
    uint32_t letter[FOLD_MAX]; /* of the word in Latin letters, or in its own */
    size_t nletter;
    size_t hump;    /* bytes of fold before the word's first capital */
    bool is_tagged; /* behind a '#' without a blank: "#AnaDiaz" is two words */
};

static void letter_keep(struct cutter *c, uint32_t cp)
{
    if (c->nletter < FOLD_MAX)
        c->letter[c->nletter++] = cp;
}

static void fold_put(struct cutter *c, uint32_t cp)
{
    if (LIKELY(cp < 0x80)) {
        uint32_t small = letter_lower(cp);
        if (c->nfold < FOLD_MAX)
            c->fold[c->nfold++] = (char)small;
        letter_keep(c, small);
        return;
    }
    char base = latin_base(cp), out[4];
    uint32_t low = base ? (uint32_t)(unsigned char)base : letter_lower(cp);
    const char *latin = base ? NULL : latinise_letter(low);
    size_t n = letter_put(low, out);
    for (size_t i = 0; i < n && c->nfold < FOLD_MAX; i++)
        c->fold[c->nfold++] = out[i];
    if (!latin)
        letter_keep(c, low);
    for (; latin && *latin && c->nlatin < FOLD_MAX; latin++)
        c->latin[c->nlatin++] = *latin;
}

/* Greek and Cyrillic words are known by their letters in Latin. */
static void finish_letters(struct cutter *c, uint32_t first)
{
    if (c->nlatin && letter_lower(first) < 0x400)
        c->nlatin = latinise_greek(c->latin, c->nlatin);
    for (size_t i = 0; i < c->nlatin; i++)
        letter_keep(c, (unsigned char)c->latin[i]);
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
    c->nfold = c->nlatin = c->nletter = c->hump = 0;
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
        if (c->is_tagged && is_upper && lower)
            break;
        if (is_upper && upper == 0)
            c->hump = c->nfold;
        starts |= n == 0 && is_upper;
        upper += is_upper;
        lower += !is_upper && has_case(cp);
        if (kind != LETTER_JOINS || cp >= 0x590)
            fold_put(c, cp);
        n++;
        c->p += k;
    }
    x->width = (uint8_t)(n > 255 ? 255 : n);
    x->letter = case_of(upper, lower, starts);
    finish_letters(c, x->cp);
}

/* The k-th letter from the end, 0: there is none. */
static uint32_t letter_back(const struct cutter *c, size_t k)
{
    return k < c->nletter ? c->letter[c->nletter - 1 - k] : 0;
}

/* Lists of Greek words write the sigma at a word's end like any other. */
static uint16_t facts_of_sigma(struct cutter *c)
{
    static const char end[2] = {'\xCF', '\x82'}, other[2] = {'\xCF', '\x83'};
    if (c->nfold < 2 || memcmp(c->fold + c->nfold - 2, end, 2) != 0)
        return 0;
    memcpy(c->fold + c->nfold - 2, other, 2);
    return facts_find(word_hash(c->fold, c->nfold));
}

static bool is_latin(uint32_t cp)
{
    return cp < 0x250 || (cp >= 0x1E00 && cp < 0x1F00);
}

static void finish_word(struct cutter *c, struct piece *x)
{
    uint64_t hash = word_hash(c->fold, c->nfold);
    x->hash = (uint32_t)(hash >> 32);
    x->first3 = 0;
    for (size_t i = 0; i < 3 && i < c->nletter; i++)
        x->first3 = piece_mix(x->first3, c->letter[i]);
    x->last2 = piece_mix(letter_back(c, 1), letter_back(c, 0));
    x->last3 = piece_mix(letter_back(c, 2), x->last2);
    x->last4 = piece_mix(letter_back(c, 3), x->last3);
    x->facts = facts_find(hash);
    x->facts |= facts_of_sigma(c);
    if (x->kind == LETTER_WORD && is_latin(x->cp))
        x->usage = usage_find(hash, x->letter != CASE_LOWER);
}

/* -- names by their stems ----------------------------------------------------------- */

enum { STEM_LEAST = 3 };

/* What lists say of n letters, with `end` behind them. */
static uint8_t stem_bits(char *word, size_t n, char end)
{
    enum { PLACES = FACT_PLACE | FACT_FIRM };
    if (end && n < FOLD_MAX)
        word[n++] = end;
    uint64_t hash = word_hash(word, n);
    uint16_t f = facts_find(hash);
    uint8_t l = lexicon_find(hash), bits = 0;
    if ((f & FACT_FIRST) || (l & NAME_FIRST))
        bits |= STEM_FIRST;
    if ((f & FACT_LAST) || (l & NAME_LAST))
        bits |= STEM_LAST;
    return (uint8_t)(bits | (f & PLACES ? STEM_PLACE : 0));
}

/* "Галею" is of Галя, "Luthers" of Luther, "Μακρόν" Macron's in Latin letters: what lists
 * say of the word in Latin, and of what is left of it without an ending.  A guess. */
static uint8_t stem_of(struct cutter *c)
{
    char word[FOLD_MAX + 1];
    bool is_foreign = c->nlatin > 0;
    size_t n = is_foreign ? c->nlatin : c->nfold;
    const char *from = is_foreign ? c->latin : c->fold;
    uint8_t bits = 0;
    memcpy(word, from, n);
    if (is_foreign && n >= STEM_LEAST)
        bits = stem_bits(word, n, 0);
    if (is_foreign && !bits && c->letter[0] && n >= STEM_LEAST)
        bits = stem_bits(word, n, 's');
    for (size_t cut = 1; !bits && cut <= 2 && n >= cut + STEM_LEAST; cut++) {
        bits = stem_bits(word, n - cut, 0);
        if (!bits) {
            char kept = word[n - cut];
            bits = stem_bits(word, n - cut, 'a');
            word[n - cut] = kept;
        }
    }
    return bits;
}

/* Zulu and Xhosa glue what a name does in the sentence to its front: "uThandi",
 * "kaDlamini". */
static uint8_t stem_behind_hump(struct cutter *c)
{
    enum { PREFIX_MOST = 4 };
    if (c->hump == 0 || c->hump > PREFIX_MOST || c->nfold < c->hump + STEM_LEAST)
        return 0;
    return stem_bits(c->fold + c->hump, c->nfold - c->hump, 0);
}

/* Arabic and Hebrew glue "and", "to", "the" to the front of a word. */
static uint8_t stem_behind_prefix(struct cutter *c)
{
    uint8_t bits = 0;
    for (size_t cut = 2; !bits && cut <= 4 && c->nfold >= cut + 2 * STEM_LEAST; cut += 2)
        bits = stem_bits(c->fold + cut, c->nfold - cut, 0);
    return bits;
}

static bool is_semitic(uint32_t cp)
{
    return cp >= 0x590 && cp < 0x780;
}

static void find_stem(struct cutter *c, struct piece *x)
{
    if (x->kind != LETTER_WORD || x->letter == CASE_LOWER || x->names ||
        (x->facts & (FACT_FIRST | FACT_LAST)))
        return;
    if (x->letter == CASE_MIXED)
        x->stem = stem_behind_hump(c);
    if (x->letter != CASE_NONE && !x->stem)
        x->stem = stem_of(c);
    else if (is_semitic(x->cp))
        x->stem = stem_behind_prefix(c);
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
    find_stem(c, x);
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
        c.is_tagged = *c.p == '#' || (c.is_tagged && !gap);
        cut(&c, x);
    }
    for (size_t i = 0; ret->v && i < ret->n; i++)
        if (ret->v[i].kind == LETTER_ALONE)
            mark_listed(w, ret, i);
    if (ret->v)
        pieces_look_around(ret);
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
