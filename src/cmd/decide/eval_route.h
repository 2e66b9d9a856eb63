/* eval_route.h -- `weir eval route`: what each policy is worth on prompts with scores. */
#ifndef WEIR_CMD_DECIDE_EVAL_ROUTE_H
#define WEIR_CMD_DECIDE_EVAL_ROUTE_H

#include "cmd/lib/options.h"

/* What of it stands in --help. */
#define EVAL_ROUTE_DETAILS                                                               \
    "route     lines {\"id\",\"prompt\",\"local_score\",\"cloud_score\"}: each policy "  \
    "that\n"                                                                             \
    "  looks at the prompt, beside chance, length and what sees both answers. A "        \
    "policy\n"                                                                           \
    "  that does not beat length has learnt nothing of use for your prompts. --json\n"   \
    "  also has se and error_to_length (standard errors), ece_500 (after 500 of the\n"   \
    "  lines were used to calibrate), share_off (the largest distance of a realised\n"   \
    "  share from 10, 20 .. 90 %) and policies.\n"

/* Exit code.  words[1..] are files. */
int eval_route_run(const struct options *o);

#endif
