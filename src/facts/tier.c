/* tier.c -- the words of `service_tier`. */
#include "facts/tier.h"

static const struct {
    const char *word;
    enum service_tier tier;
} words[] = {
    {"standard", TIER_STANDARD}, /* first of its tier: its name */
    {"default", TIER_STANDARD},   {"auto", TIER_STANDARD},
    {"on_demand", TIER_STANDARD}, {"standard_only", TIER_STANDARD},
    {"flex", TIER_FLEX},          {"priority", TIER_PRIORITY},
    {"batch", TIER_BATCH},        {"fast", TIER_FAST},
    {"scale", TIER_SCALE},
};

enum service_tier service_tier_of(struct str word)
{
    if (word.n == 0)
        return TIER_STANDARD;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_eq_nocase(word, str_of(words[i].word)))
            return words[i].tier;
    return TIER_OTHER;
}

const char *service_tier_name(enum service_tier t)
{
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (words[i].tier == t)
            return words[i].word;
    return "other";
}
