/* no_value.c -- see no_value.h. */
#include "scan/read/no_value.h"

#include "scan/detect.h"
#include "scan/find/plausible.h"
#include "scan/read/form_words.h"
#include "scan/read/inside.h"
#include "scan/read/known_form.h"
#include "scan/read/named.h"

/* Words that say something about a value, or stand for any: no value themselves. */
/* clang-format off */
static const char *const stand_ins[] = {
    "accepted", "admin", "always", "any", "anything", "api-key", "api_key", "apikey",
    "argon2", "argument", "array", "ascii", "attribute", "authentication", "authorization", "auto", "automatic", "await",
    "base64", "basic", "bcrypt", "bearer", "blank", "body", "bool", "boolean", "break",
    "bytes", "changed", "changeme", "cleartext", "component", "compromised",
    "confidential", "continue", "cookie", "correct", "credentials", "default", "digest",
    "disabled", "dummy", "else", "empty", "enabled", "encrypted", "enter",
    "environment", "erforderlich", "error", "example", "examples", "expected",
    "expired", "external", "failed", "failure", "false", "field", "file", "float",
    "foobar", "foobaz", "forgot", "forgotten", "form", "generated", "given", "guest",
    "hash", "hashed", "header", "hidden", "incorrect", "inherit", "input", "int",
    "integer", "interactive", "internal", "invalid", "keine", "keines", "kennwort",
    "key", "keychain", "keyring", "latin-1", "latin1", "leaked", "length", "long", "lost", "masked", "md5",
    "missing", "must", "mypassword", "mysecret", "n/a", "na", "negotiate", "never",
    "nil", "no", "none", "nothing", "notnull", "ntlm", "null", "nullable", "number",
    "oauth", "oauth2", "object", "off", "on", "optional", "optionally", "parameter", "pass",
    "passwd", "password", "passwort", "path", "pbkdf2", "pending", "pflichtfeld",
    "plaintext", "please", "private", "prompt", "property", "protected", "provided", "public",
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
    return is_word_of(s, stand_ins, ARRAY_LEN(stand_ins));
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

bool is_reference(struct str s, bool is_quoted)
{
    static const char *const starts[] = {
        "op://",        "vault:",       "env:",       "file:",
        "arn:",         "ref+",         "secret:",    "ssm:",
        "projects/",    "keyvault",     "aws-sm",     "gcp-sm",
        "!vault",       "!secret",      "!env",       "!ref",
        "!sub",         "!Ref",         "!Sub",       "!GetAtt",
        "!Import",      "!Join",        "!Select",    "!Find",
        "!ENV",         "!file",        "!include",   "!keyvault",
        "!lookup",      "!reference",   "ENC[",       "@Microsoft.KeyVault",
        "secretKeyRef", "valueFrom",    "data:image", "http://",
        "https://",     "~/",           "./",         "../",
        "%env",         "ansible-vault"};
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
    if (i < s.n && letters > 0 && (s.p[i] == '(' || s.p[i] == '[') &&
        (digits < 4 || (dots && letters > digits)))
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
    if (is_name_of_thing(s, note != NOTE_CODE))
        return true;
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
           is_lower(second.p[0]) && !is_word_of(first, code, ARRAY_LEN(code)) &&
           !is_word_of(second, code, ARRAY_LEN(code));
}

bool is_function_word(struct str s)
{
    static const char *const words[] = {
        "the",  "is",   "a",  "to",   "of",   "and",  "be", "for",  "at",      "in",
        "not",  "with", "or", "you",  "must", "your", "it", "that", "are",     "has",
        "was",  "an",   "as", "on",   "by",   "if",   "we", "can",  "without", "from",
        "this", "but",  "no", "when", "then", "does", "do", "its"};
    return is_word_of(s, words, ARRAY_LEN(words));
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
    return is_stand_in(s) || is_function_word(s) ||
           is_word_of(s, words, ARRAY_LEN(words));
}

bool is_passphrase(struct str s)
{
    enum { LEAST_WORDS = 3, MOST_WORDS = 9, LEAST_BYTES = 14, LONGEST_WORD = 12 };
    size_t words = 0, describing = 0;
    char mark = '\0';
    if (s.n < LEAST_BYTES)
        return false;
    for (size_t i = 0; i < s.n; words++) {
        size_t to = i + (i < s.n && is_upper(s.p[i]));
        while (to < s.n && is_lower(s.p[to]))
            to++;
        bool ends = to == s.n;
        if (to - i < 3 || to - i > LONGEST_WORD ||
            (!ends && (!strchr("-._+", s.p[to]) || to + 1 == s.n)) ||
            (!ends && mark && s.p[to] != mark))
            return false;
        describing += is_describing(str_sub(s, i, to));
        mark = ends ? mark : s.p[to];
        i = to + 1;
    }
    return words <= MOST_WORDS && words >= LEAST_WORDS + describing && describing <= 1;
}

/* A list of ciphers ("!RC4:!ADH"), the mail address that one gives a server for nobody
 * ("x@localhost"), the edge of a table. */
static bool is_of_manuals(const struct given *g, struct str s)
{
    static const char *const hosts[] = {"@localhost", "@127.0.0.1", "@example.com",
                                        "@example.org", "@example.net"};
    for (size_t i = 0; i < ARRAY_LEN(hosts); i++)
        if (str_ends(s, str_of(hosts[i])))
            return true;
    return (s.n && s.p[0] == '!' && str_find(s, STR(":!")) > 0) ||
           (!g->is_quoted && s.n && s.p[0] == '|');
}

/* "Passwort123", "passord1": the word for one, and digits that count. */
static bool is_word_for_password(struct str s)
{
    size_t end = s.n;
    while (end > 0 && is_digit(s.p[end - 1]))
        end--;
    struct str digits = str_sub(s, end, s.n);
    return end > 0 && digits.n > 0 && digits.n <= 4 &&
           (digits.n < 3 ? digits.p[0] == '1' || digits.p[0] == '0'
                         : is_counted_off(digits)) &&
           telling_of(str_sub(s, 0, end)).what == TELLS_PASSWORD;
}

/* "vergessen?", "\xC2\xBFolvid\xC3\xB3?": of what a form asks. */
static bool asks_something(struct str s)
{
    bool asks = false;
    while (s.n && (s.p[0] == '?' || s.p[0] == '!')) { /* turned ones, normalised */
        asks |= s.p[0] == '?';
        s = str_sub(s, 1, s.n);
    }
    while (s.n && (s.p[s.n - 1] == '?' || s.p[s.n - 1] == '!')) {
        asks |= s.p[s.n - 1] == '?';
        s.n--;
    }
    return asks && count_digits(s) == 0 && (s.n == 0 || is_form_word(s));
}

static bool has_known_form(struct str s)
{
    return is_of_register(s) || is_security_id(s) || is_endpoint(s) ||
           is_file_of_folder(s);
}

/* "Again:", "New password: ": letters and a colon, which a program shows to ask. */
static bool is_prompt(const struct given *g, struct str s)
{
    size_t n = s.n;
    if (!g->is_quoted || n < 3 || s.p[n - 1] != ':')
        return false;
    for (size_t i = 0; i + 1 < n; i++)
        if (!is_alpha(s.p[i]) && s.p[i] >= 0 && s.p[i] != ' ')
            return false;
    return true;
}

/* "password= version=": nothing stands under the name, and the next one follows. */
static bool names_next(const struct given *g, struct str s)
{
    size_t i = 0;
    while (i < s.n && (is_alpha(s.p[i]) || s.p[i] == '_' || s.p[i] == '-'))
        i++;
    return i > 2 && i + 1 == s.n && s.p[i] == '=' && !g->is_said &&
           (s.p[-1] == ' ' || s.p[-1] == '\t');
}

bool is_no_value(const struct given *g, struct str s)
{
    bool is_account =
        g->what == TELLS_USER && g->note != NOTE_CODE && is_account_shaped(s);
    bool is_set = g->what == TELLS_PASSWORD && s.n >= 8 && is_upper(s.p[0]) &&
                  !is_upper(s.p[1]) && count_digits(s) >= 2; /* no variable begins so */
    if (g->note == NOTE_LINE && !g->is_quoted && ends_question(s))
        return true;
    if (g->what == TELLS_PASSWORD && asks_something(s))
        return true;
    bool may_be_phrase = g->is_explicit && (g->note != NOTE_CODE || g->is_quoted);
    if ((may_be_phrase && is_phrase_of_things(s)) ||
        (g->is_explicit && is_loose_phrase(s)))
        return false;
    if (has_known_form(s) || is_prompt(g, s) || (!g->is_quoted && names_next(g, s)))
        return true;
    if (is_pattern(s) ||
        (is_snake(s) && !g->is_said &&
         !(g->what == TELLS_USER && g->note != NOTE_CODE)) ||
        is_reference(s, g->is_quoted) || is_stand_in(s) || is_placeholder(s) ||
        is_path_like(s) || is_glued_stand_in(s) || is_algorithm(s) || is_calculation(s) ||
        is_moment(s) || is_in_module(s) || is_markup(s) || is_file_name(s) ||
        is_of_manuals(g, s) || (g->what == TELLS_PASSWORD && is_word_for_password(s)))
        return true;
    if (!g->is_quoted && g->note != NOTE_COMMAND && !g->is_said && !is_account &&
        !is_set && is_code(s, g->note))
        return true;
    if (!g->is_quoted &&
        (is_half_of_code(s) || (g->what != TELLS_PASSWORD && is_numbered_variable(s))))
        return true;
    if (g->what == TELLS_PASSWORD && is_passphrase(s))
        return false; /* "saddle-salt-pepper" */
    struct told t = telling_of(s);
    return t.what != TELLS_NOTHING && !t.is_inner && count_digits(s) < 2;
}
