/* line_codes.c -- codes that a line tells: the answer to a question, what opens a door, a
 * device or an account.
 *
 *     what is the code? it's x      use 482913 to verify      the tablet unlocks with x
 */
#include "scan/find/plausible.h"
#include "scan/read/judge.h"
#include "scan/read/words.h"

enum { MAX_TO_ANSWER = 320, MAX_TO_DOOR = 60 };

static bool is_asked(const struct reader *r, size_t at)
{
    return r->asked.end > r->asked.start && at > r->asked.end &&
           at - r->asked.end < MAX_TO_ANSWER;
}

/* "got 942031", "nimm x": what is behind is the answer. */
static bool hands_over(struct str s)
{
    static const char *const words[] = {"got",
                                        "use",
                                        "try",
                                        "tried",
                                        "used",
                                        "here",
                                        "sent",
                                        "nimm",
                                        "nehmt",
                                        "probier",
                                        "hier",
                                        "essaie",
                                        "essaye",
                                        "prends",
                                        "prueba",
                                        "usa",
                                        "prova",
                                        "tenta",
                                        "probeer",
                                        "spr\xC3\xB3"
                                        "buj",
                                        "dene",
                                        "вот",
                                        "попробуй",
                                        "держи",
                                        "пробуй"};
    return is_word_of(s, words, ARRAY_LEN(words));
}

/* A "code" that was asked for and is no number is a password. */
static void give_asked(struct reader *r, struct piece v)
{
    static const char *const codes[] = {"code",   "codes",  "kode", "kod",
                                        "codigo", "codice", "код"};
    struct str asked = piece_str(r, r->asked), s = piece_str(r, v);
    bool is_code = is_word_of(asked, codes, ARRAY_LEN(codes));
    if (is_code && (is_strong(s) || is_passphrase(s)))
        emit_told(r, v, NOTE_LINE, TELLS_PASSWORD);
    else
        emit(r, r->asked, v, NOTE_LINE);
}

/* "what is the password?" -- "it's x", on this line or one of the next. */
void read_answer(struct reader *r, const struct words *w, struct piece v)
{
    struct str last = piece_str(r, w->v[w->n - 1]);
    if (is_asked(r, v.start) &&
        (is_copula(last) || last.p[last.n - 1] == ':' || hands_over(last)))
        give_asked(r, v);
}

/* The answer begins its line: "x, but tell nobody"; digits are all of it. */
void read_answer_alone(struct reader *r, const struct line *l, struct piece v)
{
    struct str s = piece_str(r, v);
    bool is_number = s.n >= 4 && s.n <= 8 && count_digits(s) == s.n &&
                     skip_blanks(r, v.end, l->end) == l->end;
    if (is_asked(r, v.start) && (is_number || is_strong(s) || is_passphrase(s)))
        give_asked(r, v);
}

/* "le code est 482913", "got the code 482913": six digits behind a "code" that nothing
 * says more of than an article. */
void read_bare_code(struct reader *r, const struct words *w, struct piece v)
{
    static const char *const codes[] = {"code",
                                        "c\xC3\xB3"
                                        "digo",
                                        "codice",
                                        "kode",
                                        "kod",
                                        "код",
                                        "codigo"};
    static const char *const before[] = {"the", "le",   "der",  "den", "el",
                                         "il",  "my",   "mein", "mon", "mi",
                                         "o",   "this", "that", "de"};
    struct str s = piece_str(r, v);
    size_t end = w->n;
    while (end > 0 && is_copula(piece_str(r, w->v[end - 1])))
        end--;
    if (s.n != 6 || count_digits(s) != 6 || end == 0 ||
        !is_word_of(piece_str(r, w->v[end - 1]), codes, ARRAY_LEN(codes)))
        return;
    bool is_own =
        end > 1 && is_word_of(piece_str(r, w->v[end - 2]), before, ARRAY_LEN(before));
    if (is_own || (end == 1 && w->n > end))
        emit_told(r, v, NOTE_LINE, TELLS_PIN);
}

/* "use 482913 to verify your account" */
void read_use(struct reader *r, const struct line *l, const struct words *w,
              struct piece v)
{
    static const char *const uses[] = {"use", "enter", "with", "type", "code"};
    static const char *const aims[] = {" to verify", " to confirm",  " to sign in",
                                       " to log in", " to login",    " to complete",
                                       " to reset",  " to access",   " to authenticate",
                                       " to finish", " to activate", " as your"};
    struct str s = piece_str(r, v), rest = str_sub(r->text, v.end, l->end);
    size_t digits = count_digits(s);
    if (digits < 4 || digits > 8 || digits + 1 < s.n || w->n == 0 ||
        !is_word_of(piece_str(r, w->v[w->n - 1]), uses, ARRAY_LEN(uses)))
        return;
    for (size_t i = 0; i < ARRAY_LEN(aims); i++)
        if (str_starts(rest, str_of(aims[i])))
            emit_told(r, v, NOTE_LINE, TELLS_PIN);
}

/* "the tablet unlocks with 524255", "entsperrt mit x" */
void read_opening(struct reader *r, const struct words *w, struct piece v)
{
    static const char *const verbs[] = {"unlocks",
                                        "unlock",
                                        "unlocked",
                                        "opens",
                                        "unlocking",
                                        "entsperrt",
                                        "entsperren",
                                        "entsperre",
                                        "entriegelt",
                                        "d\xC3\xA9verrouille",
                                        "d\xC3\xA9"
                                        "bloque",
                                        "desbloquea",
                                        "desbloqueia",
                                        "sblocca",
                                        "disarm",
                                        "disarms",
                                        "disarmed",
                                        "off",
                                        "ontgrendelt",
                                        "odblokowuje",
                                        "разблокируется",
                                        "открывается",
                                        "\xC3\xB6"
                                        "ffnet"};
    static const char *const links[] = {"with", "using", "mit", "avec", "con",
                                        "com",  "met",   "z",   "за",   "by"};
    if (w->n < 2 || !is_word_of(piece_str(r, w->v[w->n - 1]), links, ARRAY_LEN(links)) ||
        !is_word_of(piece_str(r, w->v[w->n - 2]), verbs, ARRAY_LEN(verbs)))
        return;
    struct str s = piece_str(r, v);
    bool is_number = count_digits(s) == s.n;
    if (is_number ? s.n >= 4 && s.n <= 10 : is_strong(s) || is_passphrase(s))
        emit_told(r, v, NOTE_LINE, is_number ? TELLS_PIN : TELLS_PASSWORD);
}

/* "C1316Y", "9938B": four digits and more, letters at the ends, as keypads have them. */
static bool is_keypad_word(struct str s)
{
    size_t letters = 0;
    for (size_t i = 0; i < s.n; i++) {
        letters += is_upper(s.p[i]);
        if (!is_digit(s.p[i]) && !(is_upper(s.p[i]) && (i == 0 || i + 1 == s.n)))
            return false;
    }
    return s.n >= 5 && s.n <= 8 && letters >= 1 && s.n - letters >= 4;
}

/* The word right before it is a door. */
static bool names_door(const struct reader *r, const struct line *l, struct piece v)
{
    static const char *const doors[] = {
        "door",       "gate", "garage",         "lobby",   "entrance", "keypad",
        "alarm",      "safe", "porte",          "portail", "immeuble", "digicode",
        "t\xC3\xBCr", "tor",  "haust\xC3\xBCr", "puerta",  "portal",   "portone",
        "cancello",   "deur", "poort",          "drzwi",   "brama"};
    size_t end = skip_blanks_back(r, v.start, l->start);
    end -= end > l->start && r->text.p[end - 1] == ':';
    return is_word_of(piece_str(r, word_before(r, end, l->start)), doors,
                      ARRAY_LEN(doors));
}

/* "2580#" where a door or an alarm is spoken of. */
void read_keypad(struct reader *r, const struct line *l, struct piece v)
{
    static const char *const doors[] = {"gate",
                                        "door",
                                        "entr",
                                        "alarm",
                                        "keypad",
                                        "lock",
                                        "t\xC3\xBCr",
                                        "Tor",
                                        "porte",
                                        "portail",
                                        "puerta",
                                        "portal",
                                        "porta",
                                        "cancello",
                                        "deur",
                                        "poort",
                                        "drzwi",
                                        "bram",
                                        "\xD0\xB4\xD0\xBE\xD0\xBC\xD0\xBE\xD1\x84",
                                        "\xD0\xB4\xD0\xB2\xD0\xB5\xD1\x80",
                                        "\xED\x98\x84\xEA\xB4\x80",
                                        "\xE9\x97\xA8",
                                        "\xE9\x96\x80",
                                        "digicode",
                                        "garage"};
    struct str s = piece_str(r, v);
    bool is_marked = s.n > 4 && s.n < 12 && (s.p[s.n - 1] == '#' || s.p[s.n - 1] == '*');
    if (is_keypad_word(s) && names_door(r, l, v))
        emit_told(r, v, NOTE_FORM, TELLS_PIN);
    for (size_t i = s.p[0] == '#' || s.p[0] == '*'; is_marked && i + 1 < s.n; i++)
        is_marked = is_digit(s.p[i]);
    if (!is_marked || !may_read(r, MAX_TO_DOOR))
        return;
    size_t from = v.start - l->start > MAX_TO_DOOR ? v.start - MAX_TO_DOOR : l->start;
    for (size_t i = 0; i < ARRAY_LEN(doors); i++)
        if (str_find(str_sub(r->text, from, v.start), str_of(doors[i])) >= 0) {
            emit_told(r, v, NOTE_LINE, TELLS_PIN);
            return;
        }
}
