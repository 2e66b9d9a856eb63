/* setup.h -- a configuration and what runs behind it: gates, endpoints, prices.
 *
 * Built on the main thread, immutable afterwards, shared by reference: requests keep
 * the setup they began under through a reload.  Gates of engines whose identity did
 * not change are taken over from the previous setup, breaker and all. */
#ifndef WEIR_GATEWAY_SETUP_H
#define WEIR_GATEWAY_SETUP_H

#include "config/config.h"
#include "facts/prices.h"
#include "gateway/calibration.h"
#include "gateway/meter.h"
#include "gateway/standings.h"
#include "guard/rules.h"
#include "route/route.h"
#include "upstream/endpoint.h"
#include "upstream/gate.h"

#include <stdatomic.h>

struct setup {
    atomic_uint refs;
    struct config *config;
    struct guard_rules *rules; /* NULL: nothing can leave, and nothing is blocked */
    struct arena arena;
    struct gate **gates;               /* config->nengines */
    struct endpoint *endpoints;        /* config->nengines */
    struct price_series *model_prices; /* config->nmodels; n == 0: unknown */
    struct meter **model_meters;       /* config->nmodels; NULL: no memory */
    struct standing **standings;       /* config->nmodels; NULL: no memory */
    struct route_measured *measured;   /* config->nmodels; NULL: nobody asked */
    struct router *router;             /* of policy learned */
    const struct adapter *adapter;     /* that the configuration names; NULL: none */
    uint32_t models;                   /* a digest of the local ones */
    struct calibration *calibration;   /* the server's; may be NULL */
    struct goal goal;                  /* what policy learned keeps to */
};

/* The port of the built-in simulator that stands for a kind: sim engine without url. */
typedef uint16_t setup_sim_port_fn(void *ctx, const struct config_engine *e);

/* The price list; asked for only when a model needs it, since reading it takes half a
 * megabyte.  NULL when there is no memory for it.  Main thread only. */
typedef const struct prices *setup_prices_fn(void *ctx);

/* Fills in what was measured of each of the configuration's models; zeroed before. */
typedef void setup_measured_fn(void *ctx, const struct config *c,
                               struct route_measured *ret);

/* What a setup is built from besides the configuration; all of it outlives the setup. */
struct setup_parts {
    setup_prices_fn *prices;
    void *prices_ctx;
    setup_sim_port_fn *sim_port; /* may be NULL */
    void *sim_ctx;
    struct meters *meters;
    struct standings *standings;
    struct calibration *calibration; /* NULL: thresholds know no traffic */
    setup_measured_fn *measured;     /* may be NULL */
    void *measured_ctx;
};

/* Takes over the caller's reference to config, also on failure.  `was` may be NULL. */
struct setup *setup_create(struct config *config, const struct setup *was,
                           const struct setup_parts *parts, struct err *err);
/* The price row of a model: by its `price:`, else by the provider of its engine's host
 * and its upstream name; NULL when unknown or local. */
const struct price *setup_price(const struct config_model *m,
                                const struct prices *prices);
/* True: it is the cloud's and has no price, and out says so with the remedy. */
bool setup_lacks_price(const struct config_model *m, const struct price *price, char *out,
                       size_t size);
/* What it costs on the UTC day of this moment; NULL: unknown. */
const struct price *setup_price_at(const struct setup *s, const struct config_model *m,
                                   uint64_t wall_ms);
/* The role cloud_strong, else the first cloud model for chats; NULL: there is none. */
const struct config_model *setup_strong_cloud(const struct config *c);
/* Is there a model that anything could leave for? */
bool setup_has_cloud(const struct config *c);
/* What the setup changes of gates that it shares with the one before: after the last
 * thing that may fail, for a setup that is refused must change nothing. */
void setup_apply(struct setup *s);
struct setup *setup_ref(struct setup *s);
void setup_unref(struct setup *s); /* NULL is fine */

#endif
