/* said.c -- an error's body, taken apart. */
#include "engine/said.h"

#include "engine/page.h"

enum { MAX_DEPTH = 6 };

/* What the walk has found so far: the first message, the last of each other. */
struct found {
    struct said *s;
    struct json_string message, raw;
};

static void read_value(struct json_cur *c, struct found *f, unsigned depth);

static void read_word(struct json_cur *c, struct found *f, struct json_string *ret)
{
    struct str raw = {"", 0};
    uint64_t n;
    if (json_peek(c) == JSON_STRING) {
        json_read_string(c, ret);
    } else if (json_peek(c) == JSON_NUMBER) {
        json_skip(c, &raw);
    } else {
        json_skip(c, NULL);
    }
    if (!str_to_u64(raw, &n) || n < 100 || n > 599)
        return;
    f->s->status = (int)n;
}

/* A message is a string, or again an object or array with one inside. */
static void read_message(struct json_cur *c, struct found *f, unsigned depth)
{
    struct json_string text;
    if (json_peek(c) != JSON_STRING)
        read_value(c, f, depth);
    else if (json_read_string(c, &text) && !f->message.raw.n)
        f->message = text;
}

/* ["body", "model"]: the member that a validator is about. */
static void read_place(struct json_cur *c, struct found *f)
{
    if (json_peek(c) != JSON_ARRAY) {
        json_skip(c, NULL);
        return;
    }
    json_enter_array(c);
    for (unsigned i = 0; json_next_element(c); i++)
        if (i == 1 && json_peek(c) == JSON_STRING && !f->s->param.raw.n)
            json_read_string(c, &f->s->param);
        else
            json_skip(c, NULL);
}

static bool is_any(struct json_string k, const char *const *words)
{
    for (; *words; words++)
        if (json_string_is(k, *words))
            return true;
    return false;
}

static void read_member(struct json_cur *c, struct json_string k, struct found *f,
                        unsigned depth)
{
    static const char *const messages[] = {"message",
                                           "error",
                                           "detail",
                                           "msg",
                                           "errors",
                                           "error_msg",
                                           "err_msg",
                                           "status_msg",
                                           "errmsg",
                                           "error_message",
                                           "errorMessage",
                                           "exception",
                                           "failure",
                                           "fault",
                                           "error_description",
                                           NULL};
    static const char *const types[] = {"type", "error_type", NULL};
    static const char *const codes[] = {
        "code", "status", "error_code", "errcode", "errorCode", "status_code", NULL};
    static const char *const inner[] = {"metadata", "details", "base_resp", NULL};
    if (is_any(k, messages))
        read_message(c, f, depth + 1);
    else if (is_any(k, types))
        read_word(c, f, &f->s->type);
    else if (is_any(k, codes))
        read_word(c, f, &f->s->code);
    else if (json_string_is(k, "reason"))
        read_word(c, f, &f->s->reason);
    else if (json_string_is(k, "param"))
        read_word(c, f, &f->s->param);
    else if (json_string_is(k, "loc"))
        read_place(c, f);
    else if (json_string_is(k, "raw"))
        read_word(c, f, &f->raw);
    else if (is_any(k, inner))
        read_value(c, f, depth + 1);
    else
        json_skip(c, NULL);
}

static void read_value(struct json_cur *c, struct found *f, unsigned depth)
{
    struct json_string k;
    enum json_type t = json_peek(c);
    if (depth > MAX_DEPTH || (t != JSON_OBJECT && t != JSON_ARRAY)) {
        json_skip(c, NULL);
        return;
    }
    if (t == JSON_OBJECT) {
        json_enter_object(c);
        while (json_next_member(c, &k))
            read_member(c, k, f, depth);
        return;
    }
    json_enter_array(c);
    while (json_next_element(c))
        read_message(c, f, depth + 1);
}

/* -- the words that are searched ---------------------------------------------------- */

static bool is_quote(char ch)
{
    return ch == '"' || ch == '\'' || ch == '`';
}

static bool is_letter(char ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
           (ch >= '0' && ch <= '9');
}

/* Does the quote at `at` open a value that is itself a statement, as in
 * {'message': '...', 'code': '...'}: another server's error, printed? */
static bool follows_statement_key(struct str s, size_t at)
{
    static const char *const keys[] = {"message", "msg",  "error",  "detail",
                                       "code",    "type", "reason", "raw"};
    while (at && (s.p[at - 1] == ' ' || s.p[at - 1] == '\\'))
        at--;
    if (at == 0 || s.p[at - 1] != ':')
        return false;
    at--;
    while (at && (s.p[at - 1] == '\\' || s.p[at - 1] == '\'' || s.p[at - 1] == '"'))
        at--;
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (str_ends(str_sub(s, 0, at), str_of(keys[i])))
            return true;
    return false;
}

/* b'...' and u'...' are strings too, as Python prints them. */
static bool is_apostrophe(struct str s, size_t at)
{
    if (at == 0 || !is_letter(s.p[at - 1]))
        return false;
    bool is_prefix = (s.p[at - 1] == 'b' || s.p[at - 1] == 'u') &&
                     (at == 1 || (!is_letter(s.p[at - 2]) && s.p[at - 2] != '_'));
    return !is_prefix;
}

static size_t backslashes_before(struct str s, size_t at)
{
    size_t n = 0;
    while (n < at && s.p[at - 1 - n] == '\\')
        n++;
    return n;
}

/* Is the quote at `at` the other end of one that had `level` backslashes before it?  One
 * that has been escaped more often is part of the text. */
static bool is_closing(struct str s, size_t at, size_t level)
{
    size_t n = backslashes_before(s, at);
    return n >= level && (n - level) % (2 * (level + 1)) == 0 &&
           (at + 1 == s.n || !is_letter(s.p[at + 1]));
}

/* Where a validator begins to print what it was sent. */
static bool starts_input(struct str rest)
{
    static const char *const starts[] = {
        "input_value=", "'input':", "\"input\":", "'input\\':", "\"input\\\":"};
    for (size_t i = 0; i < ARRAY_LEN(starts); i++)
        if (str_starts(rest, str_of(starts[i])))
            return true;
    return false;
}

/* The end of what the quote at `at` opens (after its closing quote), or `at` when it is
 * an apostrophe or opens nothing that is to be left out. */
static size_t quoted_end(struct str s, size_t at)
{
    char q = s.p[at];
    if (!is_quote(q) || is_apostrophe(s, at) || follows_statement_key(s, at))
        return at;
    size_t level = backslashes_before(s, at);
    for (size_t i = at + 1; i < s.n; i++)
        if (s.p[i] == q && is_closing(s, i, level))
            return i + 1;
    return q == '\'' ? at : s.n; /* cut off inside what it quotes */
}

static void copy_words(struct str from, char to[SAID_WORDS_BYTES])
{
    size_t n = 0;
    for (size_t i = 0; i < from.n && n + 1 < SAID_WORDS_BYTES; i++) {
        if (starts_input(str_sub(from, i, from.n)))
            break;
        size_t end = quoted_end(from, i);
        to[n++] = from.p[i];
        if (end > i) {
            to[n - 1] = '_';
            i = end - 1;
        } else if ((unsigned char)from.p[i] < ' ') {
            to[n - 1] = ' ';
        }
    }
    to[n] = '\0';
}

static size_t first_quote(struct str s)
{
    size_t i = 0;
    while (i < s.n && (!is_quote(s.p[i]) || is_apostrophe(s, i)) &&
           !starts_input(str_sub(s, i, s.n)))
        i++;
    return i;
}

/* Behind the last quote; apostrophes inside words are none. */
static size_t last_quote_end(struct str s, size_t from)
{
    size_t i = s.n;
    while (i > from && (!is_quote(s.p[i - 1]) ||
                        (i < s.n && is_letter(s.p[i]) && is_apostrophe(s, i - 1))))
        i--;
    bool is_opening = i > from && i < s.n && is_letter(s.p[i]);
    return is_opening ? s.n : i; /* it ends nowhere */
}

static void copy_sure(struct str from, char to[SAID_WORDS_BYTES])
{
    size_t n = 0, quote = first_quote(from), back = last_quote_end(from, quote);
    bool is_input = starts_input(str_sub(from, quote, from.n));
    for (size_t i = 0; i < from.n && n + 1 < SAID_WORDS_BYTES; i++) {
        to[n++] = (unsigned char)from.p[i] < ' ' ? ' ' : from.p[i];
        if (i != quote)
            continue;
        to[n - 1] = '_';
        if (is_input || back <= quote + 1)
            break;
        i = back - 1;
    }
    to[n] = '\0';
}

/* -- all of it ------------------------------------------------------------------------
 */

/* False when it is no JSON. */
static bool read_json(struct str body, struct found *f)
{
    struct json_cur c;
    json_begin(&c, body);
    read_message(&c, f, 0);
    return json_finish(&c, NULL) == 0;
}

static struct str unescaped(struct arena *a, struct json_string s)
{
    struct str text = s.raw.n ? json_unescape(a, s) : STR("");
    return text.p ? text : STR("");
}

/* A router says "Provider returned error", and what that was stands in `raw`. */
static void read_inner(struct found *f, struct arena *a)
{
    struct said inner = {.status = f->s->status};
    struct found g = {.s = &inner};
    struct str text = unescaped(a, f->raw);
    bool is_json = text.n && read_json(text, &g);
    if (!is_json || !g.message.raw.n)
        return;
    f->message = g.message;
    *f->s = inner;
}

void said_read(struct str body, struct arena *a, struct said *ret)
{
    *ret = (struct said){.status = 0};
    struct found f = {.s = ret};
    if (read_json(body, &f)) {
        if (f.raw.raw.n)
            read_inner(&f, a);
        ret->message = unescaped(a, f.message);
    } else {
        *ret = (struct said){.message = str_trim(body), .is_text = true};
    }
    if (page_kind(ret->message)) {
        ret->page = ret->message;
        ret->message = STR("");
    }
    copy_words(ret->message, ret->words);
    copy_sure(ret->message, ret->sure);
}

/* A type or a code is a word or two: of megabytes no more is searched than of a message.
 */
static bool holds(struct json_string s, struct str word)
{
    return str_contains_nocase(str_sub(s.raw, 0, SAID_WORDS_BYTES), word);
}

bool said_has_code(const struct said *s, const char *word)
{
    struct str w = str_of(word);
    return holds(s->type, w) || holds(s->code, w) || holds(s->reason, w);
}
