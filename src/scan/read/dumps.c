/* dumps.c -- accounts with their passwords as tools that try, crack or collect them print
 * them, and the words that restore a wallet.
 *
 *     Valid: bob:x      [+] CORP\bob:x      cracked: bob -> x      5f4d...cf99:x
 *     bob@mail.example:x      my 12 words: canoe spoil ...
 *
 * The forms are those of nmap, CrackMapExec, Metasploit, hashcat and of lists of leaked
 * accounts; the words those of BIP 39: 12, 15, 18, 21 or 24 of them, 3 to 8 letters each.
 */
#include "scan/find/plausible.h"
#include "scan/read/inside.h"

enum { MAX_NAME = 64, MAX_SECRET = 64, MAX_TO_WALLET = 160 };

static size_t name_end(const struct reader *r, size_t i, size_t end)
{
    size_t from = i;
    while (i < end && i - from < MAX_NAME && r->text.p[i] &&
           (is_alnum(r->text.p[i]) || strchr("._-@$\\+", r->text.p[i])))
        i++;
    return i;
}

static size_t secret_end(const struct reader *r, size_t i, size_t end)
{
    size_t from = i;
    while (i < end && i - from < MAX_SECRET && (unsigned char)r->text.p[i] > ' ' &&
           !is_quote(r->text.p[i]) && r->text.p[i] != '<' && r->text.p[i] != '|')
        i++;
    while (i > from && strchr(",;)", r->text.p[i - 1]))
        i--;
    return i;
}

/* "bob:x" or "bob -> x" at i. */
static void read_account(struct reader *r, const struct line *l, size_t i, bool is_sure)
{
    static const char *const marks[] = {":", " -> ", " => ", " : ", "/"};
    i += i < l->end && is_quote(r->text.p[i]);
    size_t end = name_end(r, i, l->end);
    struct str rest = str_sub(r->text, end, l->end);
    bool has_domain = memchr(r->text.p + i, '\\', end - i) != NULL;
    if (end < i + 2 || !may_read(r, end - i) || (!is_sure && !has_domain))
        return;
    for (size_t k = 0; k < ARRAY_LEN(marks); k++) {
        size_t from = end + strlen(marks[k]), to = secret_end(r, from, l->end);
        if (!str_starts(rest, str_of(marks[k])) || to < from + 4)
            continue;
        emit_told(r, (struct piece){i, end, 0}, NOTE_SEGMENT, TELLS_USER);
        emit_told(r, (struct piece){from, to, 0}, NOTE_SEGMENT, TELLS_PASSWORD);
        return;
    }
}

static void read_found(struct reader *r, const struct line *l)
{
    static const struct {
        struct str mark; /* ends with a blank behind one of two signs */
        bool is_sure;    /* else the account's domain must say it */
    } rows[] = {{STR_INIT("Valid: "), true},
                {STR_INIT("alid credentials: "), true},
                {STR_INIT("alid credential: "), true},
                {STR_INIT("Login Successful: "), true},
                {STR_INIT("LOGIN SUCCESSFUL: "), true},
                {STR_INIT("Success: "), false},
                {STR_INIT("SUCCESS: "), true},
                {STR_INIT("cracked: "), true},
                {STR_INIT("Cracked: "), true},
                {STR_INIT("ecovered: "), true},
                {STR_INIT("ACCOUNT FOUND: "), true},
                {STR_INIT("[+] "), false},
                {STR_INIT("Found credentials: "), true}};
    struct str s = str_sub(r->text, l->body, l->end);
    size_t behind[ARRAY_LEN(rows)] = {0}; /* the first of each */
    for (const char *p = s.p; (p = memchr(p, ' ', (size_t)(s.p + s.n - p))); p++) {
        struct str head = {s.p, (size_t)(p - s.p) + 1};
        if (head.n < 2 || (p[-1] != ':' && p[-1] != ']'))
            continue;
        for (size_t k = 0; k < ARRAY_LEN(rows); k++)
            if (!behind[k] && str_ends(head, rows[k].mark))
                behind[k] = head.n;
    }
    for (size_t k = 0; k < ARRAY_LEN(rows); k++)
        if (behind[k])
            read_account(r, l, l->body + behind[k], rows[k].is_sure);
}

/* Letters with two digits or a mark, and no name of a file, no port and no path. */
static bool looks_chosen(struct str s)
{
    size_t letters = 0, marks = 0;
    for (size_t i = 0; i < s.n; i++) {
        letters += is_alpha(s.p[i]);
        marks += strchr("!?#$%&*+=^~", s.p[i]) != NULL;
        if (strchr("/\\:[]{}()", s.p[i]) ||
            (s.p[i] == '.' && i + 1 < s.n && is_alpha(s.p[i + 1])))
            return false;
    }
    return s.n >= 6 && letters && (count_digits(s) >= 2 || (marks && count_digits(s)));
}

/* "bob <bob@mail.example>": an account in small letters where a name would stand. */
static void read_account_before(struct reader *r, const struct line *l, size_t at)
{
    static const char *const others[] = {
        "mail", "email", "to",      "from",   "cc",    "by",  "or",   "and",   "at",
        "via",  "list",  "contact", "mailto", "reply", "the", "oder", "write", "team"};
    size_t i = at;
    while (i > l->body && (is_name_char(r->text.p[i - 1]) || r->text.p[i - 1] == '+'))
        i--;
    if (i < l->body + 4 || r->text.p[i - 1] != '<' || r->text.p[i - 2] != ' ')
        return;
    struct piece v = word_before(r, i - 2, l->body);
    struct str s = piece_str(r, v);
    for (size_t k = 0; k < s.n; k++)
        if (is_upper(s.p[k]) || s.p[k] < 0)
            return;
    char before = v.start > l->body ? r->text.p[v.start - 1] : ' ';
    char before2 = v.start > l->body + 1 ? r->text.p[v.start - 2] : ' ';
    if (s.n >= 4 && before <= ' ' && !is_alpha(before2) &&
        !is_word_of(s, others, ARRAY_LEN(others)))
        emit_told(r, v, NOTE_SEGMENT, TELLS_USER);
}

/* "bob@mail.example:x" */
static void read_mailbox(struct reader *r, const struct line *l)
{
    for (size_t i = l->body; i < l->end;) {
        const char *at = memchr(r->text.p + i, '@', l->end - i);
        if (!at)
            return;
        i = (size_t)(at - r->text.p) + 1;
        read_account_before(r, l, i - 1);
        size_t host = i, dots = 0;
        while (i < l->end &&
               (is_alnum(r->text.p[i]) || r->text.p[i] == '-' || r->text.p[i] == '.'))
            dots += r->text.p[i++] == '.';
        char mark = byte_at(r, i);
        if (!dots || i < host + 4 || (mark != ':' && mark != '|' && mark != ';') ||
            !is_name_char(byte_at(r, host - 2)))
            continue;
        struct piece v = {i + 1, secret_end(r, i + 1, l->end), 0};
        const char *cell = memchr(r->text.p + v.start, ';', v.end - v.start);
        if (cell && mark == ';')
            v.end = (size_t)(cell - r->text.p);
        if (looks_chosen(piece_str(r, v)))
            emit_told(r, v, NOTE_SEGMENT, TELLS_PASSWORD);
    }
}

static bool has_both_cases(struct str s)
{
    bool lower = false, upper = false;
    for (size_t i = 0; i < s.n; i++) {
        lower |= is_lower(s.p[i]);
        upper |= is_upper(s.p[i]);
    }
    return lower && upper;
}

/* "admin / x", "root/x": an account that everybody knows, and what is none of a list; and
 * not the name of a member, as "test:node20" among the scripts of a package. */
static void read_known_account(struct reader *r, const struct line *l)
{
    static const char *const roles[] = {"admin", "root",  "administrator", "superuser",
                                        "sa",    "guest", "operator",      "postgres",
                                        "demo",  "test",  "support",       "sysadmin"};
    for (size_t i = l->body + 2; i + 6 < l->end; i++) {
        if (r->text.p[i] != '/' && r->text.p[i] != ':')
            continue;
        size_t end = skip_blanks_back(r, i, l->body), at = skip_blanks(r, i + 1, l->end);
        struct piece who = word_before(r, end, l->body);
        struct piece v = {at, secret_end(r, at, l->end), 0};
        char before = who.start > l->body ? r->text.p[who.start - 1] : ' ';
        bool is_path = end == i && at == i + 1 && r->text.p[i] == '/' &&
                       !has_both_cases(piece_str(r, v)); /* admin/users2024 */
        bool is_key = is_quote(byte_at(r, v.end)) && byte_at(r, v.end + 1) == ':';
        if (!is_path && !is_key && before != '/' && before != '.' && before != '@' &&
            is_word_of(piece_str(r, who), roles, ARRAY_LEN(roles)) &&
            looks_chosen(piece_str(r, v)))
            emit_told(r, v, NOTE_SEGMENT, TELLS_PASSWORD);
    }
}

/* The fields of a line between marks: how many. */
static size_t split(const struct reader *r, const struct line *l, char mark,
                    struct piece *v, size_t most)
{
    size_t n = 0, from = l->body;
    for (size_t i = l->body; i <= l->end && n < most; i++)
        if (i == l->end || r->text.p[i] == mark) {
            v[n++] = (struct piece){from, i, 0};
            from = i + 1;
        }
    return n;
}

/* The first n are fields of such a line: without blanks and quotes. */
static bool are_bare(const struct reader *r, const struct piece *v, size_t n)
{
    for (size_t k = 0; k < n; k++)
        for (size_t i = v[k].start; i < v[k].end; i++)
            if (strchr(" \t\"'={", r->text.p[i]))
                return false;
    return true;
}

/* host:port:database:account:x of PostgreSQL; the file of cookies of Netscape: site,
 * TRUE, path, TRUE, time, name, x, with tabs. */
static void read_columns(struct reader *r, const struct line *l)
{
    enum { PG_FIELDS = 5, COOKIE_FIELDS = 7, MOST = 8 };
    struct piece v[MOST];
    if (l->end - l->body > READ_MAX_VALUE)
        return;
    if (memchr(r->text.p + l->body, ':', l->end - l->body) &&
        split(r, l, ':', v, MOST) == PG_FIELDS) {
        struct str port = piece_str(r, v[1]), secret = piece_str(r, v[4]);
        bool is_port = str_eqz(port, "*") ||
                       (port.n >= 2 && port.n <= 5 && count_digits(port) == port.n);
        if (is_port && are_bare(r, v, PG_FIELDS - 1) && looks_chosen(secret) &&
            !memchr(secret.p, ' ', secret.n)) {
            emit_told(r, v[3], NOTE_SEGMENT, TELLS_USER);
            emit_told(r, v[4], NOTE_SEGMENT, TELLS_PASSWORD);
        }
    }
    if (memchr(r->text.p + l->body, '\t', l->end - l->body) &&
        split(r, l, '\t', v, MOST) == COOKIE_FIELDS &&
        (str_eqz(piece_str(r, v[1]), "TRUE") || str_eqz(piece_str(r, v[1]), "FALSE")))
        emit(r, v[5], v[6], NOTE_DATA);
}

/* What Windows keeps: <Password><Value>x</Value>, and
 * reg add KEY /v DefaultPassword /t REG_SZ /d x */
static void read_windows(struct reader *r, const struct line *l)
{
    struct str s = str_sub(r->text, l->body, l->end);
    ptrdiff_t at = str_find(s, STR("assword><Value>"));
    if (at >= 0) {
        size_t from = l->body + (size_t)at + 15, to = from;
        while (to < l->end && r->text.p[to] != '<')
            to++;
        emit_told(r, (struct piece){from, to, 0}, NOTE_SEGMENT, TELLS_PASSWORD);
    }
    ptrdiff_t name = str_find(s, STR(" /v ")), data = str_find(s, STR(" /d "));
    if (name >= 0 && data > name) {
        size_t n = l->body + (size_t)name + 4, d = l->body + (size_t)data + 4;
        d += d < l->end && is_quote(r->text.p[d]);
        emit(r, (struct piece){n, name_end(r, n, l->end), 0},
             (struct piece){d, secret_end(r, d, l->end), 0}, NOTE_COMMAND);
    }
}

/* jdbc:oracle:thin:bob/x@host */
static void read_thin(struct reader *r, const struct line *l)
{
    ptrdiff_t at = str_find(str_sub(r->text, l->body, l->end), STR(":thin:"));
    if (at < 0)
        return;
    size_t i = l->body + (size_t)at + 6, end = name_end(r, i, l->end);
    size_t to = end;
    while (to < l->end && r->text.p[to] != '@' && (unsigned char)r->text.p[to] > ' ')
        to++;
    if (byte_at(r, end) == '/' && byte_at(r, to) == '@') {
        emit_told(r, (struct piece){i, end, 0}, NOTE_SEGMENT, TELLS_USER);
        emit_told(r, (struct piece){end + 1, to, 0}, NOTE_SEGMENT, TELLS_PASSWORD);
    }
}

/* A digest, a colon, what it was made of, and the line's end: hashcat's list. */
static void read_cracked(struct reader *r, const struct line *l)
{
    size_t i = l->body;
    while (i < l->end && is_hex(r->text.p[i]))
        i++;
    size_t n = i - l->body;
    if ((n != 32 && n != 40 && n != 64) || byte_at(r, i) != ':')
        return;
    struct piece v = {i + 1, secret_end(r, i + 1, l->end), 0};
    if (v.end == l->end && looks_chosen(piece_str(r, v)))
        emit_told(r, v, NOTE_SEGMENT, TELLS_PASSWORD);
}

/* Eight groups of six digits with dashes: what restores a disk of BitLocker. */
static void read_disk_key(struct reader *r, const struct line *l)
{
    enum { GROUPS = 8, WIDTH = 6, ALL = GROUPS * WIDTH + GROUPS - 1 };
    for (size_t i = l->body; i + ALL <= l->end; i++) {
        size_t k = 0;
        while (k < ALL && (k % (WIDTH + 1) == WIDTH ? r->text.p[i + k] == '-'
                                                    : is_digit(r->text.p[i + k])))
            k++;
        if (k == ALL) {
            emit_told(r, (struct piece){i, i + ALL, 0}, NOTE_SEGMENT, TELLS_PASSWORD);
            return;
        }
        i += k > 1 ? k - 1 : 0;
    }
}

/* -- wallets ----------------------------------------------------------------------- */

static bool speaks_of_wallets(struct str s)
{
    static const char *const words[] = {
        " words",   " word ",    "seed",    "Seed",
        "phrase",   "nemonic",   "wallet",  "Wallet",
        "ledger",   "Ledger",    "ecovery", "mots",
        "rter",     "palabras",  "parole",  "palavras",
        "woorden",  "слов",      "kelime",  "\xE5\x8A\xA9\xE8\xAE\xB0",
        "recupera", "wiederher", "фраз",    "\xE3\x82\xB7\xE3\x83\xBC\xE3\x83\x89"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_find(s, str_of(words[i])) >= 0)
            return true;
    return false;
}

/* As many words as a wallet has, and where they end. */
static size_t count_words(const struct reader *r, size_t i, size_t end, size_t *ret_end)
{
    enum { LEAST = 3, MOST = 8, TOO_MANY = 25 };
    size_t n = 0;
    *ret_end = i;
    while (n < TOO_MANY) {
        size_t to = i;
        while (to < end && is_lower(r->text.p[to]))
            to++;
        bool is_cut = to < end && (is_alnum(r->text.p[to]) || r->text.p[to] < 0 ||
                                   r->text.p[to] == '\'' || r->text.p[to] == '-');
        if (to < i + LEAST || to > i + MOST || is_cut)
            return n;
        n++;
        *ret_end = to;
        if (byte_at(r, to) != ' ')
            return n;
        i = to + 1;
    }
    return n;
}

/* Behind a blank, and what stands before that is no word that a wallet may have: "is",
 * "recuperación", a mark. */
static bool is_behind_other(const struct reader *r, size_t body, size_t i)
{
    enum { LEAST = 3, MOST = 8 };
    size_t k = i - 1, n = 0;
    if (i <= body || r->text.p[k] != ' ')
        return false;
    while (k > body && is_lower(r->text.p[k - 1])) {
        k--;
        n++;
    }
    bool is_cut = k > body && r->text.p[k - 1] != ' ';
    return n < LEAST || n > MOST || is_cut;
}

static void read_wallet(struct reader *r, const struct line *l)
{
    for (size_t i = l->body; i + 40 < l->end; i++) {
        bool begins = is_lower(r->text.p[i]) &&
                      (i == l->body || strchr(":\"'`(=-", r->text.p[i - 1]) ||
                       is_behind_other(r, l->body, i));
        if (!begins)
            continue;
        size_t end, n = count_words(r, i, l->end, &end);
        if (!may_read(r, end - i))
            return;
        size_t from = i > MAX_TO_WALLET ? i - MAX_TO_WALLET : 0;
        if (n >= 12 && n <= 24 && n % 3 == 0 && may_read(r, 4 * (i - from)) &&
            speaks_of_wallets(str_sub(r->text, from, i)))
            emit_told(r, (struct piece){i, end, 0}, NOTE_SEGMENT, TELLS_TOKEN);
        i = end > i ? end : i;
    }
}

void read_dump(struct reader *r, const struct line *l)
{
    if (l->end - l->body < 8 || !may_read(r, l->end - l->body))
        return;
    read_found(r, l);
    read_mailbox(r, l);
    read_known_account(r, l);
    read_thin(r, l);
    read_columns(r, l);
    read_windows(r, l);
    read_cracked(r, l);
    read_disk_key(r, l);
    read_wallet(r, l);
}
