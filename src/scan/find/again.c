/* again.c -- an account or a machine that was found once is hidden at every mention.
 *
 *     login: tamsin_p        ... PWD=/srv/tamsin_p ...
 *
 * One walk over the tokens, for up to MOST values.  A value must be told from words of
 * the language, by a digit or a mark inside or because no list has it, or its place must
 * tell it: ~teresa/ or dir/teresa. */
#include "scan/detect.h"
#include "scan/find/plausible.h"
#include "scan/text/facts.h"

enum { MOST = 32, SLOTS = 128, LEAST_BYTES = 6, SCORE_LESS = 5 };

struct again {
    struct span value[MOST];
    bool is_odd[MOST];
    uint8_t slot[SLOTS]; /* by the hash of the first token: index + 1 */
    uint32_t first[MOST];
    size_t n;
};

static bool has_mark(struct str s)
{
    for (size_t i = 1; i + 1 < s.n; i++)
        if (strchr("._-", s.p[i]))
            return true;
    return false;
}

/* Small letters that are a word of no list, in no language. */
static bool is_unlisted(struct str v)
{
    for (size_t i = 0; i < v.n; i++)
        if (!is_lower(v.p[i]))
            return false;
    return v.n >= LEAST_BYTES && facts_find(word_hash(v.p, v.n)) == 0;
}

static void add(struct again *x, const struct window *w, const struct span *s)
{
    struct str v = {w->p + s->start, s->end - s->start};
    const struct token *t = &w->tok[token_at(w, s->start)];
    if (x->n == MOST || v.n < LEAST_BYTES || t->start != s->start ||
        t->kind != TOK_WORD || t->hash == 0)
        return;
    size_t i = t->hash % SLOTS;
    while (x->slot[i]) {
        const struct span *o = &x->value[x->slot[i] - 1];
        if (x->first[x->slot[i] - 1] == t->hash &&
            str_eq((struct str){w->p + o->start, o->end - o->start}, v))
            return;
        i = (i + 1) % SLOTS;
    }
    x->first[x->n] = t->hash;
    x->value[x->n] = *s;
    x->is_odd[x->n] = count_digits(v) > 1 || has_mark(v) || is_unlisted(v);
    x->slot[i] = (uint8_t)++x->n;
}

/* Whether the value stands here whole, and is not the one that was found. */
static bool is_mention(const struct window *w, const struct token *t,
                       const struct span *s, bool is_odd)
{
    size_t n = s->end - s->start, end = t->start + n;
    char before = t->start ? w->p[t->start - 1] : ' ',
         after = end < w->n ? w->p[end] : ' ';
    bool is_told = is_odd || before == '/' || before == '\\';
    return is_told && t->start != s->start && end <= w->n &&
           memcmp(w->p + t->start, w->p + s->start, n) == 0 && !is_alnum(before) &&
           !is_alnum(after) && before != '_' && after != '_' && before >= 0 && after >= 0;
}

void find_accounts_again(struct window *w)
{
    struct again x = {.n = 0};
    for (size_t i = 0; i < w->nfound; i++)
        if (w->found[i].type == TYPE_USERNAME || w->found[i].type == TYPE_HOSTNAME)
            add(&x, w, &w->found[i]);
    for (size_t k = 0; x.n && k < w->ntok; k++) {
        const struct token *t = &w->tok[k];
        if (t->kind != TOK_WORD || t->hash == 0)
            continue;
        for (size_t i = t->hash % SLOTS; x.slot[i]; i = (i + 1) % SLOTS) {
            size_t at = x.slot[i] - 1u;
            const struct span s = x.value[at];
            if (x.first[at] == t->hash && is_mention(w, t, &s, x.is_odd[at]))
                propose(w, t->start, t->start + (s.end - s.start),
                        (enum guard_type)s.type, s.score - SCORE_LESS,
                        (enum guard_evidence)s.evidence);
        }
    }
    if (x.n)
        w->nfound = resolve_spans(w->found, w->nfound);
}
