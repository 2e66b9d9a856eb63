/* judge.c -- see judge.h. */
#include "scan/read/judge.h"

#include "scan/detect.h"
#include "scan/find/plausible.h"
#include "scan/read/inside.h"

enum { MAX_SECRET = 600 };

/* -- what stands in for a value ---------------------------------------------------- */

/* Words that say something about a value, or stand for any: no value themselves. */
/* clang-format off */
static const char *const stand_ins[] = {
    "accepted", "admin", "always", "any", "anything", "api-key", "api_key", "apikey",
    "argon2", "array", "authentication", "authorization", "auto", "automatic", "await",
    "base64", "basic", "bcrypt", "bearer", "blank", "body", "bool", "boolean", "break",
    "bytes", "changed", "changeme", "cleartext", "component", "compromised",
    "confidential", "continue", "cookie", "correct", "credentials", "default", "digest",
    "disabled", "dummy", "else", "empty", "enabled", "encrypted", "enter",
    "environment", "erforderlich", "error", "example", "examples", "expected",
    "expired", "external", "failed", "failure", "false", "field", "file", "float",
    "foobar", "foobaz", "forgot", "forgotten", "form", "generated", "given", "guest",
    "hash", "hashed", "header", "hidden", "incorrect", "inherit", "input", "int",
    "integer", "interactive", "internal", "invalid", "keine", "keines", "kennwort",
    "key", "keychain", "keyring", "leaked", "length", "long", "lost", "masked", "md5",
    "missing", "must", "mypassword", "mysecret", "n/a", "na", "negotiate", "never",
    "nil", "no", "none", "nothing", "notnull", "ntlm", "null", "nullable", "number",
    "oauth", "oauth2", "object", "off", "on", "optional", "optionally", "pass",
    "passwd", "password", "passwort", "path", "pbkdf2", "pending", "pflichtfeld",
    "plaintext", "please", "private", "prompt", "protected", "provided", "public",
    "pwd", "query", "raise", "random", "readonly", "redacted", "rejected", "removed",
    "required", "reset", "return", "root", "rotated", "same", "sample", "scrypt",
    "secret", "secretstr", "secure", "see", "self", "sha1", "sha256", "sha512", "short",
    "should", "something", "stdin", "stolen", "str", "string", "strong", "success",
    "successful", "tbd", "test", "testing", "tests", "text", "that", "the", "this",
    "throw", "todo", "token", "true", "unbekannt", "undefined", "unknown", "unset",
    "updated", "user", "username", "utf-8", "utf8", "uuid", "valid", "value", "values",
    "varchar", "vault", "verified", "weak", "whatever", "writeonly", "wrong", "yes",
    "yield", "your", "yourpassword",
};
/* clang-format on */

static bool is_stand_in(struct str s)
{
    return is_one_of(s, stand_ins, ARRAY_LEN(stand_ins));
}

/* Text in which a program puts a value: "{{ name }}", "a${b.c}d", "%(name)s". */
static bool is_template(struct str s)
{
    for (size_t i = 0; i + 3 < s.n; i++) {
        char c = s.p[i], open = s.p[i + 1];
        bool braces = c == '{' && (open == '{' || open == '%');
        if (!braces && !((c == '$' || c == '#') && open == '{') &&
            !((c == '$' || c == '%') && open == '('))
            continue;
        size_t at = i + 2, begin;
        while (at < s.n && s.p[at] == ' ')
            at++;
        begin = at;
        while (at < s.n && (is_alnum(s.p[at]) || s.p[at] == '_' || s.p[at] == '.'))
            at++;
        while (at > begin && at < s.n &&
               (s.p[at] == ' ' || s.p[at] == ':' || s.p[at] == '|'))
            return true;
        if (at > begin && at < s.n && (s.p[at] == '}' || s.p[at] == ')') &&
            (!braces || (at + 1 < s.n && s.p[at + 1] == '}')))
            return true;
    }
    return false;
}

/* A reference to where the value is: ${X}, $X, %X%, {{ x }}, <x>, op://, vault:x. */
/* A pattern, or a text with places for values: "[0-9]{4}", "(?:x)", "{}/{:d}". */
static bool is_pattern(struct str s)
{
    static const char *const marks[] = {"(?",  "[^",  "[0-9", "[a-z", "[A-Z",
                                        "\\d", "\\w", ".*",   ".+",   "{}",
                                        "{:",  "{0}", "%%",   "\\s",  "|("};
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (str_find(s, str_of(marks[i])) >= 0 &&
            !(marks[i][0] == '.' && s.n > 3 && s.p[0] != '^'))
            return true;
    return false;
}

/* Words and short numbers with underscores between: dsa_sha256_sign. */
static bool is_snake(struct str s)
{
    size_t marks = 0;
    for (size_t i = 0; i < s.n;) {
        size_t to = i, digits = 0;
        while (to < s.n && is_lower(s.p[to]))
            to++;
        size_t letters = to - i;
        while (to < s.n && is_digit(s.p[to])) {
            to++;
            digits++;
        }
        if ((to < s.n && s.p[to] != '_') || digits > 4 || letters + digits == 0 ||
            (letters > 12 && digits))
            return false;
        marks += to < s.n;
        i = to + 1;
    }
    return marks >= 2;
}

static bool is_reference(struct str s, bool is_quoted)
{
    static const char *const starts[] = {"op://",
                                         "vault:",
                                         "env:",
                                         "file:",
                                         "arn:",
                                         "ref+",
                                         "secret:",
                                         "ssm:",
                                         "projects/",
                                         "keyvault",
                                         "aws-sm",
                                         "gcp-sm",
                                         "!vault",
                                         "!secret",
                                         "!env",
                                         "!ref",
                                         "!sub",
                                         "ENC[",
                                         "@Microsoft.KeyVault",
                                         "secretKeyRef",
                                         "valueFrom",
                                         "data:image",
                                         "http://",
                                         "https://",
                                         "~/",
                                         "./",
                                         "../",
                                         "%env",
                                         "ansible-vault"};
    if (s.n == 0)
        return true;
    if (s.p[0] == '$') /* "$ecret9" is no variable, "$DB_PASS" and "${x}" are */
        return !(s.n > 3 && count_digits(s) > 0 && !is_upper(s.p[1]) && s.p[1] != '{' &&
                 s.p[1] != '(' && (is_digit(s.p[1]) || count_digits(s) > 1));
    if (s.p[0] == '%' && s.n < 6)
        return true;
    if (s.p[0] == '<' || s.p[0] == '{' || s.p[0] == '[')
        return !is_quoted || memchr(s.p, '>', s.n) || s.p[s.n - 1] == '}' ||
               s.p[s.n - 1] == ']';
    if (!is_quoted && strchr("(&*", s.p[0]))
        return true;
    if ((s.p[0] == '%' || s.p[0] == '@') && s.n > 2 && s.p[s.n - 1] == s.p[0])
        return true;
    for (size_t i = 0; i < ARRAY_LEN(starts); i++)
        if (str_starts(s, str_of(starts[i])))
            return true;
    return is_template(s);
}

static bool is_identifier_char(char c)
{
    return is_alnum(c) || c == '_' || c == '.' || c == '$' || c == '?' || c == '!';
}

/* A name, a path of names, a call, an operation: what a program computes. */
static bool is_code(struct str s, enum notation note)
{
    size_t i = 0, letters = 0, digits = 0, dots = 0, upper = 0;
    for (; i < s.n && is_identifier_char(s.p[i]); i++) {
        letters += is_alpha(s.p[i]);
        digits += is_digit(s.p[i]);
        upper += is_upper(s.p[i]);
        dots += s.p[i] == '.' && i + 1 < s.n && is_alpha(s.p[i + 1]);
    }
    if (i < s.n && letters > 0 && (s.p[i] == '(' || s.p[i] == '[') && digits < 4)
        return true;
    if (str_find(s, STR("->")) >= 0 || str_find(s, STR("::")) >= 0 ||
        str_find(s, STR("=\"")) >= 0 || str_find(s, STR("='")) >= 0)
        return true;
    if (i == s.n && upper == letters && letters > 2 && digits < 4 &&
        memchr(s.p, '_', s.n))
        return true; /* a constant */
    if (i + 1 < s.n && i > 2 && s.p[i] == '=' && digits == 0 && s.p[i + 1] != '=')
        return true; /* name=value */
    if (i < s.n && letters > 1 && (s.p[i] == '&' || s.p[i] == '*') && i + 1 >= s.n &&
        digits == 0)
        return true; /* a reference or pointer of C++ */
    bool is_name = i == s.n && letters > 0;
    if (is_name && dots && digits < 3)
        return true;
    if (note == NOTE_CODE)
        return i == s.n && (digits == 0 || (digits < 3 && letters > 2 && upper < 2));
    return is_name && digits < 2 && memchr(s.p, '_', s.n) && s.n < 40;
}

static bool is_path_like(struct str s)
{
    size_t slashes = 0;
    for (size_t i = 0; i < s.n; i++)
        slashes += s.p[i] == '/';
    return (s.n && s.p[0] == '/' && s.n > 1 && (slashes > 1 || is_alpha(s.p[1]))) ||
           (slashes && memchr(s.p, '.', s.n) && entropy_of(s) < 4.2) ||
           (slashes && count_digits(s) == 0);
}

/* "t.haselbach", "ratna_pranoto": two parts, as accounts are made from names, and not
 * as programs reach for a member ("req.user", "e.target"). */
static bool is_account_shaped(struct str s)
{
    static const char *const code[] = {
        "req",      "request", "res",     "self",    "this",    "config",  "cfg",
        "settings", "env",     "process", "props",   "state",   "params",  "data",
        "ctx",      "context", "args",    "opts",    "options", "session", "auth",
        "db",       "var",     "vars",    "local",   "module",  "each",    "item",
        "row",      "obj",     "event",   "values",  "name",    "id",      "user",
        "username", "target",  "value",   "text",    "email",   "type",    "key",
        "login",    "author",  "owner",   "account", "uid",     "users",   "os",
        "sys",      "app",     "secrets", "inputs",  "github",  "spec",    "service"};
    size_t mark = 0, marks = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '.' || s.p[i] == '_') {
            mark = i;
            marks++;
        } else if (!is_lower(s.p[i]) && !is_digit(s.p[i])) {
            return false;
        }
    }
    struct str first = str_sub(s, 0, mark), second = str_sub(s, mark + 1, s.n);
    return marks == 1 && first.n >= 1 && second.n >= 4 && is_lower(first.p[0]) &&
           is_lower(second.p[0]) && !is_one_of(first, code, ARRAY_LEN(code)) &&
           !is_one_of(second, code, ARRAY_LEN(code));
}

static bool is_no_value(const struct given *g, struct str s)
{
    bool is_account =
        g->what == TELLS_USER && g->note != NOTE_CODE && is_account_shaped(s);
    bool is_set = g->what == TELLS_PASSWORD && s.n >= 8 && is_upper(s.p[0]) &&
                  !is_upper(s.p[1]) && count_digits(s) >= 2; /* no variable begins so */
    if (g->note == NOTE_LINE && !g->is_quoted && ends_question(s))
        return true;
    if (is_pattern(s) || (is_snake(s) && !g->is_said) || is_reference(s, g->is_quoted) ||
        is_stand_in(s) || is_placeholder(s) || is_path_like(s))
        return true;
    if (!g->is_quoted && g->note != NOTE_COMMAND && !g->is_said && !is_account &&
        !is_set && is_code(s, g->note))
        return true;
    if (g->what == TELLS_PASSWORD && is_passphrase(s))
        return false; /* "saddle-salt-pepper" */
    struct told t = telling_of(s);
    return t.what != TELLS_NOTHING && !t.is_inner && count_digits(s) < 2;
}

/* -- the part that is a value ------------------------------------------------------ */

static bool is_secret_kind(enum telling t)
{
    return t == TELLS_PASSWORD || t == TELLS_PIN || t == TELLS_TOKEN || t == TELLS_KEY ||
           t == TELLS_SESSION || t == TELLS_CVC || t == TELLS_HASH;
}

static struct str past_scheme(struct str s)
{
    static const char *const schemes[] = {
        "bearer ", "basic ",   "token ", "apikey ", "digest ", "!!str ",
        "hex:",    "raw:",     "plain:", "base64:", "bot ",    "negotiate ",
        "ascii:",  "0 ",       "7 ",     "5 ",      "s:",      "aws4-hmac-sha256 ",
        "{aes}",   "{aes256}", "{3des}", "{xor}",   "{noop}",  "{plain}",
        "{cipher}"};
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
        if (s.n > strlen(schemes[i]) && str_starts_nocase(s, str_of(schemes[i])))
            return str_trim(str_sub(s, strlen(schemes[i]), s.n));
    return s;
}

static bool is_function_word(struct str s)
{
    static const char *const words[] = {
        "the", "is",   "a",  "to",  "of",   "and",  "be", "for",  "at",  "in",
        "not", "with", "or", "you", "must", "your", "it", "that", "are", "has",
        "was", "an",   "as", "on",  "by",   "if",   "we", "can"};
    return is_one_of(s, words, ARRAY_LEN(words));
}

/* Four words and more in small letters, none of them a function word: a phrase. */
static bool is_phrase(struct str s)
{
    size_t words = 0;
    for (size_t i = 0; i < s.n;) {
        size_t to = i;
        while (to < s.n && is_lower(s.p[to]))
            to++;
        if (to == i || is_function_word(str_sub(s, i, to)) ||
            (to < s.n && s.p[to] != ' '))
            return false;
        words++;
        i = to + 1;
    }
    return words >= 4 && words <= 24;
}

/* A part of a compound that describes something: "case-sensitive-only". */
static bool is_describing(struct str s)
{
    static const char *const words[] = {
        "app",    "auth",        "based", "cache",    "case",     "change", "client",
        "code",   "config",      "data",  "database", "email",    "env",    "format",
        "from",   "group",       "here",  "insert",   "item",     "less",   "link",
        "list",   "login",       "make",  "mode",     "my",       "name",   "only",
        "plain",  "policy",      "prod",  "ready",    "rule",     "safe",   "sensitive",
        "server", "service",     "set",   "staging",  "store",    "type",   "via",
        "will",   "placeholder", "dummy", "some",     "not",      "new",    "old",
        "free",   "end",         "page",  "manager",  "managers", "api",    "let",
        "more",   "update",      "check", "prompt",   "spec",     "node",   "local"};
    return is_stand_in(s) || is_function_word(s) || is_one_of(s, words, ARRAY_LEN(words));
}

bool is_passphrase(struct str s)
{
    enum { LEAST_WORDS = 3, MOST_WORDS = 9, LEAST_BYTES = 14, LONGEST_WORD = 12 };
    size_t words = 0;
    char mark = '\0';
    for (size_t i = 0; i < s.n; words++) {
        size_t to = i + (i < s.n && is_upper(s.p[i]));
        while (to < s.n && is_lower(s.p[to]))
            to++;
        bool ends = to == s.n;
        if (to - i < 3 || to - i > LONGEST_WORD || is_describing(str_sub(s, i, to)) ||
            (!ends && (!strchr("-._+", s.p[to]) || to + 1 == s.n)) ||
            (!ends && mark && s.p[to] != mark))
            return false;
        mark = ends ? mark : s.p[to];
        i = to + 1;
    }
    return words >= LEAST_WORDS && words <= MOST_WORDS && s.n >= LEAST_BYTES;
}

bool is_app_password(struct str v)
{
    size_t vowels = 0;
    if (v.n != 19)
        return false;
    for (size_t i = 0; i < v.n; i++) {
        if (i % 5 == 4 ? v.p[i] != ' ' : !is_lower(v.p[i]))
            return false;
        vowels += v.p[i] != ' ' && strchr("aeiou", v.p[i]) != NULL;
    }
    return vowels <= 6;
}

/* "49 30 21": digits and single blanks. */
static struct str digits_at_front(struct str s)
{
    size_t end = 0;
    for (size_t i = 0; i < s.n && (is_digit(s.p[i]) || s.p[i] == ' '); i++)
        if (is_digit(s.p[i]))
            end = i + 1;
    return end < s.n && (is_alnum(s.p[end]) || s.p[end] == '-') ? str_sub(s, 0, 0)
                                                                : str_sub(s, 0, end);
}

/* "EsTb 9aQk 2mLp 77Xc": three groups and more of one length, no words: their end. */
static size_t groups_at_front(struct str s)
{
    size_t groups = 0, width = 0, digits = 0, end = 0;
    for (size_t i = 0; i < s.n; i++) {
        size_t to = i;
        while (to < s.n && is_alnum(s.p[to]))
            digits += is_digit(s.p[to++]);
        width = groups ? width : to - i;
        if (to - i != width || width < 3 || width > 8 ||
            (to < s.n && !strchr(" ,.;)\n", s.p[to])))
            break;
        groups++;
        end = to;
        if (to < s.n && s.p[to] != ' ')
            break;
        i = to;
    }
    struct str v = str_sub(s, 0, end);
    return groups >= 3 && digits >= 2 && digits + groups - 1 < v.n ? end : 0;
}

struct str judge_trim(const struct given *g)
{
    struct str s = str_trim(g->value);
    if (!is_secret_kind(g->what))
        return s;
    s = past_scheme(s);
    if (g->what == TELLS_SESSION && s.n > 16 && s.p[0] == '<') { /* as Dovecot logs it */
        ptrdiff_t close = str_index(s, '>');
        struct str inner = str_sub(s, 1, close > 0 ? (size_t)close : 1);
        if (inner.n >= 12 && !memchr(inner.p, ' ', inner.n) && count_digits(inner))
            return inner;
    }
    if (g->is_quoted || is_phrase(s))
        return s;
    if (s.n > 19 && is_app_password(str_sub(s, 0, 19)) && !is_alnum(s.p[19]))
        return str_sub(s, 0, 19);
    size_t groups = g->what == TELLS_TOKEN ? groups_at_front(s) : 0;
    if (groups)
        return str_sub(s, 0, groups);
    struct str digits = digits_at_front(s);
    if (g->what == TELLS_PIN && count_digits(digits) >= 4)
        return digits;
    size_t i = 0;
    while (i < s.n && (unsigned char)s.p[i] > ' ')
        i++;
    s = str_sub(s, 0, i);
    while (s.n && strchr(",.;:)]}\"'`|", s.p[s.n - 1]))
        s.n--;
    return s;
}

/* -- secrets ----------------------------------------------------------------------- */

static bool mixes(struct str s)
{
    size_t lower = 0, upper = 0, digit = 0, other = 0;
    for (size_t i = 0; i < s.n; i++) {
        lower += is_lower(s.p[i]);
        upper += is_upper(s.p[i]);
        digit += is_digit(s.p[i]);
        other += !is_alnum(s.p[i]) && s.p[i] != '_' && s.p[i] != '.' && s.p[i] != '-' &&
                 s.p[i] != ' ';
    }
    bool letters = lower + upper > 0;
    return s.n >= 4 &&
           ((letters && digit) || (letters && other && s.n >= 6) || (digit && other) ||
            (lower && upper && s.n >= 10 && entropy_of(s) > 3.4));
}

static bool is_random(struct str v)
{
    double h = entropy_of(v);
    size_t digits = count_digits(v);
    return (digits == v.n && v.n >= 16) || (digits >= 2 && h > 3.0 && v.n >= 12) ||
           (digits && h > 3.2 && v.n >= 12) || (h > 4.1 && v.n >= 24 && mixes(v)) ||
           (mixes(v) && h > 2.8 && v.n >= 8 && digits >= 2);
}

static bool is_sentence(struct str v)
{
    size_t blanks = 0;
    for (size_t i = 0; i < v.n; i++)
        blanks += v.p[i] == ' ';
    return blanks > 3 || (blanks && (v.n > 24 || count_digits(v) == 0));
}

/* Small letters, five in a row without a vowel: nobody speaks it. */
static bool is_unspeakable(struct str v)
{
    size_t run = 0, longest = 0;
    for (size_t i = 0; i < v.n; i++) {
        if (!is_lower(v.p[i]))
            return false;
        run = strchr("aeiouy", v.p[i]) ? 0 : run + 1;
        longest = run > longest ? run : longest;
    }
    return v.n >= 12 && longest >= 5;
}

static unsigned judge_password(const struct given *g, struct str v)
{
    bool plain_word = count_digits(v) == 0 && !mixes(v);
    if (is_app_password(v) || (g->is_said && is_unspeakable(v)))
        return 75;
    if (is_phrase(v))
        return g->note == NOTE_CODE ? 50 : 75;
    if (is_passphrase(v) && !g->is_inner && !memchr(v.p, '_', v.n))
        return !memchr(v.p, '.', v.n) ? g->note == NOTE_CODE ? 58 : 70
               : g->note == NOTE_FORM || g->note == NOTE_LINE ? 57
                                                              : 0;
    if (is_sentence(v))
        return 0;
    if (mixes(v))
        return g->is_inner && v.n < 8 ? 0 : 90;
    if (count_digits(v) == v.n)
        return v.n >= 4 && g->note != NOTE_CODE && !g->is_inner ? (v.n >= 6 ? 75 : 60)
                                                                : 0;
    if (g->is_inner || v.n < 5 || v.n > 40 || memchr(v.p, '.', v.n) || !plain_word)
        return 0;
    /* A plain word may be a password and may be a caption: in data and commands it is
     * held, elsewhere masked. */
    if (g->note == NOTE_COMMAND || g->note == NOTE_TABLE)
        return 60;
    if (g->note == NOTE_DATA)
        return g->is_quoted || g->is_said ? 57 : 56;
    if (g->is_quoted || g->is_said)
        return entropy_of(v) > 2.2 && v.n >= 6 ? 50 : 0;
    return 0;
}

/* Only hexadecimal, and as long as the digests that everybody prints. */
static bool is_digest(struct str v)
{
    for (size_t i = 0; i < v.n; i++)
        if (!is_hex(v.p[i]))
            return false;
    return v.n == 32 || v.n == 40 || v.n == 64 || v.n == 96 || v.n == 128;
}

static unsigned judge_token(const struct given *g, struct str v)
{
    if (memchr(v.p, ' ', v.n))
        return is_phrase(v) || groups_at_front(v) == v.n ? 75 : 0;
    bool random = is_random(v);
    if (g->note == NOTE_LINE &&
        (v.n < 16 || count_digits(v) < 3 || memchr(v.p, '/', v.n) || is_typed(v) ||
         memchr(v.p, ':', v.n) || g->what == TELLS_SESSION || g->what == TELLS_KEY))
        return 0;
    if (g->what == TELLS_KEY && is_digest(v))
        return 0;
    if (g->what == TELLS_KEY)
        return random && v.n >= 20 && entropy_of(v) > 3.6 && count_digits(v) >= 3 &&
                       (g->is_quoted || g->note != NOTE_CODE)
                   ? 56
                   : 0;
    if (g->what == TELLS_SESSION)
        return random && v.n >= 16 ? 85 : 0;
    if (random)
        return g->is_inner ? 60 : 85;
    if (g->is_inner || v.n < 8 || !mixes(v) || g->note == NOTE_CODE)
        return 0;
    return count_digits(v) ? 65 : 0;
}

static unsigned judge_pin(const struct given *g, struct str v)
{
    if (v.n > 5 && is_upper(v.p[0]) && v.p[1] == '-')
        v = str_sub(v, 2, v.n); /* G-493021 */
    size_t digits = count_digits(v), other = 0;
    for (size_t i = 0; i < v.n; i++)
        other += !is_digit(v.p[i]) && v.p[i] != ' ' && v.p[i] != '-';
    if (g->is_inner || (g->note == NOTE_CODE && !g->is_quoted))
        return 0;
    size_t least = g->what == TELLS_CVC ? 3 : 4, most = g->what == TELLS_CVC ? 8 : 10;
    if (other == 0)
        return digits >= least && digits <= most ? 85 : 0;
    return g->what == TELLS_PIN && g->note != NOTE_LINE && (v.n >= 6 || digits >= 4) &&
                   v.n <= 24 && digits >= 2 && other <= 12 && !memchr(v.p, ' ', v.n)
               ? 70
               : 0;
}

unsigned judge_secret(const struct given *g)
{
    struct str v = judge_trim(g);
    if (v.n < 3 || v.n > MAX_SECRET ||
        (v.p[0] == '0' && v.n > 1 && v.p[1] == 'x' && v.n != 66))
        return 0;
    if (g->what == TELLS_HASH)
        return g->is_said ? 85 : 0;
    if (g->what == TELLS_PIN || g->what == TELLS_CVC)
        return judge_pin(g, v);
    if (v.n < 4 || is_no_value(g, v))
        return 0;
    return g->what == TELLS_PASSWORD ? judge_password(g, v) : judge_token(g, v);
}

/* -- others ------------------------------------------------------------------------ */

static bool is_role(struct str s)
{
    static const char *const words[] = {"root",      "admin",      "administrator",
                                        "postgres",  "mysql",      "ubuntu",
                                        "debian",    "daemon",     "nobody",
                                        "www-data",  "system",     "sa",
                                        "oracle",    "sys",        "pi",
                                        "ec2-user",  "vagrant",    "jenkins",
                                        "docker",    "git",        "anonymous",
                                        "service",   "nginx",      "apache",
                                        "bin",       "operator",   "default",
                                        "me",        "you",        "name",
                                        "localhost", "everyone",   "all",
                                        "any",       "support",    "info",
                                        "noreply",   "assistant",  "human",
                                        "model",     "tool",       "developer",
                                        "users",     "mongodb",    "redis",
                                        "rabbitmq",  "elastic",    "kibana",
                                        "grafana",   "prometheus", "backup",
                                        "deploy",    "runner",     "build",
                                        "app",       "web",        "api",
                                        "db"};
    return is_one_of(s, words, ARRAY_LEN(words));
}

unsigned judge_user(const struct given *g)
{
    struct str v = str_trim(g->value);
    size_t letters = 0;
    if (!g->is_quoted && v.n && v.p[v.n - 1] == '.')
        v.n--;
    for (size_t i = 0; i < v.n; i++) {
        letters += is_alpha(v.p[i]) || v.p[i] < 0;
        if (!is_alnum(v.p[i]) && v.p[i] >= 0 && !strchr("._-@\\+", v.p[i]))
            return 0;
    }
    if (v.n < 3 || v.n > 40 || letters < 2 || is_role(v) || is_no_value(g, v) ||
        g->is_inner)
        return 0;
    if (g->note == NOTE_CODE && !g->is_quoted)
        return 0;
    if (g->note == NOTE_LINE && !count_digits(v) && v.p[0] != '@')
        return 0;
    return count_digits(v) ? 85 : 75;
}

struct str number_at_front(struct str s)
{
    size_t end = 0;
    for (size_t i = 0; i < s.n && i < 48; i++) {
        char c = s.p[i], next = i + 1 < s.n ? s.p[i + 1] : '\0';
        bool opens = (c == '(' || c == '+') && (is_digit(next) || next == '+');
        bool parts = c == ' ' && (is_digit(next) || is_upper(next) || next == '(');
        if (is_alnum(c))
            end = i + 1;
        else if (!opens && !parts && c != ')' && c != '-' && c != '/' && c != '.' &&
                 c != '_' && c != '#')
            break;
    }
    return str_sub(s, 0, end);
}

/* Parts between dashes and blanks. */
static size_t groups_of(struct str s)
{
    size_t n = s.n > 0;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == '-' || s.p[i] == ' ';
    return n;
}

/* How many digits a number has at least that only a blank parts from its name: fewer when
 * it has the capitals of a document's ("CA19663FR"). */
static size_t least_in_line(enum telling what, size_t letters, size_t small)
{
    bool is_document = what == TELLS_NATIONAL || what == TELLS_PASSPORT ||
                       what == TELLS_LICENSE || what == TELLS_PLAN;
    return what == TELLS_EMPLOYEE ? 4 : is_document && letters >= 2 && small == 0 ? 5 : 6;
}

unsigned judge_number(const struct given *g)
{
    struct str whole = str_trim(g->value), v = number_at_front(whole);
    if (v.n < whole.n && whole.p[v.n] == '@')
        return 0;
    size_t digits = count_digits(v), letters = 0, small = 0, run = 0, longest = 0;
    for (size_t i = 0; i < v.n; i++) {
        letters += is_alpha(v.p[i]);
        small += is_lower(v.p[i]);
        run = is_alpha(v.p[i]) ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    bool is_form = g->is_said && (g->what == TELLS_NATIONAL || g->what == TELLS_PLAN);
    size_t least = g->what == TELLS_EMPLOYEE || g->what == TELLS_MRN ? 3
                   : is_form                                         ? 4
                                                                     : 5;
    if (g->what == TELLS_DEVICE) /* a counter, too, may be called serial */
        return letters >= 1 && digits >= 2 && !small && v.n >= 6 && v.n <= 24 &&
                       longest <= 6 && !g->is_inner && !is_placeholder(v) &&
                       !(g->note == NOTE_CODE && !g->is_quoted)
                   ? 70
                   : 0;
    if (g->what == TELLS_PLATE && g->note == NOTE_LINE && groups_of(v) < 3)
        return 0; /* "bus RS-485" */
    if (g->what == TELLS_PLATE)
        return digits >= 1 && letters >= 1 && v.n >= 4 && v.n <= 12 && !small &&
                       longest <= 4
                   ? 80
                   : 0;
    size_t dots = 0;
    for (size_t i = 0; i < v.n; i++)
        dots += v.p[i] == '.';
    if (g->note == NOTE_LINE &&
        ((dots && !(g->what == TELLS_NATIONAL && dots <= 3 && digits >= 7)) ||
         g->what == TELLS_PLATE || digits < least_in_line(g->what, letters, small) ||
         (g->what == TELLS_CARD && (digits < 15 || v.n == digits))))
        return 0;
    if ((dots > 2 && letters == 0 && dots != 3) || str_starts(v, STR("0x")))
        return 0;
    if (g->what == TELLS_VIN && v.n == 17 && digits >= 3 && !small)
        return g->is_inner || (g->note == NOTE_CODE && !g->is_quoted) ? 0 : 80;
    if (g->is_inner || digits < least || v.n > 32 || longest > 5 || small > 3 ||
        (g->note == NOTE_CODE && !g->is_quoted) || is_placeholder(v) || is_typed(v))
        return digits >= 9 && is_typed(v) && !g->is_inner && g->note != NOTE_CODE ? 60
                                                                                  : 0;
    return 80;
}

static bool is_year(struct str s)
{
    return s.n == 4 && ((s.p[0] == '1' && s.p[1] == '9') ||
                        (s.p[0] == '2' && s.p[1] == '0' && s.p[2] <= '2'));
}

static unsigned two_digits(struct str s)
{
    return (unsigned)(s.p[0] - '0') * 10 + (unsigned)(s.p[1] - '0');
}

static bool is_day(struct str year, struct str month, struct str day)
{
    unsigned m = two_digits(month), d = two_digits(day);
    return is_year(year) && m >= 1 && m <= 12 && d >= 1 && d <= 31;
}

unsigned judge_date(const struct given *g)
{
    struct str v = str_trim(g->value);
    size_t digits = 0, groups = 0, letters = 0, other = 0;
    if (v.n > 40)
        v.n = 40;
    for (size_t i = 0; i < v.n; i++) {
        bool d = is_digit(v.p[i]);
        digits += d;
        groups += d && (i == 0 || !is_digit(v.p[i - 1]));
        letters += is_alpha(v.p[i]) || v.p[i] < 0;
        other += !d && !is_alpha(v.p[i]) && v.p[i] >= 0 && !strchr("./- ,:T'", v.p[i]);
    }
    if (other || (g->note == NOTE_CODE && !g->is_quoted) || g->is_inner)
        return 0;
    if (groups == 1 && digits == 8 && letters == 0)
        return is_day(str_sub(v, 0, 4), str_sub(v, 4, 6), str_sub(v, 6, 8)) ||
                       is_day(str_sub(v, 4, 8), str_sub(v, 2, 4), str_sub(v, 0, 2)) ||
                       is_day(str_sub(v, 4, 8), str_sub(v, 0, 2), str_sub(v, 2, 4))
                   ? 85
                   : 0;
    if (groups == 1 && digits == 4)
        return is_year(v) ? 80 : 0;
    return digits >= 3 && groups >= 2 && groups <= 6 && letters <= 24 ? 85 : 0;
}

unsigned judge_address(const struct given *g)
{
    struct str v = str_trim(g->value);
    size_t digits = count_digits(v), letters = 0, blanks = 0, marks = 0;
    for (size_t i = 0; i < v.n; i++) {
        letters += is_alpha(v.p[i]) || v.p[i] < 0;
        blanks += v.p[i] == ' ' || v.p[i] == '^';
        bool parts = g->is_said && (v.p[i] == ';' || v.p[i] == '\\'); /* of a vCard */
        marks += v.p[i] >= 0 && !parts && strchr("=<>{}[]@$%*|~`\\;?!_", v.p[i]) != NULL;
    }
    if (v.n < 6 || letters < 3 || marks || memmem(v.p, v.n, "://", 3) || g->is_inner ||
        (g->note == NOTE_CODE && !g->is_quoted) || is_placeholder(v) ||
        is_reference(v, g->is_quoted))
        return 0;
    if (v.n > 1 && v.p[0] == '0' && v.p[1] == 'x')
        return 0;
    bool script = v.p[0] < 0;
    if (digits && digits < letters && (blanks || script))
        return 75;
    return g->is_said && blanks && letters > 5 ? 60 : 0;
}

/* db01.dmz.bell.example: a label that only names inside of a house have. */
static bool has_inner_label(struct str v)
{
    static const char *const labels[] = {
        "dmz", "int",   "internal", "intern",  "corp",    "prod",  "stg",    "staging",
        "lan", "mgmt",  "priv",     "private", "intra",   "ad",    "svc",    "vpn",
        "lab", "infra", "ops",      "k8s",     "cluster", "local", "office", "oob"};
    for (size_t i = 0; i < v.n;) {
        size_t to = i;
        while (to < v.n && v.p[to] != '.')
            to++;
        if (i > 0 && to < v.n && is_one_of(str_sub(v, i, to), labels, ARRAY_LEN(labels)))
            return true;
        i = to + 1;
    }
    return false;
}

unsigned judge_host(const struct given *g)
{
    static const char *const inside[] = {
        ".local",    ".internal",    ".lan",  ".corp", ".intra",   ".home",
        ".intranet", ".localdomain", ".priv", ".ad",   ".private", ".prod",
        ".svc",      ".site",        ".dmz",  ".test"};
    struct str v = str_trim(g->value);
    size_t letters = 0, marks = 0;
    for (size_t i = 0; i < v.n; i++) {
        letters += is_alpha(v.p[i]);
        marks += !is_alnum(v.p[i]) && v.p[i] != '-' && v.p[i] != '.';
    }
    if (v.n < 4 || v.n > 80 || marks || letters < 2 || is_no_value(g, v) || g->is_inner ||
        (g->note == NOTE_CODE && !g->is_quoted) || str_starts(v, STR("localhost")))
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(inside); i++)
        if (str_ends(v, str_of(inside[i])))
            return 75;
    if (has_inner_label(v))
        return 75;
    return !memchr(v.p, '.', v.n) &&
                   (count_digits(v) || memchr(v.p, '-', v.n) || g->is_said)
               ? 70
               : 0;
}
