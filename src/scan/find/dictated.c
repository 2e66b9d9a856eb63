/* dictated.c -- a password as somebody says it, sign by sign.
 *
 *     capital K kestrel nine four bang        all lowercase thistle eight two underscore
 *     großes B wie Berta, dann birke sieben vier Ausrufezeichen
 *
 * It begins with a word for how a letter is written.  Behind that stand letters, one or
 * two words, digits as they are said, and the names of signs, in one sentence. */
#include "scan/detect.h"
#include "scan/find/spoken.h"

enum { MOST_TOKENS = 14, MOST_WORDS = 3, SCORE = 75, CUE_BEFORE = 300, CUE_BEHIND = 80 };

static bool is_in(const struct window *w, const struct token *t, const char *const *words,
                  size_t n)
{
    struct str s = {w->p + t->start, t->end - t->start};
    for (size_t i = 0; i < n; i++)
        if (str_eq_nocase(s, str_of(words[i])))
            return true;
    return false;
}

static bool is_sign(const struct window *w, const struct token *t)
{
    static const char *const words[] = {"dollar",        "hash",
                                        "hashtag",       "bang",
                                        "exclamation",   "star",
                                        "asterisk",      "underscore",
                                        "hyphen",        "dash",
                                        "ampersand",     "percent",
                                        "plus",          "question",
                                        "slash",         "tilde",
                                        "caret",         "pound",
                                        "raute",         "ausrufezeichen",
                                        "unterstrich",   "bindestrich",
                                        "stern",         "fragezeichen",
                                        "klammeraffe",   "di\xC3\xA8se",
                                        "arobase",       "tiret",
                                        "\xC3\xA9toile", "arroba",
                                        "gui\xC3\xB3n",  "almohadilla",
                                        "asterisco",     "admiraci\xC3\xB3n",
                                        "chiocciola",    "cancelletto",
                                        "trattino",      "esclamativo",
                                        "apenstaartje",  "hekje",
                                        "uitroepteken",  "streepje",
                                        "jogo",          "cardinal"};
    return is_in(w, t, words, ARRAY_LEN(words));
}

/* Between the parts: "B wie Berta, dann birke", "t for tango". */
static bool is_between(const struct window *w, const struct token *t)
{
    static const char *const words[] = {"then",   "and", "und",  "dann", "puis",  "luego",
                                        "y",      "et",  "e",    "wie",  "comme", "como",
                                        "come",   "for", "mark", "sign", "point", "poi",
                                        "depois", "dan", "en",   "as",   "in"};
    return is_in(w, t, words, ARRAY_LEN(words));
}

/* A word for a password, a login or a network stands around it. */
static bool has_cue(const struct window *w, size_t start, size_t end)
{
    static const char *const cues[] = {"passw",
                                       "passe",
                                       "login",
                                       "log in",
                                       "logged",
                                       "wifi",
                                       "wi-fi",
                                       "wlan",
                                       "kennw",
                                       "contrase",
                                       "senha",
                                       "wachtw",
                                       "\xD0\xBF\xD0\xB0\xD1\x80\xD0\xBE\xD0\xBB",
                                       "parola",
                                       "clave",
                                       "unlock"};
    size_t from = start > CUE_BEFORE ? start - CUE_BEFORE : 0;
    struct str around = str_sub((struct str){w->p, w->n}, from,
                                end + CUE_BEHIND < w->n ? end + CUE_BEHIND : w->n);
    for (size_t i = 0; i < ARRAY_LEN(cues); i++)
        if (str_contains_nocase(around, str_of(cues[i])))
            return true;
    return false;
}

void take_dictated(struct window *w, size_t i)
{
    size_t words = 0, letters = 0, numbers = 0, signs = 0, last = i;
    for (size_t k = i + 1; k < w->ntok && k - i <= MOST_TOKENS; k++) {
        const struct token *t = &w->tok[k];
        size_t n = t->end - t->start;
        if (t->gap & GAP_LINE || (t->kind == TOK_PUNCT && t->c != ',' && t->c != '-'))
            break;
        if (t->kind == TOK_PUNCT || begins_dictation(w, t) || is_between(w, t))
            continue;
        bool is_number = says_number(w, t) || (t->kind == TOK_NUMBER && n <= 2);
        bool is_mark = !is_number && is_sign(w, t);
        bool is_letter = !is_number && t->kind == TOK_WORD && n == 1;
        if (!is_number && !is_mark && !is_letter) {
            if (t->kind != TOK_WORD || (t->lex & LEX_STOP) || ++words > MOST_WORDS)
                break;
            continue;
        }
        numbers += is_number;
        signs += is_mark;
        letters += is_letter;
        last = is_letter ? last : k;
    }
    if (last == i || words + letters == 0 || numbers + signs < 2 - (letters > 0))
        return;
    size_t start = w->tok[i].start, end = w->tok[last].end;
    if ((signs && numbers && words) || has_cue(w, start, end))
        propose(w, start, end, TYPE_PASSWORD, SCORE, SAW_WORD);
}
