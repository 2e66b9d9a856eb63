/* whole_address.c -- see whole_address.h.
 *
 * From an address on, part after part is read (address_parts.h).  Words may be a town or
 * anything else: they are taken once a postcode, a country, a flat or a known place
 * follows them. */
#include "scan/names/whole_address.h"

#include "scan/names/address_parts.h"

enum {
    LEAST_SCORE = 50,
    PARTS_MOST = 9,
    OPEN_MOST = 4,
    CODE_SCORE = 64,
    PLACE_SCORE = 60
};

struct whole {
    struct address_part part[PARTS_MOST];
    size_t n;     /* parts that belong to it */
    size_t first; /* its own tokens */
    size_t end;
    bool is_block; /* some of it stands on other lines */
};

static const struct token *tok(const struct window *w, size_t i)
{
    return private_token(w, i);
}

/* All of its words in small letters. */
static struct address_style style_of(const struct window *w, size_t first, size_t end)
{
    bool has_capital = false, has_word = false;
    for (size_t i = first; i < end; i++) {
        const struct token *t = tok(w, i);
        has_word |= t->letter == CASE_LOWER;
        has_capital |= t->kind == TOK_WORD && t->letter != CASE_LOWER;
    }
    return (struct address_style){.is_small = has_word && !has_capital};
}

/* A value of another kind lies there; or somebody's name, where an address may have one
 * at most: a town that looks like it. */
static bool is_taken_part(const struct window *w, size_t k, size_t n,
                          const struct address_part *p, size_t *names)
{
    enum { NAME_SURE = 60, LOOSE = 72, DIGITS = 10 };
    uint32_t start = tok(w, p->first)->start, end = tok(w, p->end - 1)->end;
    for (; k < n && w->found[k].start < end; k++) {
        const struct span *s = &w->found[k];
        bool is_low = guard_type_group((enum guard_type)s->type) == GROUP_LOW;
        if (s->end <= start || is_low || s->type == TYPE_ADDRESS || !s->score)
            continue;
        if (s->type == TYPE_PERSON) {
            bool is_name = s->score >= NAME_SURE && !s->is_alone && p->kind < PART_CODE;
            if (is_name && (*names)++)
                return true;
            continue;
        }
        bool is_number = (s->type == TYPE_PHONE || s->type == TYPE_ID_NUMBER ||
                          s->type == TYPE_HOSTNAME) &&
                         s->score <= LOOSE && s->end - s->start <= DIGITS;
        if (!is_number || p->kind != PART_CODE)
            return true;
    }
    return false;
}

/* The tagger knows these words for a place. */
static bool is_located(const struct window *w, size_t k, size_t n,
                       const struct address_part *p)
{
    uint32_t start = tok(w, p->first)->start, end = tok(w, p->end - 1)->end;
    for (; k < n && w->found[k].start <= start; k++)
        if (w->found[k].type == TYPE_LOCATION && w->found[k].end >= end)
            return true;
    return false;
}

/* Whether with this part all that was read before it belongs to the address. */
static bool settles(const struct address_part *p, size_t nopen)
{
    if (p->kind == PART_CODE || p->kind == PART_COUNTRY || p->kind == PART_UNIT)
        return true;
    return p->kind == PART_PLACE && p->parting == PARTED_BY_LINE && nopen == 0;
}

static bool may_follow(const struct window *w, const struct whole *x,
                       const struct address_part *p)
{
    if (p->kind == PART_NONE)
        return false;
    if (p->parting == PARTED_BY_BLANK) {
        /* "Apt. 417 Csipkerek", "(Greek) 13475", "Main Street 12 20144 Milano" */
        bool is_behind_unit = x->n > 0 && x->part[x->n - 1].kind == PART_UNIT;
        return p->kind == PART_CODE || p->kind == PART_UNIT ||
               (is_behind_unit && (p->kind == PART_PLACE || p->kind == PART_WORDS));
    }
    if (p->parting == PARTED_BY_EMPTY_LINE) /* all of a line, and none of prose */
        return ends_part(w, p->end) && tok(w, p->end)->c != '.';
    return true;
}

/* Where the part begins that the address ends with, if it has words alone: "12 Hill Road,
 * Saint Vincent" may go on with "and the Grenadines"; else its end. */
static size_t last_part(const struct window *w, const struct whole *x)
{
    for (size_t k = x->end; k > x->first + 1 && tok(w, k - 1)->kind != TOK_NUMBER; k--)
        if (tok(w, k - 1)->c == ',' || (tok(w, k - 1)->gap & GAP_LINE))
            return k - 1;
    return x->end;
}

static void read_on(const struct window *w, size_t k, size_t n, struct whole *x)
{
    struct address_style style = style_of(w, x->first, x->end);
    size_t at = last_part(w, x), open = 0, names = 0;
    while (x->n + open < PARTS_MOST && open < OPEN_MOST) {
        struct address_part *p = &x->part[x->n + open];
        *p = next_address_part(w, at, style);
        if (!may_follow(w, x, p) || is_taken_part(w, k, n, p, &names))
            break;
        if (p->kind == PART_WORDS && !names && is_located(w, k, n, p))
            p->kind = PART_PLACE;
        x->is_block |= p->parting >= PARTED_BY_LINE;
        at = p->end;
        open++;
        if (settles(p, open - 1)) {
            x->n += open;
            open = 0;
        }
    }
}

/* Behind an empty line, or at the text's start. */
static bool stands_alone(const struct window *w, size_t i)
{
    return i == 0 || (tok(w, i)->gap & GAP_BLANK_LINE);
}

/* Found spans from k on that lie before `end` are part of the address. */
static void drop_inside(struct window *w, size_t k, size_t n, uint32_t start,
                        uint32_t end)
{
    for (; k < n && w->found[k].start < end; k++) {
        struct span *s = &w->found[k];
        if (s->start >= start && s->end <= end)
            s->score = 0;
        else if (s->end > end && s->start < end)
            s->start = end;
    }
}

/* Of a block that stands alone the flat is a part of the street's line; what is below are
 * places and codes. */
static void put_parts(struct window *w, size_t k, size_t n, const struct whole *x)
{
    size_t i = 0;
    for (; i < x->n && x->part[i].kind == PART_UNIT; i++) {
        uint32_t end = tok(w, x->part[i].end - 1)->end;
        drop_inside(w, k + 1, n, w->found[k].end, end);
        w->found[k].end = end > w->found[k].end ? end : w->found[k].end;
    }
    for (; i < x->n; i++) {
        const struct address_part *p = &x->part[i];
        bool has_code = p->kind == PART_CODE;
        size_t words = has_code && p->code == p->first ? p->code_end : p->first;
        size_t words_end = has_code && p->code > p->first ? p->code : p->end;
        while (words_end > words && tok(w, words_end - 1)->kind == TOK_PUNCT)
            words_end--;
        drop_inside(w, k + 1, n, tok(w, p->first)->start, tok(w, p->end - 1)->end);
        if (has_code)
            propose(w, tok(w, p->code)->start, tok(w, p->code_end - 1)->end, TYPE_ADDRESS,
                    CODE_SCORE, SAW_LEXICON);
        if (words_end <= words)
            continue;
        propose(w, tok(w, words)->start, tok(w, words_end - 1)->end, TYPE_LOCATION,
                PLACE_SCORE, SAW_LEXICON);
        w->found[w->nfound - 1].is_part = !w->failed;
    }
}

/* "31" behind the "9 m" of "9 m. 31", "88" behind "38 C/ Curas"; or its end. */
static size_t past_rest_of_street(const struct window *w, const struct whole *x)
{
    enum { DIGITS_MOST = 4 };
    const struct token *t = tok(w, x->end);
    size_t unit = past_unit(w, x->end - 1);
    if (unit > x->end && is_on_line(t))
        return unit;
    bool is_house = t->kind == TOK_NUMBER && t->gap == GAP_SPACE &&
                    token_width(t) <= DIGITS_MOST && ends_part(w, x->end + 1) &&
                    tok(w, x->end - 1)->kind == TOK_WORD &&
                    tok(w, x->first)->kind == TOK_NUMBER;
    return is_house ? x->end + 1 : x->end;
}

static void grow(struct window *w, size_t k, size_t n)
{
    struct whole x = {.first = token_at(w, w->found[k].start)};
    for (x.end = x.first; x.end < w->ntok && w->tok[x.end].start < w->found[k].end;)
        x.end++;
    if (x.end == x.first || w->tok[x.end - 1].end > w->found[k].end)
        return; /* of scripts without blanks a token is more than a word */
    size_t end = past_rest_of_street(w, &x);
    if (end > x.end) {
        x.end = end;
        w->found[k].end = tok(w, end - 1)->end;
    }
    read_on(w, k + 1, n, &x);
    if (x.n == 0)
        return;
    if (x.is_block && stands_alone(w, x.first)) {
        put_parts(w, k, n, &x);
        return;
    }
    uint32_t last = tok(w, x.part[x.n - 1].end - 1)->end;
    drop_inside(w, k + 1, n, w->found[k].end, last);
    w->found[k].end = last > w->found[k].end ? last : w->found[k].end;
}

void take_addresses_whole(struct window *w)
{
    size_t n = w->nfound, kept = 0;
    for (size_t k = 0; k < n && !w->failed; k++)
        if (w->found[k].type == TYPE_ADDRESS && w->found[k].score >= LEAST_SCORE)
            grow(w, k, n);
    for (size_t k = 0; k < w->nfound; k++)
        if (w->found[k].score > 0)
            w->found[kept++] = w->found[k];
    w->nfound = resolve_spans(w->found, kept);
}
