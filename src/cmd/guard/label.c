/* label.c -- `weir label`: a person takes it on himself that a session may leave masked.
 */
#include "cmd/lib/commands.h"
#include "cmd/lib/options.h"
#include "cmd/lib/running.h"
#include "cmd/lib/say.h"
#include "cmd/lib/state_dir.h"
#include "config/type_words.h"
#include "core/clock.h"
#include "guard/sessions.h"
#include "upstream/fetch.h"
#include "json/scan.h"

#include <string.h>
#include <time.h>

static const struct command_option options[] = {
    {"--why", "REASON", "Kept in the audit chain; required with an order."},
    {"-c", "FILE", "The configuration of the weir that runs: its state_dir."},
    {"--state-dir", "DIR", STATE_DIR_HELP},
};

static const char details[] =
    "Without more words it lists what was held in the last 24 hours, or since weir\n"
    "began, by kind: the value's name (never the value), how often, the newest request\n"
    "that had it, its session and key, and where in that request it stood.\n"
    "\n"
    "  weir label\n"
    "  weir label nothing v-0123456789abcdef --why 'a test fixture of the parser'\n"
    "\n"
    "The second says of a value that it was nothing: requests of that client are no\n"
    "longer held or masked for it while this weir runs. Values with valid check digits\n"
    "cannot be let go like that. For longer than that, or for all clients, see guard:\n"
    "allow in the configuration.\n"
    "\n"
    "What a scan finds raises the label of its session, and the label stays: later\n"
    "requests of the session are answered locally too, while this weir runs. When a "
    "person has looked at it\n"
    "and it may go on in the cloud, this lowers the label:\n"
    "\n"
    "  weir label lower s-0123456789abcdef --why 'test data, looked at by the owner'\n"
    "\n"
    "What was found then leaves masked, never in clear; what is found later of another\n"
    "kind raises the label again. Names stand in the error, in x-weir-offer and in the\n"
    "audit chain, and each order is in the chain before it holds.\n"
    "\n"
    "Exit codes: 0 done, 1 there is nothing of this name or no weir runs, 2 usage.";

static int give_order(const struct running *at, const char *what, const char *name,
                      const char *why)
{
    struct buf order, answer;
    buf_init(&order, 64 * 1024);
    buf_init(&answer, FETCH_MAX_BYTES);
    running_order(what, name, why, &order);
    int rc = running_ask(at, "/v1/label", buf_view(&order).p, &answer);
    if (rc == EXIT_YES && strcmp(what, "session") == 0)
        printf("Lowered: what was found in session %s may leave masked.\n", name);
    else if (rc == EXIT_YES)
        printf("Let go: %s holds nothing any more while this weir runs.\n", name);
    buf_release(&order);
    buf_release(&answer);
    return rc;
}

/* -- the review ---------------------------------------------------------------------- */

static const char *state_of(struct str row)
{
    if (str_eqz(running_text(row, "allowed"), "true"))
        return "let go";
    return str_eqz(running_text(row, "has_check_digits"), "true")
               ? "check digits are right"
               : "";
}

/* Where it stood when it was held last. */
static void print_place(struct str row)
{
    struct str member = running_text(row, "member"), line = running_text(row, "line");
    if (!member.n)
        return;
    printf("      in ");
    if (str_eqz(line, "0"))
        say(stdout, "%.*s", STR_ARG(member));
    else
        say(stdout, "%.*s, line %.*s, column %.*s", STR_ARG(member), STR_ARG(line),
            STR_ARG(running_text(row, "column")));
}

static void print_row(struct str row)
{
    struct str key = running_text(row, "key"), state = str_of(state_of(row));
    say(stdout, "  %.*s  %4.*s times, %6.*s s ago  %.*s  %.*s  %s%.*s%s%.*s",
        STR_ARG(running_text(row, "value")), STR_ARG(running_text(row, "times")),
        STR_ARG(running_text(row, "seconds_ago")), STR_ARG(running_text(row, "request")),
        STR_ARG(running_text(row, "session")), key.n ? "of " : "without a key",
        STR_ARG(key), state.n ? "  " : "", STR_ARG(state));
    print_place(row);
}

/* What the kind is called, and its name in weir.yaml: "passwords (PASSWORD)". */
static void print_heading(struct str kind)
{
    char words[GUARD_WORDS];
    guard_type_words(kind, 2, words);
    say(stdout, "%s (%.*s)", words, STR_ARG(kind));
}

/* The rows of one kind; how many. */
static size_t print_kind(struct str list, struct str kind)
{
    struct json_cur c;
    struct str row;
    size_t n = 0;
    json_begin(&c, list);
    json_enter_array(&c);
    while (json_next_element(&c) && json_skip(&c, &row))
        if (str_eq(running_text(row, "kind"), kind)) {
            if (n++ == 0)
                print_heading(kind);
            print_row(row);
        }
    return n;
}

static bool is_before(struct str list, struct str kind, size_t end)
{
    struct json_cur c;
    struct str row;
    json_begin(&c, list);
    json_enter_array(&c);
    for (size_t i = 0; i < end && json_next_element(&c) && json_skip(&c, &row); i++)
        if (str_eq(running_text(row, "kind"), kind))
            return true;
    return false;
}

/* What is held is in memory: " in the last 24 hours", or "since weir began at 12:03". */
static void print_nothing(struct str since)
{
    uint64_t began_ms, now_ms = clock_wall_ms();
    struct tm at, now;
    char text[32];
    time_t began_s, now_s = (time_t)(now_ms / 1000);
    if (!str_to_u64(since, &began_ms) || began_ms + 24 * 3600 * 1000ULL < now_ms) {
        printf("Nothing was held in the last 24 hours.\n");
        return;
    }
    began_s = (time_t)(began_ms / 1000);
    bool is_today = localtime_r(&began_s, &at) && localtime_r(&now_s, &now) &&
                    at.tm_yday == now.tm_yday;
    strftime(text, sizeof text, is_today ? "%H:%M" : "%Y-%m-%d %H:%M", &at);
    printf(
        "Nothing was held since weir began at %s. A restart forgets which sessions and\n"
        "values are held; a request that carries its whole history is scanned anew.\n",
        text);
}

static int review(const struct running *at)
{
    struct buf answer;
    struct json_cur c;
    struct str row;
    size_t n = 0;
    buf_init(&answer, FETCH_MAX_BYTES);
    int rc = running_ask(at, "/v1/label", NULL, &answer);
    struct str list = json_get(buf_view(&answer), "held");
    if (rc == EXIT_YES && list.p) {
        json_begin(&c, list);
        json_enter_array(&c);
        for (; json_next_element(&c) && json_skip(&c, &row); n++)
            if (!is_before(list, running_text(row, "kind"), n))
                print_kind(list, running_text(row, "kind"));
        if (n)
            printf(
                "\nIf one of them was nothing: weir label nothing VALUE --why REASON\n");
        else
            print_nothing(running_text(buf_view(&answer), "since_ms"));
    }
    buf_release(&answer);
    return rc;
}

/* -- the command --------------------------------------------------------------------- */

static int check_words(const struct options *o, const char **ret_what)
{
    uint64_t id;
    const char *why = options_get(o, "--why");
    bool is_lower = o->nwords == 2 && strcmp(o->words[0], "lower") == 0;
    bool is_nothing = o->nwords == 2 && strcmp(o->words[0], "nothing") == 0;
    *ret_what = is_lower ? "session" : is_nothing ? "value" : NULL;
    if (o->nwords == 0)
        return EXIT_YES;
    if (!*ret_what)
        return options_fault(
            &cmd_label, "write: weir label, weir label lower SESSION --why REASON or "
                        "weir label nothing VALUE --why REASON");
    if (is_lower && !session_parse(str_of(o->words[1]), &id))
        return options_fault(&cmd_label,
                             "'%s' is no session: it is s- and 16 hexadecimal digits",
                             o->words[1]);
    if (is_nothing && !value_parse(str_of(o->words[1]), &id))
        return options_fault(&cmd_label,
                             "'%s' is no value: it is v- and 16 hexadecimal digits",
                             o->words[1]);
    return running_check_why(&cmd_label, why);
}

static int run(int argc, char **argv)
{
    struct options o;
    struct running at;
    const char *what = NULL;
    int rc = EXIT_YES;
    if (!options_read(&o, &cmd_label, argc, argv, &rc))
        return rc;
    rc = check_words(&o, &what);
    if (rc != EXIT_YES)
        return rc;
    rc = running_find(&cmd_label, &o, &at);
    if (rc == EXIT_YES)
        rc = what ? give_order(&at, what, o.words[1], options_get(&o, "--why"))
                  : review(&at);
    running_forget(&at);
    return rc;
}

const struct command cmd_label = {
    .name = "label",
    .summary = "what was held today, and what of it may go",
    .usage = "[lower SESSION | nothing VALUE] [--why REASON] [-c weir.yaml]",
    .details = details,
    .options = options,
    .noptions = ARRAY_LEN(options),
    .run = run,
};
