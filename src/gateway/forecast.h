/* forecast.h -- which local answers are judged (escalate.h), and what is known of that
 * before anything is sent. */
#ifndef WEIR_GATEWAY_FORECAST_H
#define WEIR_GATEWAY_FORECAST_H

#include "dialect/dialect.h"
#include "route/explain.h"

/* What the client says of it (x-weir-escalate). */
enum escalate_said { ESCALATE_UNSAID, ESCALATE_SAID_ON, ESCALATE_SAID_OFF };

/* What a client is told that asks for it where it is off. */
#define ESCALATE_IS_OFF                                                                  \
    "`escalate` is off in weir.yaml, so no answer is judged; whoever runs weir can set " \
    "`escalate: on`, or `escalate: {when: asked}` for those who ask; without x-weir-"    \
    "escalate the answer is given as it comes"

/* Does configuration, key (NULL: none) or client ask for it? */
static inline bool escalate_is_asked(const struct config *c, const struct config_key *key,
                                     enum escalate_said said)
{
    if (said == ESCALATE_UNSAID)
        return key && key->has_escalate ? key->escalate : c->escalate.is_on;
    return said == ESCALATE_SAID_ON && c->escalate.may_ask;
}

/* Why the answer to such a request is not judged, in the words of judged.h; NULL: it may
 * be.  is_auto: weir has chosen the model. */
const char *escalate_unfit(const struct chat *chat, const struct dialect *d,
                           bool is_auto);
/* The stronger model that would be asked now if `weak` answered too weakly; NULL: none.
 */
const struct config_model *escalate_stronger(const struct route_query *q,
                                             const struct config_model *weak,
                                             struct arena *a);
/* Why there is none. */
const char *escalate_no_stronger(const struct route_query *q);

struct forecast_ask {
    const struct route_query *query;
    const struct route_choice *choice;
    const struct dialect *dialect;
    const struct config_key *key; /* NULL: none */
    enum escalate_said said;
};
/* *ret points into the configuration and to static words. */
void forecast(const struct forecast_ask *ask, struct arena *a,
              struct explain_judging *ret);

#endif
