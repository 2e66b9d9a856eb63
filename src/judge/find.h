/* find.h -- finding words in answers; inside this folder only. */
#ifndef WEIR_JUDGE_FIND_H
#define WEIR_JUDGE_FIND_H

#include "core/str.h"

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}
/* A letter of ASCII, or any byte outside of it. */
static inline bool is_letter(char c)
{
    unsigned char u = (unsigned char)c;
    return (unsigned char)((u | 0x20) - 'a') < 26 || u >= 0x80;
}
static inline bool is_word(char c)
{
    return is_letter(c) || is_digit(c) || c == '_';
}
static inline bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
static inline bool is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}
/* Without blanks and line ends around it. */
struct str find_trim(struct str s);
/* Where needle (lower-case ASCII, or bytes outside of it) is in s, of any case, from
 * `from` on; -1: nowhere. */
ptrdiff_t find_nocase(struct str s, const char *needle, size_t from);
/* The nearest to the end of any of the words (at most 64; one that begins with a letter
 * begins a word there): its place and *ret_which; -1: none of them is in s. */
ptrdiff_t find_last_any(struct str s, const char *const *words, size_t n,
                        size_t *ret_which);
/* Does s begin so, in any case? */
bool find_starts(struct str s, const char *head);
/* The same, and no word goes on behind it. */
bool find_starts_word(struct str s, const char *head);
/* Takes the line at *rest without its end; false when nothing is left. */
bool find_line(struct str *rest, struct str *ret_line);
/* What stands inside the first code fence at or after `from`, and its language; false:
 * there is none.  A fence that is never closed reaches to the end.  *ret_end (may be
 * NULL): where the text goes on. */
bool find_fence(struct str s, size_t from, struct str *ret_inside, struct str *ret_lang,
                size_t *ret_end);

#endif
