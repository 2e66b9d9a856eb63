/* text_diff.c -- see text_diff.h. */
#include "cmd/decide/text_diff.h"

enum { WORDS_MAX = 200000 };

struct words {
    struct str *p;
    size_t n;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The next word of *rest, or one with n == 0 at its end. */
static struct str take_word(struct str *rest)
{
    size_t from = 0, to;
    while (from < rest->n && is_blank(rest->p[from]))
        from++;
    to = from;
    if (to < rest->n && rest->p[to] == '\n')
        to++;
    else
        while (to < rest->n && !is_blank(rest->p[to]) && rest->p[to] != '\n')
            to++;
    struct str word = str_sub(*rest, from, to);
    *rest = str_sub(*rest, to, rest->n);
    return word;
}

static bool split(struct str text, struct arena *scratch, struct words *ret)
{
    size_t n = 0;
    struct str rest = text;
    while (take_word(&rest).n)
        n++;
    *ret = (struct words){.n = n};
    if (n > WORDS_MAX)
        return false;
    ret->p = arena_alloc(scratch, (n + 1) * sizeof *ret->p);
    rest = text;
    for (size_t i = 0; ret->p && i < n; i++)
        ret->p[i] = take_word(&rest);
    return ret->p != NULL;
}

/* -- the shortest way from a to b ------------------------------------------------------
 */

/* After d edits the furthest x on each diagonal k = x - y, for k from -d to d. */
struct way {
    int32_t *furthest[TEXT_DIFF_EDITS + 1]; /* by d; the middle is k = 0 */
    long edits;
};

static long reach(const int32_t *before, long d, long k)
{
    bool down = k == -d || (k != d && before[k - 1] < before[k + 1]);
    return down ? before[k + 1] : before[k - 1] + 1;
}

/* False: there are too many edits, or memory is out. */
static bool search(const struct words *a, const struct words *b, struct arena *scratch,
                   struct way *ret)
{
    for (long d = 0; d <= TEXT_DIFF_EDITS; d++) {
        int32_t *row = arena_array(scratch, int32_t, 2 * d + 3);
        if (!row)
            return false;
        row += d + 1;
        row[-d - 1] = row[d + 1] = -1;
        ret->furthest[d] = row;
        for (long k = -d; k <= d; k += 2) {
            long x = d ? reach(ret->furthest[d - 1], d, k) : 0, y = x - k;
            while (x < (long)a->n && y >= 0 && y < (long)b->n && str_eq(a->p[x], b->p[y]))
                x++, y++;
            row[k] = (int32_t)x;
            if (x >= (long)a->n && y >= (long)b->n) {
                ret->edits = d;
                return true;
            }
            if (k < d)
                row[k + 1] = -1;
        }
    }
    return false;
}

enum step { STEP_SAME, STEP_GONE, STEP_NEW };

/* The steps of the way, from its end to its beginning; returns how many. */
static size_t walk_back(const struct words *a, const struct words *b,
                        const struct way *way, unsigned char *steps)
{
    long x = (long)a->n, y = (long)b->n;
    size_t n = 0;
    for (long d = way->edits; d > 0; d--) {
        const int32_t *before = way->furthest[d - 1];
        long k = x - y;
        bool down = k == -d || (k != d && before[k - 1] < before[k + 1]);
        long from_x = down ? before[k + 1] : before[k - 1];
        long from_y = from_x - (down ? k + 1 : k - 1);
        while (x > from_x + !down && y > from_y + down) {
            steps[n++] = STEP_SAME;
            x--, y--;
        }
        steps[n++] = down ? STEP_NEW : STEP_GONE;
        x = from_x;
        y = from_y;
    }
    for (; x > 0; x--)
        steps[n++] = STEP_SAME;
    return n;
}

/* -- what is written -------------------------------------------------------------------
 */

static size_t write_steps(const struct words *a, const struct words *b,
                          const unsigned char *steps, size_t n, struct buf *out)
{
    static const char *const open[] = {"", "[-", "{+"}, *const close[] = {"", "-]", "+}"};
    size_t x = 0, y = 0, common = 0;
    unsigned char last = STEP_SAME;
    bool begins_line = true;
    for (size_t i = n; i--;) {
        unsigned char step = steps[i];
        struct str word = step == STEP_NEW ? b->p[y] : a->p[x];
        if (step != last)
            buf_append(out, str_of(close[last]));
        if (!begins_line && word.p[0] != '\n')
            buf_byte(out, ' ');
        if (step != last)
            buf_append(out, str_of(open[step]));
        buf_append(out, word);
        begins_line = word.p[0] == '\n';
        x += step != STEP_NEW;
        y += step != STEP_GONE;
        common += step == STEP_SAME;
        last = step;
    }
    buf_append(out, str_of(close[last]));
    return common;
}

double text_diff(struct str a, struct str b, struct arena *scratch, struct buf *out)
{
    struct words left, right;
    struct way *way = arena_alloc(scratch, sizeof *way);
    if (!way || !split(a, scratch, &left) || !split(b, scratch, &right))
        return -1;
    if (left.n + right.n == 0)
        return 1;
    unsigned char *steps = arena_alloc(scratch, left.n + right.n + 1);
    if (!steps || !search(&left, &right, scratch, way))
        return -1;
    size_t n = walk_back(&left, &right, way, steps);
    size_t common = write_steps(&left, &right, steps, n, out);
    return 2.0 * (double)common / (double)(left.n + right.n);
}
