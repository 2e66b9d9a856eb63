/* sums.c -- do the sums in a text add up?
 *
 * A sum is: numbers with operators between them, a sign of equality, numbers again.  It
 * is read from each number that no operator stands in front of.  Money signs and one
 * word behind a number ("3 hours * 2 = 6") do not matter. */
#include "judge/sums.h"

#include "judge/find.h"

#include <math.h>

enum { DEPTH = 8, UNIT_BYTES = 16 };

struct reader {
    const char *p, *end;
    unsigned depth;
    unsigned nops;
    int decimals; /* of the last number read; -1: none */
    bool failed;
};

static double read_sum(struct reader *r);

static void skip_blanks(struct reader *r)
{
    while (r->p < r->end && (*r->p == ' ' || *r->p == '\t'))
        r->p++;
}

static bool take_text(struct reader *r, const char *text)
{
    size_t n = strlen(text);
    if ((size_t)(r->end - r->p) < n || memcmp(r->p, text, n) != 0)
        return false;
    r->p += n;
    return true;
}

static double fail(struct reader *r)
{
    r->failed = true;
    return 0;
}

static double read_number(struct reader *r)
{
    double v = 0, scale = 1;
    int decimals = -1;
    const char *start = r->p;
    for (; r->p < r->end; r->p++) {
        if (is_digit(*r->p)) {
            if (decimals >= 0) {
                scale /= 10;
                decimals++;
            }
            v = decimals >= 0 ? v + scale * (*r->p - '0') : v * 10 + (*r->p - '0');
        } else if (*r->p == '.' && decimals < 0 && r->p + 1 < r->end &&
                   is_digit(r->p[1])) {
            decimals = 0;
        } else if (!(*r->p == ',' && decimals < 0 && r->end - r->p > 3 && r->p > start &&
                     is_digit(r->p[1]) && is_digit(r->p[2]) && is_digit(r->p[3]) &&
                     (r->end - r->p == 4 || !is_digit(r->p[4])))) {
            break;
        }
    }
    r->decimals = decimals < 0 ? 0 : decimals;
    return r->p == start ? fail(r) : v;
}

/* One word of at least three letters, when the sum goes on or ends behind it. */
static void skip_unit(struct reader *r)
{
    const char *p = r->p;
    if (p >= r->end || *p != ' ')
        return;
    const char *word = ++p;
    while (p < r->end && is_letter(*p) && p - word < UNIT_BYTES)
        p++;
    if (p - word < 3 || p - word == UNIT_BYTES)
        return;
    const char *after = p;
    while (after < r->end && *after == ' ')
        after++;
    if (after < r->end && is_one_of(*after, "+-*/="))
        r->p = p;
}

static double read_factor(struct reader *r)
{
    skip_blanks(r);
    bool negative = take_text(r, "-");
    take_text(r, "\\$");
    take_text(r, "$");
    double v;
    if (take_text(r, "(")) {
        if (++r->depth > DEPTH)
            return fail(r);
        v = read_sum(r);
        r->depth--;
        skip_blanks(r);
        if (!take_text(r, ")"))
            return fail(r);
    } else {
        v = read_number(r);
    }
    if (take_text(r, "\\%") || take_text(r, "%"))
        v /= 100;
    if (r->p < r->end && (is_word(*r->p) || is_one_of(*r->p, "^!\\(")) &&
        (unsigned char)*r->p != 0xc3 && (unsigned char)*r->p != 0xc2 && *r->p != '\\')
        return fail(r);
    skip_unit(r);
    return negative ? -v : v;
}

/* '*' or '/', however it is written; 0: neither. */
static char take_times(struct reader *r)
{
    static const struct {
        const char *text;
        char op;
    } ops[] = {{"*", '*'},       {"/", '/'},      {"×", '*'},     {"÷", '/'}, {"·", '*'},
               {"\\times", '*'}, {"\\cdot", '*'}, {"\\div", '/'}, {"x ", '*'}};
    const char *before = r->p;
    skip_blanks(r);
    for (size_t i = 0; i < ARRAY_LEN(ops); i++)
        if (take_text(r, ops[i].text))
            return ops[i].op;
    r->p = before;
    return 0;
}

static double read_term(struct reader *r)
{
    double v = read_factor(r);
    for (char op; !r->failed && (op = take_times(r)) != 0;) {
        double by = read_factor(r);
        r->nops++;
        if (op == '/' && by == 0)
            return fail(r);
        v = op == '*' ? v * by : v / by;
    }
    return v;
}

static double read_sum(struct reader *r)
{
    double v = read_term(r);
    while (!r->failed) {
        const char *before = r->p;
        skip_blanks(r);
        char op = r->p < r->end ? *r->p : '\0';
        if (op != '+' && op != '-') {
            r->p = before;
            break;
        }
        r->p++;
        r->nops++;
        double by = read_term(r);
        v = op == '+' ? v + by : v - by;
    }
    return v;
}

static bool adds_up(double left, double right, const struct reader *r, bool is_plain)
{
    double eps = 1e-7 * (fabs(left) > 1 ? fabs(left) : 1);
    if (fabs(left - right) <= eps)
        return true;
    if (!is_plain || fabs(left - floor(left + .5)) <= eps)
        return false;
    return fabs(left - right) <= .5001 * pow(10, -r->decimals);
}

/* Where the result ends, nothing may go on that would change it. */
static bool ends_well(const struct reader *r)
{
    if (r->p >= r->end)
        return true;
    if (is_one_of(*r->p, "^(\\_") || (unsigned char)*r->p >= 0x80 || is_word(*r->p))
        return r->end - r->p > 1 && *r->p == '\\' && is_one_of(r->p[1], ")]n$,");
    return true;
}

static bool may_begin(struct str s, size_t i)
{
    if (i == 0)
        return true;
    size_t k = i - 1;
    if (is_word(s.p[k]) || is_one_of(s.p[k], ".\\_"))
        return false;
    while (k > 0 && is_one_of(s.p[k], " $("))
        k--;
    return !is_one_of(s.p[k], "+-*/^%") && (unsigned char)s.p[k] < 0x80 &&
           !(s.p[k] == 'x' && k > 0 && s.p[k - 1] == ' ');
}

/* One chain "a = b = c" from i on; returns where reading goes on. */
static size_t read_chain(struct str s, size_t i, struct sums *ret)
{
    struct reader r = {.p = s.p + i, .end = s.p + s.n};
    double left = read_sum(&r);
    size_t next = i + 1;
    while (next < s.n && (is_digit(s.p[next]) || s.p[next] == '.'))
        next++;
    const char *from = s.p + i;
    for (unsigned nops = r.nops; !r.failed; nops = r.nops) {
        skip_blanks(&r);
        if (!take_text(&r, "="))
            break;
        skip_blanks(&r);
        r.nops = 0;
        const char *right_from = r.p;
        double right = read_sum(&r);
        if (r.failed || !ends_well(&r))
            break;
        next = (size_t)(right_from - s.p);
        if (nops + r.nops > 0) {
            bool ok = adds_up(left, right, &r, r.nops == 0);
            ret->nright += ok;
            if (!ok && !ret->nwrong++)
                ret->wrong = (struct str){from, (size_t)(r.p - from)};
        }
        from = right_from;
        left = right;
    }
    return next;
}

struct sums sums_check(struct str text)
{
    struct sums sums = {0, 0, {NULL, 0}};
    if (str_index(text, '=') < 0)
        return sums;
    for (size_t i = 0; i < text.n;) {
        char c = text.p[i];
        if ((is_digit(c) || c == '(') && may_begin(text, i))
            i = read_chain(text, i, &sums);
        else
            i++;
    }
    return sums;
}
