/* bindings.c -- names and values that are bound in the ways of some languages.
 *
 *     user, pw = "bob", "x"             my ($user, $pw) = ("bob", "x")
 *     val secret by lazy { "x" }        var secret: String { "x" }
 */
#include "scan/read/inside.h"

enum { MOST = 4 };

/* The names before the equals sign, the last first: how many. */
static size_t names_before(const struct reader *r, size_t i, size_t begin,
                           struct piece *names)
{
    size_t n = 0;
    i = skip_blanks_back(r, i, begin);
    if (i > begin && (r->text.p[i - 1] == ')' || r->text.p[i - 1] == ']'))
        i = skip_blanks_back(r, i - 1, begin);
    while (n < MOST) {
        struct piece p = word_before(r, i, begin);
        if (p.end <= p.start)
            return 0;
        names[n++] = p;
        i = p.start;
        while (i > begin && strchr("$@&*", r->text.p[i - 1]) && r->text.p[i - 1])
            i--;
        i = skip_blanks_back(r, i, begin);
        if (i == begin || r->text.p[i - 1] != ',')
            return n;
        i = skip_blanks_back(r, i - 1, begin);
    }
    return 0;
}

void read_several(struct reader *r, const struct line *l, size_t op)
{
    struct piece names[MOST];
    size_t at = skip_blanks(r, op + 1, l->end);
    if (at < l->end && (r->text.p[at] == '(' || r->text.p[at] == '['))
        at = skip_blanks(r, at + 1, l->end);
    if (at >= l->end || !is_quote(r->text.p[at]))
        return;
    size_t n = names_before(r, op, l->start, names);
    for (size_t k = n; n > 1 && k > 0 && at < l->end; k--) {
        struct piece v = {0};
        if (is_quote(r->text.p[at]))
            v = quoted_at(r, at, l->end);
        if (v.quote)
            emit(r, names[k - 1], v, NOTE_CODE);
        at = v.quote ? v.end + 1 : at;
        while (at < l->end && r->text.p[at] != ',')
            at++;
        at = skip_blanks(r, at + 1, l->end);
    }
}

/* The name before a type: "secret: String". */
static struct piece past_type(const struct reader *r, struct piece word, size_t begin)
{
    size_t i = skip_blanks_back(r, word.start, begin);
    return i > begin && r->text.p[i - 1] == ':'
               ? word_before(r, skip_blanks_back(r, i - 1, begin), begin)
               : word;
}

/* val secret by lazy { "x" } of Kotlin, var secret: String { "x" } of Swift */
void read_lazy(struct reader *r, const struct line *l, size_t brace)
{
    struct piece word = word_before(r, skip_blanks_back(r, brace, l->start), l->start);
    size_t at = skip_blanks(r, brace + 1, l->end);
    if (at >= l->end || !is_quote(r->text.p[at]))
        return;
    struct piece name = {0};
    if (equal_to(piece_str(r, word), "lazy")) {
        struct piece by =
            word_before(r, skip_blanks_back(r, word.start, l->start), l->start);
        size_t end = skip_blanks_back(r, by.start, l->start);
        if (equal_to(piece_str(r, by), "by"))
            name = past_type(r, word_before(r, end, l->start), l->start);
    } else if (equal_to(piece_str(r, word), "string")) {
        name = past_type(r, word, l->start);
    }
    emit(r, name, quoted_at(r, at, l->end), NOTE_CODE);
}
