/* line_accounts.c -- an account and its password in a sentence or a note.
 *
 *     user bob / x      amazon is bob@mail.example and x      creds bob:x */
#include "scan/find/plausible.h"
#include "scan/read/words.h"

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
    return is_word_of(s, words, ARRAY_LEN(words));
}

static bool names_key(struct str s)
{
    static const char *const words[] = {
        "key",   "schl\xC3\xBCssel", "cl\xC3\xA9", "clave", "chiave",
        "chave", "sleutel",          "pw",         "p",     "pass"};
    while (s.n && strchr(":=", s.p[s.n - 1]))
        s.n--;
    return is_word_of(s, words, ARRAY_LEN(words));
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
    bool is_same = is_word_of(before, same, ARRAY_LEN(same)) &&
                   is_word_of(account, accounts, ARRAY_LEN(accounts));
    if (is_mailbox(last) && is_strong(piece_str(r, v)) && may_be_secret(piece_str(r, v)))
        emit_told(r, v, NOTE_LINE, TELLS_PASSWORD); /* "netflix bob@mail.example x" */
    if ((is_same || is_mailbox(account)) && is_word_of(last, joins, ARRAY_LEN(joins)) &&
        may_be_secret(piece_str(r, v)))
        emit_told(r, v, NOTE_LINE, TELLS_PASSWORD);
}

/* "RDP geht mit adm_druck / x": what an account is used with. */
static bool is_with(struct str s)
{
    static const char *const words[] = {"with",  "mit", "avec", "con", "com", "met",
                                        "using", "as",  "als",  "via", "z",   "\xD1\x81"};
    return is_word_of(s, words, ARRAY_LEN(words));
}

static bool is_account_like(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_lower(s.p[i]) && !is_digit(s.p[i]) && !strchr("._-", s.p[i]))
            return false;
    return s.n >= 3;
}

/* "token * 1000 / (x)", "(double)tokens / N": what a program divides. */
static bool is_divided(struct str before, struct str account)
{
    return memchr(account.p, ')', account.n) || memchr(account.p, '(', account.n) ||
           str_eqz(before, "*") || str_eqz(before, "+") || str_eqz(before, "-");
}

/* "user bob / x", "bob@mail.example / x", "SSID Home / x", "u: bob p: x": an account and
 * its password. */
void read_account(struct reader *r, const struct words *w, struct piece v)
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
    bool is_slash = (str_eqz(last, "/") || str_eqz(last, "|")) &&
                    !is_divided(piece_str(r, w->v[w->n > 2 ? w->n - 3 : 0]), account);
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

/* What one does with an account. */
static bool logs_in(struct str line)
{
    static const char *const words[] = {
        "log in", "login", "log into", "logon", "sign in", "anmeld", "einlogg", "connect",
        "acced",  "entra", "zalog",    "inlog", "logga",   "ingres", "melde"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_contains_nocase(line, str_of(words[i])))
            return true;
    return false;
}

/* "use bob and x to log in", "connecte-toi avec bob et x", "creds bob x" */
void read_used(struct reader *r, const struct line *l, const struct words *w,
               struct piece v)
{
    static const char *const joins[] = {"and", "und", "et", "y",   "e",        "con",
                                        "com", "i",   "en", "och", "\xD0\xB8", "/"};
    static const char *const uses[] = {"use", "using", "utilise", "usa", "nutze", "nimm"};
    static const char *const heads[] = {"creds", "credentials",  "zugangsdaten",
                                        "login", "identifiants", "user"};
    enum { LINE_MOST = 300 };
    if (w->n < 2 || !may_be_secret(piece_str(r, v)) || l->end - l->start > LINE_MOST)
        return;
    struct str last = piece_str(r, w->v[w->n - 1]), one = piece_str(r, w->v[w->n - 2]);
    struct str before = w->n > 2 ? piece_str(r, w->v[w->n - 3]) : STR("");
    bool is_used = is_word_of(last, joins, ARRAY_LEN(joins)) && is_account_like(one) &&
                   count_digits(one) == 0 &&
                   (is_with(before) || is_word_of(before, uses, ARRAY_LEN(uses))) &&
                   logs_in(str_sub(r->text, l->start, l->end));
    bool is_creds = is_word_of(one, heads, ARRAY_LEN(heads)) && is_account_like(last) &&
                    !telling_of(last).is_neuter && is_strong(piece_str(r, v));
    if (is_used || is_creds)
        emit_told(r, v, NOTE_LINE, TELLS_PASSWORD);
}

/* "creds bob:x", "creds are bob:x" */
void read_creds(struct reader *r, const struct words *w, struct piece v)
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
    if (is_word_of(head, heads, ARRAY_LEN(heads)) && may_be_secret(piece_str(r, secret)))
        emit_told(r, secret, NOTE_LINE, TELLS_PASSWORD);
}

/* "bob:x@ftp.example": without a scheme before it. */
void read_login(struct reader *r, struct piece v)
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
