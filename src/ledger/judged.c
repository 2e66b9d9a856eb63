/* judged.c -- see judged.h. */
#include "ledger/judged.h"

static const struct {
    const char *name, *words;
} results[JUDGED_COUNT] = {
    [JUDGED_NOT] = {"", ""},
#define JUDGED_ROW(name, word, words) [JUDGED_##name] = {word, words},
    JUDGED_RESULTS(JUDGED_ROW)
#undef JUDGED_ROW
        [JUDGED_CANCELLED] = {"cancelled", ""},
};

const char *judged_name(enum judged j)
{
    return results[j].name;
}

const char *judged_words(enum judged j)
{
    return results[j].words;
}

enum judged judged_of(struct str words, enum outcome outcome)
{
    if (words.n == 0)
        return JUDGED_NOT;
    if (outcome != OUTCOME_OK)
        return JUDGED_CANCELLED;
    enum judged j = JUDGED_NOT + 1;
    while (j < JUDGED_OTHER && !str_starts(words, str_of(results[j].words)))
        j++;
    return j;
}

struct str judged_words_of(const struct ledger_row *r)
{
    struct str mark = STR("{\"rule\":\"judged\",\"detail\":\"");
    ptrdiff_t at = str_find(r->reasons_json, mark);
    if (at < 0)
        return STR("");
    struct str rest = str_sub(r->reasons_json, (size_t)at + mark.n, SIZE_MAX);
    ptrdiff_t end = str_find(rest, STR("\"}"));
    return str_sub(rest, 0, end < 0 ? rest.n : (size_t)end);
}
