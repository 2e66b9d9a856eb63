/* eval.c -- `weir eval`: what a decision of weir is worth, on anyone's own data. */
#include "cmd/decide/eval_escalate.h"
#include "cmd/decide/eval_learn.h"
#include "cmd/decide/eval_route.h"
#include "cmd/lib/commands.h"
#include "cmd/lib/options.h"

#include <string.h>

static const struct command_option options[] = {
    {"--json", NULL, "One JSON object for each file."},
    {"--each", NULL, "escalate: also one JSON line for each answer, with its reasons."},
    {"--weights", "FILE", "Other weights (of weir train judge, or router)."},
    {"--learn", NULL, "route: what learning while it runs would be worth."},
    {"--html", "FILE", "route: also write one page with the curves."},
};

static const char details[] =
    "Plays recorded answers through a decision and says what it would have cost and\n"
    "saved. Files are JSON lines:\n\n"
    "  " EVAL_ESCALATE_DETAILS "\n"
    "  " EVAL_ROUTE_DETAILS "  " EVAL_LEARN_DETAILS "\n"
    "Prints APGR (0.5 is chance; RouteLLM's definition), how much must go to the cloud\n"
    "for 50 and 80 % of what it would gain, and for 95 % of its quality; beside it what\n"
    "chance, the longest prompt first, and knowing both scores would give; how far the\n"
    "stated chances are from what came true (ece); and the time a decision takes.\n\n"
    "Examples:\n"
    "  weir eval escalate answers.jsonl\n"
    "  weir eval escalate --json --each answers.jsonl\n"
    "  weir eval route prompts.jsonl --html curve.html\n\n"
    "Exit codes: 0 it is printed, 1 no memory, 2 the options or a line are at fault.";

static int run(int argc, char **argv)
{
    struct options o;
    int code = EXIT_YES;
    if (!options_read(&o, &cmd_eval, argc, argv, &code))
        return code;
    if (o.nwords >= 1 && strcmp(o.words[0], "escalate") == 0)
        return eval_escalate(&o, 1);
    if (o.nwords >= 1 && strcmp(o.words[0], "route") == 0)
        return eval_route_run(&o);
    return options_fault(&cmd_eval,
                         "say what to evaluate: weir eval escalate FILE... or weir eval "
                         "route FILE...");
}

const struct command cmd_eval = {
    .name = "eval",
    .summary = "what a decision is worth, on recorded answers",
    .usage = "escalate|route FILE... [--json] [--each] [--learn] [--html FILE] "
             "[--weights FILE]",
    .details = details,
    .options = options,
    .noptions = ARRAY_LEN(options),
    .run = run,
};
