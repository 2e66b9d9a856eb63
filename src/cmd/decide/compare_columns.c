/* compare_columns.c -- see compare_columns.h. */
#include "cmd/decide/compare_columns.h"

#include "core/clean.h"

enum { GAP = 3 };

size_t columns_fit(size_t width, size_t wanted)
{
    size_t n = (width + GAP) / (COLUMN_LEAST + GAP);
    n = n < wanted ? n : wanted;
    n = n < COLUMNS_MAX ? n : COLUMNS_MAX;
    return n ? n : 1;
}

/* Bytes of the first n characters of s, and how many characters those are. */
static size_t head_of(struct str s, size_t n, size_t *ret_chars)
{
    size_t i = 0, chars = 0;
    while (i < s.n && chars < n) {
        i++;
        while (i < s.n && ((unsigned char)s.p[i] & 0xC0) == 0x80)
            i++;
        chars++;
    }
    *ret_chars = chars;
    return i;
}

/* Takes the next line of at most `width` characters from *rest, broken at a blank where
 * there is one in its second half. */
static struct str take_line(struct str *rest, size_t width, size_t *ret_chars)
{
    ptrdiff_t end = str_index(*rest, '\n');
    struct str line = end < 0 ? *rest : str_sub(*rest, 0, (size_t)end);
    size_t n = head_of(line, width, ret_chars), cut = n;
    if (n == line.n) {
        *rest = str_sub(*rest, end < 0 ? rest->n : n + 1, rest->n);
        return line;
    }
    while (cut > n / 2 && line.p[cut] != ' ')
        cut--;
    if (line.p[cut] != ' ')
        cut = n;
    struct str taken = str_sub(line, 0, cut);
    head_of(taken, width, ret_chars);
    *rest = str_sub(*rest, line.p[cut] == ' ' ? cut + 1 : cut, rest->n);
    return taken;
}

static size_t count_lines(struct str text, size_t width)
{
    size_t n = 0, chars;
    for (struct str rest = text; rest.n; n++)
        take_line(&rest, width, &chars);
    return n;
}

static void blanks(struct buf *out, size_t n)
{
    while (n--)
        buf_byte(out, ' ');
}

size_t columns_write(const struct str *texts, size_t n, size_t width, size_t lines,
                     struct buf *out)
{
    struct str rest[COLUMNS_MAX];
    size_t each = (width - GAP * (n - 1)) / n, most = 0, chars;
    for (size_t i = 0; i < n; i++) {
        size_t all = count_lines(texts[i], each);
        rest[i] = texts[i];
        for (size_t skip = lines && all > lines ? all - lines : 0; skip; skip--)
            take_line(&rest[i], each, &chars);
        all = lines && all > lines ? lines : all;
        most = all > most ? all : most;
    }
    for (size_t row = 0; row < most; row++) {
        for (size_t i = 0; i < n; i++) {
            struct str line = rest[i].n ? take_line(&rest[i], each, &chars) : STR("");
            if (line.n == 0)
                chars = 0;
            clean_append(out, line);
            if (i + 1 < n)
                blanks(out, each - chars + GAP);
        }
        while (out->n && out->p[out->n - 1] == ' ')
            out->n--;
        buf_byte(out, '\n');
    }
    return most;
}
