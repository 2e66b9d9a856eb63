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

ptrdiff_t find_last_any(struct str s, const char *const *words, size_t n,
                        size_t *ret_which)
{
    uint8_t first[256] = {0}, next[65];
    for (size_t i = 0; i < n && i < 64; i++) {
        unsigned char c = (unsigned char)words[i][0];
        next[i + 1] = first[c];
        first[c] = (uint8_t)(i + 1);
    }
    for (size_t i = s.n; i-- > 0;) {
        unsigned char c = (unsigned char)lower(s.p[i]);
        if (!first[c] || (c < 0x80 && is_letter((char)c) && i > 0 &&
                          is_word(s.p[i - 1]) && (unsigned char)s.p[i - 1] < 0x80))
            continue;
        /* Of several that begin here, the longest. */
        size_t best = 0;
        for (unsigned w = first[c]; w; w = next[w])
            if (strlen(words[w - 1]) > best &&
                find_starts(str_sub(s, i, s.n), words[w - 1])) {
                best = strlen(words[w - 1]);
                *ret_which = w - 1;
            }
        if (best)
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
