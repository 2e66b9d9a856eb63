/* suspects.c -- what the tagger suspects, weighed against what the rules found.
 *
 * Values with a frame or check digits stand as they are.  Where the tagger and a rule
 * see the same person or address, the span is a little surer than either said.  Where
 * they see one thing with different edges, a sure rule keeps its edges; an address, and a
 * person of whom the rule is unsure, is what both cover.  Where they see different
 * things, the surer one stays, and a person inside an address is a street's name.
 *
 * Then the edges of addresses: a street and a town behind one comma are an address and
 * a place; the lines of a block that other words lead to are one address, and those of
 * a block that stands alone are addresses and places. */
#include "scan/scanner.h"
#include "scan/text/facts.h"
#include "scan/text/lexicon.h"

enum {
    RULE_SURE = 80,      /* such a rule keeps its edges */
    AGREED = 8,          /* what agreement adds */
    AGREED_MOST = 74,    /* below what makes a clinical text local */
    ALONE_LEAST = 44,    /* what the tagger must say where no rule says anything */
    CONSENT_LEAST = 75,  /* what lists must say of a person where nobody agrees */
    WORD_LEAST = 50,     /* the same, of a person beside a caption */
    SHORT_LEAST = 60,    /* the same, for a place or a firm in a few capitals */
    MUST_BEAT = 14,      /* by how much less than a rule's the tagger's score may be */
    STREET_LEAST = 70,   /* an address this sure keeps the name in it */
    PLACES_MOST = 3,     /* towns and countries between a street and its postcode */
    PLACE_LEAST = 3,     /* bytes of an address, or of a part of it */
    AROUND_MOST = 32,    /* tokens of a line that are looked at */
    SHORT_MOST = 5,      /* letters of a word in capitals */
    NAME_MOST = 200,     /* bytes: what is longer is data */
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
    if (t->type == TYPE_ADDRESS || (t->type == TYPE_PERSON && rule->score < RULE_SURE)) {
        t->start = rule->start < t->start ? rule->start : t->start;
        t->end = rule->end > t->end ? rule->end : t->end;
    } else if (rule->score >= RULE_SURE) {
        t->start = rule->start;
        t->end = rule->end;
    }
    t->score = score > t->score ? score : t->score;
}

/* One rule's span against the tagger's reading: false when the reading gives way. */
static bool weigh(const struct window *w, const struct span *rule, struct reading *t)
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
    bool holds = rule->start <= t->start && t->end <= rule->end;
    bool is_longer = t->end - t->start < rule->end - rule->start;
    if (rule->type == TYPE_ADDRESS && t->type == TYPE_PERSON && holds &&
        ((is_longer && t->score < IN_ADDRESS_MOST) ||
         (rule->score >= STREET_LEAST &&
          is_written_as_address(w, rule->start, rule->end))))
        return false; /* whoever the street is named after */
    return is_low(rule->type) || t->score + MUST_BEAT >= rule->score;
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

/* The address or place that stands right before it, among the last few spans of the rules
 * before `at` and of the tagger's behind n: both are in the order of the text. */
static const struct span *before(const struct window *w, const struct span *s, size_t at,
                                 size_t n)
{
    for (size_t i = 0; i <= PLACES_MOST; i++) {
        const struct span *near[] = {at > i ? &w->found[at - 1 - i] : NULL,
                                     w->nfound > n + i ? &w->found[w->nfound - 1 - i]
                                                       : NULL};
        for (size_t k = 0; k < ARRAY_LEN(near); k++)
            if (near[k] && near[k]->score > 0 &&
                (near[k]->type == TYPE_ADDRESS || near[k]->type == TYPE_LOCATION) &&
                is_next(w, near[k], s))
                return near[k];
    }
    return NULL;
}

/* A number below the lines of an address: "Upernavik / Malta 62401" */
static bool goes_on(const struct window *w, const struct reading *t, size_t at, size_t n)
{
    const struct span s = {.start = t->start, .end = t->end};
    const struct span *x = &s;
    size_t digits = 0;
    for (size_t i = t->start; i < t->end; i++)
        digits += is_digit(w->p[i]);
    for (size_t places = 0; places <= PLACES_MOST && digits >= 4 && x; places++) {
        x = before(w, x, at, n);
        if (x && x->type == TYPE_ADDRESS)
            return true;
    }
    return false;
}

/* A tab stands between columns, and what nobody else takes for an address must be
 * written as one. */
static bool may_be_place(const struct window *w, const struct reading *t, size_t at,
                         size_t n)
{
    return t->end - t->start >= PLACE_LEAST && !counts_lines(w, t->start) &&
           !memchr(w->p + t->start, '\t', t->end - t->start) &&
           (is_written_as_address(w, t->start, t->end) || goes_on(w, t, at, n));
}

/* The reading against all the rules' spans it touches, from `at` on. */
static void take(struct window *w, struct reading t, size_t at, size_t n)
{
    uint32_t end = t.end;
    bool is_backed = false;
    for (size_t k = at; k < n && w->found[k].start < end; k++) {
        if (!weigh(w, &w->found[k], &t))
            return;
        is_backed |= w->found[k].type == t.type;
    }
    if (!is_backed && t.score < ALONE_LEAST)
        return;
    if (!is_backed && t.type == TYPE_ADDRESS && !may_be_place(w, &t, at, n))
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

/* Below an empty line, and more of a sentence behind it: "\n\nGermany has". */
static bool begins_sentence(const struct window *w, const struct span *s,
                            const struct span *x)
{
    size_t lines = 0;
    for (size_t i = s->end; i < x->start; i++)
        lines += w->p[i] == '\n';
    return lines > 1 && w->p[x->end] == ' ' && is_lower(w->p[x->end + 1]);
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
            begins_sentence(w, s, x) || !memchr(w->p + s->start, '\n', x->end - s->start))
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

/* Sorted readings of one window: the tagger's but for its persons, and those of the
 * reader of names. */
struct readings {
    struct reading *v;
    size_t n;
};

/* "Svenja Oberhuber, Lindenallee" before a number: the name ends with the comma. */
static uint32_t end_of_name(const struct window *w, const struct named *p)
{
    size_t last = token_at(w, p->end - 1), k = last;
    const char *comma = memchr(w->p + p->start, ',', p->end - p->start);
    if (!comma || last + 1 >= w->ntok || w->tok[last + 1].kind != TOK_NUMBER ||
        !(ends_like_street(w, &w->tok[last]) || (w->tok[last].lex & LEX_STREET)))
        return p->end;
    while (k > 0 && w->tok[k].start > p->start && w->tok[k].c != ',')
        k--;
    return w->tok[k].c == ',' && k > 0 ? w->tok[k - 1].end : p->end;
}

/* "HIPAA": a short word in capitals that no list has as a name, in a line with others in
 * small letters. */
static bool is_short_for_something(const struct window *w, const struct named *p)
{
    size_t i = token_at(w, p->start);
    const struct token *t = &w->tok[i];
    char low[SHORT_MOST];
    if (t->start != p->start || t->end != p->end || t->letter != CASE_UPPER ||
        t->end - t->start > SHORT_MOST || t->names || t->lex)
        return false;
    for (size_t k = t->start; k < t->end; k++)
        low[k - t->start] = to_lower(w->p[k]);
    if (facts_find(word_hash(low, t->end - t->start)) &
        (FACT_FIRST | FACT_LAST | FACT_PERSON))
        return false;
    size_t from = i, end = i;
    while (from > 0 && i - from < AROUND_MOST && !(w->tok[from].gap & GAP_LINE))
        from--;
    for (end++; end < w->ntok && end - i < AROUND_MOST && !(w->tok[end].gap & GAP_LINE);)
        end++;
    for (size_t k = from; k < end; k++)
        if (w->tok[k].kind == TOK_WORD && w->tok[k].letter == CASE_LOWER)
            return true;
    return false;
}

static bool read_all(struct window *w, struct readings *r)
{
    struct tagged *t;
    struct named *p;
    size_t nt, np, k = 0;
    if (!tagger_run(&w->sc->tagger, w, &t, &nt) || !net_run(&w->sc->names, w, &p, &np))
        return false;
    size_t kept = 0;
    for (size_t i = 0; i < np; i++)
        if (p[i].end - p[i].start <= NAME_MOST && !is_short_for_something(w, &p[i]))
            p[kept++] = p[i];
    np = kept;
    r->n = 0;
    r->v = arena_raw(w->a, (nt + np + 1) * sizeof *r->v);
    for (size_t i = 0; r->v && i < nt; i++) {
        uint32_t start = w->tok[t[i].first].start, end = w->tok[t[i].end - 1].end;
        for (; k < np && p[k].start < start; k++)
            r->v[r->n++] = (struct reading){p[k].start, end_of_name(w, &p[k]),
                                            TYPE_PERSON, p[k].score};
        if (t[i].type != TYPE_PERSON && !is_abbreviation(w, &t[i]))
            r->v[r->n++] = (struct reading){start, end, t[i].type, t[i].score};
    }
    for (; r->v && k < np; k++)
        r->v[r->n++] =
            (struct reading){p[k].start, end_of_name(w, &p[k]), TYPE_PERSON, p[k].score};
    return r->v != NULL;
}

/* "Mr. Varnoldi" */
static bool is_titled(const struct window *w, const struct span *s)
{
    size_t i = token_at(w, s->start);
    if (i > 1 && w->tok[i - 1].c == '.' && w->tok[i - 1].gap == 0)
        i--;
    return i > 0 && (w->tok[i - 1].lex & LEX_TITLE) && !(w->tok[i].gap & GAP_LINE);
}

static bool needs_consent(const struct window *w, const struct span *s)
{
    if (s->type != TYPE_PERSON || (s->evidence != SAW_LEXICON && s->evidence != SAW_WORD))
        return false;
    return s->score < (s->evidence == SAW_WORD ? WORD_LEAST : CONSENT_LEAST) &&
           !is_titled(w, s);
}

/* A person that only lists and capitals speak for is none without the consent of the
 * reader of names: most capital words are products, terms and nouns of other languages.
 * What a title, a cue or a key is sure of stands. */
static void drop_doubtful(struct window *w, const struct readings *r)
{
    size_t k = 0;
    for (size_t i = 0; i < w->nfound; i++) {
        struct span *s = &w->found[i];
        bool agrees = false;
        while (k < r->n && r->v[k].end <= s->start)
            k++;
        if (!needs_consent(w, s))
            continue;
        for (size_t j = k; j < r->n && r->v[j].start < s->end; j++)
            agrees |= is_name(r->v[j].type) && r->v[j].end > s->start;
        if (!agrees)
            s->score = 0;
    }
}

void find_names(struct window *w)
{
    struct named *v;
    size_t n;
    if (!net_run(&w->sc->names, w, &v, &n)) {
        w->failed = true;
        return;
    }
    for (size_t i = 0; i < n; i++)
        if (!v[i].is_weak)
            propose(w, v[i].start, v[i].end, TYPE_PERSON, v[i].score, SAW_LEXICON);
}

void find_tagged(struct window *w)
{
    struct readings r;
    size_t at = 0, n = w->nfound;
    if (!read_all(w, &r)) {
        w->failed = true;
        return;
    }
    drop_doubtful(w, &r);
    for (size_t i = 0; i < r.n; i++) {
        while (at < n && w->found[at].end <= r.v[i].start)
            at++;
        take(w, r.v[i], at, n);
    }
    drop_empty(w);
    w->nfound = resolve_spans(w->found, w->nfound);
    settle_addresses(w);
}
