/* notjson.c -- see notjson.h. */
#include "engine/notjson.h"

#include "engine/page.h"
#include "json/scan.h"

enum { LONGEST_WORD = 32, LONGEST_WORDS = 64 };

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct str trim_json(struct str s)
{
    while (s.n && is_blank(s.p[0]))
        s = str_sub(s, 1, s.n);
    while (s.n && is_blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

static bool starts_one_of(struct str s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_starts(s, str_of(words[i])))
            return true;
    return false;
}

/* Numbers that Python writes and JSON does not know; offset in text, or -1. */
static ptrdiff_t odd_number_at(struct str text)
{
    static const char *const words[] = {"NaN", "Infinity", "-Infinity", "nan",
                                        "inf", "-inf",     "-nan",      "-NaN"};
    struct json_cur c;
    json_begin(&c, text);
    json_skip(&c, NULL);
    if (!c.problem_at)
        return -1;
    size_t at = (size_t)(c.problem_at - c.start);
    if (at && text.p[at - 1] == '-')
        at--;
    return starts_one_of(str_sub(text, at, text.n), words, ARRAY_LEN(words))
               ? (ptrdiff_t)at
               : -1;
}

static struct str word_at(struct str text)
{
    size_t n = 0;
    while (n < text.n && (text.p[n] == '-' || (text.p[n] | 0x20) >= 'a') &&
           (text.p[n] | 0x20) <= 'z')
        n++;
    return str_sub(text, 0, n);
}

static void name_page(struct str page, const char *code, const char *what,
                      struct err *ret)
{
    char title[CLEAN_BYTES];
    page_title(page, title);
    if (title[0])
        err_set(ret, ERR_UPSTREAM, code,
                "%s of the engine is %s (\"%s\"), not JSON: is its url right?", what,
                page_kind(page), title);
    else
        err_set(ret, ERR_UPSTREAM, code,
                "%s of the engine is %s, not JSON: is its url right?", what,
                page_kind(page));
}

bool is_compressed(struct str text)
{
    return str_starts(text, STR("\x1f\x8b")) || str_starts(text, STR("\x28\xb5\x2f\xfd"));
}

void not_json(struct str text, const char *code, const char *what, struct err *ret)
{
    struct str body = trim_json(text);
    ptrdiff_t at = odd_number_at(body);
    if (body.n == 0)
        err_set(ret, ERR_UPSTREAM, code, "%s of the engine is empty", what);
    else if (is_compressed(text))
        err_set(ret, ERR_UPSTREAM, code,
                "%s of the engine is compressed, although weir asked for none; switch "
                "compression off in it or in the proxy before it",
                what);
    else if (str_starts(text, STR("\xff\xfe")) || str_starts(text, STR("\xfe\xff")))
        err_set(ret, ERR_UPSTREAM, code, "%s of the engine is UTF-16, not UTF-8", what);
    else if (page_kind(body))
        name_page(body, code, what, ret);
    else if (at >= 0)
        err_set(ret, ERR_UPSTREAM, code,
                "%s of the engine has the number %.*s at byte %zu, which JSON does not "
                "know; ask without logprobs, or mend it in the engine",
                what, STR_ARG(word_at(str_sub(body, (size_t)at, body.n))), (size_t)at);
    else
        err_set(ret, ERR_UPSTREAM, code, "%s of the engine is not a JSON object", what);
}

/* Letters, digits and what joins them. */
static bool is_word(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char ch = s.p[i], low = (char)(ch | 0x20);
        bool is_alnum = (low >= 'a' && low <= 'z') || (ch >= '0' && ch <= '9');
        if (!is_alnum && ch != '-' && ch != '_' && ch != '.')
            return false;
    }
    return true;
}

static bool names_trouble(struct str s)
{
    static const char *const words[] = {
        "err",      "fail",  "exception", "abort",  "denied", "time",  "unav",
        "overload", "limit", "invalid",   "cancel", "crash",  "nan",   "closed",
        "kill",     "inf",   "oom",       "panic",  "fatal",  "refuse"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_contains_nocase(s, str_of(words[i])))
            return true;
    return false;
}

/* Words and a moment's marks, and nothing that JSON is made of. */
static bool is_text(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char ch = s.p[i], low = (char)(ch | 0x20);
        bool is_alnum = (low >= 'a' && low <= 'z') || (ch >= '0' && ch <= '9');
        if (!is_alnum && (ch == '\0' || !strchr(" -_.:,+!()[]", ch)))
            return false;
    }
    return true;
}

static bool is_moment(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((s.p[i] < '0' || s.p[i] > '9') && !strchr(" -:.,+TZ", s.p[i]))
            return false;
    return true;
}

/* Several words, or words in brackets, are believed only where they are known ones. */
static bool says_alive(struct str s)
{
    static const char *const words[] = {"ping",    "pong",    "alive", "beat",
                                        "process", "wait",    "queue", "think",
                                        "load",    "working", "done",  "[end"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_contains_nocase(s, str_of(words[i])))
            return true;
    return is_moment(s);
}

bool is_heartbeat(struct str data)
{
    struct str word = trim_json(data);
    if (str_eqz(word, "[]"))
        return true;
    if (word.n >= 2 && word.p[0] == '"' && word.p[word.n - 1] == '"')
        word = str_sub(word, 1, word.n - 1);
    if (word.n > LONGEST_WORDS || names_trouble(word))
        return false;
    bool is_one_word = word.n <= LONGEST_WORD && is_word(word);
    return is_one_word || (is_text(word) && says_alive(word));
}
