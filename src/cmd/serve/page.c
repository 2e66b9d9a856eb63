/* page.c -- `weir page`: a link to the page that works once. */
#include "cmd/lib/commands.h"
#include "cmd/lib/options.h"
#include "cmd/lib/running.h"
#include "cmd/lib/say.h"
#include "cmd/lib/state_dir.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct command_option options[] = {
    {"--role", "ROLE", "view, which looks (the default), or operate."},
    {"--end", NULL, "End every visit: no link and no cookie works any more."},
    {"-c", "FILE", "The configuration of the weir that runs: its state_dir."},
    {"--state-dir", "DIR", STATE_DIR_HELP},
};

static const char details[] =
    "Prints a link to the page of the weir that runs on this machine: what stayed home,\n"
    "what left, why, and what it cost. The link works once, within 60 seconds; the\n"
    "browser that opens it stays in for seven days, also when weir is restarted.\n"
    "\n"
    "  weir page\n"
    "  weir page --role operate      may also pause the cloud, lower a label, and ask\n"
    "                                models under Compare\n"
    "  weir page --end               all who have it open must ask for a new link\n"
    "\n"
    "The page is shown on this machine only. From another one, take a tunnel:\n"
    "\n"
    "  ssh -L 4141:127.0.0.1:4141 HOST        and open the link that weir page prints\n"
    "                                         there\n"
    "\n"
    "Exit codes: 0 done, 1 no weir runs, 2 usage.";

static int run(int argc, char **argv)
{
    struct options o;
    struct running at;
    struct buf answer;
    int rc = EXIT_YES;
    char post[64];
    if (!options_read(&o, &cmd_page, argc, argv, &rc))
        return rc;
    const char *role = options_get(&o, "--role");
    bool is_end = options_has(&o, "--end");
    if (role && strcmp(role, "view") != 0 && strcmp(role, "operate") != 0)
        return options_fault(&cmd_page, "--role is view or operate, not '%s'", role);
    if (role && is_end)
        return options_fault(&cmd_page, "--end ends visits of both roles");
    rc = running_find(&cmd_page, &o, &at);
    if (rc != EXIT_YES)
        return rc;
    snprintf(post, sizeof post, "{\"%s\":\"%s\"}", is_end ? "end" : "role",
             is_end ? "all"
             : role ? role
                    : "view");
    buf_init(&answer, 1 << 16);
    rc = running_ask(&at, "/v1/page", post, &answer);
    struct str url = running_text(buf_view(&answer), "url");
    if (rc == EXIT_YES && is_end)
        say(stdout, "All visits have ended.");
    else if (rc == EXIT_YES)
        say(stdout, "%.*s", STR_ARG(url));
    if (rc == EXIT_YES && !is_end && isatty(STDERR_FILENO))
        fprintf(stderr, "Open it within 60 seconds; it works once.%s\n",
                role && strcmp(role, "operate") == 0
                    ? ""
                    : " Whoever opens it may look; weir page --role operate prints a "
                      "link that may act.");
    running_forget(&at);
    buf_release(&answer);
    return rc;
}

const struct command cmd_page = {
    .name = "page",
    .summary = "open the page: what stayed home, what left, and what it cost",
    .usage = "[--role view|operate] [--end] [-c weir.yaml]",
    .details = details,
    .options = options,
    .noptions = ARRAY_LEN(options),
    .run = run,
};
