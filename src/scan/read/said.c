/* said.c -- values that stand before their names, and forms whose mark is no colon.
 *
 *     x is the password of ...     x ist das Passwort     use x as the password
 *     is x a good password?        encode x, it is my API key
 *     I have reset it to x         log in as root with x
 *     Name ........ x              Name -> x
 */
#include "scan/find/plausible.h"
#include "scan/read/inside.h"
#include "scan/read/words.h"

enum { MAX_SAID_WORDS = 6, MAX_FORM_NAME = 40, SPOKEN_OF = 400 };

static bool links(struct str s)
{
    static const char *const words[] = {
        "is",        "was",          "ist",         "war",  "est",   "es",   "era",
        "as",        "als",          "como",        "come", "comme", "jest", "jako",
        "\xC3\xA9",  "\xC3\xA8",     "er",          "som",  "este",  "je",   "on",
        "\xC3\xA4r", "это",          "olarak",      "were", "are",   "=",    "<-",
        "=:",        "\xE2\x80\x94", "\xE2\x80\x93"};
    return is_word_of(s, words, ARRAY_LEN(words));
}

static bool may_be_said(enum telling t)
{
    return t == TELLS_PASSWORD || t == TELLS_PIN || t == TELLS_TOKEN || t == TELLS_CVC ||
           t == TELLS_NATIONAL || t == TELLS_PASSPORT || t == TELLS_MRN ||
           t == TELLS_PLAN || t == TELLS_ACCOUNT;
}

static struct piece word_at(const struct reader *r, size_t i, size_t end)
{
    i = skip_blanks(r, i, end);
    size_t to = i;
    while (to < end && (unsigned char)r->text.p[to] > ' ')
        to++;
    return (struct piece){i, to, 0};
}

static bool is_verb(struct str s)
{
    static const char *const words[] = {"reset",
                                        "changed",
                                        "change",
                                        "set",
                                        "login",
                                        "log",
                                        "logged",
                                        "sign",
                                        "zur\xC3\xBC"
                                        "ckgesetzt",
                                        "gesetzt",
                                        "setze",
                                        "change",
                                        "chang\xC3\xA9",
                                        "remis",
                                        "cambiado",
                                        "cambi\xC3\xA9",
                                        "einloggen",
                                        "anmelden",
                                        "connecte"};
    return is_word_of(s, words, ARRAY_LEN(words));
}

static bool is_direction(struct str s)
{
    static const char *const words[] = {"to",       "with", "using", "auf", "mit",
                                        "\xC3\xA0", "avec", "a",     "con", "com"};
    return is_word_of(s, words, ARRAY_LEN(words));
}

/* A word that no program would be named with: "Counter2Max" is one. */
static bool looks_chosen(struct str s)
{
    size_t upper = 0, lower = 0, digits = count_digits(s), marks = 0, other = 0;
    for (size_t i = 0; i < s.n; i++) {
        bool is_mark = s.p[i] && strchr("_!?#$%&*+-@", s.p[i]);
        upper += is_upper(s.p[i]);
        lower += is_lower(s.p[i]);
        marks += is_mark;
        other += !is_alnum(s.p[i]) && !is_mark;
    }
    bool ends_in_digits = s.n > 2 && is_digit(s.p[s.n - 1]) && is_digit(s.p[s.n - 2]);
    return s.n >= 8 && s.n <= 40 && upper && lower && digits && !other &&
           (marks || ends_in_digits);
}

static bool speaks_of_passwords(const struct reader *r, size_t end)
{
    static const char *const words[] = {"assword", "asswort", "passe",  "contrase",
                                        "senha",   "ogin",    "log in", "logged",
                                        "locked",  "ccount",  "unlock", "credential"};
    size_t from = end > SPOKEN_OF ? end - SPOKEN_OF : 0;
    end = r->text.n - end > SPOKEN_OF / 4 ? end + SPOKEN_OF / 4 : r->text.n;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_find(str_sub(r->text, from, end), str_of(words[i])) >= 0)
            return true;
    return false;
}

/* "I have reset it to x": a verb, few words, "to" or "with", where accounts are spoken
 * of. */
static void read_reset(struct reader *r, const struct line *l, struct piece v)
{
    size_t end = skip_blanks_back(r, v.start, l->start), words = 0;
    struct piece to = word_before(r, end, l->start);
    if (!looks_chosen(piece_str(r, v)) || !is_direction(piece_str(r, to)))
        return;
    for (size_t i = skip_blanks_back(r, to.start, l->start); i > l->start && words < 5;
         words++) {
        struct piece p = word_before(r, i, l->start);
        if (p.start == p.end)
            return;
        if (is_verb(piece_str(r, p))) {
            if (may_read(r, SPOKEN_OF) && speaks_of_passwords(r, v.start))
                emit_told(r, v, NOTE_LINE, TELLS_PASSWORD);
            return;
        }
        i = skip_blanks_back(r, p.start, l->start);
    }
}

/* Letters and two digits or more, and no path: no word of the sentence. */
static bool stands_out(struct str s)
{
    size_t letters = 0;
    for (size_t i = 0; i < s.n; i++)
        letters += is_alpha(s.p[i]);
    return s.n >= 8 && letters >= 2 && count_digits(s) >= 2 && !memchr(s.p, '/', s.n);
}

/* "x doesn't work as my password", "encode x in base64, it's the token": the link, other
 * words before it. */
static struct piece link_behind(const struct reader *r, const struct line *l, size_t i)
{
    static const char *const words[] = {"as",   "als",  "como",   "comme", "jako",
                                        "come", "it's", "that's", "c'est", "olarak"};
    static const char *const pronouns[] = {"it", "that", "this", "das", "es", "ce"};
    enum { WORDS = 6 };
    bool is_pronoun = false;
    for (int k = 0; k < WORDS; k++) {
        struct piece p = word_at(r, i, l->end);
        struct str s = piece_str(r, p);
        if (p.end == p.start || strchr(".!?", r->text.p[p.end - 1]))
            break;
        if (is_word_of(s, words, ARRAY_LEN(words)) || (is_pronoun && links(s)))
            return p;
        is_pronoun = is_word_of(s, pronouns, ARRAY_LEN(pronouns));
        i = p.end;
    }
    return (struct piece){0};
}

/* "is x a strong password?" */
static bool is_asked(const struct reader *r, const struct line *l, struct piece value)
{
    static const char *const verbs[] = {
        "is",          "was",      "would",
        "could",       "ist",      "war",
        "w\xC3\xA4re", "est",      "es",
        "\xC3\xA8",    "\xC3\xA9", "\xC3\xA4r",
        "er",          "que",      "czy",
        "on",          "je",       "\xC3\x88",
        "\xC3\x89",    "seria",    "\xD1\x8D\xD1\x82\xD0\xBE"};
    size_t end = skip_blanks_back(r, value.start, l->start), from = end;
    while (from > l->start && (unsigned char)r->text.p[from - 1] > ' ')
        from--;
    struct str s = str_sub(r->text, from, end);
    if (str_starts(s, STR("\xC2\xBF")))
        s = str_sub(s, 2, s.n);
    else if (s.n && (s.p[0] == '?' || s.p[0] == '`'))
        s = str_sub(s, 1, s.n);
    return is_word_of(s, verbs, ARRAY_LEN(verbs));
}

/* Where the label begins that is said of the value; 0: nothing is.  *ret_must_end: only
 * the end of the sentence shows that it is whole. */
static size_t label_behind(const struct reader *r, const struct line *l,
                           struct piece value, size_t i, bool *ret_must_end)
{
    struct piece link = word_at(r, i, l->end);
    char first = byte_at(r, value.start);
    *ret_must_end = false;
    if ((first == '@' || first == '$') && str_eqz(piece_str(r, link), "="))
        return 0; /* "@proxy_vars = qw/proxy_user proxy_pass/": a variable is set */
    if (links(piece_str(r, link)))
        return link.end;
    *ret_must_end = true;
    if (!stands_out(piece_str(r, value)))
        return 0;
    if (is_asked(r, l, value))
        return i;
    return link_behind(r, l, i).end;
}

/* "my password manager": the word is no label's last one. */
static bool goes_on_as_other(const struct reader *r, const struct line *l,
                             struct piece label)
{
    struct piece next = word_at(r, label.end, l->end);
    struct piece longer = {label.start, next.end, 0};
    while (longer.end > next.start && strchr(".,;:!?)", r->text.p[longer.end - 1]))
        longer.end--;
    return next.end > next.start && telling_of(piece_str(r, longer)).is_neuter;
}

void read_said(struct reader *r, const struct line *l, struct piece value, size_t i)
{
    read_reset(r, l, value);
    bool must_end = false;
    size_t at = label_behind(r, l, value, i, &must_end);
    if (!at)
        return;
    struct piece label = {skip_blanks(r, at, l->end), 0, 0};
    for (int words = 0; words < MAX_SAID_WORDS; words++) {
        struct piece p = word_at(r, at, l->end);
        at = label.end = p.end;
        if (p.end == p.start || !may_read(r, p.end - label.start))
            return;
        bool ends = strchr(".,;:!?)", r->text.p[p.end - 1]) != NULL;
        label.end -= ends;
        struct told t = telling_of(piece_str(r, label));
        if (may_be_said((enum telling)t.what) && !t.is_inner && !t.is_front) {
            bool is_last = ends || p.end == l->end;
            if (is_last || (!must_end && !goes_on_as_other(r, l, label)))
                emit(r, label, value, NOTE_LINE);
            return;
        }
        if (ends)
            return;
    }
}

static bool ends_clause(char c)
{
    return c == '.' || c == ',' || c == ';' || c == '!' || c == '?' || c == ')';
}

void read_stated_word(struct reader *r, const struct line *l, const struct words *w,
                      struct piece word)
{
    enum { LEAST = 5, LABEL_WORDS = 6 };
    struct piece v = without_marks(r, word);
    size_t end = w->n;
    if (v.end - v.start < LEAST ||
        !(word.end == l->end || ends_clause(byte_at(r, v.end))))
        return;
    while (end > 1 && is_copula(piece_str(r, w->v[end - 1])))
        end--;
    if (end == w->n &&
        is_copula_abroad(piece_str(r, w->v[end - 1]), piece_str(r, w->v[end - 2])))
        end--;
    if (end == w->n)
        return;
    size_t from = end - 1;
    while (from > 0 && end - from < LABEL_WORDS &&
           !ends_clause(r->text.p[w->v[from - 1].end - 1]))
        from--;
    struct piece label = {w->v[from].start, w->v[end - 1].end, 0};
    for (size_t k = from + 1; k < end; k++)
        if (asks_for(piece_str(r, w->v[k]))) {
            label.end = w->v[k - 1].end; /* whose it is says nothing: "for the NAS" */
            break;
        }
    if (telling_of(piece_str(r, label)).what == TELLS_PASSWORD)
        emit(r, label, v, NOTE_FORM);
}

/* The mark of a form's line: dots, dashes or underscores in a row, or an arrow; its end
 * in *ret. */
static bool is_leader(const struct reader *r, size_t i, size_t end, size_t *ret)
{
    static const char *const arrows[] = {"->", "=>", "-->"};
    size_t to = i;
    while (to < end && r->text.p[to] == r->text.p[i] && strchr("._", r->text.p[i]))
        to++;
    *ret = to;
    if (to - i >= 3)
        return true;
    if ((r->text.p[i] == '*' || r->text.p[i] == '|') && r->text.p[i - 1] == ' ') {
        *ret = i + 1; /* normalised arrows; the two cells of a row */
        return true;
    }
    for (size_t k = 0; k < ARRAY_LEN(arrows); k++)
        if (str_starts(str_sub(r->text, i, end), str_of(arrows[k]))) {
            *ret = i + strlen(arrows[k]);
            return true;
        }
    return false;
}

static bool is_label(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_alnum(s.p[i]) && s.p[i] >= 0 && !strchr(" -/.'_*", s.p[i]))
            return false;
    return s.n > 0;
}

/* Name ........ value, on a line of its own. */
void read_form(struct reader *r, const struct line *l)
{
    size_t most = l->end - l->body > MAX_FORM_NAME ? l->body + MAX_FORM_NAME : l->end;
    for (size_t i = l->body + 1; i < most; i++) {
        char c = r->text.p[i];
        size_t to;
        if ((c != '.' && c != '_' && c != '-' && c != '=' && c != '*' && c != '|') ||
            !is_leader(r, i, l->end, &to))
            continue;
        struct piece name = trimmed(r, (struct piece){l->body, i, 0});
        size_t at = skip_blanks(r, to, l->end);
        if (at > to && is_label(piece_str(r, name)) && may_read(r, at - name.start))
            emit(r, name, value_at(r, at, l->end), NOTE_FORM);
        return;
    }
}
