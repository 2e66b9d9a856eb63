/* lines.c -- a name and a value with a blank between.
 *
 *     machine db.example login alice password x      ENV DB_PASSWORD x
 *     enable secret x      requirepass x      my password is x      IDENTIFIED BY 'x'
 *
 * Every two words of every text would be such a pair.  What is given is where the second
 * has a digit or a mark as values have, or is quoted; and, where a line begins with a
 * name and is short, any word. */
#include "scan/read/inside.h"

enum { MAX_LABEL_WORDS = 5, MAX_LINE_WORDS = 6, MAX_TO_ANSWER = 320 };

/* Stand between: "password is x", "Passwort lautet x", "mot de passe est x". */
static bool is_copula(struct str s)
{
    static const char *const words[] = {
        "is",    "was",    "ist",    "war",   "lautet",       "lautete",      "est",
        "es",    "era",    "sera",   "fue",   "era",          "now",          "je",
        "jetzt", "it's",   "its",    "jest",  "er",           "\xC3\xA9",     "\xC3\xA8",
        "это",   "set",    "equals", "reads", "\xE2\x80\x94", "\xE2\x80\x93", "-",
        "--",    "string", "value",  "still", "ahora"};
    return is_one_of(s, words, ARRAY_LEN(words));
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
    return s.n >= 3 && (digits || (letters && marks));
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

static void push(struct words *w, struct piece p)
{
    if (w->n == ARRAY_LEN(w->v)) {
        memmove(w->v, w->v + 1, (w->n - 1) * sizeof *w->v);
        w->n--;
    }
    w->v[w->n++] = p;
}

static bool ends_sentence(const struct reader *r, struct piece p)
{
    char c = r->text.p[p.end - 1];
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
            !(i + 1 == p.end && r->text.p[i] && strchr("?:=", r->text.p[i])))
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

/* The label is what stands before the value and its copula. */
static void give(struct reader *r, const struct words *w, struct piece value)
{
    size_t end = w->n - is_setting(r, w), copulas = 0;
    while (end > 0 && copulas < 3 && is_copula(piece_str(r, w->v[end - 1]))) {
        end--;
        copulas++;
    }
    if (end == 0 || ends_sentence(r, w->v[end - 1]) || !is_plain_word(r, w->v[end - 1]))
        return;
    size_t from = end - 1;
    while (from > 0 && end - from < MAX_LABEL_WORDS &&
           !ends_sentence(r, w->v[from - 1]) && is_plain_word(r, w->v[from - 1]))
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
           !(is_glued && is_alnum(r->text.p[at])))
        at++;
    return (struct piece){i, at, 0};
}

/* "user bob / x": an account, a slash, its password. */
static void pair_of_account(struct reader *r, const struct words *w, struct piece v)
{
    if (w->n < 3 || !str_eqz(piece_str(r, w->v[w->n - 1]), "/"))
        return;
    uint8_t what = telling_of(piece_str(r, w->v[w->n - 3])).what;
    if (what != TELLS_USER && what != TELLS_TOKEN && what != TELLS_PASSWORD)
        return;
    emit_told(r, w->v[w->n - 2], NOTE_SEGMENT, TELLS_USER);
    emit_told(r, v, NOTE_LINE, TELLS_PASSWORD);
}

/* "what is the password?" -- "it's x", on this line or one of the next. */
static void answer(struct reader *r, const struct words *w, struct piece v)
{
    struct str last = piece_str(r, w->v[w->n - 1]);
    if (r->asked.end > r->asked.start && v.start > r->asked.end &&
        v.start - r->asked.end < MAX_TO_ANSWER &&
        (is_copula(last) || last.p[last.n - 1] == ':'))
        emit(r, r->asked, v, NOTE_LINE);
}

/* "the password for ..." asks for one as a question does. */
static bool asks_for(struct str s)
{
    static const char *const words[] = {"for", "of",   "pour",       "para",
                                        "per", "voor", "f\xC3\xBCr", "zum",
                                        "vom", "till", "til",        "do"};
    return is_one_of(s, words, ARRAY_LEN(words));
}

static struct piece without_marks(const struct reader *r, struct piece p)
{
    while (p.end > p.start && strchr(".,;:)\"'`", r->text.p[p.end - 1]) &&
           r->text.p[p.end - 1])
        p.end--;
    while (p.start < p.end && strchr("(\"'`", r->text.p[p.start]) && r->text.p[p.start])
        p.start++;
    return p;
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

void read_directive(struct reader *r, const struct line *l)
{
    struct words w = {.n = 0};
    size_t n = 0;
    for (size_t i = l->body; i < l->end; n++) {
        struct piece p = next_word(r, i, l->end);
        if (p.end <= p.start)
            break;
        i = p.end + (p.quote != 0);
        struct piece v = p.quote ? p : without_marks(r, p);
        struct str s = piece_str(r, v);
        if (w.n && s.n <= READ_MAX_VALUE && (p.quote || looks_given(s))) {
            give(r, &w, v);
            answer(r, &w, v);
            pair_of_account(r, &w, v);
        }
        if (asks_for(piece_str(r, p)) && w.n)
            r->asked = (struct piece){w.v[w.n - 1].start, w.v[w.n - 1].end, 0};
        if (r->text.p[p.end - 1] == '?' && p.end - p.start > 3)
            r->asked =
                (struct piece){w.n > 2 ? w.v[w.n - 3].start : p.start, p.end - 1, 0};
        push(&w, p);
    }
    read_short_line(r, l, &w, n);
}
