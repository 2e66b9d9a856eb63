/* find.c -- finding words in answers. */
#include "judge/find.h"

struct str find_trim(struct str s)
{
    while (s.n && is_blank(s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n && is_blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

bool find_starts(struct str s, const char *head)
{
    size_t i = 0;
    for (; head[i]; i++)
        if (i >= s.n || lower(s.p[i]) != head[i])
            return false;
    return true;
}

bool find_starts_word(struct str s, const char *head)
{
    size_t n = strlen(head);
    return find_starts(s, head) && (s.n == n || !is_word(s.p[n]));
}

ptrdiff_t find_nocase(struct str s, const char *needle, size_t from)
{
    size_t n = strlen(needle);
    char low = needle[0], high = low >= 'a' && low <= 'z' ? (char)(low & ~0x20) : low;
    for (size_t i = from; i + n <= s.n; i++)
        if ((s.p[i] == low || s.p[i] == high) &&
            find_starts((struct str){s.p + i, s.n - i}, needle))
            return (ptrdiff_t)i;
    return -1;
}

/* Of the words in this chain that begin at i, the longest; 0: none does. */
static size_t longest_at(struct str s, size_t i, const char *const *words,
                         const uint8_t *next, unsigned w, size_t *ret_which)
{
    size_t best = 0;
    for (; w; w = next[w])
        if (find_starts(str_sub(s, i, s.n), words[w - 1]) &&
            strlen(words[w - 1]) > best) {
            best = strlen(words[w - 1]);
            *ret_which = w - 1;
        }
    return best;
}

/* Does a word begin inside of another one? */
static bool is_inside_word(struct str s, size_t i)
{
    unsigned char c = (unsigned char)s.p[i];
    unsigned char before = i > 0 ? (unsigned char)s.p[i - 1] : ' ';
    return c < 0x80 && is_letter((char)c) && before < 0x80 && is_word((char)before);
}

ptrdiff_t find_last_any(struct str s, const char *const *words, size_t n,
                        size_t *ret_which)
{
    uint8_t first[256] = {0}, next[65];
    bool is_one_byte = true;
    for (size_t i = 0; i < n && i < 64; i++) {
        unsigned char c = (unsigned char)words[i][0];
        next[i + 1] = first[c];
        first[c] = (uint8_t)(i + 1);
        if (c >= 'a' && c <= 'z')
            first[c & ~0x20] = first[c];
        is_one_byte &= words[i][0] == words[0][0] && !is_letter((char)c);
    }
    for (size_t i = s.n; i > 0;) {
        if (is_one_byte) { /* memrchr is many times as fast as looking at each byte */
            const char *p = memrchr(s.p, words[0][0], i);
            if (!p)
                break;
            i = (size_t)(p - s.p) + 1;
        }
        unsigned w = first[(unsigned char)s.p[--i]];
        if (w && !is_inside_word(s, i) && longest_at(s, i, words, next, w, ret_which))
            return (ptrdiff_t)i;
    }
    return -1;
}

bool find_line(struct str *rest, struct str *ret_line)
{
    if (!rest->n)
        return false;
    const char *end = memchr(rest->p, '\n', rest->n);
    size_t n = end ? (size_t)(end - rest->p) : rest->n;
    *ret_line = (struct str){rest->p, n};
    if (n && rest->p[n - 1] == '\r')
        ret_line->n--;
    *rest = str_sub(*rest, end ? n + 1 : n, rest->n);
    return true;
}

bool find_fence(struct str s, size_t from, struct str *ret_inside, struct str *ret_lang,
                size_t *ret_end)
{
    const struct str mark = STR("```");
    ptrdiff_t open = str_find(str_sub(s, from, s.n), mark);
    if (open < 0)
        return false;
    size_t at = from + (size_t)open + mark.n;
    struct str rest = str_sub(s, at, s.n), line;
    if (!find_line(&rest, &line))
        return false;
    *ret_lang = find_trim(line);
    ptrdiff_t close = str_find(rest, mark);
    /* ```18``` within one line has no language. */
    ptrdiff_t same = str_find(line, mark);
    if (same >= 0) {
        *ret_inside = str_sub(line, 0, (size_t)same);
        *ret_lang = STR("");
        close = same;
        rest = line;
    } else {
        *ret_inside = close < 0 ? rest : str_sub(rest, 0, (size_t)close);
    }
    if (ret_end)
        *ret_end = close < 0 ? s.n : (size_t)(rest.p - s.p) + (size_t)close + mark.n;
    return true;
}
