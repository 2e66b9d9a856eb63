/* eval.c -- `weir eval`: what a decision of weir is worth, on anyone's own data. */
#include "cmd/decide/eval_escalate.h"
#include "cmd/decide/eval_route.h"
#include "cmd/lib/commands.h"

static const struct command *const parts[] = {&cmd_eval_escalate, &cmd_eval_route, NULL};

const struct command cmd_eval = {
    .name = "eval",
    .summary = "what a decision is worth, on recorded answers",
    .usage = "escalate|route FILE... [options]",
    .details =
        "Plays recorded answers through a decision and says what it would have cost and\n"
        "saved. Files are JSON lines; every file has its own figures. Scores say how "
        "good\n"
        "an answer was, from 0 to 1 (or true, false); an id is there once in a file.\n\n"
        "Both print APGR (0.5 is chance; RouteLLM's definition), how much must go to "
        "the\n"
        "cloud for 50 and 80 % of what it would gain, and for 95 % of its quality; "
        "beside\n"
        "it what chance, the longest prompt first, and knowing both scores (oracle) "
        "would\n"
        "give; how far the stated chances are from what came true (ece); and the time a\n"
        "decision takes. A figure that does not exist (both sides equally good, a "
        "single\n"
        "line) is \"unknown\", in JSON null.",
    .parts = parts,
};
