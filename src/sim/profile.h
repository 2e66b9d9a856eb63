/* profile.h -- the hardware and services that `weir sim` can pretend to be.
 *
 * A row is a claim somebody published: time to first token and tokens a second for
 * one stream.  The simulator plays claims, it does not endorse them: where arithmetic
 * says that a claim cannot be (decoding reads every weight once per token, so tokens
 * a second cannot exceed memory bandwidth over the size of the weights), `doubt` says
 * so, and the row still runs. */
#ifndef WEIR_SIM_PROFILE_H
#define WEIR_SIM_PROFILE_H

#include "core/err.h"
#include "core/str.h"

struct sim_profile {
    const char *name;
    const char *model; /* what it serves unless told otherwise */
    bool is_cloud;
    uint32_t ttft_ms;     /* mean; 0: at once */
    uint32_t jitter_ms;   /* each request waits ttft_ms +- this */
    bool is_ttft_assumed; /* the source gives speed alone; the wait is ours */
    uint32_t tokps;       /* of one stream; 0: no pacing */
    const char *source;   /* row of the source it was read from */
    const char *doubt;    /* why the claim is not believable, or NULL */
};

/* NULL with the nearest known names in *err. */
const struct sim_profile *sim_profile_find(struct str name, struct err *err);
const struct sim_profile *sim_profiles(size_t *ret_n);

#endif
