/* serve_sims.h -- the built-in simulators behind engines of kind sim without a url. */
#ifndef WEIR_CMD_SERVE_SERVE_SIMS_H
#define WEIR_CMD_SERVE_SERVE_SIMS_H

#include "cmd/lib/command.h"
#include "config/config.h"

struct sim;
struct serve_sims {
    struct {
        struct sim *sim;
        char name[128];
    } items[CONFIG_MAX_ENGINES];
    size_t n;
};

/* A setup_sim_port_fn: starts the engine's simulator on loopback when it does not run
 * yet; its port, or 0 when it could not be started (logged). */
uint16_t serve_sims_port(void *ctx, const struct config_engine *e);
void serve_sims_stop(struct serve_sims *s);

#endif
