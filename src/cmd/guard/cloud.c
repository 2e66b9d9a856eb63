/* cloud.c -- `weir cloud`: nothing goes to the cloud, for everybody and at once. */
#include "cmd/lib/commands.h"
#include "cmd/lib/options.h"
#include "cmd/lib/running.h"
#include "cmd/lib/say.h"
#include "cmd/lib/state_dir.h"
#include "upstream/fetch.h"
#include "json/scan.h"

#include <string.h>
#include <time.h>

enum { ORDER_BYTES = 4096, TIME_TEXT = 24 };

static const struct command_option options[] = {
    {"--why", "REASON",
     "Kept in the audit chain, and told to clients; required with pause and resume."},
    {"--json", NULL, "One JSON object, as GET /v1/cloud answers."},
    {"-c", "FILE", "The configuration of the weir that runs: its state_dir."},
    {"--state-dir", "DIR", STATE_DIR_HELP},
};

static const char details[] =
    "Without more words it says whether the cloud is paused.\n"
    "\n"
    "  weir cloud\n"
    "  weir cloud pause --why 'the provider reports a breach'\n"
    "  weir cloud resume --why 'the provider says it is mended'\n"
    "\n"
    "While it is paused nothing goes to a cloud engine, for all clients: no request, no\n"
    "retry, no mirror, no judge. What local engines can answer they answer, and\n"
    "x-weir-reason says why; the rest gets a 503, cloud_paused. When the command "
    "returns,\n"
    "all of weir has stopped sending. Answers from the cloud that had begun before go "
    "on\n"
    "to their end, since what was asked has already left.\n"
    "\n"
    "A pause holds through a restart, until somebody resumes it. Each change is in the\n"
    "audit chain (weir prove).\n"
    "\n"
    "Exit codes: 0 done, or the cloud is open; 1 it is paused (without more words), or "
    "no\n"
    "weir runs, or it could not be done; 2 usage.";

static const char *time_of(struct str state, char ret[TIME_TEXT])
{
    uint64_t ms = 0;
    time_t then;
    struct tm at;
    if (!str_to_u64(running_text(state, "since_ms"), &ms))
        return "";
    then = (time_t)(ms / 1000);
    if (!localtime_r(&then, &at) || !strftime(ret, TIME_TEXT, "%Y-%m-%d %H:%M:%S", &at))
        return "";
    return ret;
}

static void print_why(struct str state, const char *words)
{
    struct arena a;
    char since[TIME_TEXT];
    arena_init(&a, ORDER_BYTES);
    struct json_string raw = {.raw = running_text(state, "why"), .has_escapes = true};
    say(stdout, "The cloud %s since %s: %.*s", words, time_of(state, since),
        STR_ARG(json_unescape(&a, raw)));
    arena_reset(&a);
}

static void print_done(struct str state, bool is_pause)
{
    struct str running = running_text(state, "running");
    bool was_so = str_eqz(running_text(state, "already"), "true");
    if (!is_pause) {
        say(stdout, was_so ? "The cloud was open already. Nothing was changed, and the "
                             "audit chain has no record of this reason."
                           : "The cloud is open.");
        return;
    }
    print_why(state, was_so ? "is paused already, by the operator," : "is paused");
    if (was_so)
        say(stdout, "Your reason was not taken: the audit chain keeps the one above. To "
                    "have another one in it, resume and pause again.");
    if (running.n && !str_eqz(running, "0"))
        say(stdout,
            "%.*s answers from the cloud had begun before and go on to their end.",
            STR_ARG(running));
    if (str_eqz(running_text(state, "recorded"), "false"))
        fprintf(stderr, "weir cloud: the audit chain cannot be written, so it has no "
                        "record of this\n");
}

static int change(const struct running *at, const struct options *o)
{
    struct buf order, answer;
    bool is_pause = strcmp(o->words[0], "pause") == 0;
    buf_init(&order, ORDER_BYTES);
    buf_init(&answer, FETCH_MAX_BYTES);
    running_order("do", o->words[0], options_get(o, "--why"), &order);
    int rc = running_ask(at, "/v1/cloud", buf_view(&order).p, &answer);
    if (rc == EXIT_YES && options_has(o, "--json"))
        say_json(stdout, buf_view(&answer));
    else if (rc == EXIT_YES)
        print_done(buf_view(&answer), is_pause);
    buf_release(&order);
    buf_release(&answer);
    return rc;
}

static int show(const struct running *at, const struct options *o)
{
    struct buf answer;
    buf_init(&answer, FETCH_MAX_BYTES);
    int rc = running_ask(at, "/v1/cloud", NULL, &answer);
    bool is_paused = !str_eqz(running_text(buf_view(&answer), "paused"), "false");
    if (rc == EXIT_YES && options_has(o, "--json"))
        say_json(stdout, buf_view(&answer));
    else if (rc == EXIT_YES && is_paused)
        print_why(buf_view(&answer), "is paused");
    else if (rc == EXIT_YES)
        say(stdout, "The cloud is open.");
    buf_release(&answer);
    return rc == EXIT_YES && is_paused ? EXIT_NO : rc;
}

static int check_words(const struct options *o)
{
    const char *why = options_get(o, "--why");
    bool is_change = o->nwords == 1 && (strcmp(o->words[0], "pause") == 0 ||
                                        strcmp(o->words[0], "resume") == 0);
    if (o->nwords && !is_change)
        return options_fault(&cmd_cloud, "write: weir cloud, weir cloud pause --why "
                                         "REASON or weir cloud resume --why REASON");
    if (!is_change && why)
        return options_fault(&cmd_cloud, "--why belongs to pause or resume");
    return is_change ? running_check_why(&cmd_cloud, why) : EXIT_YES;
}

static int run(int argc, char **argv)
{
    struct options o;
    struct running at;
    int rc = EXIT_YES;
    if (!options_read(&o, &cmd_cloud, argc, argv, &rc))
        return rc;
    rc = check_words(&o);
    if (rc == EXIT_YES)
        rc = running_find(&cmd_cloud, &o, &at);
    if (rc != EXIT_YES)
        return rc;
    rc = o.nwords ? change(&at, &o) : show(&at, &o);
    running_forget(&at);
    return rc;
}

const struct command cmd_cloud = {
    .name = "cloud",
    .summary = "pause the cloud for everybody, at once, and open it again",
    .usage = "[pause | resume] [--why REASON] [-c weir.yaml]",
    .details = details,
    .options = options,
    .noptions = ARRAY_LEN(options),
    .run = run,
};
