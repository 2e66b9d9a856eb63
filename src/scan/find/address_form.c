/* address_form.c -- is a doubtful address written as addresses are?
 *
 * The tagger knows addresses by their words and their numbers, and so takes lists of
 * numbers, dates and sentences of scripts that it has hardly seen for some.  Whoever
 * writes an address names a street (a word of words.txt, or one that ends like a street)
 * with a number, or puts a house number into one part and a postcode beside a town into
 * another:
 *
 *     10266 bayberry ln        Lindenpromenade 5B       ул. Садовая, д. 46
 *     Palackého 45, 612 00 Brno             2, Malviya Nagar, Pune - 415992
 *
 * A doubtful address without either is none. */
#include "scan/detect.h"
#include "scan/text/kind.h"
#include "scan/text/lexicon.h"

enum { SURE_OF_ADDRESS = 60, TOKENS_MOST = 40 };

static size_t width(const struct token *t)
{
    return t->end - t->start;
}

static bool is_name(const struct token *t)
{
    if (t->kind != TOK_WORD || width(t) < 3 || (t->lex & (LEX_MONTH | LEX_WEEKDAY)))
        return false;
    return t->letter == CASE_TITLE || t->letter == CASE_UPPER || (t->lex & LEX_COUNTRY);
}

/* A street's word: in words.txt, and where such words mean other things as well (way,
 * place) only as part of a name or beside a number; or one that ends like a street. */
static bool is_street(const struct window *w, size_t i)
{
    const struct token *t = &w->tok[i];
    if (t->kind != TOK_WORD || t->letter == CASE_MIXED)
        return false;
    if (!(t->lex & (LEX_STREET | LEX_PREFIX_STREET)))
        return ends_like_street(w, t);
    return t->letter != CASE_LOWER || !(t->names & NAME_COMMON) ||
           w->tok[i + 1].kind == TOK_NUMBER ||
           (i > 1 && w->tok[i - 2].kind == TOK_NUMBER);
}

/* Tokens of a postcode that begins at i: 12345, 718 43, 4259 ND; 0: none. */
static size_t postcode(const struct window *w, size_t i, size_t end)
{
    const struct token *t = &w->tok[i], *next = &w->tok[i + 1];
    if (t->kind != TOK_NUMBER)
        return 0;
    if (width(t) == 5 || width(t) == 6)
        return 1;
    if (i + 1 >= end || (next->gap & GAP_LINE) || !next->gap)
        return 0;
    if (width(t) == 3 && next->kind == TOK_NUMBER && width(next) == 2)
        return 2;
    if (width(t) == 4)
        return next->kind == TOK_WORD && width(next) == 2 && next->letter == CASE_UPPER
                   ? 2
                   : 1;
    return 0;
}

/* A postcode from i on with its town on either side: "34710 Ankara", "Pune - 415992".
 * One of four digits stands before it: "ISO 7231" is none. */
static bool is_town(const struct window *w, size_t i, size_t from, size_t end)
{
    size_t n = postcode(w, i, end);
    if (n == 0)
        return false;
    if (i + n < end && is_name(&w->tok[i + n]) && !(w->tok[i + n].gap & GAP_LINE))
        return true;
    if (width(&w->tok[i]) == 4)
        return false;
    size_t k = i;
    while (k > from && i - k < 2 && w->tok[k - 1].kind == TOK_PUNCT)
        k--;
    return k > from && is_name(&w->tok[k - 1]);
}

static bool parts(const struct token *t)
{
    return (t->kind == TOK_PUNCT && t->c == ',') || (t->gap & GAP_LINE);
}

/* A number of its own, or one behind a mark: "No:101", "#354"; not the 4 of "IPv4". */
static bool is_number(const struct window *w, size_t i, size_t from)
{
    const struct token *t = &w->tok[i];
    return t->kind == TOK_NUMBER &&
           (t->gap || i == from || w->tok[i - 1].kind == TOK_PUNCT);
}

/* "Apt. 762", "Suite 5", "FPO AE 94560" */
static bool is_unit(const struct window *w, size_t i, size_t end)
{
    const struct token *t = &w->tok[i];
    if (t->kind != TOK_WORD || !(t->lex & (LEX_UNIT | LEX_BOX)))
        return false;
    size_t k = i + 1;
    while (k < end && k - i < 3 &&
           (w->tok[k].kind == TOK_PUNCT ||
            ((t->lex & LEX_BOX) && width(&w->tok[k]) == 2 && w->tok[k].kind == TOK_WORD)))
        k++;
    return k < end && w->tok[k].kind == TOK_NUMBER;
}

bool is_written_as_address(const struct window *w, size_t start, size_t stop)
{
    size_t from = token_at(w, (uint32_t)start), end = from, numbers = 0;
    bool has_street = false, has_unit = false, has_box = false, has_town = false;
    bool has_part = false;
    while (end < w->ntok && w->tok[end].start < stop)
        end++;
    if (end - from > TOKENS_MOST)
        return false;
    for (size_t i = from; i < end; i++) {
        const struct token *t = &w->tok[i];
        has_part |= i > from && parts(t);
        has_street |= is_street(w, i);
        has_town |= is_town(w, i, from, end) && has_part && numbers > 0;
        if (is_unit(w, i, end)) {
            has_unit = true;
            has_box |= ((t->lex & LEX_BOX) && t->letter == CASE_UPPER) ||
                       (i > from + 1 && w->tok[i - 1].c == '.' && t->c == 'B');
        }
        numbers += is_number(w, i, from);
    }
    return has_town || has_box || (has_street && numbers > 0) ||
           (has_unit && has_part && numbers > 1);
}

/* "Copyright 1994 NCR, Dayton", "(c) 2004-2006, Applied ...": with its year before it or
 * inside. */
static bool stands_in_notice(struct str text, const struct span *s)
{
    struct str lead = line_around(text, s->start, s->end).lead;
    return is_notice((struct str){lead.p, lead.n + s->end - s->start});
}

void drop_odd_addresses(struct window *w)
{
    size_t n = 0;
    const struct str text = {w->p, w->n};
    bool is_table = false, is_read = false;
    for (size_t i = 0; i < w->nfound; i++) {
        const struct span *s = &w->found[i];
        bool is_lexical = s->type == TYPE_ADDRESS && s->evidence == SAW_LEXICON;
        if (is_lexical && !is_read)
            is_table = text_is_character_table(text);
        is_read |= is_lexical;
        if (is_lexical && (is_table || stands_in_notice(text, s)))
            continue; /* "338F SQUARED KG / 3390 SQUARED HZ", "1994 NCR, Dayton" */
        if (s->type != TYPE_ADDRESS || s->score >= SURE_OF_ADDRESS ||
            s->evidence == SAW_WORD || is_written_as_address(w, s->start, s->end))
            w->found[n++] = *s;
    }
    w->nfound = n;
}
