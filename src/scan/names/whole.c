/* whole.c -- see whole.h.
 *
 * A name goes on over words like "van" and "bin" to the next person, over initials, and
 * over letters that spell it.  Where it stands in a cell -- between bars, quotes, tabs,
 * the ends of a line -- all of the cell is the name if each of its words may be part of
 * one. In running text nothing else is added: there the reader of names sees more than
 * rules. */
#include "scan/names/whole.h"

#include "scan/names/private_inside.h"
#include "scan/text/facts.h"
#include "scan/text/letters.h"

enum { LEAST_SCORE = 44, CELL_WORDS = 6, PARTICLES_MOST = 3, RARE = 4 };

/* Tokens [first, end). */
struct stretch {
    size_t first, end;
};

static const struct token *tok(const struct window *w, size_t i)
{
    return private_token(w, i);
}

static bool is_cap(const struct token *t)
{
    return t->kind == TOK_WORD && t->letter != CASE_LOWER && t->letter != CASE_NONE;
}

/* One capital and a stop. */
static bool is_initial(const struct window *w, size_t i)
{
    return is_cap(tok(w, i)) && token_width(tok(w, i)) == 1 && tok(w, i + 1)->c == '.' &&
           tok(w, i + 1)->gap == 0;
}

static bool is_particle(const struct token *t)
{
    return t->kind == TOK_WORD && (t->lex & LEX_PARTICLE);
}

/* -- cells -------------------------------------------------------------------------- */

/* What stands between a token and the one before it: nothing that ends a cell, something
 * that may, or what only tables and data have. */
enum edge { EDGE_NONE, EDGE_WEAK, EDGE_STRONG };

static enum edge edge_of_sign(const struct token *t)
{
    if (t->kind == TOK_WORD || t->kind == TOK_NUMBER)
        return EDGE_NONE;
    if (strchr("|;\"<>", t->c))
        return EDGE_STRONG;
    return strchr(":,()/=[]{}'*", t->c) ? EDGE_WEAK : EDGE_NONE;
}

static enum edge edge_before(const struct window *w, size_t i)
{
    if (i == 0 || i >= w->ntok || (w->tok[i].gap & GAP_LINE))
        return EDGE_WEAK;
    uint32_t from = w->tok[i - 1].end, n = w->tok[i].start - from;
    if (n >= 2 || (n == 1 && w->p[from] == '\t'))
        return EDGE_STRONG;
    enum edge a = edge_of_sign(&w->tok[i - 1]), b = edge_of_sign(&w->tok[i]);
    return a > b ? a : b;
}

/* "6 Peabody, Nadine", "- von Rehden Wiebke": the number or the mark of an entry. */
static bool follows_count(const struct window *w, size_t i)
{
    return i > 0 && w->tok[i].gap == GAP_SPACE && edge_before(w, i - 1) != EDGE_NONE &&
           (w->tok[i - 1].kind == TOK_NUMBER || w->tok[i - 1].c == '-');
}

/* -- words -------------------------------------------------------------------------- */

/* May it be part of a name of which another part is known? */
static bool may_be_part(const struct window *w, const struct token *t)
{
    enum {
        NEVER = LEX_STOP | LEX_TITLE | LEX_CUE | LEX_JOB | LEX_COMPANY | LEX_WEEKDAY |
                LEX_STREET | LEX_UNIT | LEX_COUNTRY | LEX_ILLNESS | LEX_CLINICAL
    };
    if (!is_cap(t) || token_width(t) < 2 || t->cls || (t->lex & NEVER))
        return false;
    uint16_t facts = facts_of_token(w, t);
    if ((t->names & NAME_FREQUENT) || (facts & FACT_FIRM))
        return false;
    if ((t->names & (NAME_FIRST | NAME_LAST)) || (facts & (FACT_FIRST | FACT_LAST)))
        return true;
    return !(t->names & NAME_COMMON) && !(t->lex & LEX_EVERYDAY) &&
           !(facts & (FACT_PLACE | FACT_PRODUCT)) && (facts & FACT_FREQUENCY) <= RARE;
}

static bool is_given(const struct window *w, const struct token *t)
{
    return may_be_part(w, t) &&
           ((t->names & NAME_FIRST) || (facts_of_token(w, t) & FACT_FIRST));
}

/* All of these may be one name: words of names, particles, initials, hyphens. */
static bool may_be_name(const struct window *w, struct stretch s)
{
    size_t words = 0, particles = 0;
    for (size_t i = s.first; i < s.end; i++) {
        const struct token *t = tok(w, i);
        bool joins = (t->c == '-' || t->c == '\'') && t->gap == 0 && i > s.first;
        if (is_initial(w, i))
            i++;
        else if (is_particle(t))
            particles++;
        else if (may_be_part(w, t))
            words++;
        else if (!joins)
            return false;
    }
    return words + particles <= CELL_WORDS && particles <= PARTICLES_MOST;
}

/* -- growing ------------------------------------------------------------------------ */

/* To the ends of its cell, if all of that may be the name. */
static void grow_to_cell(const struct window *w, struct stretch *s)
{
    struct stretch cell = *s, rest;
    enum edge before, behind;
    while ((before = edge_before(w, cell.first)) == EDGE_NONE &&
           !follows_count(w, cell.first) && s->first - cell.first < 2 * CELL_WORDS)
        cell.first--;
    while ((behind = edge_before(w, cell.end)) == EDGE_NONE &&
           cell.end - s->end < 2 * CELL_WORDS)
        cell.end++;
    if (behind == EDGE_NONE)
        return;
    rest = (struct stretch){cell.first, s->first};
    if (!may_be_name(w, rest))
        return;
    rest = (struct stretch){s->end, cell.end};
    if (may_be_name(w, rest))
        *s = cell;
}

/* "Houten" of "Van Houten"; "Heuvel, Sanne" of "van den Heuvel, Sanne" in a table. */
static void grow_over_particles(const struct window *w, struct stretch *s)
{
    size_t first = s->first;
    while (first > 0 && s->first - first < PARTICLES_MOST &&
           tok(w, first)->gap == GAP_SPACE && is_particle(tok(w, first - 1)))
        first--;
    bool begins = edge_before(w, first) != EDGE_NONE || follows_count(w, first);
    if (first < s->first && (begins || is_cap(tok(w, first))))
        s->first = first;
}

static void grow_over_initials(const struct window *w, struct stretch *s)
{
    if (s->first >= 2 && tok(w, s->first)->gap == GAP_SPACE &&
        is_initial(w, s->first - 2) && tok(w, s->first - 2)->gap)
        s->first -= 2;
    if (is_initial(w, s->end) && tok(w, s->end)->gap == GAP_SPACE &&
        edge_before(w, s->end + 2) != EDGE_NONE)
        s->end += 2;
}

static bool is_letter(const struct token *t)
{
    return t->kind == TOK_WORD && token_width(t) == 1;
}

/* "B-E-R-G-S-T-R-O" of "B-E-R-G-S-T-R-O-M" */
static void grow_over_spelling(const struct window *w, struct stretch *s)
{
    while (is_letter(tok(w, s->end - 1)) && tok(w, s->end)->c == '-' &&
           tok(w, s->end)->gap == 0 && is_letter(tok(w, s->end + 1)) &&
           tok(w, s->end + 1)->gap == 0)
        s->end += 2;
}

/* One capital word, or a hyphen between two; and words like "van" before it. */
static struct stretch word_before(const struct window *w, size_t end)
{
    struct stretch s = {end, end};
    if (end == 0 || !may_be_part(w, tok(w, end - 1)))
        return s;
    s.first--;
    if (s.first >= 2 && tok(w, s.first)->gap == 0 && tok(w, s.first - 1)->c == '-' &&
        is_cap(tok(w, s.first - 2)))
        s.first -= 2;
    grow_over_particles(w, &s);
    return s;
}

/* "Nadine" of "Peabody, Nadine" at the beginning of a cell, "Peabody" before a given name
 * with which a cell ends. */
static void grow_over_comma(const struct window *w, struct stretch *s)
{
    if (s->first >= 2 && tok(w, s->first - 1)->c == ',' &&
        is_given(w, tok(w, s->first)) && edge_before(w, s->end) != EDGE_NONE) {
        struct stretch last = word_before(w, s->first - 1);
        if (last.first < last.end &&
            (edge_before(w, last.first) != EDGE_NONE || follows_count(w, last.first)) &&
            tok(w, last.first - (last.first > 0))->c != ',')
            s->first = last.first;
    } else if (tok(w, s->end)->c == ',' && is_given(w, tok(w, s->end + 1)) &&
               tok(w, s->end + 1)->gap == GAP_SPACE &&
               (edge_before(w, s->first) != EDGE_NONE || follows_count(w, s->first)) &&
               edge_before(w, s->end + 2) != EDGE_NONE && tok(w, s->end + 2)->c != ',') {
        s->end += 2;
    }
}

/* A word of no other use than as a name, as far as lists know: in lower case, or in a
 * script without capitals, only if it is rare. */
static bool is_rare_part(const struct window *w, const struct token *t)
{
    if (t->kind != TOK_WORD || t->gap != GAP_SPACE || token_width(t) < 3 || t->lex ||
        t->cls)
        return false;
    if (is_cap(t))
        return may_be_part(w, t);
    uint16_t facts = facts_of_token(w, t);
    return !(facts & (FACT_FREQUENCY | FACT_FIRM | FACT_PLACE | FACT_PRODUCT)) &&
           !(t->names & (NAME_COMMON | NAME_FREQUENT | NAME_CITY));
}

static bool is_same_case(const struct token *a, const struct token *b)
{
    return (a->letter == CASE_LOWER) == (b->letter == CASE_LOWER) &&
           (a->letter == CASE_NONE) == (b->letter == CASE_NONE);
}

/* One word of a name of one: its first or its last. */
static void grow_by_a_word(const struct window *w, struct stretch *s)
{
    const struct token *t = tok(w, s->first), *before = tok(w, s->first - (s->first > 0));
    if (s->end - s->first != 1)
        return;
    if (is_rare_part(w, tok(w, s->end)) && is_same_case(t, tok(w, s->end)))
        s->end++;
    else if (s->first > 0 && t->gap == GAP_SPACE && is_rare_part(w, before) &&
             is_same_case(t, before))
        s->first--;
}

/* -- spans -------------------------------------------------------------------------- */

static bool is_nothing_to_hide(const struct span *s)
{
    return guard_type_group((enum guard_type)s->type) == GROUP_LOW;
}

static bool is_person(const struct span *s)
{
    return s->type == TYPE_PERSON && s->score >= LEAST_SCORE;
}

/* Only words like "do" and "binti" between two persons: they are one. */
static bool joins_next(const struct window *w, const struct span *a, const struct span *b)
{
    size_t i = token_at(w, a->end), n = 0;
    for (; i < w->ntok && w->tok[i].start < b->start; i++, n++)
        if (!is_particle(tok(w, i)) || tok(w, i)->gap != GAP_SPACE)
            return false;
    return n > 0 && n <= PARTICLES_MOST && is_person(b) && tok(w, i)->gap == GAP_SPACE;
}

/* Where span k may reach: to what is found before it and behind it and is no mere place.
 */
static void bounds_of(const struct window *w, size_t k, uint32_t *ret_from,
                      uint32_t *ret_to)
{
    *ret_from = 0;
    *ret_to = (uint32_t)w->n;
    for (size_t i = k; i-- > 0;)
        if (!is_nothing_to_hide(&w->found[i])) {
            *ret_from = w->found[i].end;
            break;
        }
    for (size_t i = k + 1; i < w->nfound; i++)
        if (!is_nothing_to_hide(&w->found[i])) {
            *ret_to = w->found[i].start;
            break;
        }
}

/* How many bytes behind the name may be the end of its last word: a sign of a vowel or
 * two of Thai and the scripts of India. */
static uint32_t rest_of_word(const struct window *w, uint32_t end)
{
    enum { LETTERS_MOST = 2, BYTES = 3 };
    return (unsigned char)w->p[end] == 0xE0 ? LETTERS_MOST * BYTES : 0;
}

static void grow(const struct window *w, size_t k, bool is_private)
{
    struct span *s = &w->found[k];
    uint32_t from, to;
    struct stretch x = {token_at(w, s->start), 0};
    for (x.end = x.first; x.end < w->ntok && w->tok[x.end].start < s->end;)
        x.end++;
    if (x.first == x.end || w->tok[x.first].start < s->start ||
        w->tok[x.end - 1].end > s->end + rest_of_word(w, s->end))
        return; /* of scripts without blanks a token is more than a word */
    grow_over_spelling(w, &x);
    grow_to_cell(w, &x);
    grow_over_particles(w, &x);
    grow_over_initials(w, &x);
    grow_over_comma(w, &x);
    if (is_private)
        grow_by_a_word(w, &x);
    bounds_of(w, k, &from, &to);
    uint32_t start = w->tok[x.first].start, end = w->tok[x.end - 1].end;
    s->start = start < s->start && start >= from ? start : s->start;
    s->end = end > s->end && end <= to ? end : s->end;
}

/* Without places and firms that lie under a name that grew. */
static void drop_covered(struct window *w)
{
    size_t n = 0;
    uint32_t end = 0; /* of the last name */
    for (size_t i = 0; i < w->nfound; i++) {
        struct span s = w->found[i];
        if (is_nothing_to_hide(&s)) {
            size_t next = i + 1;
            while (next < w->nfound && is_nothing_to_hide(&w->found[next]))
                next++;
            if (s.start < end || (next < w->nfound && s.end > w->found[next].start))
                continue;
        } else {
            end = s.end;
        }
        w->found[n++] = s;
    }
    w->nfound = n;
}

static void join_over_particles(struct window *w)
{
    size_t n = 0;
    for (size_t i = 0; i < w->nfound; i++) {
        struct span s = w->found[i];
        if (n > 0 && is_person(&w->found[n - 1]) && joins_next(w, &w->found[n - 1], &s))
            w->found[n - 1].end = s.end;
        else
            w->found[n++] = s;
    }
    w->nfound = n;
}

/* No name ends with "do" or "van", before another word in small letters. */
static void end_before_particles(const struct window *w, struct span *s)
{
    size_t first = token_at(w, s->start), end = first;
    while (end < w->ntok && w->tok[end].start < s->end)
        end++;
    while (end > first + 1 && is_particle(tok(w, end - 1)) &&
           tok(w, end - 1)->letter == CASE_LOWER && tok(w, end - 2)->kind == TOK_WORD &&
           tok(w, end)->letter == CASE_LOWER && tok(w, end)->gap == GAP_SPACE)
        s->end = w->tok[--end - 1].end;
}

/* Pictures and marks name nobody. */
static void drop_pictures(struct window *w)
{
    size_t n = 0;
    for (size_t i = 0; i < w->nfound; i++) {
        struct span s = w->found[i];
        if (s.type != TYPE_PERSON ||
            has_letter((struct str){w->p + s.start, s.end - s.start}))
            w->found[n++] = s;
    }
    w->nfound = n;
}

static void grow_all(struct window *w, bool is_private)
{
    drop_pictures(w);
    join_over_particles(w);
    for (size_t i = 0; i < w->nfound; i++) {
        if (w->found[i].type == TYPE_PERSON)
            end_before_particles(w, &w->found[i]);
        if (is_person(&w->found[i]))
            grow(w, i, is_private);
    }
    drop_covered(w);
}

void take_names_whole(struct window *w)
{
    grow_all(w, false);
}

void take_private_names_whole(struct window *w)
{
    grow_all(w, true);
}
