/* identifiers.c -- see identifiers.h. */
#include "scan/ner/identifiers.h"

#include "scan/text/facts.h"
#include "scan/text/letters.h"
#include "scan/text/lexicon.h"

/* Letters and digits go on, or the marks of a language for machines. */
static bool is_glued_after(const struct pieces *p, size_t end, bool is_one)
{
    if (end >= p->n || p->v[end].gap)
        return false;
    const struct piece *x = &p->v[end], *next = end + 1 < p->n ? x + 1 : NULL;
    bool goes_on = next && !next->gap && next->kind == LETTER_WORD;
    switch (x->cp) {
    case '_':
        return true;
    case ':':
        return next && next->cp == ':' && !next->gap;
    case '.':
        return goes_on && p->v[end - 1].width > 1;
    case '(':
    case '[':
    case '<':
    case '*':
    case '&':
        return is_one;
    default:
        return x->kind == LETTER_DIGIT;
    }
}

static bool is_glued_before(const struct pieces *p, size_t from, bool is_one)
{
    const struct piece *x = &p->v[from], *b = x - 1, *c = from > 1 ? x - 2 : NULL;
    if (from == 0 || x->gap)
        return false;
    switch (b->cp) {
    case '_':
    case '$':
        return true;
    case ':':
        return c && c->cp == ':' && !b->gap;
    case '>':
        return c && c->cp == '-' && !b->gap;
    case '.':
        return is_one && c && !b->gap && c->kind == LETTER_WORD && c->width > 1 &&
               !(c->lex & LEX_TITLE);
    case '*':
    case '&':
        return is_one && from > 1;
    default:
        return b->kind == LETTER_WORD || b->kind == LETTER_DIGIT;
    }
}

/* A part of a path, "src/walker/new.c"; "Kim/Lee" is none. */
static bool is_in_path(const struct pieces *p, size_t from, size_t end)
{
    const struct piece *after = end < p->n && !p->v[end].gap ? &p->v[end] : NULL;
    if (from == 0 || p->v[from].gap || !after)
        return false;
    uint32_t before = p->v[from - 1].cp;
    bool goes_on = end + 1 < p->n && !p->v[end + 1].gap;
    return (before == '/' || before == '\\') &&
           (after->cp == before || after->cp == '.' || after->cp == '_' ||
            after->cp == '-') &&
           goes_on;
}

/* Among brackets and semicolons, a word in lower case or in capitals names a variable,
 * and so does one that also stands in lower case; lists do not tell them from people. */
static bool is_of_code(const struct piece *x)
{
    enum { CODE_LEAST = 2 };
    bool is_listed = x->facts & (FACT_FIRST | FACT_LAST);
    if (x->code < CODE_LEAST)
        return false;
    return x->letter == CASE_LOWER ||
           (!is_listed && (x->is_seen || x->letter == CASE_UPPER));
}

/* "A-B-C-D": single letters in their order, and nobody's name spelt out.  "T E X T": with
 * blanks between them lists tell a name from a heading (names/spaced.c). */
static bool is_mere_letters(const struct pieces *p, size_t from, size_t end)
{
    enum { LETTERS_LEAST = 3 };
    size_t n = 0, signs = 0;
    uint32_t last = 0;
    bool is_alphabet = true;
    for (size_t i = from; i < end; i++) {
        const struct piece *x = &p->v[i];
        signs += x->kind == LETTER_SIGN;
        if (x->kind == LETTER_SIGN)
            continue;
        if (x->width != 1)
            return false;
        is_alphabet &= n == 0 || x->cp == last + 1;
        last = x->cp;
        n++;
    }
    return n >= LETTERS_LEAST && (is_alphabet || !signs);
}

bool is_identifier(const struct pieces *p, size_t from, size_t end)
{
    const struct piece *x = &p->v[from];
    bool is_one = end - from == 1 && x->kind == LETTER_WORD;
    for (size_t i = from; i < end; i++)
        if (p->v[i].kind == LETTER_DIGIT)
            return true;
    if (x->kind != LETTER_WORD)
        return false;
    if (is_mere_letters(p, from, end))
        return true;
    if (is_glued_after(p, end, is_one) || is_glued_before(p, from, is_one))
        return true;
    if (is_one && (is_in_path(p, from, end) || is_of_code(x)))
        return true;
    bool is_listed = (x->facts & (FACT_FIRST | FACT_LAST)) || x->names;
    if (is_one && (x->facts & FACT_ENGLISH) && !(x->facts & (FACT_FIRST | FACT_LAST)) &&
        (x->names & NAME_FREQUENT))
        return true;
    return is_one && ((x->width == 1 && x->cp < 0x80) ||
                      (x->width == 2 && x->letter == CASE_UPPER && x->cp < 0x80) ||
                      (x->letter == CASE_MIXED && !is_listed && x->cp != 'M'));
}
