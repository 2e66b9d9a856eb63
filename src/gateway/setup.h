/* setup.h -- a configuration and what runs behind it: gates, endpoints, prices.
 *
 * Built on the main thread, immutable afterwards, shared by reference: requests keep
 * the setup they began under through a reload.  Gates of engines whose identity did
 * not change are taken over from the previous setup, breaker and all. */
#ifndef WEIR_GATEWAY_SETUP_H
#define WEIR_GATEWAY_SETUP_H

#include "config/config.h"
#include "facts/prices.h"
#include "upstream/endpoint.h"
#include "upstream/gate.h"

#include <stdatomic.h>

struct setup {
    atomic_uint refs;
    struct config *config;
    struct arena arena;
    struct gate **gates;               /* config->nengines */
    struct endpoint *endpoints;        /* config->nengines */
    const struct price **model_prices; /* config->nmodels; NULL: unknown */
    struct str *price_dates;           /* config->nmodels; empty: unknown */
};

/* The port of the built-in simulator that stands for a kind: sim engine without url. */
typedef uint16_t setup_sim_port_fn(void *ctx, const struct config_engine *e);

/* Takes over the caller's reference to config, also on failure.  `was` may be NULL. */
struct setup *setup_create(struct config *config, const struct setup *was,
                           const struct prices *prices, setup_sim_port_fn *sim_port,
                           void *ctx, struct err *err);
struct setup *setup_ref(struct setup *s);
void setup_unref(struct setup *s); /* NULL is fine */

#endif
