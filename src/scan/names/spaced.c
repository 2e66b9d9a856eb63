/* spaced.c -- names in capitals with a blank between the letters, as letterheads and
 * badly read scans have them: see whole.h.
 *
 *     O R L A  V A N T E R P O O L
 */
#include "scan/names/private_inside.h"
#include "scan/names/whole.h"
#include "scan/text/facts.h"

enum {
    WORDS_LEAST = 2,
    WORDS_MOST = 5,
    LETTERS_LEAST = 3,
    LETTERS_MOST = 24,
    SCORE = 78
};

struct spaced_word {
    size_t end; /* token behind it */
    bool is_listed;
};

static bool is_capital(const struct window *w, size_t i)
{
    const struct token *t = private_token(w, i);
    return t->kind == TOK_WORD && token_width(t) == 1 && is_upper(t->c);
}

/* The letters from token i on, one blank between each. */
static struct spaced_word read_word(const struct window *w, size_t i)
{
    char folded[LETTERS_MOST];
    size_t n = 0, k = i;
    for (; is_capital(w, k) && n < LETTERS_MOST; k++) {
        if (k > i && w->tok[k].start - w->tok[k - 1].end != 1)
            break;
        folded[n++] = to_lower(w->tok[k].c);
    }
    if (n < LETTERS_LEAST)
        return (struct spaced_word){i, false};
    uint64_t hash = word_hash(folded, n);
    bool is_listed = (lexicon_find(hash) & (NAME_FIRST | NAME_LAST)) ||
                     (facts_find(hash) & (FACT_FIRST | FACT_LAST));
    return (struct spaced_word){k, is_listed};
}

/* All of a line; the first word or the last is a listed name. */
static size_t read_line(struct window *w, size_t i)
{
    size_t k = i, words = 0, listed = 0;
    for (struct spaced_word x; words < WORDS_MOST; k = x.end) {
        x = read_word(w, k);
        if (x.end == k || (k > i && (w->tok[k].gap & GAP_LINE)))
            break;
        words++;
        listed += x.is_listed;
    }
    bool ends = k >= w->ntok || (w->tok[k].gap & GAP_LINE);
    if (words < WORDS_LEAST || !listed || !ends)
        return i;
    propose(w, w->tok[i].start, w->tok[k - 1].end, TYPE_PERSON, SCORE, SAW_LEXICON);
    return k;
}

void find_spaced_names(struct window *w)
{
    for (size_t i = 0; i < w->ntok; i++)
        if ((i == 0 || (w->tok[i].gap & GAP_LINE)) && is_capital(w, i)) {
            size_t past = read_line(w, i);
            i = past > i ? past - 1 : i;
        }
}
