/* blame.h -- whom an engine's error is about; inside this folder only.
 *
 * A 400 is the client's mistake only when it is not about something that another engine
 * may have: credit, a model, a longer context.  What the type or code says counts
 * first; then words, outside of quotes (said.h), and only near the beginning. */
#ifndef WEIR_ENGINE_BLAME_H
#define WEIR_ENGINE_BLAME_H

#include "engine/said.h"

enum blame {
    BLAME_NOBODY,  /* nothing known is said: the status decides */
    BLAME_CONTEXT, /* the prompt is too long for this model */
    BLAME_FILTER,  /* the content was refused */
    BLAME_KEY,     /* the operator's credentials */
    BLAME_MONEY,   /* credit, billing, a plan */
    BLAME_QUOTA,   /* a limit of use that waiting for seconds does not lift */
    BLAME_RATE,    /* too many requests or tokens a minute */
    BLAME_ACCOUNT, /* organisation, region, permission */
    BLAME_MODEL,   /* not there, not loaded, retired */
    BLAME_LOADING, /* a model that is being loaded */
    BLAME_ABILITY, /* the model or engine cannot do what is asked: tools, pictures, ... */
    BLAME_ENGINE   /* the engine's own trouble: memory, a crash */
};

enum blame blame_of(const struct said *s);
/* By the code or type alone: too many requests. */
bool blame_is_rate_by_code(const struct said *s);
/* It gives no reason at all: nobody can mend anything by it. */
bool blame_is_silent(const struct said *s);
/* It gives a reason in which nothing is that a client could mend in its request. */
bool blame_is_vague(const struct said *s);
/* Of a BLAME_ABILITY: the CAP_* bits (config/kinds.h) it is about, 0 when unclear. */
unsigned blame_caps(const struct said *s);

#endif
