/* policy.h -- what a policy wishes for; the gates decide what it gets.
 *
 * A policy never sees an engine: it says which role or side it would like and why, and
 * route.c ranks what the label, the capabilities and the engines' health have left.  So
 * no policy can break a promise, only state a preference.  One row a policy. */
#ifndef WEIR_ROUTE_POLICY_H
#define WEIR_ROUTE_POLICY_H

#include "route/route.h"

struct policy_wish {
    enum role role; /* ROLE_NONE: any of the side */
    enum side side;
    bool is_strict; /* the other side is no substitute */
    struct str why; /* arena or static */
};

/* A wish for an answer within so many milliseconds, by what was measured of the models in
 * the roles local_small, cloud_cheap and cloud_strong: of a stream its first token, else
 * the whole answer.  False: none was said, or what was measured does not decide it. */
bool measured_wish(const struct route_query *q, struct arena *a, struct policy_wish *ret);
/* How long a whole answer of so many tokens takes.  False: nobody measured it. */
bool measured_whole_ms(const struct route_measured *fact, uint64_t tokens, uint64_t *ret);
/* The tokens that an answer is expected to have: those that an estimate of its cost
 * assumes, and no more than its limit. */
uint64_t measured_tokens(const struct chat *chat);

/* The wish of q->policy for this request. */
struct policy_wish policy_wish(const struct route_query *q, struct arena *a);

/* Simple if it asks a short question of a known form, complex if it names
 * a demanding task, else medium.  Lower-cased substrings; length in characters. */
enum complexity { COMPLEXITY_SIMPLE, COMPLEXITY_MEDIUM, COMPLEXITY_COMPLEX };
enum complexity complexity_of(struct str text);
const char *complexity_name(enum complexity c);

/* The text of the last user message, for classifiers: at most 16 KB of it. */
struct str policy_query_text(const struct chat *chat, struct arena *a);

#endif
