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
        const char *text;
        uint8_t what;
    } ends[] = {{"pril", OF_TREATMENT},     {"sartan", OF_TREATMENT},
                {"olol", OF_TREATMENT},     {"dipin", OF_TREATMENT},
                {"vastatin", OF_TREATMENT}, {"prazol", OF_TREATMENT},
                {"cillin", OF_TREATMENT},   {"cilin", OF_TREATMENT},
                {"floxacin", OF_TREATMENT}, {"mycin", OF_TREATMENT},
                {"micin", OF_TREATMENT},    {"cyclin", OF_TREATMENT},
                {"ciclin", OF_TREATMENT},   {"conazol", OF_TREATMENT},
                {"ciclovir", OF_TREATMENT}, {"tegravir", OF_TREATMENT},
                {"zumab", OF_TREATMENT},    {"ximab", OF_TREATMENT},
                {"umab", OF_TREATMENT},     {"tinib", OF_TREATMENT},
                {"gliptin", OF_TREATMENT},  {"gliflozin", OF_TREATMENT},
                {"glutid", OF_TREATMENT},   {"oxetin", OF_TREATMENT},
                {"triptan", OF_TREATMENT},  {"setron", OF_TREATMENT},
                {"azepam", OF_TREATMENT},   {"azolam", OF_TREATMENT},
                {"barbital", OF_TREATMENT}, {"cain", OF_TREATMENT},
                {"xaban", OF_TREATMENT},    {"gatran", OF_TREATMENT},
                {"lukast", OF_TREATMENT},   {"terol", OF_TREATMENT},
                {"metason", OF_TREATMENT},  {"nisolon", OF_TREATMENT},
                {"fenac", OF_TREATMENT},    {"profen", OF_TREATMENT},
                {"coxib", OF_TREATMENT},    {"dronat", OF_TREATMENT},
                {"thiazid", OF_TREATMENT},  {"tiazid", OF_TREATMENT},
                {"semid", OF_TREATMENT},    {"tiapin", OF_TREATMENT},
                {"zapin", OF_TREATMENT},    {"peridon", OF_TREATMENT},
                {"pezil", OF_TREATMENT},    {"mantin", OF_TREATMENT},
                {"ratadin", OF_TREATMENT},  {"tirizin", OF_TREATMENT},
                {"racetam", OF_TREATMENT},  {"platin", OF_TREATMENT},
                {"parin", OF_TREATMENT},    {"itis", OF_ILLNESS},
                {"ectom", OF_TREATMENT},    {"ektom", OF_TREATMENT},
                {"algi", OF_CARE},          {"pathi", OF_CARE},
                {"aemi", OF_CARE},          {"plegi", OF_ILLNESS},
                {"parese", OF_ILLNESS},     {"scopi", OF_CARE},
                {"skopi", OF_CARE}};
    while (s.n > 5 && strchr("aeiouy", s.p[s.n - 1]))
        s.n--; /* -e, -a, -um, -ie, -ia, -y */
    struct str with_i = {s.p, s.n + 1};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        struct str end = str_of(ends[i].text);
        bool has_i = end.p[end.n - 1] == 'i';
        if (!has_i && end.p[end.n - 1] != s.p[s.n - 1])
            continue;
        if (s.n > end.n && str_ends(has_i ? with_i : s, end) && s.n - end.n >= 1)
            return ends[i].what;
    }
    return 0;
}

uint8_t clinical_folded(struct str s)
{
    enum { LATIN_LEAST = 7 };
    uint32_t roles = stems_of(s);
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
