/* lines.c -- a name and a value with a blank between.
 *
 *     machine db.example login alice password x      ENV DB_PASSWORD x
 *     enable secret x      requirepass x      my password is x      IDENTIFIED BY 'x'
 *
 * Every two words of every text would be such a pair.  What is given is where the second
 * has a digit or a mark as values have, or is quoted; and, where a line begins with a
 * name and is short, any word.  Accounts are in line_accounts.c, codes in line_codes.c.
 */
#include "scan/find/plausible.h"
#include "scan/read/judge.h"
#include "scan/read/words.h"

enum {
    MAX_LINE_WORDS = 6,
    MAX_NUMBER = 32,
    DIGITS_NO_NAME = 3 /* "index 6e8ef8b..064cf83 100644": no name has so many */
};

/* Stand between: "password is x", "Passwort lautet x", "mot de passe est x". */
bool is_copula(struct str s)
{
    static const char *const words[] = {
        "is",    "was",    "ist",    "war",   "lautet",       "lautete",      "est",
        "es",    "era",    "sera",   "fue",   "era",          "now",          "je",
        "jetzt", "it's",   "its",    "jest",  "er",           "\xC3\xA9",     "\xC3\xA8",
        "это",   "set",    "equals", "reads", "\xE2\x80\x94", "\xE2\x80\x93", "-",
        "--",    "string", "value",  "still", "ahora",        "->",           "=>",
        "-->",   "~",      "*",      "c'est", "\xE2\x86\x92", "\xE2\x87\x92"};
    static const char *const far[] = {"är",     "este",  "είναι", "је", "yra",  "ialah",
                                      "adalah", "është", "ass",   "yw", "ithi", "הוא",
                                      "היא",    "זה",    "هو",    "هي", "là",   "бол",
                                      "არის",   "estas", "huwa",  "waa"};
    return is_word_of(s, words, ARRAY_LEN(words)) || is_word_of(s, far, ARRAY_LEN(far));
}

bool is_copula_abroad(struct str s, struct str name)
{
    static const char *const words[] = {"on", "to",       "ir", "ni", "ay",
                                        "e",  "\xD0\xB5", "ce", "ita"};
    static const char *const english[] = {
        "password", "passwords", "passcode", "passphrase", "pass",    "code",
        "token",    "key",       "secret",   "login",      "account", "number"};
    return is_word_of(s, words, ARRAY_LEN(words)) &&
           !is_word_of(name, english, ARRAY_LEN(english));
}

/* Words and marks and no digit, two marks inside and a capital: "Thunder-walnut.oak", and
 * no name of a file. */
static bool is_joined(struct str s)
{
    size_t marks = 0, last = 0;
    bool upper = false;
    for (size_t i = 1; i + 1 < s.n; i++)
        if (strchr("-._", s.p[i]) && is_alpha(s.p[i - 1]) && is_alpha(s.p[i + 1])) {
            marks++;
            last = i;
        }
    for (size_t i = 0; i < s.n; i++) {
        upper |= is_upper(s.p[i]);
        if (!is_alpha(s.p[i]) && !strchr("-._", s.p[i]))
            return false;
    }
    return marks >= 2 && upper && s.n >= 12 && s.n - last > 5;
}

/* What begins where a value may: not "password for user42". */
static bool looks_given(struct str s)
{
    size_t digits = 0, letters = 0, marks = 0;
    for (size_t i = 0; i < s.n; i++) {
        digits += is_digit(s.p[i]);
        letters += is_alpha(s.p[i]);
        marks += s.p[i] > ' ' && !is_alnum(s.p[i]) && !strchr(".,:;-_/'\"()", s.p[i]);
    }
    return s.n >= 3 && (digits || (letters && marks) || is_joined(s) || is_passphrase(s));
}

/* Capitals, small letters and digits: behind a word that may be a verb. */
bool is_strong(struct str s)
{
    bool upper = false, lower = false, digit = false;
    for (size_t i = 0; i < s.n; i++) {
        upper |= is_upper(s.p[i]);
        lower |= is_lower(s.p[i]);
        digit |= is_digit(s.p[i]);
    }
    return upper && lower && digit && s.n >= 8 && !memchr(s.p, '.', s.n);
}

static void push(const struct reader *r, struct words *w, struct piece p)
{
    while (p.start + 1 < p.end && !p.quote &&
           (r->text.p[p.start] == '(' || r->text.p[p.start] == '['))
        p.start++;
    if (w->n == ARRAY_LEN(w->v)) {
        memmove(w->v, w->v + 1, (w->n - 1) * sizeof *w->v);
        w->n--;
    }
    w->v[w->n++] = p;
}

/* Single letters of any script with dots between: "Α.Φ.Μ" */
static bool has_initials(struct str s)
{
    size_t dots = 0, run = 0;
    for (size_t i = 0; i < s.n; i++) {
        bool is_dot = s.p[i] == '.';
        bool begins = ((unsigned char)s.p[i] & 0xC0) != 0x80;
        run = is_dot ? 0 : run + begins;
        dots += is_dot;
        if (run > 1)
            return false;
    }
    return dots > 0;
}

/* "Nr.", "d.o.b.": its dot ends no sentence. */
static bool is_abbreviation(struct str s)
{
    static const char *const words[] = {
        "nr",  "no",  "num",  "kto", "vers", "pers", "tel", "geb", "ur",  "nar", "acct",
        "acc", "fam", "pass", "kv",  "hosp", "pat",  "pol", "lic", "reg", "pt"};
    if (s.n < 2 || s.p[s.n - 1] != '.')
        return false;
    s.n--;
    if ((s.n <= 6 && memchr(s.p, '.', s.n)) || has_initials(s))
        return true;
    bool is_number = s.n > 4 && (str_ends(s, STR("nr")) || str_ends(s, STR("num")));
    if (is_number) /* "Steuernr.", "rijbewijsnr." */
        return true;
    for (size_t i = s.n; i > 0; i--)
        if (s.p[i - 1] == '-' || s.p[i - 1] == '.')
            return is_word_of(str_sub(s, i, s.n), words, ARRAY_LEN(words));
    return is_word_of(s, words, ARRAY_LEN(words));
}

/* "no.", "Nr.": what it is the number of stands before it. */
static bool names_number(struct str s)
{
    static const char *const words[] = {"nr.", "no.", "num.", "n.", "n\xC2\xB0"};
    return is_word_of(s, words, ARRAY_LEN(words));
}

static bool ends_sentence(const struct reader *r, struct piece p)
{
    char c = r->text.p[p.end - 1];
    if (c == '.' && is_abbreviation(piece_str(r, p)))
        return false;
    return c == '.' || c == ';' || c == ')' || c == ',' || c == '!';
}

/* "to" sets a value only behind a word for that: "changed the password to x". */
static bool is_setting(const struct reader *r, const struct words *w)
{
    static const char *const verbs[] = {"set",      "changed",   "change", "reset",
                                        "updated",  "update",    "setze",  "gesetzt",
                                        "geandert", "identified"};
    static const char *const links[] = {"to", "auf", "zu", "by", "with"};
    if (w->n < 2 || !is_word_of(piece_str(r, w->v[w->n - 1]), links, ARRAY_LEN(links)))
        return false;
    for (size_t i = 0; i + 1 < w->n; i++)
        if (is_word_of(piece_str(r, w->v[i]), verbs, ARRAY_LEN(verbs)))
            return true;
    return false;
}

/* "a/c", "DNI/NIF" */
static bool is_slash_of_label(const struct reader *r, struct piece p, size_t i)
{
    return p.end - p.start == 3 ||
           (i > p.start && is_upper(r->text.p[i - 1]) && is_upper(byte_at(r, i + 1)));
}

static bool is_plain_word(const struct reader *r, struct piece p)
{
    for (size_t i = p.start; i < p.end; i++)
        if (!is_name_char(r->text.p[i]) && r->text.p[i] != '\'' &&
            !(r->text.p[i] == '/' && is_slash_of_label(r, p, i)) &&
            !(i + 1 == p.end && r->text.p[i] && strchr("?:=#", r->text.p[i])))
            return false;
    return is_name_char(r->text.p[p.start]);
}

/* Ends no label: "pass the value", "the token for x1". */
static bool is_weak_word(struct str s)
{
    static const char *const words[] = {
        "the", "my",  "a",    "an",     "for",     "of",    "your", "this",
        "his", "her", "our",  "das",    "die",     "der",   "mein", "le",
        "la",  "de",  "el",   "to",     "from",    "in",    "on",   "with",
        "and", "or",  "keys", "tokens", "secrets", "number"};
    return is_word_of(s, words, ARRAY_LEN(words));
}

/* "ID number", "tax number": a number, and whose the words before it say. */
static bool is_number_of_paper(struct str last, struct str label)
{
    if (!equal_to(last, "number"))
        return false;
    uint8_t what = telling_of(label).what;
    return what == TELLS_NATIONAL || what == TELLS_TAX || what == TELLS_PLAN ||
           what == TELLS_PASSPORT || what == TELLS_LICENSE;
}

static bool is_article(struct str s)
{
    static const char *const words[] = {"the", "le",  "la",  "les", "el", "il",
                                        "lo",  "der", "die", "das", "o",  "os"};
    return is_word_of(s, words, ARRAY_LEN(words));
}

static bool opens_bracket(const struct reader *r, struct piece p)
{
    return p.start > 0 &&
           (r->text.p[p.start - 1] == '(' || r->text.p[p.start - 1] == '[');
}

/* The label is what stands before the value and its copula. */
static void give(struct reader *r, const struct words *w, struct piece value)
{
    size_t end = w->n - is_setting(r, w), copulas = 0;
    if (end > 1 && is_article(piece_str(r, w->v[end - 1])) &&
        is_copula(piece_str(r, w->v[end - 2])))
        end--; /* "c'est le 8842" */
    while (end > 0 && copulas < 3 && is_copula(piece_str(r, w->v[end - 1]))) {
        end--;
        copulas++;
    }
    if (end > 1 && copulas == 0 &&
        is_copula_abroad(piece_str(r, w->v[end - 1]), piece_str(r, w->v[end - 2]))) {
        end--;
        copulas++;
    }
    if (end == 0 || ends_sentence(r, w->v[end - 1]) || !is_plain_word(r, w->v[end - 1]))
        return;
    if (copulas == 0 && end == w->n && !value.quote && is_passphrase(piece_str(r, value)))
        return; /* "the password reset-link-expired" */
    size_t from = end - 1;
    bool is_whole = is_abbreviation(piece_str(r, w->v[from])) &&
                    !names_number(piece_str(r, w->v[from]));
    while (from > 0 && end - from < MAX_LABEL_WORDS && !is_whole &&
           !opens_bracket(r, w->v[from]) && !ends_sentence(r, w->v[from - 1]) &&
           is_plain_word(r, w->v[from - 1]))
        from--;
    struct str last = piece_str(r, w->v[end - 1]);
    struct piece label = {w->v[from].start, w->v[end - 1].end, 0};
    bool is_weak = is_weak_word(last) && !is_number_of_paper(last, piece_str(r, label));
    if (count_digits(last) >= DIGITS_NO_NAME || is_weak ||
        (equal_to(last, "pass") && !is_strong(piece_str(r, value))) ||
        (equal_to(last, "pass") && r->text.p[value.start] == '-'))
        return; /* "pass -Zbzip2 to dpkg" */
    while (label.end > label.start && strchr("?:=", r->text.p[label.end - 1]))
        label.end--;
    bool is_variable = memchr(r->text.p + w->v[end - 1].start, '_',
                              w->v[end - 1].end - w->v[end - 1].start) != NULL;
    emit(r, label, value, is_variable ? NOTE_DATA : value.quote ? NOTE_CODE : NOTE_LINE);
}

/* One to three capitals, the series before a number: "AB 123456", "QQ 12 34 56 C". */
static bool is_series(const struct reader *r, struct piece v)
{
    for (size_t i = v.start; i < v.end; i++)
        if (!is_upper(r->text.p[i]))
            return false;
    return v.end - v.start <= 3 && byte_at(r, v.end) == ' ' &&
           is_digit(byte_at(r, v.end + 1));
}

/* Groups of digits with a blank between, a capital or two among them, are one number:
 * "38 31 68", "65 170839 J 008"; so are the four groups of an application's password. */
static struct piece with_groups(const struct reader *r, struct piece v, size_t end)
{
    size_t at = v.end;
    struct piece four = {v.start, v.start + 19, 0};
    if (!v.quote && v.end - v.start == 4 && four.end <= end &&
        is_app_password(piece_str(r, four)) &&
        (four.end == end || !is_alnum(r->text.p[four.end])))
        return four;
    bool has_series = v.end > v.start && is_series(r, v);
    if (v.quote || v.end <= v.start ||
        (count_digits(piece_str(r, v)) != v.end - v.start && !has_series))
        return v;
    while (at < end && r->text.p[at] == ' ' && at - v.start < MAX_NUMBER) {
        size_t from = at + 1, to = from, digits = 0, capitals = 0;
        for (; to < end && is_alnum(r->text.p[to]); to++) {
            digits += is_digit(r->text.p[to]);
            capitals += is_upper(r->text.p[to]);
        }
        bool is_group = to > from && to - from <= 6 &&
                        (digits == to - from || (to - from < 3 && capitals == to - from));
        if (!is_group)
            break;
        at = to;
        v.end = digits || has_series ? to : v.end;
    }
    return v;
}

/* Digits, few letters, and what parts groups. */
static bool is_numeral(struct str s)
{
    size_t digits = count_digits(s), letters = 0;
    for (size_t i = 0; i < s.n; i++) {
        letters += is_alpha(s.p[i]);
        if (!is_alnum(s.p[i]) && !strchr("-/", s.p[i]))
            return false;
    }
    return digits >= 3 && letters <= 3 && s.n <= MAX_NUMBER;
}

/* May name a number that other words part from it: PASSPORT, CCCD, not "run". */
static bool is_telling_alone(struct str s)
{
    static const char *const nouns[] = {"number", "nr",  "no",        "nummer",
                                        "numero", "num", "n\xC2\xBA", "n\xC2\xB0",
                                        "pin",    "tan"};
    size_t capitals = 0;
    bool is_other_script = false;
    while (s.n && strchr(".:#?", s.p[s.n - 1]))
        s.n--;
    for (size_t i = s.n; i > 0; i--)
        if (s.p[i - 1] == '-')
            s = str_sub(s, i, s.n); /* KV-Nr */
    for (size_t i = 0; i < s.n; i++) {
        capitals += is_upper(s.p[i]);
        is_other_script |= s.p[i] < 0;
    }
    return is_other_script || s.n >= 7 || (capitals == s.n && s.n >= 3) ||
           is_word_of(s, nouns, ARRAY_LEN(nouns));
}

/* "a number (e.g. DEP0012)": of anything, and nobody's. */
static bool is_example(struct str s)
{
    static const char *const words[] = {"e.g", "z.b", "p.ex", "ex",  "bijv",
                                        "np",  "eg",  "such", "like"};
    s = without_marks_at_ends(s);
    return is_word_of(s, words, ARRAY_LEN(words));
}

/* "the passport of my father 123456": other words between the name and the number. */
static void give_apart(struct reader *r, const struct words *w, struct piece value,
                       bool is_stated)
{
    if (w->n < 2 || !is_numeral(piece_str(r, value)))
        return;
    for (size_t k = w->n - 1; k > 0 && w->n - k <= MAX_LABEL_WORDS; k--) {
        struct piece between = w->v[k], last = w->v[k - 1];
        if (count_digits(piece_str(r, between)) || is_example(piece_str(r, between)) ||
            ends_sentence(r, last) || (ends_sentence(r, between) && k + 1 < w->n))
            return;
        if (!is_telling_alone(piece_str(r, last)))
            continue;
        size_t from = k - 1;
        while (from > 0 && k - from < 3 && is_plain_word(r, w->v[from - 1]) &&
               !ends_sentence(r, w->v[from - 1]))
            from--;
        emit(r, (struct piece){w->v[from].start, last.end, 0}, value,
             is_stated ? NOTE_STATED : NOTE_APART);
    }
}

static size_t blanks_in(const struct reader *r, struct piece p)
{
    size_t n = 0;
    for (size_t i = p.start; i < p.end; i++)
        n += r->text.p[i] == ' ';
    return n;
}

/* A letter of a script without blanks behind a mark: "kim,\xE5\xAF\x86...". */
static bool begins_clause(const struct reader *r, size_t i)
{
    char before = r->text.p[i - 1];
    return (unsigned char)r->text.p[i] >= 0xE3 && before > 0 && !is_alnum(before);
}

static struct piece next_word(struct reader *r, size_t i, size_t end)
{
    i = skip_blanks(r, i, end);
    if (i < end && is_quote(r->text.p[i])) {
        struct piece q = quoted_at(r, i, end);
        if (q.quote && q.end - q.start < READ_MAX_NAME && blanks_in(r, q) < 2)
            return q;
        i++;
    }
    size_t at = i;
    bool is_glued = i < end && (unsigned char)r->text.p[i] >= 0xE3; /* no blanks there */
    while (at < end && (unsigned char)r->text.p[at] > ' ' &&
           !(is_glued && is_alnum(r->text.p[at])) &&
           (is_glued || at == i || !begins_clause(r, at)) &&
           !(at > i && r->text.p[at - 1] == ';' && r->text.p[at] < 0))
        at++;
    return (struct piece){i, at, 0};
}

struct piece without_marks(const struct reader *r, struct piece p)
{
    while (p.end > p.start && strchr(".,;:)\"'`\\", r->text.p[p.end - 1]) &&
           r->text.p[p.end - 1])
        p.end--;
    while (p.start < p.end && strchr("(\"'`", r->text.p[p.start]) && r->text.p[p.start])
        p.start++;
    return p;
}

bool asks_for(struct str s)
{
    static const char *const words[] = {
        "for", "of", "pour", "para", "per", "voor", "f\xC3\xBCr", "zum", "vom", "till",
        "til", "do", "от",   "для",  "к",   "dla",  "du",         "di",  "del", "della"};
    return is_word_of(s, words, ARRAY_LEN(words));
}

/* Lines that are a directive: the words that may begin one, and how many names follow. */
static bool is_setter(struct str s)
{
    static const char *const words[] = {"env",      "arg",    "setx",    "setenv",
                                        "set",      "export", "machine", "default",
                                        "username", "enable"};
    return is_word_of(s, words, ARRAY_LEN(words));
}

/* "CryptPass(const Options &o)": the bracket is closed behind the next words. */
static bool opens_call(struct str s)
{
    ptrdiff_t at = str_index(s, '(');
    return at > 0 && is_alnum(s.p[at - 1]) && str_index(s, ')') < 0;
}

/* ENV NAME value, requirepass value, password value: any word is a value here. */
static void read_short_line(struct reader *r, const struct line *l, const struct words *w,
                            size_t nwords)
{
    if (nwords < 2 || nwords > MAX_LINE_WORDS || nwords > w->n)
        return;
    bool sets = is_setter(piece_str(r, w->v[0]));
    if (sets && nwords >= 3)
        emit(r, w->v[1], trimmed(r, (struct piece){w->v[2].start, l->end, w->v[2].quote}),
             NOTE_DATA);
    if (nwords <= 3 && !opens_call(piece_str(r, w->v[0])) && !ends_sentence(r, w->v[0]))
        emit(r, w->v[0], w->v[1], NOTE_LINE);
}

/* A word that may be a value: whose, by the words before it and behind. */
static void read_value(struct reader *r, const struct line *l, const struct words *w,
                       struct piece word, struct piece v, struct piece number)
{
    struct str last = piece_str(r, w->v[w->n - 1]);
    if (r->text.p[word.start] == '(' && memchr(last.p, '_', last.n))
        return; /* "kit_pin_ref (KitPin *pin)", a function */
    give(r, w, v);
    if (number.end > v.end)
        give(r, w, number);
    give_apart(r, w, number,
               is_copula(last) || last.p[last.n - 1] == ':' ||
                   (v.start > word.start && r->text.p[word.start] == '('));
    read_answer(r, w, v);
    read_opening(r, w, v);
    read_use(r, l, w, number);
    read_bare_code(r, w, v);
    read_creds(r, w, v);
    read_used(r, l, w, v);
    read_account(r, w, v);
}

void read_directive(struct reader *r, const struct line *l)
{
    struct words w = {.n = 0};
    size_t n = 0;
    bool has_number = may_hear_value(r, l);
    for (size_t i = l->body; i < l->end; n++) {
        struct piece p = next_word(r, i, l->end);
        if (p.end <= p.start)
            break;
        i = p.end + (p.quote != 0);
        if (has_number) {
            uint64_t roles = spoken_roles(piece_str(r, p));
            hear_word(r, l, p, n, roles);
            hear_paper(r, l, p, n, roles);
        }
        struct piece v = p.quote ? p : without_marks(r, p);
        struct str s = piece_str(r, v);
        struct piece number = with_groups(r, v, l->end);
        if (s.n <= READ_MAX_VALUE && (p.quote || looks_given(s) ||
                                      (number.end > v.end && number.end - v.start > 5))) {
            if (w.n)
                read_value(r, l, &w, p, v, number);
            else
                read_answer_alone(r, l, v);
            read_said(r, l, v, i);
            read_keypad(r, l, v);
            read_login(r, v);
        } else if (w.n > 1) {
            read_stated_word(r, l, &w, p);
        }
        if (w.n && asks_for(piece_str(r, p)) && !is_weak_word(piece_str(r, w.v[w.n - 1])))
            r->asked = (struct piece){w.v[w.n - 1].start, w.v[w.n - 1].end, 0};
        if (r->text.p[p.end - 1] == '?' && p.end - p.start > 3)
            r->asked = (struct piece){w.n ? w.v[w.n > 2 ? w.n - 3 : 0].start : p.start,
                                      p.end - 1, 0};
        push(r, &w, p);
    }
    hear_line(r, l);
    read_short_line(r, l, &w, n);
}
