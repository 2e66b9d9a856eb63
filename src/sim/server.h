/* server.h -- a simulated engine, in a process or inside one.
 *
 * It answers POST /v1/chat/completions, /v1/completions, /v1/embeddings, GET
 * /v1/models and /health, and the paths of all other dialects (dialect/dialect.h), at the
 * pace of a profile, and tells tests what it saw at /sim/stats and /sim/last.
 * docs/sim.md is the manual. */
#ifndef WEIR_SIM_SERVER_H
#define WEIR_SIM_SERVER_H

#include "core/err.h"
#include "core/str.h"

struct sim_options {
    struct str profile;       /* a name of sim/profile.h; n == 0: "instant" */
    struct str host;          /* n == 0: 127.0.0.1 */
    uint16_t port;            /* 0 picks one */
    const struct str *models; /* what /v1/models lists; none: the profile's model */
    size_t nmodels;
    struct str replay_path; /* n == 0: none */
    struct str script_path; /* n == 0: none */
    struct str fault;       /* directives for every request (sim/faults.h), or empty */
    double speed;           /* 2: twice as fast as the profile; 0 means 1 */
    struct str api_key;     /* demanded as a bearer token; n == 0: nobody is asked */
    uint32_t slots;         /* requests answered at once, others wait; 0: no limit */
    bool is_recording;      /* keep the last request for /sim/last */
};

struct sim;

/* Starts it on a thread and a loop of its own; returns when it listens.  Everything in
 * *o is copied. */
int sim_start(const struct sim_options *o, struct sim **ret, struct err *err);
uint16_t sim_port(const struct sim *s);
/* Closes every connection and joins the thread.  NULL is fine. */
void sim_stop(struct sim *s);
/* Starts it, logs the address, and returns after SIGINT or SIGTERM, stopped. */
int sim_run(const struct sim_options *o, struct err *err);

#endif
