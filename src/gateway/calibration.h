/* calibration.h -- what policy learned knows of the traffic, kept across restarts.
 *
 * One calibration a process, shared by all workers (route/calibrate.h).  The file
 * `route.calibration` in the state directory has it; it is written whole beside the old
 * one and then takes its place.  All of it on the main thread. */
#ifndef WEIR_GATEWAY_CALIBRATION_H
#define WEIR_GATEWAY_CALIBRATION_H

#include "config/config.h"
#include "route/calibrate.h"
#include "route/learned/adapter_file.h"

struct calibration_file {
    struct calibration now;
    uint32_t digest; /* of what made the scores in it: scores_digest() */
    unsigned saved_version;
    uint64_t saved_ms;
    bool is_told; /* that it cannot be written */
};

/* What the file has, if it is of these weights; else it begins anew. */
void calibration_open(struct calibration_file *f, const char *state_dir, uint32_t digest);
/* Another configuration serves from now on, perhaps with other weights. */
void calibration_change(struct calibration_file *f, uint32_t digest);
/* Writes it when there is news: at most once a minute, or now. */
void calibration_keep(struct calibration_file *f, const char *state_dir, uint64_t now_ms,
                      bool must);

/* The weights that the configuration names, or those built in, in the arena.  NULL:
 * *err says which file and what is wrong with it. */
struct router *router_configured(const struct config_learned *l, struct arena *a,
                                 struct err *err);
/* The adapter that the configuration names, for these weights, in the arena.  *ret is
 * NULL when it names none.  -1: *err says which file and what is wrong with it. */
int adapter_configured(const struct config_learned *l, const struct router *r,
                       struct arena *a, const struct adapter **ret, struct err *err);
/* A digest of what makes a score: the weights, and the adapter that the configuration
 * names (may be NULL). */
uint32_t scores_digest(const struct router *r, const struct adapter *a);
/* A digest of the local models, by what they are asked for and where: another file behind
 * the same name is not seen.  Never 0. */
uint32_t models_digest(const struct config *c);
struct goal goal_configured(const struct config_learned *l);

/* The local models of this configuration are those that answer now: outcomes of others
 * are forgotten, which is told. */
void calibration_look_at_models(struct calibration_file *f, const struct config *c);

/* What their engines say of the files and builds behind the names (fingerprint.h); 0: not
 * known now.  True: they are others than before, which is told. */
bool calibration_look_at_files(struct calibration_file *f, uint32_t files);

/* What somebody said of a local answer is an outcome of the score that kept its prompt
 * here.  A re-ask is a weak sign: one of three counts.  ctx: the struct calibration. */
struct feedback_heard;
void calibration_heard(void *ctx, const struct feedback_heard *heard);

#endif
