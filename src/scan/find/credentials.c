/* credentials.c -- passwords, tokens and user names by the key they are given to.
 *
 * KEY op VALUE in the grammars people use: .env, YAML, JSON, C, SQL, command lines, and
 * "pw: x" in a chat.  A password may be any characters, so what decides is the key and
 * whether the value could be one: not a call, not a variable, not a placeholder.  A
 * token must look random; the key alone is not enough ("keyboard", "tokenizer"). */
#include "scan/detect.h"
#include "scan/find/plausible.h"
#include "scan/scanner.h"

enum key_kind { KEY_NONE, KEY_PASSWORD, KEY_TOKEN, KEY_WEAK, KEY_USER };

struct key_word {
    const char *w;
    enum key_kind kind;
};

/* Parts of keys, lower case; the last part that means something decides. */
static const struct key_word key_words[] = {
    {"password", KEY_PASSWORD}, {"passwd", KEY_PASSWORD},
    {"pwd", KEY_PASSWORD},      {"passphrase", KEY_PASSWORD},
    {"pass", KEY_PASSWORD},     {"pw", KEY_PASSWORD},
    {"psswd", KEY_PASSWORD},    {"psswrd", KEY_PASSWORD},
    {"passcode", KEY_PASSWORD}, {"passwort", KEY_PASSWORD},
    {"kennwort", KEY_PASSWORD}, {"contrasena", KEY_PASSWORD},
    {"senha", KEY_PASSWORD},    {"parola", KEY_PASSWORD},
    {"secret", KEY_TOKEN},      {"secrete", KEY_TOKEN},
    {"token", KEY_TOKEN},       {"tokens", KEY_TOKEN},
    {"apikey", KEY_TOKEN},      {"credential", KEY_TOKEN},
    {"credentials", KEY_TOKEN}, {"creds", KEY_TOKEN},
    {"bearer", KEY_TOKEN},      {"authorization", KEY_TOKEN},
    {"auth", KEY_WEAK},         {"key", KEY_WEAK},
    {"signature", KEY_WEAK},    {"salt", KEY_WEAK},
    {"nonce", KEY_WEAK},        {"user", KEY_USER},
    {"username", KEY_USER},     {"userid", KEY_USER},
    {"login", KEY_USER},        {"uname", KEY_USER},
};

/* Words before "key" that make it one. */
static const char *const key_makers[] = {
    "api",     "access",  "secret", "private", "auth",         "encryption", "signing",
    "client",  "service", "app",    "admin",   "master",       "account",    "shared",
    "storage", "license", "aes",    "ssh",     "subscription", "consumer",   "hmac",
    "webhook", "aws",     "azure",  "gcp",     "openai",       "stripe",     "google",
    "github",  "gitlab",  "x"};

/* A key that names a property of secrets and not one: token_url, key_size. */
static const char *const key_spoilers[] = {
    "url", "uri", "file", "path", "size", "length", "len", "name", "id", "type", "hash",
    "algorithm", "expiry", "expires", "ttl", "count", "policy", "field", "label", "hint",
    "reset", "endpoint", "host", "port", "public", "foreign", "primary", "max", "min",
    "limit", "usage", "index", "version", "format", "prefix", "schema", "keyboard",
    "authenticity", "dir", "csrf", "issuer", "chars", "header", "checksum", "sort",
    "mask64", "placeholder", "alias", "store", "ring", "pair", "accessor", "pub",
    "pubkey",
    /* values of a test that must not match, and a form's guard against forgery */
    "non", "invalid", "fake", "mock", "dummy", "bogus", "wrong", "xsrf", "verification"};

static bool equal(struct str a, const char *b)
{
    return a.n && to_lower(a.p[0]) == b[0] && str_eq_nocase(a, str_of(b));
}

static bool among(struct str s, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (equal(s, list[i]))
            return true;
    return false;
}

static enum key_kind kind_of_part(struct str part)
{
    static const char *const ends[] = {"password", "passwd", "userpwd", "passphrase"};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        if (part.n > strlen(ends[i]) &&
            equal(str_sub(part, part.n - strlen(ends[i]), part.n), ends[i]))
            return KEY_PASSWORD;
    for (size_t i = 0; i < ARRAY_LEN(key_words); i++)
        if (equal(part, key_words[i].w))
            return key_words[i].kind;
    return KEY_NONE;
}

bool is_key_word(struct str word)
{
    return kind_of_part(word) != KEY_NONE;
}

/* Cuts an identifier into its parts (snake, kebab, humps) and judges it. */
static enum key_kind kind_of_key(struct str key)
{
    enum key_kind kind = KEY_NONE;
    struct str before = {0};
    size_t begin = 0;
    bool spoiled = false;
    for (size_t i = 1; i <= key.n; i++) {
        bool edge = i == key.n || !is_alnum(key.p[i]) || !is_alnum(key.p[i - 1]) ||
                    (is_upper(key.p[i]) && !is_upper(key.p[i - 1])) ||
                    (is_upper(key.p[i]) && i + 1 < key.n && is_lower(key.p[i + 1])) ||
                    is_digit(key.p[i]) != is_digit(key.p[i - 1]);
        if (!edge)
            continue;
        struct str part = str_sub(key, begin, i);
        begin = i;
        if (!is_alnum(part.p[0]))
            continue;
        enum key_kind k = kind_of_part(part);
        if (k == KEY_WEAK && equal(part, "key"))
            k = among(before, key_makers, ARRAY_LEN(key_makers)) ? KEY_TOKEN : KEY_WEAK;
        if (k != KEY_NONE)
            kind = k == KEY_USER && kind != KEY_NONE ? kind : k;
        spoiled |= among(part, key_spoilers, ARRAY_LEN(key_spoilers));
        before = part;
    }
    if (spoiled && kind != KEY_USER && kind != KEY_PASSWORD)
        return KEY_NONE;
    if (spoiled && kind == KEY_PASSWORD)
        return KEY_WEAK;
    return kind;
}

static size_t blanks(const struct window *w, size_t i)
{
    while (i < w->n && (w->p[i] == ' ' || w->p[i] == '\t'))
        i++;
    return i;
}

/* Steps over what ends a key and assigns: `": "`, ` := `, ` => `, `') = '`, `(`.
 * 0 when there is no assignment. */
static size_t after_operator(const struct window *w, size_t i, bool *ret_spaced)
{
    size_t at = i, ops = 0;
    while (at < w->n && at - i < 4 && strchr("\"'])[`", w->p[at]))
        at++;
    at = blanks(w, at);
    size_t op = at;
    if (op < w->n && is_lower(w->p[op]) && op > i) {
        /* Go and C#: the type stands between the name and "=". */
        size_t word = op;
        while (word < w->n && is_alnum(w->p[word]))
            word++;
        size_t eq = blanks(w, word);
        if (eq < w->n && w->p[eq] == '=' && word - op <= 8)
            at = op = eq;
    }
    if (str_starts((struct str){w->p + at, w->n - at}, STR(".assign(")))
        return at + 8;
    if (str_starts((struct str){w->p + at, w->n - at}, STR("value=")) && at > i)
        return at + 6;
    while (at < w->n && ops < 4 && strchr(":=>!?.", w->p[at])) {
        ops++;
        at++;
    }
    if (ops == 0 && at < w->n && (w->p[at] == '(' || w->p[at] == ',') && at == op) {
        at++;
        ops = 1;
    }
    if (ops && w->p[op] == '.' && (ops < 2 || w->p[op + 1] != '='))
        return 0;
    *ret_spaced = ops == 0 && at > i;
    if (ops == 0)
        return 0;
    at = blanks(w, at);
    if (w->p[op] == '>' && at < w->n && w->p[at] == '\n')
        at = blanks(w, at + 1); /* an XML element over lines */
    if (at < w->n && w->p[at] == '@' && at + 1 < w->n && w->p[at + 1] == '"')
        at++;
    return at;
}

enum {
    MAX_VALUE_BYTES = 1024,
    MAX_SECRET_BYTES = 600,
    JUDGE_PASSES = 8 /* over a value, to judge it */
};

struct value {
    size_t start, end;
    bool quoted;
};

/* "&name=" of a query: where a value ends. */
static bool is_next_pair(const struct window *w, size_t i)
{
    size_t begin = i;
    while (i < w->n && (is_alnum(w->p[i]) || w->p[i] == '_') && i - begin < 32)
        i++;
    return i > begin && i < w->n && w->p[i] == '=';
}

/* `name: type = "x"`, `string name = x`: a type between is stepped over. */
static struct value read_to_end(const struct window *w, size_t i)
{
    struct value v = {i, i, false};
    if (i < w->n && strchr("\"'`", w->p[i]) && w->p[i]) {
        char q = w->p[i];
        v.start = v.end = i + 1;
        v.quoted = true;
        while (v.end < w->n && v.end - i < MAX_VALUE_BYTES && w->p[v.end] != '\n' &&
               w->p[v.end] != q)
            v.end++;
        if (v.end >= w->n || w->p[v.end] != q) {
            v.quoted = false;
            while (v.end > v.start && strchr(" ;,", w->p[v.end - 1]))
                v.end--;
        }
        return v;
    }
    while (v.end < w->n && v.end - i < MAX_VALUE_BYTES && !is_stop(w->p[v.end]) &&
           !(w->p[v.end] == ',' && v.end > i + 5) &&
           !(w->p[v.end] == ';' && (v.end + 1 == w->n || w->p[v.end + 1] <= ' ')) &&
           !(w->p[v.end] == '&' && v.end > i + 3 && is_next_pair(w, v.end + 1)))
        v.end++;
    while (v.end > v.start && strchr(",.;)}]", w->p[v.end - 1]))
        v.end--;
    return v;
}

/* ... and counted: values may lie in each other ("password=password="). */
static struct value read_value(struct window *w, size_t i)
{
    struct value v = {i, i, false};
    if (may_spend(w)) {
        v = read_to_end(w, i);
        spend(w, v.end - i);
    }
    return v;
}

static bool mixes(struct str s)
{
    size_t lower = 0, upper = 0, digit = 0, other = 0;
    for (size_t i = 0; i < s.n; i++) {
        lower += is_lower(s.p[i]);
        upper += is_upper(s.p[i]);
        digit += is_digit(s.p[i]);
        other += !is_alnum(s.p[i]) && s.p[i] != '_' && s.p[i] != '.' && s.p[i] != '-';
    }
    bool letters = lower + upper > 0;
    return s.n >= 5 &&
           ((letters && digit) || (letters && other && s.n >= 6) || (digit && other) ||
            (lower && upper && s.n >= 10 && entropy_of(s) > 3.4));
}

static bool has_lower_only(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_lower(s.p[i]) && !(i == 0 && is_upper(s.p[i])))
            return false;
    return true;
}

/* Text in which a program puts a value: "{{ name }}", "a${b.c}d". */
static bool is_template(struct str s)
{
    for (size_t i = 0; i + 3 < s.n; i++) {
        bool braces = s.p[i] == '{' && s.p[i + 1] == '{';
        size_t at = i + 2, begin;
        if (!braces && (s.p[i] != '$' || s.p[i + 1] != '{'))
            continue;
        while (at < s.n && s.p[at] == ' ')
            at++;
        begin = at;
        while (at < s.n && (is_alnum(s.p[at]) || s.p[at] == '_' || s.p[at] == '.'))
            at++;
        while (at > begin && at < s.n && s.p[at] == ' ')
            at++;
        if (at > begin && at < s.n && s.p[at] == '}' &&
            (!braces || (at + 1 < s.n && s.p[at + 1] == '}')))
            return true;
    }
    return false;
}

/* How sure one may be of a value that is no stand-in for one; 0: it is no secret. */
static int judge_looks(struct str v, enum key_kind kind, bool quoted)
{
    double h = entropy_of(v);
    size_t digits = count_digits(v);
    if (kind == KEY_PASSWORD) {
        if (mixes(v) && !(memchr(v.p, ' ', v.n) && v.n > 24))
            return 90;
        /* A plain word may be a password and may be a caption: mask it. */
        if (quoted && v.n >= 6 && v.n <= 32 && !memchr(v.p, '.', v.n) && h > 2.2)
            return has_lower_only(v) ? 50 : 57;
        return !quoted && digits == v.n && v.n >= 6 ? 60 : 0;
    }
    if (memchr(v.p, ' ', v.n))
        return 0;
    bool random = (digits == v.n && v.n >= 16) || (digits && h > 3.2 && v.n >= 12) ||
                  (digits >= 2 && h > 3.0 && v.n >= 12) ||
                  (digits && h > 3.3 && v.n >= 16) ||
                  (h > 4.1 && v.n >= 24 && mixes(v)) ||
                  (mixes(v) && h > 2.8 && v.n >= 8 && digits >= 2);
    bool path = memchr(v.p, '/', v.n) && (v.p[0] == '/' || v.p[0] == '.') && h < 4.2;
    if (path || (kind == KEY_WEAK && (v.n < 20 || h < 3.6 || digits < 3 || !quoted)))
        return 0;
    if (kind == KEY_WEAK)
        return random ? 56 : 0;
    return random ? 85 : 0;
}

/* 0: no secret; otherwise how sure. */
static int judge(struct window *w, struct str v, enum key_kind kind, bool quoted)
{
    if (v.n < 4 || v.n > MAX_SECRET_BYTES || (v.p[0] == '0' && v.p[1] == 'x') ||
        !may_spend(w))
        return 0;
    spend(w, JUDGE_PASSES * v.n);
    int score = judge_looks(v, kind, quoted);
    if (!score || kind_of_part(v) != KEY_NONE || is_expression(v) || is_template(v) ||
        is_placeholder(v))
        return 0;
    return score;
}

static bool is_key_char(char c)
{
    return is_alnum(c) || c == '_' || c == '-';
}

static void try_assignment(struct window *w, size_t start, size_t end, enum key_kind kind)
{
    bool spaced = false;
    size_t at = after_operator(w, end, &spaced);
    if (!at) {
        /* --password x, password "x", token string = "x" */
        bool flag = start >= 2 && w->p[start - 1] == '-' && w->p[start - 2] == '-';
        at = blanks(w, end);
        if (at == end || at >= w->n || !(flag || strchr("\"'", w->p[at])))
            return;
    }
    struct value v = read_value(w, at);
    for (int hop = 0; hop < 2; hop++) {
        /* The word read may be a type or a scheme: `: string = "x"`, `Bearer x`. */
        struct str s = {w->p + v.start, v.end - v.start};
        size_t next = blanks(w, v.end);
        bool is_type = !v.quoted && next < w->n && w->p[next] == '=' && s.n < 16;
        bool is_scheme = equal(s, "bearer") || equal(s, "basic") || equal(s, "token");
        if (!is_type && !is_scheme)
            break;
        next = blanks(w, next + is_type);
        v = read_value(w, next);
    }
    struct str s = {w->p + v.start, v.end - v.start};
    int score = judge(w, s, kind, v.quoted);
    if (score && !is_elided((struct str){w->p, w->n}, v.end))
        propose(w, v.start, v.end, kind == KEY_PASSWORD ? TYPE_PASSWORD : TYPE_SECRET,
                score, SAW_WORD);
}

static bool is_user_name(struct str s)
{
    size_t letters = 0, digits = count_digits(s);
    for (size_t i = 0; i < s.n; i++) {
        letters += is_alpha(s.p[i]);
        if (!is_alnum(s.p[i]) && !strchr("._-", s.p[i]))
            return false;
    }
    return s.n >= 3 && s.n <= 32 && letters >= 2 && (digits || !is_expression(s));
}

static void try_user(struct window *w, size_t end)
{
    bool spaced = false;
    size_t at = after_operator(w, end, &spaced);
    if (!at)
        return;
    struct value v = read_value(w, at);
    struct str s = {w->p + v.start, v.end - v.start};
    bool is_code = !v.quoted && w->p[at - 1] == ' ' && count_digits(s) == 0;
    if (is_user_name(s) && !is_placeholder(s) && !is_code && w->p[end] != '(' &&
        w->p[end] != ',')
        propose(w, v.start, v.end, TYPE_USERNAME, count_digits(s) ? 85 : 75, SAW_WORD);
}

/* "user blopez / secret", "publickey for mbrooks40 from", "the password? -- its x". */
static void try_prose(struct window *w, size_t i, enum key_kind kind)
{
    size_t limit = i + 24 < w->ntok ? i + 24 : w->ntok;
    if (kind == KEY_USER) {
        const struct token *t = i + 1 < w->ntok ? &w->tok[i + 1] : NULL;
        if (!t || t->kind != TOK_WORD || t->gap != GAP_SPACE)
            return;
        struct value v = read_value(w, t->start);
        struct str s = {w->p + v.start, v.end - v.start};
        size_t next = blanks(w, v.end);
        bool slash = next + 1 < w->n && w->p[next] == '/' && w->p[next + 1] == ' ';
        if (is_user_name(s) && (slash || (count_digits(s) && !(t->lex & LEX_STOP)))) {
            propose(w, v.start, v.end, TYPE_USERNAME, 80, SAW_WORD);
            struct value p = read_value(w, blanks(w, next + 1));
            struct str ps = {w->p + p.start, p.end - p.start};
            if (slash && judge(w, ps, KEY_PASSWORD, p.quoted) >= 55)
                propose(w, p.start, p.end, TYPE_PASSWORD, 88, SAW_WORD);
        }
        return;
    }
    for (size_t k = i + 1; k < limit; k++) {
        struct str s = {w->p + w->tok[k].start, w->tok[k].end - w->tok[k].start};
        bool cue = equal(s, "is") || equal(s, "its") || equal(s, "s") ||
                   equal(s, "ist") || equal(s, "est") || equal(s, "es") ||
                   equal(s, "to") || equal(s, "with") || equal(s, "by") ||
                   (s.n == 1 && *s.p == ':' && blanks(w, w->tok[k].end) > w->tok[k].end);
        if (!cue || k + 1 >= w->ntok)
            continue;
        struct value v = read_value(w, w->tok[k + 1].start);
        struct str value = {w->p + v.start, v.end - v.start};
        if (value.n >= 6 && value.p[0] != '/' && count_digits(value) &&
            judge(w, value, KEY_PASSWORD, v.quoted) && mixes(value) &&
            count_digits(value) < value.n) {
            propose(w, v.start, v.end, TYPE_PASSWORD, 80, SAW_WORD);
            return;
        }
    }
}

/* curl -u name:secret, --user 'name:secret' */
static void try_user_flag(struct window *w, size_t i)
{
    const struct token *t = &w->tok[i];
    bool is_flag = (equal((struct str){w->p + t->start, t->end - t->start}, "user") ||
                    (t->end - t->start == 1 && (t->c == 'u' || t->c == 'U'))) &&
                   t->start > 0 && w->p[t->start - 1] == '-';
    if (!is_flag)
        return;
    size_t at = blanks(w, t->end);
    if (at < w->n && w->p[at] == '=')
        at++;
    struct value v = read_value(w, at);
    const char *colon =
        v.end > v.start ? memchr(w->p + v.start, ':', v.end - v.start) : NULL;
    if (!colon)
        return;
    struct str secret = {colon + 1, (size_t)(w->p + v.end - colon - 1)};
    bool is_word = kind_of_part(secret) != KEY_NONE;
    if (secret.n >= 3 && !is_word && !memchr(secret.p, '/', secret.n > 2 ? 2 : 0) &&
        !is_placeholder(secret) && !is_expression(secret))
        propose(w, v.start, v.end, TYPE_PASSWORD, 85, SAW_WORD);
}

/* if ("value" == my_password): the value stands before its key. */
static void try_comparison(struct window *w, size_t start, enum key_kind kind)
{
    size_t i = start, ops = 0, end;
    while (i > 0 && w->p[i - 1] == ' ')
        i--;
    while (i > 0 && (w->p[i - 1] == '=' || w->p[i - 1] == '!')) {
        i--;
        ops++;
    }
    while (i > 0 && w->p[i - 1] == ' ')
        i--;
    if (ops < 2 || i < 3 || (w->p[i - 1] != '"' && w->p[i - 1] != '\''))
        return;
    end = i - 1;
    for (i = end;
         i > 0 && end - i < 200 && w->p[i - 1] != w->p[end] && w->p[i - 1] != '\n';)
        i--;
    struct str v = {w->p + i, end - i};
    if (i > 0 && w->p[i - 1] == w->p[end] && judge(w, v, kind, true))
        propose(w, i, end, kind == KEY_PASSWORD ? TYPE_PASSWORD : TYPE_SECRET, 80,
                SAW_WORD);
}

static void try_key(struct window *w, size_t i, size_t *ret_next)
{
    const struct token *t = &w->tok[i];
    size_t start = t->start, end = t->end;
    while (start > 0 && is_key_char(w->p[start - 1]) && t->start - start < 40)
        start--;
    while (end < w->n && is_key_char(w->p[end]) && end - start < 80)
        end++;
    while (start < end && w->p[start] == '-')
        start++;
    *ret_next = end;
    struct str key = {w->p + start, end - start};
    enum key_kind kind = kind_of_key(key);
    if (kind == KEY_WEAK && i > 0 && equal(key, "key")) {
        struct str b = {w->p + w->tok[i - 1].start,
                        w->tok[i - 1].end - w->tok[i - 1].start};
        kind = among(b, key_makers, ARRAY_LEN(key_makers)) ? KEY_TOKEN : kind;
    }
    if (kind == KEY_NONE)
        return;
    if (kind != KEY_USER)
        try_comparison(w, start, kind);
    if (kind == KEY_USER)
        try_user(w, end);
    else
        try_assignment(w, start, end, kind);
    if (kind == KEY_USER || kind == KEY_PASSWORD)
        try_prose(w, i, kind);
}

/* CREATE USER x IDENTIFIED BY 'y', PASSWORD 'y'; Accepted publickey for x from */
static void try_sentences(struct window *w, size_t i)
{
    const struct token *t = &w->tok[i];
    struct str s = {w->p + t->start, t->end - t->start};
    char first = to_lower(t->c);
    if (i + 2 >= w->ntok || (first != 'i' && first != 'p'))
        return;
    struct str next = {w->p + w->tok[i + 1].start,
                       w->tok[i + 1].end - w->tok[i + 1].start};
    if (equal(s, "identified") && equal(next, "by")) {
        struct value v = read_value(w, w->tok[i + 2].start);
        struct str value = {w->p + v.start, v.end - v.start};
        if (value.n >= 4 && !is_placeholder(value))
            propose(w, v.start, v.end, TYPE_PASSWORD, 88, SAW_WORD);
    }
    if ((equal(s, "publickey") || (equal(s, "password") && i > 0)) &&
        equal(next, "for")) {
        struct value v = read_value(w, w->tok[i + 2].start);
        struct str value = {w->p + v.start, v.end - v.start};
        size_t tail = blanks(w, v.end);
        if (is_user_name(value) &&
            str_starts((struct str){w->p + tail, w->n - tail}, STR("from ")))
            propose(w, v.start, v.end, TYPE_USERNAME, 85, SAW_WORD);
    }
}

/* The first word of the run of letters, digits, _ and - that holds token i, but for what
 * was read already. */
static size_t first_of_key(const struct window *w, size_t i, size_t from)
{
    size_t k = i;
    while (k > 0 && w->tok[k - 1].end == w->tok[k].start && w->tok[k - 1].start >= from &&
           (w->tok[k - 1].kind != TOK_PUNCT || is_key_char(w->tok[k - 1].c)))
        k--;
    while (w->tok[k].kind != TOK_WORD)
        k++;
    return k;
}

void credential_words(struct word_table *t)
{
    static const char *const words[] = {"u", "user", "identified", "publickey",
                                        "password"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        word_table_know(t, str_of(words[i]), AT_KEY);
}

void find_credentials(struct window *w)
{
    size_t next = 0;
    for (size_t i = next_anchor(w, 0, AT_KEY); i < w->ntok;
         i = next_anchor(w, i + 1, AT_KEY)) {
        const struct token *t = &w->tok[i];
        if (t->start > 0 && w->p[t->start - 1] == '-')
            try_user_flag(w, i);
        try_sentences(w, i);
        if (t->start >= next)
            try_key(w, first_of_key(w, i, next), &next);
    }
}
