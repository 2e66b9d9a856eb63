/* address_captions.c -- addresses and postcodes behind a word that says what they are.
 *
 *     {"address": "Quayside 22"}       my zip code is 86881       Meine PLZ ist 04109
 *
 * A cell or a value under such a key holds one whole.  A postcode alone says little and
 * is only shown; where somebody says that it is their own, it is an address. */
#include "scan/find/postcode.h"
#include "scan/names/cues.h"
#include "scan/scanner.h"
#include "scan/text/lexicon.h"

static const struct token *tok(const struct window *w, size_t i)
{
    static const struct token none = {.kind = TOK_PUNCT, .letter = CASE_NONE, .c = '\0'};
    return i < w->ntok ? &w->tok[i] : &none;
}

static size_t width(const struct token *t)
{
    return t->end - t->start;
}

/* A number of its own, maybe with a letter: "12a"; not "IPv4", "0xFF" or "2nd". */
static bool has_own_number(const struct window *w, const struct field *c)
{
    for (size_t i = token_at(w, c->start); i < w->ntok && w->tok[i].start < c->end; i++) {
        const struct token *t = &w->tok[i], *next = tok(w, i + 1);
        bool is_glued = i > 0 && !t->gap && w->tok[i - 1].kind == TOK_WORD &&
                        w->tok[i - 1].end == t->start && width(&w->tok[i - 1]) > 1;
        bool goes_on = next->kind == TOK_WORD && !next->gap && next->start == t->end &&
                       width(next) > 1 && next->start < c->end && next->c > 0;
        if (t->kind == TOK_NUMBER && !is_glued && !goes_on && t->start >= c->start)
            return true;
    }
    return false;
}

/* "udp://localhost:514", "a.b = void 0", "curAddr & 0xFF", "calloc (1", or what stands
 * behind "0.0.0.0:": what programs and their messages have there. */
static bool is_of_program(const struct window *w, const struct field *c)
{
    static const char *const marks[] = {"://", " = ", " & ", "*/",
                                        "::",  " + ", "->",  ");"};
    struct str s = {w->p + c->start, c->end - c->start};
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (str_find(s, str_of(marks[i])) >= 0)
            return true;
    ptrdiff_t opens = str_index(s, '(');
    bool is_call = opens > 1 && s.p[opens - 1] == ' ' && !memchr(s.p, ')', s.n) &&
                   !memchr(s.p, ' ', (size_t)opens - 1);
    bool is_port = c->start > 1 && w->p[c->start - 1] == ':' && is_digit(s.p[0]) &&
                   (is_digit(w->p[c->start - 2]) || w->p[c->start - 2] == '*');
    return is_call || is_port || memchr(s.p, '?', s.n);
}

/* Of an address there are words: not 0x400571, 192.0.2.1, and not a program's value,
 * lookup(x), a[0], {...}. */
static bool has_word(const struct window *w, const struct field *c)
{
    const char *p = w->p + c->start;
    size_t n = c->end - c->start;
    if (strchr("{[<$+&*(", *p) || (*p == '0' && p[1] == 'x') || memchr(p, '[', n))
        return false;
    for (size_t i = 1; i < n; i++)
        if (p[i] == '(' && is_alnum(p[i - 1]))
            return false;
    for (size_t i = token_at(w, c->start); i < w->ntok && w->tok[i].start < c->end; i++)
        if (w->tok[i].kind == TOK_WORD && (width(&w->tok[i]) >= 3 || w->tok[i].c < 0))
            return true;
    return false;
}

/* A cell or a value whose key says address holds one whole. */
static void captioned_fields(struct window *w)
{
    for (size_t f = 0; f < w->nfield; f++) {
        struct field c = w->field[f];
        bool digit = false;
        while (c.start < c.end && strchr(" \"'", w->p[c.start]))
            c.start++;
        while (c.end > c.start && strchr(" \"'\r", w->p[c.end - 1]))
            c.end--;
        for (size_t i = c.start; i < c.end; i++)
            digit |= is_digit(w->p[i]);
        if (c.cls == CLS_ADDRESS && digit && c.end - c.start >= 8 && has_word(w, &c) &&
            has_own_number(w, &c) && !is_of_program(w, &c))
            propose(w, c.start, c.end, TYPE_ADDRESS, 92, SAW_WORD);
    }
}

/* "CAP" is a postcode in Italy, and in small letters something else in English. */
static bool is_other_word(const struct window *w, const struct caption_hit *h)
{
    struct str s = {w->p + h->start, h->end - h->start};
    return str_eq_nocase(s, STR("cap")) && !str_eqz(s, "CAP");
}

/* "live", "moved", "'m" of somebody, not of "people": where they are follows. */
static bool is_home_word(const struct window *w, size_t i)
{
    static const char *const words[] = {
        "live",    "lives",  "living",   "lived",     "reside",  "resides",  "moved",
        "moving",  "am",     "m",        "based",     "wohne",   "wohnt",    "wohnen",
        "lebe",    "habite", "habitons", "vivo",      "vivimos", "vive",     "moro",
        "moramos", "abito",  "abitiamo", "woon",      "wonen",   "mieszkam", "bydlim",
        "bor",     "lakom",  "asun",     "oturuyorum"};
    struct str s = {w->p + tok(w, i)->start, width(tok(w, i))};
    bool is_of_many = i > 0 && tok(w, i - 1)->letter == CASE_LOWER &&
                      (tok(w, i - 1)->names & NAME_COMMON) &&
                      !(tok(w, i - 1)->lex & LEX_STOP) &&
                      !(cue_find(&w->sc->cues, tok(w, i - 1)->hash) & CUE_KIN);
    for (size_t k = 0; !is_of_many && tok(w, i)->kind == TOK_WORD && k < ARRAY_LEN(words);
         k++)
        if (str_eq_nocase(s, str_of(words[k])))
            return true;
    return false;
}

/* "my zip", "our new postcode", "meine PLZ", "I live in zip code": of whoever writes, or
 * of where somebody lives. */
static bool is_somebodys(const struct window *w, size_t i)
{
    enum { WORDS_BETWEEN = 2 };
    for (size_t n = 0; n <= WORDS_BETWEEN && n < i; n++) {
        const struct token *t = tok(w, i - n - 1);
        if (t->kind != TOK_WORD || (tok(w, i - n)->gap & GAP_LINE))
            return false;
        if ((cue_find(&w->sc->cues, t->hash) & CUE_MINE) || is_home_word(w, i - n - 1))
            return true;
    }
    return false;
}

/* The postcode at most four tokens behind its caption. */
static size_t postcode_behind(const struct window *w, size_t k, size_t *ret_first)
{
    enum { WORDS_MOST = 4 };
    for (size_t n = 0; n <= WORDS_MOST; n++, k++) {
        size_t end;
        const struct token *t = tok(w, k);
        *ret_first = k;
        if (postcode_at(w, k, true, &end) != POSTCODE_NONE)
            return end;
        if (t->kind == TOK_NUMBER) /* of three digits: Iceland, Taiwan */
            return width(t) == 3 ? k + 1 : k;
    }
    return *ret_first;
}

enum { POSTCODE_ALONE = 70, POSTCODE_OF_HOME = 75 };

static void put_postcode(struct window *w, size_t first, size_t end, bool is_of_home)
{
    propose(w, tok(w, first)->start, tok(w, end - 1)->end,
            is_of_home ? TYPE_ADDRESS : TYPE_POSTCODE,
            is_of_home ? POSTCODE_OF_HOME : POSTCODE_ALONE, SAW_WORD);
}

static void captioned_postcodes(struct window *w)
{
    for (size_t i = 0; i < w->nhit; i++) {
        size_t caption = token_at(w, w->hit[i].start), first;
        if (w->hit[i].cls != CLS_PLZ || is_other_word(w, &w->hit[i]))
            continue;
        size_t end = postcode_behind(w, token_at(w, w->hit[i].end), &first);
        if (end > first)
            put_postcode(w, first, end, is_somebodys(w, caption));
    }
}

/* Behind "live in", "moved to the". */
static bool is_in_home(const struct window *w, size_t i)
{
    enum { STOPS_MOST = 2 };
    size_t k = i;
    while (k > 0 && i - k < STOPS_MOST && w->tok[k].gap == GAP_SPACE &&
           (w->tok[k - 1].lex & LEX_STOP) && !is_home_word(w, k - 1))
        k--;
    return k > 0 && k < i && w->tok[k].gap == GAP_SPACE && is_home_word(w, k - 1);
}

/* "I live in 94110", "we moved to the 27514 zip code": no caption says before it what the
 * number is; so it has five digits, or letters, and what is counted does not follow. */
static void postcodes_of_homes(struct window *w)
{
    enum { DIGITS = 5 };
    for (size_t i = 2; i < w->ntok; i++) {
        size_t end;
        bool may_be = is_digit(w->tok[i].c) || is_upper(w->tok[i].c);
        if (!may_be || !is_in_home(w, i))
            continue;
        enum postcode_form form = postcode_at(w, i, false, &end);
        const struct token *next = tok(w, end);
        bool is_long =
            form == POSTCODE_DIGITS && end == i + 1 && width(&w->tok[i]) == DIGITS;
        bool ends = next->kind == TOK_PUNCT || end >= w->ntok || (next->gap & GAP_LINE) ||
                    (next->lex & LEX_STOP) || next->cls == CLS_PLZ;
        if (ends && (is_long || form == POSTCODE_SURE))
            put_postcode(w, i, end, true);
    }
}

/* Names and the number of a house at token i, at the end of what is said; its end, or i.
 */
static size_t past_names_and_number(const struct window *w, size_t i)
{
    enum { WORDS_MOST = 4, DIGITS_MOST = 4, NEVER = LEX_UNIT | LEX_MONTH | LEX_WEEKDAY };
    size_t k = i;
    bool is_common = true;
    for (; k - i < WORDS_MOST && tok(w, k)->kind == TOK_WORD; k++) {
        const struct token *t = tok(w, k);
        bool is_name = t->letter == CASE_TITLE || (k > i && (t->lex & LEX_PARTICLE));
        if (!is_name || (t->lex & NEVER) || t->gap != GAP_SPACE)
            break;
        is_common &= (t->names & NAME_COMMON) != 0;
    }
    const struct token *n = tok(w, k), *next = tok(w, k + 1);
    bool ends = k + 1 >= w->ntok || (next->gap & GAP_LINE) ||
                (next->kind == TOK_PUNCT && next->c && strchr(".,;!?)", next->c));
    bool is_house =
        n->kind == TOK_NUMBER && n->gap == GAP_SPACE && width(n) <= DIGITS_MOST && ends;
    return k > i && is_house && !is_common ? k + 1 : i;
}

/* "He lives on the north side of Joaquin Suarez 2906." */
static void streets_of_homes(struct window *w)
{
    static const char *const verbs[] = {"live",    "lives", "living", "lived",  "reside",
                                        "resides", "wohne", "wohnt",  "habite", "vive",
                                        "vivo",    "abita", "abito",  "woont",  "woon"};
    enum { WORDS_BETWEEN = 7, SCORE = 92 };
    for (size_t i = 0; i + 2 < w->ntok; i++) {
        struct str s = {w->p + tok(w, i)->start, width(tok(w, i))};
        if (tok(w, i)->kind != TOK_WORD || !is_word_of(s, verbs, ARRAY_LEN(verbs)))
            continue;
        for (size_t k = i + 2; k <= i + WORDS_BETWEEN && k < w->ntok; k++) {
            if (tok(w, k - 1)->kind != TOK_WORD || (tok(w, k)->gap & GAP_LINE))
                break;
            size_t end =
                tok(w, k - 1)->letter == CASE_LOWER ? past_names_and_number(w, k) : k;
            if (end == k)
                continue;
            propose(w, tok(w, k)->start, tok(w, end - 1)->end, TYPE_ADDRESS, SCORE,
                    SAW_WORD);
            break;
        }
    }
}

void find_captioned_addresses(struct window *w)
{
    captioned_fields(w);
    captioned_postcodes(w);
    postcodes_of_homes(w);
    streets_of_homes(w);
}
