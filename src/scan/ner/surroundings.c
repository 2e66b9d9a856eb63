/* surroundings.c -- what the lines around a piece say of it; see pieces.h. */
#include "scan/ner/pieces.h"
#include "scan/text/facts.h"
#include "scan/text/letters.h"

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

/* -- what stands around ------------------------------------------------------------- */

static size_t line_end(const struct pieces *p, size_t i)
{
    for (i++; i < p->n && !(p->v[i].gap & GAP_LINE);)
        i++;
    return i < p->n ? i : p->n;
}

/* The share of signs of code among pieces [from, end), a few of them for nothing; and
 * whether nothing there has a capital. */
static void look_around(const struct pieces *p, size_t from, size_t end,
                        uint8_t *ret_code, bool *ret_plain)
{
    const size_t free_signs = 4, n = end - from;
    size_t signs = 0, capitals = 0;
    for (size_t i = from; i < end; i++) {
        const struct piece *x = &p->v[i];
        capitals += x->kind == LETTER_WORD && x->letter != CASE_LOWER;
        signs += x->cp < 0x80 && x->kind == LETTER_SIGN &&
                 strchr("{}();=<>[]_", (int)x->cp) != NULL;
    }
    signs -= signs < free_signs ? signs : free_signs;
    *ret_code = signs * 50 < n ? 0 : signs * 12 < n ? 1 : signs * 5 < n ? 2 : 3;
    *ret_plain = capitals == 0;
}

/* Of each line with two before it and two behind: a text may hold code, chats and prose.
 */
static void mark_surroundings(struct pieces *p)
{
    size_t before[2] = {0, 0};
    for (size_t i = 0, k; i < p->n; i = k) {
        uint8_t code;
        bool is_plain;
        k = line_end(p, i);
        size_t end = k < p->n ? line_end(p, k) : k;
        end = end < p->n ? line_end(p, end) : end;
        look_around(p, before[0], end, &code, &is_plain);
        for (size_t j = i; j < k; j++) {
            p->v[j].code = code;
            p->v[j].is_plain = is_plain;
        }
        before[0] = before[1];
        before[1] = i;
    }
}

/* Words that stand in lower case too are seldom names. */
static void mark_seen(struct pieces *p)
{
    enum { BITS = 4096 };
    uint64_t seen[BITS / 64] = {0};
    for (size_t i = 0; i < p->n; i++) {
        const struct piece *x = &p->v[i];
        if (x->kind == LETTER_WORD && x->letter == CASE_LOWER && x->gap)
            seen[x->hash % BITS / 64] |= UINT64_C(1) << (x->hash & 63);
    }
    for (size_t i = 0; i < p->n; i++) {
        struct piece *x = &p->v[i];
        x->is_seen = x->kind == LETTER_WORD && x->letter != CASE_LOWER &&
                     x->letter != CASE_NONE &&
                     (seen[x->hash % BITS / 64] >> (x->hash & 63) & 1);
    }
}

void pieces_look_around(struct pieces *p)
{
    mark_lines(p);
    mark_surroundings(p);
    mark_seen(p);
}
