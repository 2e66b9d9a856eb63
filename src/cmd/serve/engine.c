/* engine.c -- `weir engine`: the engine that weir runs, looked at, stopped and started.
 */
#include "cmd/lib/commands.h"
#include "cmd/lib/options.h"
#include "cmd/lib/running.h"
#include "cmd/lib/say.h"
#include "cmd/lib/state_dir.h"
#include "upstream/fetch.h"
#include "json/scan.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { ORDER_BYTES = 4096, PATH_BYTES = 128, NAME_BYTES = 64, EACH_MS = 200 };

static const struct command_option options[] = {
    {"--why", "REASON",
     "Kept in the audit chain and shown on the page; required with stop and start."},
    {"--no-wait", NULL, "Return when the order is given, and not when it is done."},
    {"--json", NULL, "One JSON object, as GET /v1/engines answers."},
    {"-c", "FILE", "The configuration of the weir that runs: its state_dir."},
    {"--state-dir", "DIR", STATE_DIR_HELP},
};

static const char details[] =
    "Without more words it says how the engines are that weir runs itself: the one of\n"
    "weir up --model. Others are stopped where they were started.\n"
    "\n"
    "  weir engine\n"
    "  weir engine stop engine --why 'the GPU is needed for something else'\n"
    "  weir engine start engine --why 'the GPU is free again'\n"
    "\n"
    "Stop: at once nothing more goes to it, for all clients; requests that wait for\n"
    "it go elsewhere, or get a 503 that says why. Those under way may finish for the\n"
    "drain time (timeouts: {drain}, 30 s), then the engine ends. It stays stopped until\n"
    "somebody starts it, or weir is started anew. Each order is in the audit chain\n"
    "(weir prove).\n"
    "\n"
    "Exit codes: 0 done; 1 it failed, no weir runs, or it could not be done; 2 usage.";

static struct str word_of(struct str entry, const char *key)
{
    struct str run = json_get(entry, "run");
    return run.p && run.p[0] == '{' ? running_text(run, key) : STR("");
}

static void print_entry(struct str entry)
{
    struct arena a;
    char since[24] = "";
    uint64_t ms = 0;
    struct tm at;
    arena_init(&a, ORDER_BYTES);
    time_t then =
        str_to_u64(word_of(entry, "since_ms"), &ms) ? (time_t)(ms / 1000) : (time_t)0;
    if (localtime_r(&then, &at))
        strftime(since, sizeof since, "%Y-%m-%d %H:%M:%S", &at);
    struct str state = word_of(entry, "state"), why = word_of(entry, "why");
    bool has_why = why.n && !str_eqz(why, "null");
    struct str words = json_unescape(&a, (struct json_string){why, true});
    struct str name = running_text(entry, "name");
    struct str under_way = running_text(entry, "inflight");
    say(stdout, "%.*s: %.*s since %s%s%.*s%s%s%.*s%s", STR_ARG(name), STR_ARG(state),
        since, has_why ? " (" : "", (int)(has_why ? words.n : 0), words.p ? words.p : "",
        has_why ? ")" : "", str_eqz(under_way, "0") ? "" : ", ",
        (int)(str_eqz(under_way, "0") ? 0 : under_way.n), under_way.p,
        str_eqz(under_way, "0") ? "" : " requests under way");
    arena_reset(&a);
}

/* Of the one with this name, NULL: of all; how many there are. */
static size_t each_entry(struct str list, const char *name, struct str *ret)
{
    struct json_cur c;
    struct str entries = json_get(list, "engines"), entry;
    size_t n = 0;
    json_begin(&c, entries.p ? entries : STR("[]"));
    if (json_enter_array(&c))
        while (json_next_element(&c) && json_skip(&c, &entry)) {
            if (name && !str_eqz(running_text(entry, "name"), name))
                continue;
            n++;
            if (ret)
                *ret = entry;
            else
                print_entry(entry);
        }
    return n;
}

static int show(const struct running *at, const struct options *o)
{
    struct buf answer;
    buf_init(&answer, FETCH_MAX_BYTES);
    int rc = running_ask(at, "/v1/engines", NULL, &answer);
    if (rc == EXIT_YES && options_has(o, "--json"))
        say_json(stdout, buf_view(&answer));
    else if (rc == EXIT_YES && each_entry(buf_view(&answer), NULL, NULL) == 0)
        say(stdout, "This weir runs no engine itself: weir up --model FILE.gguf does.");
    buf_release(&answer);
    return rc;
}

/* *answer is its entry once it is as it was ordered, or has failed. */
static int wait_for(const struct running *at, const char *name, bool is_start,
                    struct buf *answer)
{
    const struct timespec tick = {0, EACH_MS * 1000 * 1000};
    const char *want = is_start ? "running" : "stopped";
    for (;;) {
        struct buf list;
        struct str entry = STR("");
        buf_init(&list, FETCH_MAX_BYTES);
        int rc = running_ask(at, "/v1/engines", NULL, &list);
        if (rc == EXIT_YES && each_entry(buf_view(&list), name, &entry) == 0) {
            fprintf(stderr, "weir engine: '%s' is gone\n", name);
            rc = EXIT_NO;
        }
        struct str state = word_of(entry, "state");
        bool is_over = rc != EXIT_YES || str_eqz(state, want) || str_eqz(state, "failed");
        if (rc == EXIT_YES && str_eqz(state, "failed") && is_start)
            rc = EXIT_NO;
        if (is_over) {
            buf_clear(answer);
            buf_append(answer, entry);
        }
        buf_release(&list);
        if (is_over)
            return rc;
        nanosleep(&tick, NULL);
    }
}

static int change(const struct running *at, const struct options *o)
{
    struct buf order, answer;
    char path[PATH_BYTES];
    const char *name = o->words[1];
    bool is_start = strcmp(o->words[0], "start") == 0;
    buf_init(&order, ORDER_BYTES);
    buf_init(&answer, FETCH_MAX_BYTES);
    running_order("do", o->words[0], options_get(o, "--why"), &order);
    snprintf(path, sizeof path, "/v1/engines/%s/%s", name, o->words[0]);
    int rc = running_ask(at, path, buf_view(&order).p, &answer);
    if (rc == EXIT_YES && !options_has(o, "--no-wait"))
        rc = wait_for(at, name, is_start, &answer);
    if (buf_len(&answer) && options_has(o, "--json"))
        say_json(stdout, buf_view(&answer));
    else if (buf_len(&answer))
        print_entry(buf_view(&answer));
    buf_release(&order);
    buf_release(&answer);
    return rc;
}

/* As engines are called in weir.yaml. */
static bool is_name(const char *s)
{
    size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                         "-_.");
    return n > 0 && n <= NAME_BYTES && s[n] == '\0';
}

static int check_words(const struct options *o)
{
    const char *why = options_get(o, "--why");
    bool is_change = o->nwords == 2 && (strcmp(o->words[0], "stop") == 0 ||
                                        strcmp(o->words[0], "start") == 0);
    if (o->nwords && !is_change)
        return options_fault(&cmd_engine,
                             "write: weir engine, weir engine stop NAME --why REASON or "
                             "weir engine start NAME --why REASON");
    if (!is_change && (why || options_has(o, "--no-wait")))
        return options_fault(&cmd_engine, "--why and --no-wait belong to stop or start");
    if (is_change && !is_name(o->words[1]))
        return options_fault(&cmd_engine, "'%s' is no name of an engine", o->words[1]);
    return is_change ? running_check_why(&cmd_engine, why) : EXIT_YES;
}

static int run(int argc, char **argv)
{
    struct options o;
    struct running at;
    int rc = EXIT_YES;
    if (!options_read(&o, &cmd_engine, argc, argv, &rc))
        return rc;
    rc = check_words(&o);
    if (rc == EXIT_YES)
        rc = running_find(&cmd_engine, &o, &at);
    if (rc != EXIT_YES)
        return rc;
    rc = o.nwords ? change(&at, &o) : show(&at, &o);
    running_forget(&at);
    return rc;
}

const struct command cmd_engine = {
    .name = "engine",
    .summary = "stop and start the engine that weir runs",
    .usage = "[stop NAME | start NAME] [--why REASON] [-c weir.yaml]",
    .details = details,
    .options = options,
    .noptions = ARRAY_LEN(options),
    .run = run,
};
