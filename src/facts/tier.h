/* tier.h -- the class of service that an answer says it was given, which decides its
 * price.
 *
 * The words are those of the answers' `service_tier` member.  "default", "auto",
 * "standard" and "on_demand" are the ordinary price; a word that is not known here is
 * TIER_OTHER, whose price nobody knows. */
#ifndef WEIR_FACTS_TIER_H
#define WEIR_FACTS_TIER_H

#include "core/str.h"

enum service_tier {
    TIER_STANDARD,
    TIER_FLEX,
    TIER_PRIORITY,
    TIER_BATCH,
    TIER_FAST,
    TIER_SCALE,
    TIER_OTHER,
    TIER_COUNT
};

/* An empty word is TIER_STANDARD. */
enum service_tier service_tier_of(struct str word);
const char *service_tier_name(enum service_tier t);

#endif
