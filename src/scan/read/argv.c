/* argv.c -- the words of a command as programs and logs list them.
 *
 *     ["mysql", "-ubob", "-px"]     a0="mysql" a1="-px"     exec: "sshpass" "-p" "x" */
#include "scan/read/inside.h"

enum { MAX_BYTES = 2048, NAME_MOST = 20 };

/* What stands between two words: commas, blanks, "a1=", the b of Python.  The quote of
 * the next word, or end. */
static size_t next_quote(const struct reader *r, size_t i, size_t end)
{
    size_t letters = 0;
    for (; i < end && !is_quote(r->text.p[i]); i++) {
        char c = r->text.p[i];
        bool is_space = c == ' ' || c == ',' || c == '\n' || c == '\t' || c == '\r';
        letters = is_space ? 0 : letters + 1;
        if (!is_space && (letters > 4 || !(is_alnum(c) || c == '=')))
            return end;
    }
    return i;
}

static bool may_name_tool(struct str s)
{
    return s.n > 1 && s.n <= NAME_MOST && (is_lower(s.p[0]) || s.p[0] == '/');
}

/* The words from the quote at i on; returns where the last one ends. */
static size_t gather(struct reader *r, size_t i, struct argv *w)
{
    size_t most = r->text.n - i > MAX_BYTES ? i + MAX_BYTES : r->text.n, at = i;
    w->n = 0;
    while (i < most && w->n < MAX_ARGV) {
        struct piece p = quoted_at(r, i, most);
        if (!p.quote)
            break;
        at = p.end + 1;
        p.quote = 0; /* all are quoted: it says nothing */
        w->v[w->n++] = p;
        i = next_quote(r, at, most);
    }
    return at;
}

void read_argv(struct reader *r, const struct line *l)
{
    for (size_t i = l->body; i < l->end; i++) {
        if (!is_quote(r->text.p[i]))
            continue;
        struct piece p = quoted_at(r, i, l->end);
        if (!p.quote)
            return;
        if (may_name_tool(piece_str(r, p)) && is_tool(piece_str(r, p))) {
            struct argv w;
            i = gather(r, i, &w) - 1;
            apply_tool(r, &w);
        } else {
            i = p.end;
        }
    }
}
