/* eval_escalate.h -- `weir eval escalate`: what judging the local answer is worth. */
#ifndef WEIR_CMD_DECIDE_EVAL_ESCALATE_H
#define WEIR_CMD_DECIDE_EVAL_ESCALATE_H

#include "cmd/lib/options.h"

/* What of it stands in --help. */
#define EVAL_ESCALATE_DETAILS                                                            \
    "escalate  lines "                                                                   \
    "{\"id\",\"prompt\",\"answers\":[{\"engine\",\"text\",\"logprobs\"?,\n"              \
    "  \"finish_reason\"?}],\"local_score\",\"cloud_score\"}: answers[0] is judged, "    \
    "the\n"                                                                              \
    "  others are opinions of further local models; a score says how good the local\n"   \
    "  and the cloud's answer were, 0 to 1. Nothing leaves this machine.\n"

/* Files are the words from `first` on. */
int eval_escalate(const struct options *o, size_t first);

#endif
