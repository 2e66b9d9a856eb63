/* people.c -- names of persons: runs of capital words, weighed.
 *
 * Evidence is added up: lists of first and last names, a title or a cue before, a verb
 * behind, a key or a column that says name; a company's word, a street, a month or
 * a place take away.  Lower case asks for a cue and for two listed names.  A name
 * found whole makes its parts names wherever they stand again in the text, in lower case
 * too where they are no ordinary words. */
#include "scan/detect.h"
#include "scan/scanner.h"
#include "scan/text/facts.h"
#include "scan/text/letters.h"
#include "scan/text/lexicon.h"
#include "scan/text/stems.h"

enum { MIN_SCORE = 36, MAX_PARTS = 6, MAX_KNOWN = 256, SURE_SCORE = 55 };

static const struct token none = {.kind = TOK_PUNCT, .letter = CASE_NONE};

static const struct token *tok(const struct window *w, size_t i)
{
    return i < w->ntok ? &w->tok[i] : &none;
}

static size_t width(const struct token *t)
{
    return t->end - t->start;
}

static bool is_cap(const struct token *t)
{
    return t->kind == TOK_WORD && t->letter != CASE_LOWER && !is_lower(t->c);
}

static bool is_listed(const struct token *t)
{
    return (t->names & (NAME_FIRST | NAME_LAST)) != 0;
}

static bool is_common(const struct token *t)
{
    return (t->names & (NAME_COMMON | NAME_FREQUENT)) ||
           (t->lex & (LEX_STOP | LEX_EVERYDAY));
}

/* Words no name holds: months, streets, firms. */
static bool is_foreign(const struct token *t)
{
    return (t->lex & (LEX_WEEKDAY | LEX_COUNTRY | LEX_COMPANY | LEX_JOB)) ||
           ((t->lex & (LEX_STREET | LEX_MONTH)) && !(t->names & NAME_FIRST)) ||
           (t->cls && width(t) > 2 && !(t->names & NAME_FIRST));
}

struct run {
    size_t first, end; /* tokens, end exclusive */
    size_t parts;      /* words of it */
    bool lower;
};

static bool is_initial(const struct window *w, size_t i)
{
    return tok(w, i)->kind == TOK_WORD && width(tok(w, i)) == 1 && is_cap(tok(w, i)) &&
           tok(w, i + 1)->c == '.' && tok(w, i + 1)->gap == 0;
}

static bool is_name_word(const struct token *t, bool lower)
{
    if (t->kind != TOK_WORD)
        return false;
    if (!lower)
        return is_cap(t);
    return t->letter == CASE_LOWER && is_listed(t) && !(t->lex & LEX_STOP) &&
           !(t->names & NAME_FREQUENT) && width(t) >= 2;
}

/* The next part of a name behind token k; k itself when there is none. */
static size_t next_part(const struct window *w, size_t k, bool lower)
{
    const struct token *t = tok(w, k);
    if (t->c == '-' && t->kind == TOK_PUNCT && t->gap == 0 && tok(w, k + 1)->gap == 0 &&
        (is_name_word(tok(w, k + 1), lower) ||
         (tok(w, k + 1)->kind == TOK_WORD && width(tok(w, k + 1)) <= 5)))
        return k + 2;
    if (t->c == '.' && t->gap == 0 && k > 0 && is_initial(w, k - 1))
        t = tok(w, ++k);
    if (t->gap != GAP_SPACE)
        return k;
    if (is_name_word(t, lower) || (is_initial(w, k)))
        return k + 1;
    if (t->lex & LEX_PARTICLE) {
        size_t p = k + 1;
        while (tok(w, p)->gap == GAP_SPACE && (tok(w, p)->lex & LEX_PARTICLE) &&
               p - k < 3 && tok(w, p)->letter == CASE_LOWER)
            p++;
        if (tok(w, p)->c == '-' && tok(w, p)->gap == 0)
            p++;
        if (tok(w, p)->gap <= GAP_SPACE && is_name_word(tok(w, p), lower) &&
            width(t) >= 2 && !(tok(w, p)->lex & LEX_STOP))
            return p + 1;
    }
    return k;
}

static struct run read_run(const struct window *w, size_t i, bool lower)
{
    struct run r = {i, i + 1, 1, lower};
    while (r.parts < MAX_PARTS) {
        size_t next = next_part(w, r.end, lower);
        if (next <= r.end)
            break;
        bool hyphen = tok(w, next - 2)->c == '-' && tok(w, next - 1)->gap == 0;
        if (!hyphen && is_foreign(tok(w, next - 1)) &&
            !(tok(w, next - 1)->names & NAME_FIRST))
            break;
        r.end = next;
        r.parts++;
    }
    return r;
}

/* The first half of a name in two. */
static bool is_hyphenated(const struct window *w, size_t i)
{
    return is_cap(tok(w, i)) && tok(w, i + 1)->c == '-' && tok(w, i + 1)->gap == 0 &&
           tok(w, i + 2)->kind == TOK_WORD && tok(w, i + 2)->gap == 0;
}

static bool line_begins(const struct window *w, size_t i)
{
    return i == 0 || (tok(w, i)->gap & GAP_LINE);
}

/* "B. Furosemide" below "A. Digoxin": the letter of an answer. */
static bool is_answer(const struct window *w, const struct run *r)
{
    return r->parts == 2 && line_begins(w, r->first) && is_initial(w, r->first) &&
           to_lower(tok(w, r->first)->c) <= 'h';
}

/* Takes words off the ends that begin a sentence or announce the name. */
static void trim(const struct window *w, struct run *r)
{
    if (is_answer(w, r)) {
        r->first += 2;
        r->parts--;
    }
    while (r->first < r->end) {
        const struct token *t = tok(w, r->first);
        bool particle = (t->lex & LEX_PARTICLE) && t->letter == CASE_LOWER && !r->lower;
        bool drop = t->kind == TOK_PUNCT || particle ||
                    (t->lex & (LEX_STOP | LEX_TITLE)) ||
                    ((t->lex & LEX_CUE) && !(t->names & NAME_FIRST)) || is_foreign(t) ||
                    (is_common(t) && !(t->names & NAME_FIRST));
        /* "Will Smith" keeps its verb, "Does Smith" loses it. */
        if (drop && (t->names & NAME_FIRST) && !(t->lex & (LEX_STOP | LEX_TITLE)) &&
            r->parts > 1)
            drop = false;
        if (is_hyphenated(w, r->first)) /* Min-jun */
            drop = false;
        if (!drop)
            break;
        r->first++;
        r->parts -= t->kind == TOK_WORD && r->parts > 0;
    }
    while (r->end > r->first) {
        const struct token *t = tok(w, r->end - 1);
        bool drop = (t->kind == TOK_PUNCT && t->c != '.') || (t->lex & LEX_STOP) ||
                    is_foreign(t) || ((t->lex & LEX_VERB) && t->letter != CASE_TITLE) ||
                    (r->lower && is_common(t) && !is_listed(t));
        if (!drop)
            break;
        r->end--;
        r->parts -= t->kind == TOK_WORD && r->parts > 0;
    }
}

static int score_before(const struct window *w, const struct run *r)
{
    size_t i = r->first;
    const struct token *t = i ? tok(w, i - 1) : &none;
    int s = 0;
    if (i == 0)
        return 0;
    if (t->c == '.' && i >= 2 && (tok(w, i - 2)->lex & LEX_TITLE) && t->gap == 0)
        t = tok(w, i - 2);
    else if ((t->c == ',' || t->c == ':' || t->c == '"') && i >= 2 &&
             (tok(w, i - 2)->lex & LEX_CUE))
        t = tok(w, i - 2);
    bool everyday = r->parts == 1 && (tok(w, i)->lex & LEX_EVERYDAY); /* Princess Royal */
    if (t->kind == TOK_WORD && (t->lex & LEX_TITLE) && !(tok(w, i)->gap & GAP_LINE))
        s += everyday ? 0 : 42;
    else if (t->lex & LEX_CUE)
        s += 22;
    else if (t->lex & LEX_JOB)
        s += 15;
    struct str word = {w->p + t->start, width(t)};
    if ((str_eqz(word, "in") || str_eqz(word, "at") || str_eqz(word, "near")) &&
        !(tok(w, i)->names & NAME_FIRST))
        s -= 22;
    return s;
}

static int score_after(const struct window *w, const struct run *r)
{
    const struct token *t = tok(w, r->end), *u = tok(w, r->end + 1);
    int s = 0;
    if (t->kind == TOK_WORD && (t->lex & LEX_COMPANY) && is_cap(t))
        s -= 50;
    if (t->kind == TOK_WORD && (t->lex & (LEX_STREET | LEX_COUNTRY)) && is_cap(t))
        s -= 40;
    if (t->kind == TOK_WORD && (t->lex & LEX_VERB))
        s += width(t) > 4 || (t->lex & LEX_CUE) ? 22 : 9;
    if (t->c == '\'' && width(u) == 1 && u->c == 's')
        s += 8;
    if (t->c == ':' && line_begins(w, r->first) && r->parts <= 2)
        s += 25;
    if (t->c == '(' && u->kind == TOK_NUMBER)
        s += 5;
    if (t->c == '(' && t->gap == 0)
        s -= 30; /* a call */
    if ((t->c == '.' || t->c == '_' || t->c == '/') && t->gap == 0 && u->gap == 0 &&
        (u->kind == TOK_WORD || u->kind == TOK_NUMBER))
        s -= 40; /* a part of an identifier */
    return s;
}

/* A listed name that is an ordinary word too ("Will", "Rose"), and not just the name
 * of some manual's example user. */
static bool is_word(const struct token *t)
{
    return (t->names & NAME_FREQUENT) || (t->lex & (LEX_STOP | LEX_EVERYDAY));
}

static bool begins_sentence(const struct window *w, size_t i)
{
    char c = i ? tok(w, i - 1)->c : '.';
    return i == 0 || (tok(w, i)->gap & GAP_LINE) ||
           (tok(w, i - 1)->kind == TOK_PUNCT && strchr(".?!:*\"-", c));
}

static int score_words(const struct window *w, const struct run *r)
{
    const struct token *a = tok(w, r->first), *z = tok(w, r->end - 1);
    bool frequent = is_common(a);
    int s = 0;
    if (z->c == '.')
        z = tok(w, r->end - 2);
    if (a->names & NAME_FIRST)
        s += !frequent ? 38 : is_word(a) ? (r->parts > 1 ? 16 : 2) : 28;
    else if (a->names & NAME_LAST)
        s += frequent ? 2 : begins_sentence(w, r->first) ? 20 : 36;
    else if (!is_common(a) && !(a->names & NAME_CITY))
        s += 14;
    if (r->parts > 1) {
        if (z->names & NAME_LAST)
            s += is_common(z) ? 10 : 28;
        else if (z->names & NAME_FIRST)
            s += is_common(z) ? 4 : 22;
        else
            s += is_common(z) ? -12 : 26;
    }
    if (r->parts > 4)
        s -= 20;
    if (width(a) == 1 && r->parts <= 2 && is_common(z))
        s -= 40; /* the letter of an answer: "B. Ask" */
    if (a->names & NAME_CITY && !(a->names & NAME_FIRST))
        s -= 10;
    if (a->letter == CASE_UPPER && width(a) > 1)
        s -= width(a) <= 4 ? 25 : 12;
    if (a->letter == CASE_MIXED && !is_listed(a))
        s -= 20;
    if (width(a) <= 2 && r->parts == 1)
        s -= 12;
    return s;
}

static int score_caption(const struct window *w, const struct run *r)
{
    size_t start = tok(w, r->first)->start, end = tok(w, r->end - 1)->end;
    static const uint8_t classes[] = {CLS_NAME, CLS_FIRST, CLS_LAST};
    int best = 0;
    if (field_is(w, start, end, CLS_CITY) || field_is(w, start, end, CLS_ORG) ||
        field_is(w, start, end, CLS_ADDRESS))
        return -60;
    for (size_t i = 0; i < ARRAY_LEN(classes); i++) {
        int dist = caption_distance(w, start, end, (enum word_class)classes[i]);
        if (field_is(w, start, end, (enum word_class)classes[i]))
            best = 55;
        else if (dist >= 0 && dist <= 12 && best < 36)
            best = dist <= 6 ? 36 : 20;
    }
    return best;
}

/* SURNAME, GIVEN: after a caption or a cue, both parts listed or both in capitals. */
static size_t inverted_end(const struct window *w, const struct run *r)
{
    size_t k = r->end;
    if (r->parts > 2 || tok(w, k)->c != ',' || tok(w, k + 1)->gap != GAP_SPACE ||
        !is_cap(tok(w, k + 1)) || is_foreign(tok(w, k + 1)))
        return 0;
    const struct token *g = tok(w, k + 1);
    size_t end = k + 2;
    if (tok(w, end)->c == '-' && is_cap(tok(w, end + 1)) && tok(w, end)->gap == 0)
        end += 2;
    if (tok(w, end)->kind == TOK_NUMBER || ends_like_street(w, g))
        return 0; /* "Recipient Ann Bell, Lindenallee 12" */
    if (!(g->names & NAME_FIRST) && score_caption(w, r) < 30)
        return 0;
    return score_caption(w, r) >= 20 ||
                   (is_listed(tok(w, r->first)) && !is_common(g) &&
                    !is_common(tok(w, r->first)) && tok(w, end)->kind == TOK_PUNCT)
               ? end
               : 0;
}

struct known {
    uint32_t at[MAX_KNOWN]; /* tokens that are parts of sure names */
    size_t n;
};

static bool taken(const struct window *w, uint32_t start, uint32_t end, size_t *hint)
{
    while (*hint < w->nfound && w->found[*hint].end <= start)
        (*hint)++;
    for (size_t i = *hint; i < w->nfound && w->found[i].start < end; i++)
        if (guard_type_group((enum guard_type)w->found[i].type) != GROUP_LOW &&
            w->found[i].type != TYPE_PASSWORD)
            return true;
    return false;
}

/* The words of the names that are sure. */
static void remember(struct known *k, const struct window *w)
{
    for (size_t s = 0; s < w->nfound; s++) {
        const struct span *x = &w->found[s];
        if (x->type != TYPE_PERSON || x->score < SURE_SCORE)
            continue;
        for (size_t i = token_at(w, x->start);
             i < w->ntok && w->tok[i].start < x->end && k->n < MAX_KNOWN; i++)
            if (tok(w, i)->kind == TOK_WORD && width(tok(w, i)) >= 3 &&
                !is_common(tok(w, i)))
                k->at[k->n++] = (uint32_t)i;
    }
}

static bool same_word(const struct window *w, size_t a, size_t b)
{
    return tok(w, a)->hash == tok(w, b)->hash &&
           str_eq((struct str){w->p + tok(w, a)->start, width(tok(w, a))},
                  (struct str){w->p + tok(w, b)->start, width(tok(w, b))});
}

/* Low-sensitivity neighbours of names: firms and places, so that they are not names. */
static bool try_firm(struct window *w, size_t i, size_t *ret_next)
{
    size_t k = i, last = i;
    if (!is_cap(tok(w, i)) || (tok(w, i)->lex & LEX_STOP))
        return false;
    while (k - i < 6 && is_cap(tok(w, k)) && !(tok(w, k)->lex & LEX_STOP) &&
           (k == i || tok(w, k)->gap == GAP_SPACE)) {
        if (k > i && (tok(w, k)->lex & LEX_COMPANY))
            last = k;
        k++;
        if ((tok(w, k)->c == '-' || tok(w, k)->c == '&') && is_cap(tok(w, k + 1)))
            k++;
    }
    if (last == i)
        return false;
    propose(w, tok(w, i)->start, tok(w, last)->end, TYPE_ORG, 60, SAW_LEXICON);
    *ret_next = last + 1;
    return true;
}

static void try_place(struct window *w, size_t i)
{
    const struct token *t = tok(w, i), *b = i ? tok(w, i - 1) : &none;
    struct str before = {w->p + b->start, width(b)};
    bool cue = str_eqz(before, "in") || str_eqz(before, "from") ||
               str_eqz(before, "near") || str_eqz(before, "to");
    if (!is_cap(t))
        return;
    bool inside =
        str_eqz(before, "in") || str_eqz(before, "at") || str_eqz(before, "near");
    if (inside && !is_common(t) && !(t->names & NAME_FIRST) && !is_foreign(t) &&
        width(t) > 2) {
        size_t k = i + 1;
        while (is_cap(tok(w, k)) && tok(w, k)->gap == GAP_SPACE && k - i < 3 &&
               !is_common(tok(w, k)))
            k++;
        propose(w, t->start, tok(w, k - 1)->end, TYPE_LOCATION, 50, SAW_LEXICON);
        return;
    }
    if ((t->lex & LEX_COUNTRY) || ((t->names & NAME_CITY) && cue && !is_common(t)))
        propose(w, t->start, t->end, TYPE_LOCATION, 55, SAW_LEXICON);
}

/* "B.", "C": the letter of an answer or of a variable. */
static bool is_letters_only(const struct window *w, const struct run *r)
{
    for (size_t i = r->first; i < r->end; i++)
        if (width(tok(w, i)) > 1)
            return false;
    return true;
}

/* "in April", "April 15": the month and not the woman. */
static bool is_month(const struct window *w, const struct run *r)
{
    const struct token *t = tok(w, r->first);
    return r->parts == 1 && (t->lex & LEX_MONTH) &&
           (tok(w, r->end)->kind == TOK_NUMBER ||
            (r->first > 0 && (t[-1].lex & LEX_STOP) && t[-1].kind == TOK_WORD));
}

static bool try_run(struct window *w, size_t i, bool lower, size_t *hint,
                    size_t *ret_next)
{
    struct run r = read_run(w, i, lower);
    *ret_next = r.end;
    trim(w, &r);
    if (r.first >= r.end || r.parts == 0 || is_letters_only(w, &r) || is_month(w, &r))
        return false;
    if (taken(w, tok(w, r.first)->start, tok(w, r.end - 1)->end, hint)) {
        *ret_next = r.first + 1;
        return false;
    }
    int caption = score_caption(w, &r), before = score_before(w, &r);
    int score = caption + before + score_words(w, &r) + score_after(w, &r);
    if (lower) {
        bool two = r.parts >= 2 && (tok(w, r.first)->names & NAME_FIRST);
        bool rare = two && !is_common(tok(w, r.first)) && !is_common(tok(w, r.end - 1));
        score -= two && before + caption > 0 ? 10 : rare ? 28 : 40;
    }
    size_t end = inverted_end(w, &r);
    if (end) {
        r.end = end;
        score += 25;
        *ret_next = end;
    }
    if (score < MIN_SCORE)
        return false;
    propose(w, tok(w, r.first)->start, tok(w, r.end - 1)->end, TYPE_PERSON,
            score > 95   ? 95
            : score < 40 ? 40
                         : score,
            caption ? SAW_WORD : SAW_LEXICON);
    *ret_next = r.end;
    return true;
}

/* Which words may be parts of the names known, by six bits of their hashes. */
static uint64_t bits_of(const struct window *w, const struct known *known)
{
    uint64_t bits = 0;
    for (size_t k = 0; k < known->n; k++)
        bits |= UINT64_C(1) << (tok(w, known->at[k])->hash & 63);
    return bits;
}

static bool is_known(const struct window *w, const struct known *known, size_t i)
{
    for (size_t k = 0; k < known->n; k++)
        if (known->at[k] != i && same_word(w, known->at[k], i))
            return true;
    return false;
}

/* Part of an account, a path or a host. */
static bool is_in_identifier(const struct window *w, const struct token *t)
{
    const char *marks = "_-./\\@#$0123456789";
    bool before = t->start > 0 && strchr(marks, w->p[t->start - 1]);
    bool behind = w->p[t->end] && strchr(marks, w->p[t->end]) &&
                  (is_alnum(w->p[t->end + 1]) || w->p[t->end + 1] == '_');
    return before || behind;
}

/* A known name in lower case, as people type in haste; lists say when it may be an
 * ordinary word. */
static bool may_be_typed_small(const struct window *w, const struct token *t)
{
    enum { FREQUENCY_MOST = 5, LEAST = 4 };
    char folded[STEM_FOLD_BYTES];
    if (t->letter != CASE_LOWER || width(t) < LEAST || is_common(t) || t->lex || t->cls ||
        is_in_identifier(w, t))
        return false;
    struct str s = stem_fold((struct str){w->p + t->start, width(t)}, folded);
    uint16_t facts = facts_find(word_hash(s.p, s.n));
    return (facts & FACT_FREQUENCY) <= FREQUENCY_MOST && !(facts & FACT_ENGLISH);
}

static bool is_known_small(const struct window *w, const struct known *known, size_t i)
{
    for (size_t k = 0; k < known->n; k++)
        if (tok(w, known->at[k])->hash == tok(w, i)->hash)
            return may_be_typed_small(w, tok(w, i));
    return false;
}

static void find_again(struct window *w, const struct known *known)
{
    size_t hint = 0;
    uint64_t bits = bits_of(w, known);
    for (size_t i = 0; known->n && i < w->ntok; i++) {
        const struct token *t = &w->tok[i];
        if (t->kind == TOK_WORD && (bits >> (t->hash & 63) & 1) &&
            !taken(w, t->start, t->end, &hint) &&
            (is_cap(t) ? is_known(w, known, i) : is_known_small(w, known, i)))
            propose(w, t->start, t->end, TYPE_PERSON, 60, SAW_LEXICON);
    }
}

/* Letters of scripts without blanks between words: enough of them that the same letters
 * elsewhere are hardly parts of other words. */
static bool is_known_unspaced(struct str name)
{
    size_t n = 0;
    uint32_t cp = 0;
    for (size_t i = 0; i < name.n; n++) {
        i += utf8_read(name.p + i, name.p + name.n, &cp);
        enum letter_kind kind = letter_kind(cp);
        if (kind != LETTER_ALONE && kind != LETTER_JOINS)
            return false;
    }
    return n >= (cp >= 0x2E80 ? 3 : 4);
}

static void find_letters_again(struct window *w, struct str name)
{
    size_t hint = 0;
    const char *end = w->p + w->n, *p = w->p;
    while ((p = memmem(p, (size_t)(end - p), name.p, name.n))) {
        uint32_t start = (uint32_t)(p - w->p);
        p += name.n;
        if (!taken(w, start, start + (uint32_t)name.n, &hint))
            propose(w, start, start + name.n, TYPE_PERSON, 60, SAW_LEXICON);
    }
}

/* The same letters again, where words are not parted; each part of a name by itself. */
static void find_unspaced_again(struct window *w)
{
    enum { NAMES_MOST = 32 };
    size_t n = w->nfound, names = 0;
    for (size_t k = 0; k < n && names < NAMES_MOST; k++) {
        const struct span x = w->found[k];
        if (x.type != TYPE_PERSON || x.score < SURE_SCORE || w->p[x.start] >= 0)
            continue;
        for (size_t i = x.start, end; i < x.end; i = end + 1) {
            for (end = i; end < x.end && w->p[end] != ' ';)
                end++;
            struct str part = {w->p + i, end - i};
            if (!is_known_unspaced(part) || !may_spend(w))
                continue;
            names++;
            spend(w, w->n / 8);
            find_letters_again(w, part);
        }
    }
}

static bool is_link(const struct window *w, size_t i)
{
    struct str s = {w->p + tok(w, i)->start, width(tok(w, i))};
    return str_eqz(s, "and") || str_eqz(s, "und") || str_eqz(s, "et") || str_eqz(s, "&");
}

/* Among the first n spans, which are sorted. */
static bool is_person_at(const struct window *w, size_t n, size_t i)
{
    uint32_t at = tok(w, i)->start;
    size_t lo = span_behind(w, n, at);
    return i < w->ntok && lo < n && w->found[lo].start <= at &&
           w->found[lo].type == TYPE_PERSON;
}

static bool may_be_linked(const struct window *w, size_t i)
{
    const struct token *t = tok(w, i);
    return is_cap(t) && !is_foreign(t) && !(t->lex & (LEX_STOP | LEX_CUE)) &&
           (!is_common(t) || is_listed(t)) && width(t) >= 3 && t->letter != CASE_UPPER;
}

static void try_linked(struct window *w, size_t n, size_t i)
{
    size_t from = 0;
    if (!may_be_linked(w, i))
        return;
    bool before = i >= 2 && is_link(w, i - 1) && is_person_at(w, n, i - 2);
    bool after = is_link(w, i + 1) && is_person_at(w, n, i + 2);
    bool list = tok(w, i + 1)->c == ',' && is_person_at(w, n, i + 2) && is_link(w, i + 3);
    if ((before || after || list) && !taken(w, tok(w, i)->start, tok(w, i)->end, &from))
        propose(w, tok(w, i)->start, tok(w, i)->end, TYPE_PERSON, 45, SAW_LEXICON);
}

/* "Leehy, Perkins and Copeland": who is linked to a person is one. */
static void find_linked(struct window *w)
{
    size_t n = w->nfound;
    for (size_t i = next_anchor(w, 0, AT_LINK); n && i < w->ntok;
         i = next_anchor(w, i + 1, AT_LINK)) {
        if (i >= 3)
            try_linked(w, n, i - 3);
        if (i >= 1)
            try_linked(w, n, i - 1);
        try_linked(w, n, i + 1);
    }
    w->nfound = resolve_spans(w->found, w->nfound);
}

void people_words(struct word_table *t)
{
    word_table_know(t, STR("and"), AT_LINK);
    word_table_know(t, STR("und"), AT_LINK);
    word_table_know(t, STR("et"), AT_LINK);
}

void find_people(struct window *w)
{
    size_t hint = 0, next;
    for (size_t i = 0; i < w->ntok; i = next) {
        const struct token *t = tok(w, i);
        next = i + 1;
        if (t->kind != TOK_WORD)
            continue;
        bool skip =
            t->start > 0 && (w->p[t->start - 1] == '_' || is_digit(w->p[t->start - 1]));
        if (skip)
            continue;
        if (try_firm(w, i, &next))
            continue;
        try_place(w, i);
        if (is_cap(t))
            try_run(w, i, false, &hint, &next);
        else if (is_name_word(t, true) && (t->names & NAME_FIRST))
            try_run(w, i, true, &hint, &next);
        next = next > i ? next : i + 1;
    }
    w->nfound = resolve_spans(w->found, w->nfound);
}

void find_people_again(struct window *w)
{
    struct known known = {.n = 0};
    remember(&known, w);
    find_again(w, &known);
    w->nfound = resolve_spans(w->found, w->nfound);
    find_unspaced_again(w);
    w->nfound = resolve_spans(w->found, w->nfound);
    find_linked(w);
    find_linked(w); /* a list of three needs a second look */
}
