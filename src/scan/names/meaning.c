/* meaning.c -- see meaning.h. */
#include "scan/names/meaning.h"

#include "scan/names/credits.h"
#include "scan/names/cues.h"
#include "scan/names/nobody.h"
#include "scan/names/prior.h"
#include "scan/names/private_text.h"
#include "scan/scanner.h"
#include "scan/text/kind.h"
#include "scan/text/known.h"
#include "scan/text/lexicon.h"

enum {
    NEAR_BYTES = 400,
    CONTACT_SCORE = 50,
    CAPTION_NEAR = 12,
    PAIR_WORDS = 4,
    PAIRS_LEAST = 3,
    FOLD_BYTES = 96,
    SENTENCE_WORDS = 60,
    SHORT_WORDS = 16
};

/* How much a piece of evidence weighs; more than 0 in sum is a private person. */
enum {
    DOUBT = 1,
    CAPTIONED = 5,
    GREETED = 5,
    SIGNED = 4,
    OF_SELF = 5,
    TITLED = 2,
    RELATED = 3,
    SPEAKS = 3,
    BESIDE_CONTACT = 3,
    CONTACT_IN_TEXT = 2,
    LETTER = 3,
    MAIL_HEAD = 3,
    RECORD = 2,
    CLINICAL = 3,
    FORM_MOST = 2,
    FAME_MOST = 3,
    QUESTION = -2,
    OF_PROGRAM = -2,
    OF_HISTORY = -2,
    IN_COMPANY = -1,
    IN_TERM = -6,
    EPONYM = -4,
    FIGURE = -4,
    SURNAME = -2,
    PRODUCT = -3
};

/* What the whole window says. */
struct setting {
    unsigned tell, mine, self, greet, bye, form, fame, head, pairs;
    bool has_contact, is_program, is_table;
    bool is_of_knowledge; /* nothing in it speaks of its writer or of a case */
    bool has_past, has_figure;
    int weight;
};

static const struct token none = {.kind = TOK_PUNCT, .letter = CASE_NONE};

static const struct token *tok(const struct window *w, size_t i)
{
    return i < w->ntok ? &w->tok[i] : &none;
}

static uint16_t cue(const struct window *w, size_t i)
{
    const struct token *t = tok(w, i);
    return t->kind == TOK_WORD ? cue_find(&w->sc->cues, t->hash) : 0;
}

static bool begins_line(const struct window *w, size_t i)
{
    return i == 0 || (tok(w, i)->gap & GAP_LINE);
}

static bool begins_sentence(const struct window *w, size_t i)
{
    return begins_line(w, i) ||
           (tok(w, i - 1)->kind == TOK_PUNCT && strchr(".?!:", tok(w, i - 1)->c));
}

/* The end of a sentence that begins with a question's word and ends with its mark, or
 * that is short and all there is of the text; 0: it is none. */
static size_t question_end(const struct window *w, size_t i)
{
    size_t end = i;
    while (end < w->ntok && end - i < SENTENCE_WORDS &&
           !(end > i && begins_line(w, end)) && !strchr(".?!", tok(w, end)->c))
        end++;
    bool is_all = i == 0 && end == w->ntok && end <= SHORT_WORDS;
    return tok(w, end)->c == '?' || is_all ? end : 0;
}

/* -- the setting ----------------------------------------------------------------------
 */

static bool is_contact(const struct span *s)
{
    enum guard_group g = guard_type_group((enum guard_type)s->type);
    return g != GROUP_LOW && g != GROUP_PERSON && g != GROUP_CUSTOM &&
           g != GROUP_SOURCE_CODE && g != GROUP_CRYPTO && g != GROUP_NETWORK &&
           s->score >= CONTACT_SCORE;
}

/* "Name: value", one a line. */
static bool is_pair(const struct window *w, size_t i)
{
    if (!begins_line(w, i) || tok(w, i)->kind != TOK_WORD)
        return false;
    for (size_t k = i + 1; k <= i + PAIR_WORDS && !begins_line(w, k); k++)
        if (tok(w, k)->c == ':')
            return tok(w, k + 1)->gap == GAP_SPACE && k + 1 < w->ntok;
    return false;
}

/* "which albums should I hear": whoever asks so says nothing of themselves.  And "je" is
 * a Frenchman's "I", but "is" behind a question's word of Slavic languages. */
static bool is_asking_self(const struct window *w, size_t i)
{
    static const char *const words[] = {"should", "can",   "could", "do",   "must",
                                        "may",    "shall", "would", "might"};
    if (i == 0 || tok(w, i)->gap != GAP_SPACE)
        return false;
    struct str s = {w->p + tok(w, i - 1)->start,
                    tok(w, i - 1)->end - tok(w, i - 1)->start};
    struct str self = {w->p + tok(w, i)->start, tok(w, i)->end - tok(w, i)->start};
    if (str_eqz(self, "je") && (cue(w, i - 1) & CUE_ASK))
        return true;
    for (size_t k = 0; k < ARRAY_LEN(words); k++)
        if (str_eqz(s, words[k]))
            return true;
    return false;
}

/* "i" is no "I" where it joins ("bio i gdje"): behind that an English word stands.  Nor
 * is the Irish "í". */
static bool is_other_i(const struct window *w, size_t i)
{
    const struct token *t = tok(w, i), *next = tok(w, i + 1);
    bool is_english = next->c == '\'' || (next->names & (NAME_COMMON | NAME_FREQUENT));
    return t->end - t->start == 1 ? t->c == 'i' && !is_english
                                  : t->c < 0 && t->end - t->start == 2;
}

static void count_cues(const struct window *w, struct setting *s)
{
    for (size_t i = 0; i < w->ntok; i++) {
        uint16_t c = cue(w, i);
        s->pairs += is_pair(w, i);
        if (!c)
            continue;
        s->tell += (c & CUE_TELL) && begins_sentence(w, i);
        s->mine += (c & CUE_MINE) && (cue(w, i + 1) & CUE_KIN);
        s->self +=
            (c & (CUE_SELF | CUE_MINE)) && !is_asking_self(w, i) && !is_other_i(w, i);
        s->greet += (c & CUE_GREET) && begins_line(w, i);
        s->bye += (c & CUE_BYE) != 0;
        s->form += (c & CUE_FORM) != 0;
        s->fame += (c & CUE_FAME) != 0;
        s->head += (c & CUE_HEAD) && begins_line(w, i) && tok(w, i + 1)->c == ':';
    }
}

static int least(unsigned n, int most)
{
    return n < (unsigned)most ? (int)n : most;
}

static struct setting read_setting(const struct window *w)
{
    struct setting s = {0};
    count_cues(w, &s);
    for (size_t i = 0; i < w->nfound && !s.has_contact; i++)
        s.has_contact = is_contact(&w->found[i]);
    s.weight = least(s.form, FORM_MOST);
    s.weight += s.has_contact ? CONTACT_IN_TEXT : 0;
    const struct str text = {w->p, w->n};
    s.is_table = text_is_character_table(text);
    s.is_program = s.is_table || text_is_program(text);
    if (s.is_program) /* its "best" and "hello" are no letter's */
        s.greet = s.bye = 0;
    s.weight += s.greet && s.bye ? LETTER : s.greet || s.bye ? 1 : 0;
    s.weight += s.head >= 2 ? MAIL_HEAD : 0;
    s.weight += s.pairs >= PAIRS_LEAST ? RECORD : 0;
    s.weight += w->clinical.weight >= CLINICAL_LEAST ? CLINICAL : 0;
    s.weight += s.mine ? 1 : 0;
    return s;
}

/* -- one name -------------------------------------------------------------------------
 */

struct mention {
    size_t first, end; /* tokens */
    size_t words;
};

/* Spans are sorted: those near it are its neighbours. */
static int is_beside_contact(const struct window *w, const struct span *s)
{
    size_t at = (size_t)(s - w->found);
    for (size_t i = at; i > 0 && w->found[i - 1].end + NEAR_BYTES > s->start; i--)
        if (is_contact(&w->found[i - 1]))
            return BESIDE_CONTACT;
    for (size_t i = at + 1; i < w->nfound && w->found[i].start < s->end + NEAR_BYTES; i++)
        if (is_contact(&w->found[i]))
            return BESIDE_CONTACT;
    return 0;
}

static int is_captioned(const struct window *w, const struct span *s)
{
    static const uint8_t classes[] = {CLS_NAME, CLS_FIRST, CLS_LAST};
    for (size_t i = 0; i < ARRAY_LEN(classes); i++) {
        int d = caption_distance(w, s->start, s->end, (enum word_class)classes[i]);
        if (d >= 0 && d <= CAPTION_NEAR)
            return CAPTIONED;
    }
    return 0;
}

/* "my name is", "I am", "ich bin": what a person says of themselves. */
static bool is_of_self(const struct window *w, size_t first)
{
    for (size_t i = first; i > 0 && first - i < 4; i--) {
        if (begins_line(w, i) && i != first)
            return false;
        if (tok(w, i - 1)->kind == TOK_PUNCT && tok(w, i - 1)->c != '\'')
            return false;
        if (cue(w, i - 1) & CUE_SELF)
            return true;
        if ((cue(w, i - 1) & CUE_MINE) && tok(w, i)->cls == CLS_NAME)
            return true;
    }
    return false;
}

static int weigh_before(const struct window *w, const struct mention *m)
{
    int weight = 0;
    size_t i = m->first;
    if (i == 0)
        return 0;
    const struct token *before = tok(w, i - 1);
    if (before->c == '.' && i >= 2)
        before = tok(w, i - 2);
    if ((before->lex & LEX_TITLE) || (tok(w, m->first)->lex & LEX_TITLE))
        weight += TITLED;
    if ((cue(w, i - 1) & CUE_GREET) && !begins_line(w, i))
        weight += GREETED;
    size_t line = i - 1;
    if (begins_line(w, i) && line > 0 && tok(w, line)->kind == TOK_PUNCT)
        line--;
    if (begins_line(w, i) && (cue(w, line) & (CUE_BYE | CUE_GREET)))
        weight += SIGNED;
    bool is_kin = (cue(w, i - 1) & CUE_KIN) ||
                  (tok(w, i - 1)->c == ',' && i >= 2 && (cue(w, i - 2) & CUE_KIN));
    if (is_kin && !begins_line(w, i))
        weight += RELATED;
    return weight + (is_of_self(w, i) ? OF_SELF : 0);
}

static int weigh_after(const struct window *w, const struct mention *m)
{
    const struct token *t = tok(w, m->end);
    if (t->c == ':' && t->gap == 0 && begins_line(w, m->first) && m->words <= 3)
        return SPEAKS;
    if (t->c == ',' && (cue(w, m->end + 2) & CUE_KIN) && (cue(w, m->end + 1) & CUE_MINE))
        return RELATED;
    return 0;
}

/* Folds token i onto the end of a phrase; false: it has other than Latin letters. */
static bool fold_on(const struct window *w, size_t i, char *phrase, size_t *n)
{
    const char *p = w->p + tok(w, i)->start, *end = w->p + tok(w, i)->end;
    if (*n && *n < FOLD_BYTES)
        phrase[(*n)++] = ' ';
    while (p < end && *n < FOLD_BYTES) {
        uint32_t cp;
        size_t k = utf8_read(p, end, &cp);
        char c = is_alpha(*p) ? to_lower(*p) : k > 1 ? latin_base(cp) : 0;
        if (!c && *p != '\'')
            return false;
        if (c)
            phrase[(*n)++] = c;
        p += k;
    }
    return true;
}

/* KNOWN_* of the name and, with `more` words behind it, of the term that it begins. */
static uint8_t known(const struct window *w, const struct mention *m, size_t more)
{
    char phrase[FOLD_BYTES];
    size_t n = 0, words = 0;
    for (size_t i = m->first; i < w->ntok && words < m->words + more; i++) {
        const struct token *t = tok(w, i);
        bool is_possessive = t->kind == TOK_WORD && t->end - t->start == 1 &&
                             t->c == 's' && i > 0 && tok(w, i - 1)->c == '\'';
        if (i >= m->end && (t->gap & GAP_LINE))
            return 0;
        if (t->kind != TOK_WORD || is_possessive)
            continue;
        if (!fold_on(w, i, phrase, &n))
            return 0;
        words++;
    }
    return n < FOLD_BYTES ? known_find(word_hash(phrase, n)) : 0;
}

/* Behind the name a word in lower case that is no verb: "Turing machine". */
static bool has_noun_behind(const struct window *w, const struct mention *m)
{
    size_t i = m->end;
    if (tok(w, i)->c == '\'' && tok(w, i + 1)->c == 's')
        i += 2;
    const struct token *t = tok(w, i);
    return t->kind == TOK_WORD && t->letter == CASE_LOWER && !(t->gap & GAP_LINE) &&
           !(t->lex & (LEX_VERB | LEX_STOP));
}

/* "in 1854", "(1803)": a year in which nobody lived who lives now. */
static bool is_past(const struct window *w, size_t i)
{
    enum { YEAR_LEAST = 1000, YEAR_MOST = 1929, WORD_MOST = 5 };
    const struct token *t = tok(w, i), *before = i ? tok(w, i - 1) : &none;
    int year = 0;
    if (t->kind != TOK_NUMBER || t->end - t->start != 4 || (t->gap & GAP_LINE))
        return false;
    for (size_t k = t->start; k < t->end; k++)
        year = year * 10 + (w->p[k] - '0');
    bool is_said = before->c == '(' ||
                   (t->gap && before->kind == TOK_WORD && (before->lex & LEX_STOP) &&
                    before->end - before->start <= WORD_MOST);
    const struct token *dash = tok(w, i + 1), *until = tok(w, i + 2);
    bool is_life = dash->c == '-' && dash->gap == 0 && until->kind == TOK_NUMBER &&
                   until->gap == 0 && until->end - until->start == 4; /* (1723-1790) */
    return is_said && year >= YEAR_LEAST && year <= YEAR_MOST &&
           !is_digit(w->p[t->end]) && (w->p[t->end] != '-' || is_life) &&
           w->p[t->end] != ':';
}

static int weigh_known(const struct window *w, const struct mention *m)
{
    uint8_t bits = known(w, m, 0);
    if ((known(w, m, 1) | known(w, m, 2)) & KNOWN_TERM)
        return IN_TERM;
    if (bits & KNOWN_TERM)
        return IN_TERM;
    if ((bits & KNOWN_EPONYM) && has_noun_behind(w, m))
        return EPONYM;
    if ((bits & KNOWN_FIGURE) && m->words > 1)
        return FIGURE;
    if (m->words == 1 && (tok(w, m->first)->names & NAME_FIRST))
        return 0;
    if ((bits & KNOWN_PRODUCT) && m->words == 1)
        return PRODUCT;
    return bits & (KNOWN_SURNAME | KNOWN_FIGURE) ? SURNAME : 0;
}

/* It is asked about, in a text that does not speak of its writer. */
static bool is_asked_about(const struct window *w, const struct setting *set,
                           const struct mention *m)
{
    size_t i = m->first;
    if (set->has_contact || set->self)
        return false;
    if (set->tell)
        return true;
    while (i > 0 && m->first - i < SENTENCE_WORDS && !begins_sentence(w, i))
        i--;
    return (cue(w, i) & CUE_ASK) && question_end(w, i) >= m->end;
}

static struct mention mention_of(const struct window *w, const struct span *s)
{
    struct mention m = {.first = token_at(w, s->start)};
    for (m.end = m.first; m.end < w->ntok && tok(w, m.end)->start < s->end; m.end++)
        m.words += tok(w, m.end)->kind == TOK_WORD;
    return m;
}

/* Who else is named, and when it was: only where the text is no letter, record or case.
 */
static void read_company(const struct window *w, struct setting *set)
{
    set->is_of_knowledge = !set->has_contact && !set->self && !set->mine && !set->greet &&
                           !set->bye && !set->form && set->head < 2 &&
                           set->pairs < PAIRS_LEAST &&
                           w->clinical.weight < CLINICAL_LEAST;
    for (size_t i = 0; set->is_of_knowledge && !set->has_past && i < w->ntok; i++)
        set->has_past = is_past(w, i);
    for (size_t i = 0; set->is_of_knowledge && !set->has_figure && i < w->nfound; i++)
        if (w->found[i].type == TYPE_PERSON) {
            const struct mention m = mention_of(w, &w->found[i]);
            set->has_figure = m.words > 1 && (known(w, &m, 0) & KNOWN_FIGURE);
        }
}

static bool has_given_name(const struct window *w, const struct mention *m)
{
    for (size_t i = m->first; i < m->end; i++)
        if (tok(w, i)->names & NAME_FIRST)
            return true;
    return false;
}

/* Signs of the whole text that the prior reads beside its words. */
static uint32_t bits_of_text(const struct setting *set)
{
    const bool bits[] = {set->tell,
                         set->mine,
                         set->self,
                         set->greet,
                         set->bye,
                         set->form,
                         set->form > 1,
                         set->fame,
                         set->fame > 1,
                         set->head > 0,
                         set->head > 1,
                         set->pairs > 0,
                         set->pairs >= PAIRS_LEAST,
                         set->has_contact,
                         set->is_program,
                         set->is_table,
                         set->is_of_knowledge,
                         set->has_past,
                         set->has_figure};
    uint32_t sum = 0;
    for (size_t i = 0; i < ARRAY_LEN(bits); i++)
        sum |= (uint32_t)bits[i] << i;
    return sum;
}

/* What speaks for and against, one by one. */
static struct prior_signs weigh(const struct window *w, const struct setting *set,
                                const struct span *s, bool *ret_sure)
{
    enum { CAPTION_BIT = 24, BESIDE_BIT, ASKED_BIT, GIVEN_BIT, LINE_BIT };
    const struct mention m = mention_of(w, s);
    struct prior_signs g = {.before = weigh_before(w, &m), .behind = weigh_after(w, &m)};
    int caption = is_captioned(w, s),
        beside = set->has_contact ? is_beside_contact(w, s) : 0;
    bool is_asked = is_asked_about(w, set, &m), has_given = has_given_name(w, &m);
    g.known = weigh_known(w, &m);
    g.weight = DOUBT + set->weight + caption + g.before + g.behind + beside + g.known;
    if (g.known)
        g.weight -= least(set->fame, FAME_MOST);
    if (set->is_table || (set->is_program && !has_given))
        g.weight += OF_PROGRAM;
    g.weight += set->has_past ? OF_HISTORY : set->has_figure ? IN_COMPANY : 0;
    g.weight += is_asked ? QUESTION : 0;
    g.bits = bits_of_text(set) | (uint32_t)(caption > 0) << CAPTION_BIT |
             (uint32_t)(beside > 0) << BESIDE_BIT | (uint32_t)is_asked << ASKED_BIT |
             (uint32_t)has_given << GIVEN_BIT |
             (uint32_t)begins_line(w, m.first) << LINE_BIT;
    *ret_sure = caption || beside || g.before >= SIGNED;
    return g;
}

/* The hash of its last word: by it other mentions are known for the same person's. */
static uint32_t who(const struct window *w, const struct span *s)
{
    const struct mention m = mention_of(w, s);
    for (size_t i = m.end; i > m.first; i--)
        if (tok(w, i - 1)->kind == TOK_WORD &&
            tok(w, i - 1)->end - tok(w, i - 1)->start > 1)
            return tok(w, i - 1)->hash;
    return 0;
}

/* Named there as an author, in a text that is no letter and of no patient. */
static bool may_leave_as_author(const struct window *w, const struct setting *set,
                                const struct span *s)
{
    if (w->clinical.weight >= CLINICAL_LEAST)
        return false;
    struct line_parts l = line_around((struct str){w->p, w->n}, s->start, s->end);
    return is_notice(l.lead) ||
           (!set->greet && !set->bye && is_credit(&l, set->is_program));
}

/* Lists know the name as a public figure's, but the text speaks of somebody private: then
 * it is another person of that name. */
static bool is_namesake(const struct window *w, const struct setting *set,
                        const struct span *s, const struct prior_signs *signs,
                        struct prior *prior)
{
    struct prior_signs unknown = *signs;
    if ((signs->known != FIGURE && signs->known != SURNAME) || set->has_past)
        return false;
    unknown.weight -= unknown.known;
    unknown.known = 0;
    prior_read_name(w, s, &unknown, prior);
    return prior_score(prior, prior_builtin()) >= PRIOR_NAMESAKE;
}

void weigh_names(struct window *w)
{
    struct setting set = {0};
    struct prior prior = {0};
    bool is_read = false;
    for (size_t i = 0; i < w->nfound; i++) {
        struct span *s = &w->found[i];
        if (LIKELY(s->type != TYPE_PERSON))
            continue;
        if (!is_read) {
            set = read_setting(w);
            read_company(w, &set);
            if (!prior_read_text(w, &prior)) {
                w->failed = true;
                return;
            }
        }
        is_read = true;
        s->who = who(w, s);
        bool is_sure;
        const struct prior_signs g = weigh(w, &set, s, &is_sure);
        prior_read_name(w, s, &g, &prior);
        if (w->tap)
            w->tap->take(w->tap->ctx, w, s, &prior, g.weight, is_sure);
        s->is_alone = is_nobody(w, s) || may_leave_as_author(w, &set, s) ||
                      (!is_sure && prior_score(&prior, prior_builtin()) < PRIOR_CUT) ||
                      (g.weight <= 0 && !is_namesake(w, &set, s, &g, &prior));
    }
    if (!may_be_private_text(w))
        return;
    w->failed |= !is_read && !prior_read_text(w, &prior);
    prior.nsign = prior.ntext;
    if (!w->failed)
        find_in_private_text(w, prior_score(&prior, prior_builtin()));
}
