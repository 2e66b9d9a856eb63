/* up_keeper.c -- the engine of `weir up --model`, stopped and started by whoever operates
 * weir.
 *
 * Orders come from the gateway's threads, which only note them; the main thread looks
 * each second and does them (up_engine.c).  The gate is held from the order on, and let
 * go when the engine answers: both under the mutex here, so that no older news of the
 * engine opens the gate that a newer order has shut. */
#include "cmd/serve/up.h"

#include "config/url.h"
#include "core/clock.h"
#include "gateway/setup.h"

#include <stdio.h>

static bool is_child(const struct up *u, const struct config_engine *e)
{
    return u->has_child && e->side == SIDE_LOCAL && !e->is_tls &&
           e->port == u->child.port && url_host_is_loopback(e->host);
}

static bool look(void *ctx, const struct config_engine *e, struct kept_look *ret)
{
    struct up *u = ctx;
    if (!is_child(u, e))
        return false;
    pthread_mutex_lock(&u->keeper.mutex);
    *ret = u->keeper.now;
    pthread_mutex_unlock(&u->keeper.mutex);
    return true;
}

static void set(struct up_keeper *k, enum kept_state state, const char *why)
{
    k->now.state = state;
    k->now.since_ms = clock_wall_ms();
    snprintf(k->now.why, sizeof k->now.why, "%s", why);
}

static void order(void *ctx, struct gate *gate, bool is_start, const char *why)
{
    struct up *u = ctx;
    struct up_keeper *k = &u->keeper;
    pthread_mutex_lock(&k->mutex);
    k->is_wanted = is_start;
    snprintf(k->start_why, sizeof k->start_why, "%s", is_start ? why : "");
    set(k, is_start ? KEPT_STARTING : KEPT_STOPPING, is_start ? "" : why);
    gate_hold(gate, is_start ? GATE_STARTING : GATE_STOPPED, why, clock_mono_ms());
    pthread_mutex_unlock(&k->mutex);
}

const struct kept_engines up_kept = {.look = look, .order = order};

void up_keeper_init(struct up_keeper *k)
{
    pthread_mutex_init(&k->mutex, NULL);
    k->is_wanted = true;
    set(k, KEPT_STARTING, "");
}

void up_keeper_release(struct up_keeper *k)
{
    pthread_mutex_destroy(&k->mutex);
}

struct kept_look up_keeper_look(struct up *u, bool *ret_is_wanted)
{
    pthread_mutex_lock(&u->keeper.mutex);
    struct kept_look now = u->keeper.now;
    *ret_is_wanted = u->keeper.is_wanted;
    pthread_mutex_unlock(&u->keeper.mutex);
    return now;
}

struct gate *up_keeper_gate(const struct up *u)
{
    const struct setup *s = u->serving.server ? u->serving.server->setup : NULL;
    for (size_t i = 0; s && i < s->config->nengines; i++)
        if (is_child(u, &s->config->engines[i]))
            return s->gates[i];
    return NULL;
}

/* What its history says of it: the reason of whoever had it started. */
static void let_go(struct up_keeper *k, struct gate *gate)
{
    char words[KEPT_WHY_MAX + 40];
    snprintf(words, sizeof words, k->start_why[0] ? "by the operator: %s" : "it answers",
             k->start_why);
    gate_hold(gate, GATE_RUNS, words, clock_mono_ms());
    k->start_why[0] = '\0';
}

void up_keeper_tell(struct up *u, bool was_wanted, enum kept_state state, const char *why)
{
    struct up_keeper *k = &u->keeper;
    struct gate *gate = up_keeper_gate(u);
    pthread_mutex_lock(&k->mutex);
    if (k->is_wanted == was_wanted) {
        set(k, state, why);
        if (state == KEPT_RUNNING && gate)
            let_go(k, gate);
        if (state == KEPT_FAILED && gate)
            gate_hold(gate, GATE_STARTING, why, clock_mono_ms());
    }
    pthread_mutex_unlock(&k->mutex);
}
