/* traffic.h -- ten minutes in the life of a few apps, made up: requests for a weir.
 *
 * What comes as the i-th request is decided by the seed and i alone, so two runs of one
 * seed ask the same at the same moments.  Names, numbers and secrets in it are drawn, and
 * belong to nobody; numbers with check digits have right ones, so that a scanner finds
 * them as it would real ones.
 *
 * Pure: nothing is sent here. */
#ifndef WEIR_SIM_TRAFFIC_H
#define WEIR_SIM_TRAFFIC_H

#include "core/arena.h"
#include "core/buf.h"

enum traffic_app {
    TRAFFIC_CHAT,
    TRAFFIC_CODE,
    TRAFFIC_AGENT,
    TRAFFIC_MAIL,
    TRAFFIC_OFFICE,
    TRAFFIC_APPS
};
const char *traffic_app_name(enum traffic_app a); /* "chat" */
/* The key that it shows where nobody gave one; examples/trial.yaml knows them. */
const char *traffic_app_key(enum traffic_app a);

struct traffic {
    uint64_t seed, n; /* n: made so far */
    double rate, at_s;
};

struct traffic_item {
    uint64_t at_ms; /* after the beginning */
    enum traffic_app app;
    const char *fields; /* more of the head, complete lines; static */
    char session[32];
    bool is_stream;
    bool is_odd; /* something is wrong with it, on purpose */
};

void traffic_begin(struct traffic *t, uint64_t seed, double requests_a_second);
/* Appends the body of the next one to *body, a chat completion. */
void traffic_next(struct traffic *t, struct traffic_item *ret, struct buf *body);

#endif
