/* lines.c -- a name and a value with a blank between.
 *
 *     machine db.example login alice password x      ENV DB_PASSWORD x
 *     enable secret x      requirepass x      my password is x      IDENTIFIED BY 'x'
 *
 * Every two words of every text would be such a pair.  What is given is where the second
 * has a digit or a mark as values have, or is quoted; and, where a line begins with a
 * name and is short, any word. */
#include "scan/find/plausible.h"
#include "scan/read/inside.h"
#include "scan/read/judge.h"

enum {
    MAX_LABEL_WORDS = 6,
    MAX_LINE_WORDS = 6,
    MAX_TO_ANSWER = 320,
    MAX_NUMBER = 32,
    MAX_TO_DOOR = 60
};

/* Stand between: "password is x", "Passwort lautet x", "mot de passe est x". */
static bool is_copula(struct str s)
{
    static const char *const words[] = {
        "is",    "was",    "ist",    "war",   "lautet",       "lautete",      "est",
        "es",    "era",    "sera",   "fue",   "era",          "now",          "je",
        "jetzt", "it's",   "its",    "jest",  "er",           "\xC3\xA9",     "\xC3\xA8",
        "это",   "set",    "equals", "reads", "\xE2\x80\x94", "\xE2\x80\x93", "-",
        "--",    "string", "value",  "still", "ahora",        "->",           "=>",
        "-->",   "~",      "*",      "c'est", "\xE2\x86\x92", "\xE2\x87\x92"};
    return is_one_of(s, words, ARRAY_LEN(words));
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
static bool is_strong(struct str s)
{
    bool upper = false, lower = false, digit = false;
    for (size_t i = 0; i < s.n; i++) {
        upper |= is_upper(s.p[i]);
        lower |= is_lower(s.p[i]);
        digit |= is_digit(s.p[i]);
    }
    return upper && lower && digit && s.n >= 8 && !memchr(s.p, '.', s.n);
}

struct words {
    struct piece v[MAX_LABEL_WORDS + 2];
    size_t n;
};

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

/* "Nr.", "d.o.b.": its dot ends no sentence. */
static bool is_abbreviation(struct str s)
{
    static const char *const words[] = {
        "nr",  "no",  "num",  "kto", "vers", "pers", "tel", "geb", "ur",  "nar", "acct",
        "acc", "fam", "pass", "kv",  "hosp", "pat",  "pol", "lic", "reg", "pt"};
    if (s.n < 2 || s.p[s.n - 1] != '.')
        return false;
    s.n--;
    if (s.n <= 6 && memchr(s.p, '.', s.n))
        return true;
    for (size_t i = s.n; i > 0; i--)
        if (s.p[i - 1] == '-' || s.p[i - 1] == '.')
            return is_one_of(str_sub(s, i, s.n), words, ARRAY_LEN(words));
    return is_one_of(s, words, ARRAY_LEN(words));
}

/* "no.", "Nr.": what it is the number of stands before it. */
static bool names_number(struct str s)
{
    static const char *const words[] = {"nr.", "no.", "num.", "n.", "n\xC2\xB0"};
    return is_one_of(s, words, ARRAY_LEN(words));
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
    if (w->n < 2 || !is_one_of(piece_str(r, w->v[w->n - 1]), links, ARRAY_LEN(links)))
        return false;
    for (size_t i = 0; i + 1 < w->n; i++)
        if (is_one_of(piece_str(r, w->v[i]), verbs, ARRAY_LEN(verbs)))
            return true;
    return false;
}

static bool is_plain_word(const struct reader *r, struct piece p)
{
    for (size_t i = p.start; i < p.end; i++)
        if (!is_name_char(r->text.p[i]) && r->text.p[i] != '\'' &&
            !(r->text.p[i] == '/' && p.end - p.start == 3) && /* a/c */
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
    return is_one_of(s, words, ARRAY_LEN(words));
}

static bool is_article(struct str s)
{
    static const char *const words[] = {"the", "le",  "la",  "les", "el", "il",
                                        "lo",  "der", "die", "das", "o",  "os"};
    return is_one_of(s, words, ARRAY_LEN(words));
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
    if (is_weak_word(last) || (equal_to(last, "pass") && !is_strong(piece_str(r, value))))
        return;
    struct piece label = {w->v[from].start, w->v[end - 1].end, 0};
    while (label.end > label.start && strchr("?:=", r->text.p[label.end - 1]))
        label.end--;
    bool is_variable = memchr(r->text.p + w->v[end - 1].start, '_',
                              w->v[end - 1].end - w->v[end - 1].start) != NULL;
    emit(r, label, value, is_variable ? NOTE_DATA : value.quote ? NOTE_CODE : NOTE_LINE);
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
    if (v.quote || count_digits(piece_str(r, v)) != v.end - v.start)
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
        v.end = digits ? to : v.end;
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
           is_one_of(s, nouns, ARRAY_LEN(nouns));
}

/* "the passport of my father 123456": other words between the name and the number. */
static void give_apart(struct reader *r, const struct words *w, struct piece value,
                       bool is_stated)
{
    if (w->n < 2 || !is_numeral(piece_str(r, value)))
        return;
    for (size_t k = w->n - 1; k > 0 && w->n - k <= MAX_LABEL_WORDS; k--) {
        struct piece between = w->v[k], last = w->v[k - 1];
        if (count_digits(piece_str(r, between)) || ends_sentence(r, last) ||
            (ends_sentence(r, between) && k + 1 < w->n))
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
           !(at > i && r->text.p[at - 1] == ';' && r->text.p[at] < 0))
        at++;
    return (struct piece){i, at, 0};
}

static struct piece without_marks(const struct reader *r, struct piece p)
{
    while (p.end > p.start && strchr(".,;:)\"'`\\", r->text.p[p.end - 1]) &&
           r->text.p[p.end - 1])
        p.end--;
    while (p.start < p.end && strchr("(\"'`", r->text.p[p.start]) && r->text.p[p.start])
        p.start++;
    return p;
}

static bool is_mailbox(struct str s)
{
    ptrdiff_t at = str_index(s, '@');
    return at > 0 && memchr(s.p + at, '.', s.n - (size_t)at);
}

static bool names_network(struct str s)
{
    static const char *const words[] = {"ssid", "wlan", "wifi", "wi-fi"};
    while (s.n && strchr(":,=", s.p[s.n - 1]))
        s.n--;
    return is_one_of(s, words, ARRAY_LEN(words));
}

static bool names_key(struct str s)
{
    static const char *const words[] = {
        "key",   "schl\xC3\xBCssel", "cl\xC3\xA9", "clave", "chiave",
        "chave", "sleutel",          "pw",         "p",     "pass"};
    while (s.n && strchr(":=", s.p[s.n - 1]))
        s.n--;
    return is_one_of(s, words, ARRAY_LEN(words));
}

/* Letters and two digits, and nothing that names a file or a place. */
static bool may_be_secret(struct str s)
{
    size_t letters = 0;
    for (size_t i = 0; i < s.n; i++) {
        letters += is_alpha(s.p[i]);
        if (strchr("./@:\\,", s.p[i]))
            return false;
    }
    return letters >= 2 && s.n >= 8 && s.n <= 40 && count_digits(s) >= 2;
}

/* "amazon is bob@mail.example and x", "same mail but x" */
static void pair_joined(struct reader *r, struct str before, struct str account,
                        struct str last, struct piece v)
{
    static const char *const joins[] = {
        "and", "but", "with", "und", "mit", "et", "avec", "y", "con",  "e",
        "com", "i",   "z",    "en",  "met", "и",  "&",    "+", "aber", "mais"};
    static const char *const accounts[] = {"mail", "email",    "e-mail",  "login",
                                           "user", "username", "account", "address"};
    static const char *const same[] = {"same", "gleiche", "meme", "misma", "stessa"};
    bool is_same = is_one_of(before, same, ARRAY_LEN(same)) &&
                   is_one_of(account, accounts, ARRAY_LEN(accounts));
    if (is_mailbox(last) && is_strong(piece_str(r, v)) && may_be_secret(piece_str(r, v)))
        emit_told(r, v, NOTE_LINE, TELLS_PASSWORD); /* "netflix bob@mail.example x" */
    if ((is_same || is_mailbox(account)) && is_one_of(last, joins, ARRAY_LEN(joins)) &&
        may_be_secret(piece_str(r, v)))
        emit_told(r, v, NOTE_LINE, TELLS_PASSWORD);
}

/* "RDP geht mit adm_druck / x": what an account is used with. */
static bool is_with(struct str s)
{
    static const char *const words[] = {"with",  "mit", "avec", "con", "com", "met",
                                        "using", "as",  "als",  "via", "z",   "\xD1\x81"};
    return is_one_of(s, words, ARRAY_LEN(words));
}

static bool is_account_like(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_lower(s.p[i]) && !is_digit(s.p[i]) && !strchr("._-", s.p[i]))
            return false;
    return s.n >= 3;
}

/* "user bob / x", "bob@mail.example / x", "SSID Home / x", "u: bob p: x": an account and
 * its password. */
static void pair_of_account(struct reader *r, const struct words *w, struct piece v)
{
    if (w->n < 2)
        return;
    struct str last = piece_str(r, w->v[w->n - 1]),
               account = piece_str(r, w->v[w->n - 2]);
    struct str before = w->n > 2 ? piece_str(r, w->v[w->n - 3]) : STR("");
    if (w->n > 3 && is_copula(before))
        before = piece_str(r, w->v[w->n - 4]);
    pair_joined(r, before, account, last, v);
    uint8_t what = before.n ? telling_of(before).what : TELLS_NOTHING;
    bool is_slash = str_eqz(last, "/") || str_eqz(last, "|");
    bool is_told = what == TELLS_USER || names_network(before) || is_mailbox(account) ||
                   (last.p[0] == '/' && (what == TELLS_TOKEN || what == TELLS_PASSWORD));
    is_told |= is_slash && is_with(before) && is_account_like(account) &&
               may_be_secret(piece_str(r, v));
    bool is_short = (equal_to(before, "u:") || equal_to(before, "un:") ||
                     equal_to(before, "usr:") || names_network(before)) &&
                    names_key(last);
    if (!is_short && !(is_slash && is_told))
        return;
    struct piece user = without_marks(r, w->v[w->n - 2]);
    if (!is_mailbox(account) && !names_network(before))
        emit_told(r, user, NOTE_SEGMENT, TELLS_USER);
    emit_told(r, v, NOTE_LINE, TELLS_PASSWORD);
}

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
    return is_one_of(s, words, ARRAY_LEN(words));
}

/* A "code" that was asked for and is no number is a password. */
static void give_asked(struct reader *r, struct piece v)
{
    static const char *const codes[] = {"code",   "codes",  "kode", "kod",
                                        "codigo", "codice", "код"};
    struct str asked = piece_str(r, r->asked), s = piece_str(r, v);
    bool is_code = is_one_of(asked, codes, ARRAY_LEN(codes));
    if (is_code && (is_strong(s) || is_passphrase(s)))
        emit_told(r, v, NOTE_LINE, TELLS_PASSWORD);
    else
        emit(r, r->asked, v, NOTE_LINE);
}

/* "what is the password?" -- "it's x", on this line or one of the next. */
static void answer(struct reader *r, const struct words *w, struct piece v)
{
    struct str last = piece_str(r, w->v[w->n - 1]);
    if (is_asked(r, v.start) &&
        (is_copula(last) || last.p[last.n - 1] == ':' || hands_over(last)))
        give_asked(r, v);
}

/* The answer begins its line: "x, but tell nobody"; digits are all of it. */
static void answer_alone(struct reader *r, const struct line *l, struct piece v)
{
    struct str s = piece_str(r, v);
    bool is_number = s.n >= 4 && s.n <= 8 && count_digits(s) == s.n &&
                     skip_blanks(r, v.end, l->end) == l->end;
    if (is_asked(r, v.start) && (is_number || is_strong(s) || is_passphrase(s)))
        give_asked(r, v);
}

/* "le code est 482913", "got the code 482913": six digits behind a "code" that nothing
 * says more of than an article. */
static void read_bare_code(struct reader *r, const struct words *w, struct piece v)
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
        !is_one_of(piece_str(r, w->v[end - 1]), codes, ARRAY_LEN(codes)))
        return;
    bool is_own =
        end > 1 && is_one_of(piece_str(r, w->v[end - 2]), before, ARRAY_LEN(before));
    if (is_own || (end == 1 && w->n > end))
        emit_told(r, v, NOTE_LINE, TELLS_PIN);
}

/* "creds bob:x", "creds are bob:x" */
static void read_creds(struct reader *r, const struct words *w, struct piece v)
{
    static const char *const heads[] = {
        "creds",  "credentials",  "credential", "login",        "logins",
        "logon",  "zugangsdaten", "zugang",     "identifiants", "accesos",
        "acceso", "dostep",       "доступ",     "доступы",      "access"};
    struct str s = piece_str(r, v);
    size_t end = w->n;
    while (end > 0 && is_copula(piece_str(r, w->v[end - 1])))
        end--;
    ptrdiff_t colon = str_index(s, ':');
    if (end == 0 || colon < 2 || s.n < (size_t)colon + 7)
        return;
    struct str head = piece_str(r, w->v[end - 1]);
    head.n -= head.n && head.p[head.n - 1] == ':';
    struct piece secret = {v.start + (size_t)colon + 1, v.end, 0};
    if (is_one_of(head, heads, ARRAY_LEN(heads)) && may_be_secret(piece_str(r, secret)))
        emit_told(r, secret, NOTE_LINE, TELLS_PASSWORD);
}

/* "use 482913 to verify your account" */
static void read_use(struct reader *r, const struct line *l, const struct words *w,
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
        !is_one_of(piece_str(r, w->v[w->n - 1]), uses, ARRAY_LEN(uses)))
        return;
    for (size_t i = 0; i < ARRAY_LEN(aims); i++)
        if (str_starts(rest, str_of(aims[i])))
            emit_told(r, v, NOTE_LINE, TELLS_PIN);
}

/* "the tablet unlocks with 524255", "entsperrt mit x" */
static void opens_with(struct reader *r, const struct words *w, struct piece v)
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
    if (w->n < 2 || !is_one_of(piece_str(r, w->v[w->n - 1]), links, ARRAY_LEN(links)) ||
        !is_one_of(piece_str(r, w->v[w->n - 2]), verbs, ARRAY_LEN(verbs)))
        return;
    struct str s = piece_str(r, v);
    bool is_number = count_digits(s) == s.n;
    if (is_number ? s.n >= 4 && s.n <= 10 : is_strong(s) || is_passphrase(s))
        emit_told(r, v, NOTE_LINE, is_number ? TELLS_PIN : TELLS_PASSWORD);
}

/* "the password for ..." asks for one as a question does. */
static bool asks_for(struct str s)
{
    static const char *const words[] = {
        "for", "of", "pour", "para", "per", "voor", "f\xC3\xBCr", "zum", "vom", "till",
        "til", "do", "от",   "для",  "к",   "dla",  "du",         "di",  "del", "della"};
    return is_one_of(s, words, ARRAY_LEN(words));
}

/* Lines that are a directive: the words that may begin one, and how many names follow. */
static bool is_setter(struct str s)
{
    static const char *const words[] = {"env",      "arg",    "setx",    "setenv",
                                        "set",      "export", "machine", "default",
                                        "username", "enable"};
    return is_one_of(s, words, ARRAY_LEN(words));
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
    if (nwords <= 3 && !ends_sentence(r, w->v[0]))
        emit(r, w->v[0], w->v[1], NOTE_LINE);
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
    return is_one_of(piece_str(r, word_before(r, end, l->start)), doors,
                     ARRAY_LEN(doors));
}

/* "2580#" where a door or an alarm is spoken of. */
static void read_keypad(struct reader *r, const struct line *l, struct piece v)
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

/* "bob:x@ftp.example": without a scheme before it. */
static void read_login(struct reader *r, struct piece v)
{
    struct str s = piece_str(r, v);
    ptrdiff_t colon = str_index(s, ':'), at = str_index(s, '@');
    struct str host = str_sub(s, at < 0 ? s.n : (size_t)at + 1, s.n);
    bool is_host = memchr(host.p, '.', host.n) || str_starts(host, STR("tcp(")) ||
                   str_starts(host, STR("unix("));
    if (colon < 2 || at < colon + 7 || !is_host)
        return;
    struct piece secret = {v.start + (size_t)colon + 1, v.start + (size_t)at, 0};
    if (is_strong(piece_str(r, secret)))
        emit_told(r, secret, NOTE_LINE, TELLS_PASSWORD);
}

/* A word that may be a value: whose, by the words before it and behind. */
static void read_value(struct reader *r, const struct line *l, const struct words *w,
                       struct piece word, struct piece v, struct piece number)
{
    struct str last = piece_str(r, w->v[w->n - 1]);
    give(r, w, v);
    if (number.end > v.end)
        give(r, w, number);
    give_apart(r, w, number,
               is_copula(last) || last.p[last.n - 1] == ':' ||
                   (v.start > word.start && r->text.p[word.start] == '('));
    answer(r, w, v);
    opens_with(r, w, v);
    read_use(r, l, w, number);
    read_bare_code(r, w, v);
    read_creds(r, w, v);
    pair_of_account(r, w, v);
}

/* Two digits next to each other, or with a dash between: a number or password may be told
 * there. */
static bool has_digits_in_row(const struct reader *r, const struct line *l)
{
    for (size_t i = l->body + 1; i < l->end; i += 2) { /* one of two in a row is met */
        char c = r->text.p[i], before = r->text.p[i - 1];
        char behind = i + 1 < l->end ? r->text.p[i + 1] : ' ';
        if ((is_digit(c) && (is_digit(before) || is_digit(behind))) ||
            (c == '-' && is_digit(before) && is_digit(behind)))
            return true;
    }
    return false;
}

void read_directive(struct reader *r, const struct line *l)
{
    struct words w = {.n = 0};
    size_t n = 0;
    bool has_number = has_digits_in_row(r, l);
    for (size_t i = l->body; i < l->end; n++) {
        struct piece p = next_word(r, i, l->end);
        if (p.end <= p.start)
            break;
        i = p.end + (p.quote != 0);
        if (has_number) {
            uint32_t roles = spoken_roles(piece_str(r, p));
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
                answer_alone(r, l, v);
            read_said(r, l, v, i);
            read_keypad(r, l, v);
            read_login(r, v);
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
