/* clinical.c -- see clinical.h. */
#include "scan/text/clinical.h"

#include "core/compiler.h"
#include "scan/detect.h"
#include "scan/text/stems.h"

/* The endings that the World Health Organization gives the names of medicines, with the
 * vowels that languages put behind them; and of the words of medicine for inflammations,
 * operations and pains. */
static uint8_t by_ending(struct str s)
{
    static const struct {
        char last; /* letter of it */
        const char *text;
        uint8_t what;
    } ends[] = {{'l', "pril", OF_TREATMENT},     {'n', "sartan", OF_TREATMENT},
                {'l', "olol", OF_TREATMENT},     {'n', "dipin", OF_TREATMENT},
                {'n', "vastatin", OF_TREATMENT}, {'l', "prazol", OF_TREATMENT},
                {'n', "cillin", OF_TREATMENT},   {'n', "cilin", OF_TREATMENT},
                {'n', "floxacin", OF_TREATMENT}, {'n', "mycin", OF_TREATMENT},
                {'n', "micin", OF_TREATMENT},    {'n', "cyclin", OF_TREATMENT},
                {'n', "ciclin", OF_TREATMENT},   {'l', "conazol", OF_TREATMENT},
                {'r', "ciclovir", OF_TREATMENT}, {'r', "tegravir", OF_TREATMENT},
                {'b', "zumab", OF_TREATMENT},    {'b', "ximab", OF_TREATMENT},
                {'b', "umab", OF_TREATMENT},     {'b', "tinib", OF_TREATMENT},
                {'n', "gliptin", OF_TREATMENT},  {'n', "gliflozin", OF_TREATMENT},
                {'d', "glutid", OF_TREATMENT},   {'n', "oxetin", OF_TREATMENT},
                {'n', "triptan", OF_TREATMENT},  {'n', "setron", OF_TREATMENT},
                {'m', "azepam", OF_TREATMENT},   {'m', "azolam", OF_TREATMENT},
                {'l', "barbital", OF_TREATMENT}, {'n', "cain", OF_TREATMENT},
                {'n', "xaban", OF_TREATMENT},    {'n', "gatran", OF_TREATMENT},
                {'t', "lukast", OF_TREATMENT},   {'l', "terol", OF_TREATMENT},
                {'n', "metason", OF_TREATMENT},  {'n', "nisolon", OF_TREATMENT},
                {'c', "fenac", OF_TREATMENT},    {'n', "profen", OF_TREATMENT},
                {'b', "coxib", OF_TREATMENT},    {'t', "dronat", OF_TREATMENT},
                {'d', "thiazid", OF_TREATMENT},  {'d', "tiazid", OF_TREATMENT},
                {'d', "semid", OF_TREATMENT},    {'n', "tiapin", OF_TREATMENT},
                {'n', "zapin", OF_TREATMENT},    {'n', "peridon", OF_TREATMENT},
                {'l', "pezil", OF_TREATMENT},    {'n', "mantin", OF_TREATMENT},
                {'n', "ratadin", OF_TREATMENT},  {'n', "tirizin", OF_TREATMENT},
                {'m', "racetam", OF_TREATMENT},  {'n', "platin", OF_TREATMENT},
                {'n', "parin", OF_TREATMENT},    {'s', "itis", OF_ILLNESS},
                {'m', "ectom", OF_TREATMENT},    {'m', "ektom", OF_TREATMENT},
                {'i', "algi", OF_CARE},          {'i', "pathi", OF_CARE},
                {'i', "aemi", OF_CARE},          {'i', "plegi", OF_ILLNESS},
                {'e', "parese", OF_ILLNESS},     {'i', "scopi", OF_CARE},
                {'i', "skopi", OF_CARE}};
    while (s.n > 5 && strchr("aeiouy", s.p[s.n - 1]))
        s.n--; /* -e, -a, -um, -ie, -ia, -y */
    struct str with_i = {s.p, s.n + 1};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        bool has_i = ends[i].last == 'i';
        if (!has_i && ends[i].last != s.p[s.n - 1])
            continue;
        struct str end = str_of(ends[i].text);
        if (s.n > end.n && str_ends(has_i ? with_i : s, end) && s.n - end.n >= 1)
            return ends[i].what;
    }
    return 0;
}

uint8_t clinical_folded(struct str s)
{
    enum { LATIN_LEAST = 7 };
    uint64_t roles = stems_of(s);
    if (roles & STEM_ILLNESS)
        return OF_ILLNESS;
    if (roles & STEM_TREATMENT)
        return OF_TREATMENT;
    if (roles & STEM_CARE)
        return OF_CARE;
    return s.n >= LATIN_LEAST && s.p[0] > 0 ? by_ending(s) : 0;
}

uint8_t clinical_word(struct str word)
{
    char folded[STEM_FOLD_BYTES];
    return clinical_folded(stem_fold(word, folded));
}

static unsigned weight_of(uint8_t what)
{
    static const uint8_t weights[] = {
        [OF_CARE] = 1, [OF_TREATMENT] = 2, [OF_ILLNESS] = 2, [OF_SOMEBODY] = 3};
    return weights[what];
}

void clinical_add(struct clinical_talk *t, uint32_t word, uint8_t what)
{
    for (size_t i = 0; i < t->nword; i++)
        if (t->word[i] == word)
            return;
    if (t->nword == CLINICAL_WORDS)
        return;
    t->word[t->nword] = word;
    t->what[t->nword++] = what;
    t->weight += weight_of(what);
}

void clinical_join(struct clinical_talk *t, const struct clinical_talk *other)
{
    for (size_t i = 0; i < other->nword; i++)
        clinical_add(t, other->word[i], other->what[i]);
}
