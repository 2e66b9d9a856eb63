/* code.c -- see code.h. */
#include "pilot/code.h"

#include "json/scan.h"

#include <string.h>

enum { MAX_BLOCKS = 64, MAX_DEPTH = 256 };
enum state { STATE_WHOLE, STATE_UNKNOWN, STATE_BROKEN };

/* -- blocks ---------------------------------------------------------------------------
 */

static bool take_line(struct str *rest, struct str *ret)
{
    if (!rest->n)
        return false;
    const char *end = memchr(rest->p, '\n', rest->n);
    size_t n = end ? (size_t)(end - rest->p) : rest->n;
    *ret = str_sub(*rest, 0, n);
    *rest = str_sub(*rest, end ? n + 1 : n, rest->n);
    return true;
}

static bool is_fence(struct str line, struct str *ret_word)
{
    line = str_trim(line);
    if (!str_starts(line, STR("```")))
        return false;
    *ret_word = str_trim(str_sub(line, 3, line.n));
    return true;
}

static bool language_of(struct str word, enum code_language *ret)
{
    static const struct {
        const char *word;
        enum code_language language;
    } rows[] = {{"json", CODE_JSON}, {"python", CODE_PYTHON}, {"py", CODE_PYTHON},
                {"c", CODE_C},       {"cpp", CODE_CPP},       {"c++", CODE_CPP},
                {"java", CODE_JAVA}, {"go", CODE_GO},         {"golang", CODE_GO}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (str_eq_nocase(word, str_of(rows[i].word))) {
            *ret = rows[i].language;
            return true;
        }
    return false;
}

/* -- JSON -----------------------------------------------------------------------------
 */

static bool has_any(struct str s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_find(s, str_of(words[i])) >= 0)
            return true;
    return false;
}

static enum state state_of_json(struct str s)
{
    static const char *const elided[] = {"...", "\xe2\x80\xa6", "//", "/*", "#"};
    struct json_cur c;
    json_begin(&c, s);
    if (json_skip(&c, NULL)) /* several values are no fault of theirs */
        return json_finish(&c, NULL) == 0 ? STATE_WHOLE : STATE_UNKNOWN;
    return has_any(s, elided, ARRAY_LEN(elided)) ? STATE_UNKNOWN : STATE_BROKEN;
}

/* -- brackets, strings, comments ------------------------------------------------------
 */

struct reading {
    struct str s;
    size_t at, depth;
    bool is_unsure, is_broken;
    char open[MAX_DEPTH];
};

static bool is_at(const struct reading *r, const char *word)
{
    return str_starts(str_sub(r->s, r->at, r->s.n), str_of(word));
}

/* Up to and with `end`.  Backslashes hide what follows them; has_lines: it may go over
 * the end of a line.  False: it does not end. */
static bool pass_until(struct reading *r, const char *end, bool has_escapes,
                       bool has_lines)
{
    for (; r->at < r->s.n; r->at++) {
        if (is_at(r, end)) {
            r->at += strlen(end);
            return true;
        }
        if (r->s.p[r->at] == '\n' && !has_lines)
            return false;
        if (has_escapes && r->s.p[r->at] == '\\')
            r->at++;
    }
    return false;
}

static void pass_line(struct reading *r)
{
    while (r->at < r->s.n && r->s.p[r->at] != '\n')
        r->at++;
}

static void bracket(struct reading *r, char c)
{
    static const char opens[] = "([{", closes[] = ")]}";
    if (strchr(opens, c)) {
        if (r->depth == MAX_DEPTH)
            r->is_unsure = true;
        else
            r->open[r->depth++] = closes[strchr(opens, c) - opens];
    } else if (!r->depth || r->open[--r->depth] != c) {
        r->is_broken = true;
    }
    r->at++;
}

/* True: it stood at a string or a comment, which is passed. */
static bool pass_python(struct reading *r)
{
    static const char *const quotes[] = {"\"\"\"", "'''", "\"", "'"};
    if (is_at(r, "#")) {
        pass_line(r);
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(quotes); i++)
        if (is_at(r, quotes[i])) {
            r->at += strlen(quotes[i]);
            r->is_broken |= !pass_until(r, quotes[i], true, i < 2);
            return true;
        }
    return false;
}

/* R"x( ... )x" of C++. */
static bool pass_raw(struct reading *r)
{
    char end[20] = ")";
    size_t n = 1;
    r->at += 2;
    while (r->at < r->s.n && r->s.p[r->at] != '(' && n < sizeof end - 2)
        end[n++] = r->s.p[r->at++];
    end[n] = '"';
    return pass_until(r, end, false, true);
}

static bool is_word_before(const struct reading *r)
{
    unsigned char c = r->at ? (unsigned char)r->s.p[r->at - 1] : ' ';
    return (c >= '0' && c <= '9') || (unsigned char)((c | 0x20) - 'a') < 26 || c == '_';
}

/* 1'000'000 */
static bool is_separator(const struct reading *r)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    char before = r->at ? r->s.p[r->at - 1] : '\0';
    char after = r->at + 1 < r->s.n ? r->s.p[r->at + 1] : '\0';
    return before && after && strchr(digits, before) && strchr(digits, after);
}

/* A quote that does not end on its line may be a word in a directive: that says nothing.
 */
static bool pass_c_like(struct reading *r, enum code_language l)
{
    if (is_at(r, "//")) {
        pass_line(r);
    } else if (is_at(r, "/*")) {
        r->is_broken |= !pass_until(r, "*/", false, true);
    } else if (l == CODE_CPP && is_at(r, "R\"") && !is_word_before(r)) {
        r->is_broken |= !pass_raw(r);
    } else if (l == CODE_JAVA && is_at(r, "\"\"\"")) {
        r->at += 3;
        r->is_broken |= !pass_until(r, "\"\"\"", true, true);
    } else if (l == CODE_GO && is_at(r, "`")) {
        r->at++;
        r->is_broken |= !pass_until(r, "`", false, true);
    } else if (is_at(r, "'") && is_separator(r)) {
        r->at++;
    } else if (is_at(r, "\"") || is_at(r, "'")) {
        const char quote[2] = {r->s.p[r->at++], '\0'};
        r->is_unsure |= !pass_until(r, quote, true, false);
    } else {
        return false;
    }
    return true;
}

static enum state state_of_code(struct str s, enum code_language l)
{
    static const char *const branches[] = {"#else", "#elif", "# else", "# elif"};
    struct reading r = {.s = s,
                        .is_unsure = (l == CODE_C || l == CODE_CPP) &&
                                     has_any(s, branches, ARRAY_LEN(branches))};
    while (r.at < s.n && !r.is_broken && !r.is_unsure) {
        if (l == CODE_PYTHON ? pass_python(&r) : pass_c_like(&r, l))
            continue;
        if (s.p[r.at] != '\0' && strchr("([{)]}", s.p[r.at]))
            bracket(&r, s.p[r.at]);
        else
            r.at++;
    }
    if (r.is_unsure)
        return STATE_UNKNOWN;
    return r.is_broken || r.depth ? STATE_BROKEN : STATE_WHOLE;
}

/* -- answers --------------------------------------------------------------------------
 */

static bool is_empty(struct str s)
{
    while (s.n && strchr(" \t\r\n", s.p[s.n - 1]))
        s.n--;
    return s.n == 0;
}

static void take_block(struct pilot_code *c, uint32_t *unsure, struct str word,
                       struct str inside)
{
    enum code_language l;
    if (!language_of(word, &l) || is_empty(inside))
        return;
    enum state s = l == CODE_JSON ? state_of_json(inside) : state_of_code(inside, l);
    *(s == STATE_BROKEN ? &c->broken : s == STATE_WHOLE ? &c->whole : unsure) |= 1u << l;
}

struct pilot_code pilot_code_of(struct str answer)
{
    struct pilot_code c = {0};
    uint32_t unsure = 0;
    struct str line, word = {NULL, 0}, other;
    const char *from = NULL;
    for (size_t blocks = 0; blocks < MAX_BLOCKS && take_line(&answer, &line);) {
        if (!is_fence(line, &other))
            continue;
        if (!from) {
            from = answer.p;
            word = other;
            continue;
        }
        take_block(&c, &unsure, word, (struct str){from, (size_t)(line.p - from)});
        from = NULL;
        blocks++;
    }
    if (from) /* never closed: to the end */
        take_block(&c, &unsure, word, (struct str){from, (size_t)(answer.p - from)});
    c.whole &= ~(c.broken | unsure);
    return c;
}

int pilot_code_better(struct str first, struct str second)
{
    struct pilot_code a = pilot_code_of(first), b = pilot_code_of(second);
    bool is_first_bad = a.broken & b.whole, is_second_bad = b.broken & a.whole;
    return is_second_bad - is_first_bad;
}
