/* play.h -- the turn of the model that a rule makes. */
#ifndef WEIR_SIM_PLAY_H
#define WEIR_SIM_PLAY_H

#include "sim/rule.h"
#include "sim/said.h"

struct sim_turn {
    struct sim_part *parts;
    size_t nparts;
    const char *finish;
    int64_t input, output, cached, reasoning; /* -1: as counted */
    struct sim_directives asked;
};
/* Plays the first rule that holds.  1: it did; 0: none does; -1: ERR_BAD_REQUEST
 * "script_tool" (a tool that is to be called is not offered) or "bad_script", or no
 * memory.  What it points to is the rule's too. */
int sim_rules_play(const struct sim_rule *first, const struct sim_heard *h,
                   struct arena *a, struct sim_turn *ret, struct err *err);

#endif
