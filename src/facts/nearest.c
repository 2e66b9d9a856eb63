/* nearest.c -- edit distance with two rows, and a list of three winners.
 *
 * A word that contains the wanted one (or is contained in it) counts as close however
 * long it is: "gpt-4o" is meant by "4o", and "RTX 4060 Ti 16GB" by "4060 ti". */
#include "facts/nearest.h"

#include <stdio.h>

enum { SHORT_WORD = 8 };

static size_t fold(struct str s, char out[NEAREST_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < s.n && n < NEAREST_MAX; i++) {
        char c = s.p[i];
        if (c == ' ' || c == '-' || c == '_' || c == '.' || c == '/' || c == ':')
            continue;
        out[n++] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    return n;
}

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

static size_t edit_distance(const char *a, size_t na, const char *b, size_t nb)
{
    size_t row[NEAREST_MAX + 1];
    for (size_t j = 0; j <= nb; j++)
        row[j] = j;
    for (size_t i = 1; i <= na; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            size_t above = row[j];
            size_t replace = diagonal + (a[i - 1] != b[j - 1]);
            row[j] = min3(above + 1, row[j - 1] + 1, replace);
            diagonal = above;
        }
    }
    return row[nb];
}

size_t nearest_distance(struct str a, struct str b)
{
    char fa[NEAREST_MAX];
    char fb[NEAREST_MAX];
    size_t na = fold(a, fa);
    size_t nb = fold(b, fb);
    return edit_distance(fa, na, fb, nb);
}

bool nearest_same(struct str a, struct str b)
{
    char fa[NEAREST_MAX];
    char fb[NEAREST_MAX];
    size_t na = fold(a, fa);
    return na == fold(b, fb) && memcmp(fa, fb, na) == 0;
}

static bool contains(const char *hay, size_t nhay, const char *needle, size_t n)
{
    return n >= 2 && n <= nhay && memmem(hay, nhay, needle, n) != NULL;
}

/* SIZE_MAX: too far to be meant. */
static size_t score(struct str wanted, struct str word)
{
    char fa[NEAREST_MAX];
    char fb[NEAREST_MAX];
    size_t na = fold(wanted, fa);
    size_t nb = fold(word, fb);
    size_t d = edit_distance(fa, na, fb, nb);
    if (contains(fb, nb, fa, na) || contains(fa, na, fb, nb))
        return (d + 3) / 4;
    return d > (na + 1) / (na < SHORT_WORD ? 2 : 3) ? SIZE_MAX : d;
}

void nearest_init(struct nearest *n, struct str wanted)
{
    *n = (struct nearest){.wanted = wanted};
}

void nearest_offer(struct nearest *n, struct str word)
{
    size_t d = score(n->wanted, word);
    size_t at = 0;
    if (d == SIZE_MAX)
        return;
    for (; at < n->n && n->best[at].distance <= d; at++)
        if (str_eq(n->best[at].word, word))
            return;
    if (at == NEAREST_KEEP)
        return;
    size_t last = n->n < NEAREST_KEEP ? n->n++ : NEAREST_KEEP - 1;
    for (size_t i = last; i > at; i--)
        n->best[i] = n->best[i - 1];
    n->best[at].word = word;
    n->best[at].distance = d;
}

void nearest_print(const struct nearest *n, const char *before, const char *after,
                   char *out, size_t size)
{
    size_t used = 0;
    if (size == 0)
        return;
    out[0] = '\0';
    for (size_t i = 0; i < n->n && used < size; i++) {
        const char *glue = i == 0 ? before : i + 1 == n->n ? " or " : ", ";
        int w = snprintf(out + used, size - used, "%s%.*s%s", glue,
                         STR_ARG(n->best[i].word), i + 1 == n->n ? after : "");
        if (w < 0)
            return;
        used += (size_t)w;
    }
}
