/* named.c -- see named.h. */
#include "scan/read/named.h"

#include "scan/read/inside.h"

/* A run of letters or of digits.  In "RSAPSS2048" the letters are one, in "testKey" two.
 */
struct run {
    struct str s;
    bool is_number;
};

/* The next run of s, without it; false: a byte that no identifier has. */
static bool next_run(struct str *s, struct run *ret)
{
    size_t i = 0;
    while (s->n && s->p[0] == '_')
        *s = str_sub(*s, 1, s->n);
    if (s->n == 0 || !is_alnum(s->p[0]))
        return false;
    ret->is_number = is_digit(s->p[0]);
    if (ret->is_number) {
        while (i < s->n && is_digit(s->p[i]))
            i++;
    } else {
        while (i < s->n && is_upper(s->p[i]))
            i++;
        bool goes_on = i == 1 || (i < s->n && !is_lower(s->p[i]));
        if (i > 1 && !goes_on && i < s->n)
            i--; /* of "RSAKey" the K is the next word's */
        else
            while (i < s->n && is_lower(s->p[i]))
                i++;
    }
    ret->s = str_sub(*s, 0, i);
    *s = str_sub(*s, i, s->n);
    return true;
}

/* Of keys, digests, curves, ciphers and whole numbers, in bits or bytes. */
static bool is_size(struct str s)
{
    static const char *const sizes[] = {
        "8",   "16",   "20",   "24",   "32",   "48",   "64",   "96",   "128",
        "160", "192",  "224",  "255",  "256",  "384",  "448",  "512",  "521",
        "768", "1024", "1305", "2048", "3072", "4096", "8192", "25519"};
    return is_word_of(s, sizes, ARRAY_LEN(sizes));
}

static bool is_word_of_programs(struct str s)
{
    static const char *const words[] = {
        "key",         "keys",       "secret",     "token",         "password",
        "private",     "public",     "cert",       "certificate",   "credential",
        "credentials", "payload",    "type",       "size",          "length",
        "config",      "context",    "handler",    "hash",          "salt",
        "digest",      "signature",  "signer",     "algorithm",     "cipher",
        "random",      "bytes",      "buffer",     "string",        "default",
        "params",      "vec",        "array",      "slice",         "scalar",
        "point",       "encryption", "decryption", "encapsulation", "decapsulation",
        "auth"};
    return is_word_of(s, words, ARRAY_LEN(words));
}

bool is_name_of_thing(struct str s, bool needs_word)
{
    enum { WORD_LEAST = 3, WORDS_LEAST = 2 };
    size_t words = 0, sizes = 0;
    bool has_word = false;
    struct run r = {0};
    while (s.n) {
        if (!next_run(&s, &r) || (r.is_number && !is_size(r.s)))
            return false;
        sizes += r.is_number;
        words += !r.is_number && r.s.n >= WORD_LEAST;
        has_word |= !r.is_number && is_word_of_programs(r.s);
    }
    return sizes > 0 && (words >= WORDS_LEAST || (has_word && words > 0)) &&
           (has_word || !needs_word);
}

bool is_algorithm(struct str s)
{
    static const char *const known[] = {
        "aes",   "sha",      "sha1",     "sha2",     "sha3",   "md5",   "rsa",
        "des",   "des3",     "3des",     "gcm",      "cbc",    "ctr",   "ccm",
        "hmac",  "ecdsa",    "ecdhe",    "dhe",      "scram",  "cram",  "pss",
        "oaep",  "chacha",   "chacha20", "poly1305", "pbkdf2", "eddsa", "pkcs",
        "pkcs1", "camellia", "blowfish", "ecdh",     "hkdf",   "aead",  "tls"};
    struct str rest = s, part;
    size_t parts = 0, hits = 0;
    while (rest.n) {
        size_t to = 0;
        while (to < rest.n && rest.p[to] != '-' && rest.p[to] != '_' && rest.p[to] != '/')
            to++;
        part = str_sub(rest, 0, to);
        rest = str_sub(rest, to + (to < rest.n), rest.n);
        size_t letters = 0;
        while (letters < part.n && is_upper(part.p[letters]))
            letters++;
        struct str number = str_sub(part, letters, part.n);
        bool is_known = is_word_of(part, known, ARRAY_LEN(known)) ||
                        is_word_of(str_sub(part, 0, letters), known, ARRAY_LEN(known));
        bool is_word = letters >= 2 && (number.n == 0 || is_size(number) || is_known);
        if (!is_word && !is_known && !(letters == 0 && is_size(number)))
            return false;
        parts++;
        hits += is_known;
    }
    return parts >= 2 && hits > 0;
}

bool is_calculation(struct str s)
{
    bool shifts = str_find(s, STR("<<")) >= 0 || str_find(s, STR(">>")) >= 0;
    for (size_t i = 0; i < s.n && shifts; i++)
        shifts = is_hex(s.p[i]) || (s.p[i] && strchr("<>|&~^()+-* xXuUlL", s.p[i]));
    return shifts;
}

bool is_moment(struct str s)
{
    static const char form[] = "dddd-dd-ddTdd:dd";
    if (s.n < sizeof form - 1)
        return false;
    for (size_t i = 0; i < sizeof form - 1; i++)
        if (form[i] == 'd' ? !is_digit(s.p[i])
                           : s.p[i] != form[i] && !(form[i] == 'T' && s.p[i] == ' '))
            return false;
    return true;
}

bool is_in_module(struct str s)
{
    enum { DOTS_LEAST = 2, LAST_LEAST = 4 };
    size_t dots = 0, from = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '.') {
            if (i == from || i - from > 24)
                return false;
            dots++;
            from = i + 1;
        } else if (!is_alnum(s.p[i]) && s.p[i] != '_') {
            return false;
        }
    }
    struct str folders = str_sub(s, 0, from), last = str_sub(s, from, s.n);
    for (size_t i = 0; i < folders.n; i++)
        if (is_upper(folders.p[i]) || is_digit(folders.p[i]))
            return false;
    return dots >= DOTS_LEAST && last.n >= LAST_LEAST && is_alpha(last.p[0]) &&
           is_alpha(last.p[last.n - 1]);
}

bool is_half_of_code(struct str s)
{
    size_t i = 0, digits = 0;
    bool is_member = s.n > 2 && s.p[0] == ':' && is_alpha(s.p[1]);
    s = str_sub(s, is_member, s.n);
    for (; i < s.n && (is_alnum(s.p[i]) || s.p[i] == '_'); i++)
        digits += is_digit(s.p[i]);
    if (i < 3 || i + 1 >= s.n || digits > 2)
        return false;
    return (s.p[i] == '<' && s.p[s.n - 1] == '>') ||
           (s.p[i] == '>' && s.p[i + 1] == '(') || (is_member && s.p[i] == '(');
}

bool is_numbered_variable(struct str s)
{
    enum { LETTERS_LEAST = 10 };
    size_t humps = 0, i = 0;
    for (; i < s.n && is_alpha(s.p[i]); i++)
        humps += i > 0 && is_upper(s.p[i]);
    bool is_hump_long = humps * 3 <= i;
    return i >= LETTERS_LEAST && i + 1 == s.n && is_digit(s.p[i]) && is_lower(s.p[0]) &&
           humps >= 2 && is_hump_long;
}

bool is_file_name(struct str s)
{
    static const char *const extensions[] = {
        "json", "jsonl", "yaml", "yml", "toml", "ini", "cfg", "conf", "txt",  "csv",
        "tsv",  "xml",   "html", "htm", "css",  "md",  "rst", "log",  "sql",  "py",
        "js",   "mjs",   "cjs",  "ts",  "tsx",  "jsx", "go",  "rs",   "java", "rb",
        "php",  "sh",    "pem",  "key", "crt",  "png", "jpg", "svg",  "pdf",  "zip"};
    size_t dot = s.n;
    while (dot > 0 && s.p[dot - 1] != '.')
        dot--;
    for (size_t i = 0; i < s.n; i++)
        if (!is_alnum(s.p[i]) && !strchr("._-", s.p[i]))
            return false;
    return dot > 1 && is_word_of(str_sub(s, dot, s.n), extensions, ARRAY_LEN(extensions));
}

bool is_markup(struct str s)
{
    size_t i = 1;
    if (s.n > 4 && str_ends(s, STR("=...")))
        return true;
    while (i < s.n && is_alpha(s.p[i]))
        i++;
    if (s.n < 3 || i == s.n)
        return false;
    if (s.p[0] == ':')
        return i > 1 && s.p[i] == ':';
    if (s.p[0] == '@')
        return i > 1 && s.p[i] == '{';
    return is_upper(s.p[0]) && i == 1 && s.p[1] == '<';
}

bool is_glued_stand_in(struct str s)
{
    static const char *const ends[] = {"password", "passwd", "pass", "pwd",
                                       "pw",       "secret", "token"};
    static const char *const fronts[] = {
        "db",       "sql",     "my",    "user",   "root",     "admin",  "test",
        "mail",     "smtp",    "imap",  "ldap",   "ftp",      "http",   "the",
        "some",     "your",    "app",   "new",    "old",      "good",   "bad",
        "wrong",    "dummy",   "demo",  "dev",    "api",      "site",   "server",
        "client",   "account", "login", "bind",   "proxy",    "redis",  "mysql",
        "postgres", "pg",      "mongo", "rabbit", "database", "plain",  "our",
        "valid",    "invalid", "real",  "any",    "first",    "second", "master",
        "slave",    "remote",  "local", "guest",  "foo",      "bar",    "a"};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        struct str end = str_of(ends[i]);
        if (s.n <= end.n || !str_eq_nocase(str_sub(s, s.n - end.n, s.n), end))
            continue;
        struct str front = str_sub(s, 0, s.n - end.n);
        while (front.n && strchr("_-.", front.p[front.n - 1]))
            front.n--;
        if (is_word_of(front, fronts, ARRAY_LEN(fronts)))
            return true;
    }
    return false;
}

/* "1000000000" */
static bool is_round(struct str s)
{
    enum { LEAST = 6 };
    for (size_t i = 1; i < s.n; i++)
        if (s.p[i] != '0')
            return false;
    return s.n >= LEAST && is_digit(s.p[0]);
}

bool is_machine_limit(struct str s)
{
    static const char *const limits[] = {
        "2147483647",           "2147483648",           "4294967295",
        "4294967296",           "9223372036854775807",  "9223372036854775808",
        "18446744073709551615", "18446744073709551616", "9007199254740991",
        "9007199254740992",     "1073741824",           "1099511627776"};
    s = str_sub(s, s.n && s.p[0] == '-', s.n);
    return is_word_of(s, limits, ARRAY_LEN(limits)) || is_round(s);
}

bool is_counted_off(struct str s)
{
    bool up = s.n > 2, down = s.n > 2, same = s.n > 2;
    for (size_t i = 0; i < s.n; i++) {
        int step = i ? s.p[i] - s.p[i - 1] : 0;
        if (!is_digit(s.p[i]))
            return false;
        up &= i == 0 || step == 1;
        down &= i == 0 || step == -1;
        same &= step == 0;
    }
    return up || down || same;
}
