/* suspects.c -- what the tagger suspects, weighed against what the rules found.
 *
 * Values with a frame or check digits stand as they are.  Where the tagger and a rule
 * see the same person or address, the span is a little surer than either said.  Where
 * they see one thing with different edges, a sure rule keeps its edges and an unsure
 * one takes the tagger's; an address is what both cover.  Where they see different
 * things, the surer one stays, and a person inside an address is a street's name.
 *
 * Then the edges of addresses: a street and a town behind one comma are an address and
 * a place; the lines of a block that other words lead to are one address, and those of
 * a block that stands alone are addresses and places. */
#include "scan/scanner.h"

enum {
    RULE_SURE = 80,      /* such a rule keeps its edges */
    AGREED = 8,          /* what agreement adds */
    AGREED_MOST = 74,    /* below what makes a clinical text local */
    ALONE_LEAST = 44,    /* what the tagger must say where no rule says anything */
    LISTED_LEAST = 60,   /* what a rule must say of lower case where it says nothing */
    SHORT_LEAST = 60,    /* the same, for a place or a firm in a few capitals */
    MUST_BEAT = 14,      /* by how much less than a rule's the tagger's score may be */
    IN_ADDRESS_MOST = 85 /* a person this sure is none of a street */
};

static bool is_name(unsigned type)
{
    return type == TYPE_PERSON || type == TYPE_ADDRESS;
}

static bool is_low(unsigned type)
{
    return guard_type_group((enum guard_type)type) == GROUP_LOW;
}

static uint8_t agreed(uint8_t rule, uint8_t tagger)
{
    int s = (rule > tagger ? rule : tagger) + AGREED;
    return (uint8_t)(s <= AGREED_MOST ? s : rule > AGREED_MOST ? rule : AGREED_MOST);
}

struct reading {
    uint32_t start, end;
    uint16_t type;
    uint8_t score;
};

static void join(const struct span *rule, struct reading *t)
{
    uint8_t score = agreed(rule->score, t->score);
    if (t->type == TYPE_ADDRESS) {
        t->start = rule->start < t->start ? rule->start : t->start;
        t->end = rule->end > t->end ? rule->end : t->end;
    } else if (rule->score >= RULE_SURE) {
        t->start = rule->start;
        t->end = rule->end;
    }
    t->score = score > t->score ? score : t->score;
}

/* One rule's span against the tagger's reading: false when the reading gives way. */
static bool weigh(const struct span *rule, struct reading *t)
{
    bool inside = t->start <= rule->start && t->end >= rule->end;
    if (!is_name(rule->type) && !is_low(rule->type))
        return false;
    if (is_low(t->type) && rule->type == TYPE_PERSON && rule->evidence == SAW_WORD)
        return false; /* the key says whose name it is: "last_name" */
    if (rule->type == t->type) {
        join(rule, t);
        return true;
    }
    if (rule->type == TYPE_PERSON && t->type == TYPE_ADDRESS && inside &&
        rule->score < IN_ADDRESS_MOST)
        return true;
    return is_low(rule->type) || t->score + MUST_BEAT >= rule->score;
}

/* The reading against all the rules' spans it touches, from `at` on. */
static void take(struct window *w, struct reading t, size_t at, size_t n)
{
    uint32_t end = t.end;
    bool is_backed = false;
    for (size_t k = at; k < n && w->found[k].start < end; k++) {
        if (!weigh(&w->found[k], &t))
            return;
        is_backed |= w->found[k].type == t.type;
    }
    if (!is_backed && t.score < ALONE_LEAST)
        return;
    for (size_t k = at; k < n && w->found[k].start < end; k++)
        w->found[k].score = 0;
    propose(w, t.start, t.end, (enum guard_type)t.type, t.score, SAW_LEXICON);
}

static void drop_empty(struct window *w)
{
    size_t n = 0;
    for (size_t i = 0; i < w->nfound; i++)
        if (w->found[i].score > 0)
            w->found[n++] = w->found[i];
    w->nfound = n;
}

/* -- the edges of addresses --------------------------------------------------------- */

/* "12 Mill Lane, Ely": the only comma of it, with a word or three behind. */
static void split_town(struct window *w, size_t at)
{
    struct span *s = &w->found[at];
    size_t comma = 0, commas = 0, words = 0;
    bool digit = false;
    for (size_t i = s->start; i < s->end; i++) {
        if (w->p[i] == '\n')
            return;
        if (w->p[i] == ',') {
            comma = i;
            commas++;
            words = 0;
            digit = false;
        }
        words += w->p[i] == ' ';
        digit |= is_digit(w->p[i]);
    }
    if (commas != 1 || digit || words < 1 || words > 4)
        return;
    uint32_t end = s->end;
    s->end = (uint32_t)comma;
    propose(w, comma + 2, end, TYPE_LOCATION, 60, SAW_LEXICON);
}

/* Behind an empty line, or at the text's start. */
static bool stands_alone(const struct window *w, size_t pos)
{
    size_t lines = 0;
    while (pos > 0 && strchr(" \t\r\n", w->p[pos - 1]))
        lines += w->p[--pos] == '\n';
    return pos == 0 || lines > 1;
}

/* Only blanks, commas and line ends between two spans. */
static bool is_next(const struct window *w, const struct span *a, const struct span *b)
{
    if (b->start < a->end || b->start - a->end > 12)
        return false;
    for (size_t i = a->end; i < b->start; i++)
        if (!strchr(" \n\r\t,", w->p[i]))
            return false;
    return true;
}

/* A block that other words lead to is one address, down to its last line. */
static void join_block(struct window *w, size_t at)
{
    struct span *s = &w->found[at];
    if (stands_alone(w, s->start))
        return;
    for (size_t k = at + 1; k < w->nfound; k++) {
        struct span *x = &w->found[k];
        if ((x->type != TYPE_LOCATION && x->type != TYPE_ADDRESS) || !is_next(w, s, x) ||
            !memchr(w->p + s->start, '\n', x->end - s->start))
            return;
        s->end = x->end;
        x->start = x->end; /* taken */
        x->score = 0;
    }
}

static void settle_addresses(struct window *w)
{
    size_t n = w->nfound;
    for (size_t i = 0; i < n; i++)
        if (w->found[i].type == TYPE_ADDRESS && w->found[i].score > 0) {
            join_block(w, i);
            split_town(w, i);
        }
    drop_empty(w);
    w->nfound = resolve_spans(w->found, w->nfound);
}

/* A short word in capitals may be any abbreviation. */
static bool is_abbreviation(const struct window *w, const struct tagged *v)
{
    const struct token *t = &w->tok[v->first];
    return is_low(v->type) && v->end - v->first == 1 && t->letter == CASE_UPPER &&
           t->end - t->start <= 4 && v->score < SHORT_LEAST;
}

/* One letter, or a word with humps that is in no list: isStream, ToolResultCount. */
static bool is_no_name(const struct window *w, const struct tagged *v)
{
    const struct token *t = &w->tok[v->first];
    if (v->type != TYPE_PERSON || v->end - v->first > 2)
        return false;
    if (v->end - v->first == 2 && t[1].kind != TOK_PUNCT)
        return false;
    return t->end - t->start == 1 ||
           (t->letter == CASE_MIXED && !t->names && to_lower(t->c) != 'm'); /* McX */
}

/* Listed names in lower case, without a cue, of which the tagger sees nothing: words. */
static void drop_doubtful(struct window *w, const struct tagged *v, size_t nv)
{
    size_t k = 0;
    for (size_t i = 0; i < w->nfound; i++) {
        struct span *s = &w->found[i];
        while (k < nv && w->tok[v[k].end - 1].end <= s->start)
            k++;
        bool seen = k < nv && w->tok[v[k].first].start < s->end;
        if (s->type == TYPE_PERSON && s->evidence == SAW_LEXICON && !seen &&
            s->score < LISTED_LEAST && w->tok[token_at(w, s->start)].letter == CASE_LOWER)
            s->score = 0;
    }
}

void find_tagged(struct window *w)
{
    struct tagged *v;
    size_t nv, at = 0, n = w->nfound;
    if (!tagger_run(&w->sc->tagger, w, &v, &nv)) {
        w->failed = true;
        return;
    }
    drop_doubtful(w, v, nv);
    for (size_t i = 0; i < nv; i++) {
        struct reading r = {.start = w->tok[v[i].first].start,
                            .end = w->tok[v[i].end - 1].end,
                            .type = v[i].type,
                            .score = v[i].score};
        while (at < n && w->found[at].end <= r.start)
            at++;
        if (!is_no_name(w, &v[i]) && !is_abbreviation(w, &v[i]))
            take(w, r, at, n);
    }
    drop_empty(w);
    w->nfound = resolve_spans(w->found, w->nfound);
    settle_addresses(w);
}
