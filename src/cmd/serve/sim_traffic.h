/* sim_traffic.h -- the sending half of `weir sim traffic`. */
#ifndef WEIR_CMD_SERVE_SIM_TRAFFIC_H
#define WEIR_CMD_SERVE_SIM_TRAFFIC_H

#include "core/str.h"

struct sim_traffic {
    struct str host; /* of a weir, plain HTTP */
    uint16_t port;
    double minutes, rate; /* requests a second */
    uint64_t seed;
    const char *key; /* of all requests; NULL: each app has its own */
};

/* Prints the counts; an exit code. */
int sim_traffic_run(const struct sim_traffic *t);

#endif
