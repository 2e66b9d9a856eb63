/* sim.c -- weir sim: a simulated engine as a process.
 *
 * Not here: what it does (sim/). */
#include "cmd/lib/options.h"

#include "cmd/serve/sim_traffic.h"
#include "sim/faults.h"
#include "sim/profile.h"
#include "sim/server.h"

#include <math.h>

extern const struct command cmd_sim;

static void list_profiles(void)
{
    size_t n;
    const struct sim_profile *rows = sim_profiles(&n);
    printf("Profiles (time to first token, tokens a second of one stream, source):\n");
    for (size_t i = 0; i < n; i++) {
        printf("  %-24s %-5s %3u ms%s %4u tok/s  %s\n", rows[i].name,
               rows[i].is_cloud ? "cloud" : "local", rows[i].ttft_ms,
               rows[i].is_ttft_assumed ? "*" : " ", rows[i].tokps, rows[i].source);
        if (rows[i].doubt)
            printf("  %24s ! not believable: %s\n", "", rows[i].doubt);
    }
    printf("  * the source gives no time to first token; this one is assumed.\n"
           "  ! the claim is played as it was made: this is a simulator of claims.\n"
           "  0 tok/s: no pacing.\n");
}

static void list_words(bool is_fault)
{
    size_t n;
    const struct sim_fault_row *rows = sim_fault_rows(&n);
    printf("\n%s (--fault, header x-sim-fault, or [[sim:NAME=N]] in the last user "
           "message):\n",
           is_fault ? "Faults" : "What is refused");
    for (size_t i = 0; i < n; i++) {
        if ((rows[i].kind < SIM_STRICT) != is_fault)
            continue;
        char name[48];
        snprintf(name, sizeof name, rows[i].arg_name ? "%s=%s" : "%s", rows[i].name,
                 rows[i].arg_name);
        printf("  %-24s %s", name, rows[i].summary);
        if (rows[i].arg_name)
            printf(" (%llu)", (unsigned long long)rows[i].default_arg);
        putchar('\n');
    }
}

static bool read_number(const struct command *c, const struct options *o,
                        const char *name, uint64_t max, uint64_t *ret, int *ret_exit)
{
    const char *value = options_get(o, name);
    if (!value || (str_to_u64(str_of(value), ret) && *ret <= max))
        return true;
    *ret_exit = options_fault(c, "%s must be a whole number up to %llu, not %s", name,
                              (unsigned long long)max, value);
    return false;
}

static struct str text_of(const struct options *o, const char *name)
{
    return str_of(options_get(o, name));
}

static int run(int argc, char **argv)
{
    struct options o;
    struct err err = {0};
    struct str models[OPTIONS_MAX];
    uint64_t port = 0, slots = 0;
    double speed = 1;
    int code = EXIT_YES;
    if (!options_read(&o, &cmd_sim, argc, argv, &code))
        return code;
    if (options_has(&o, "--list")) {
        list_profiles();
        list_words(false);
        list_words(true);
        return EXIT_YES;
    }
    if (o.nwords)
        return options_fault(&cmd_sim, "unexpected word %s", o.words[0]);
    if (!read_number(&cmd_sim, &o, "--port", UINT16_MAX, &port, &code) ||
        !read_number(&cmd_sim, &o, "--slots", UINT32_MAX, &slots, &code))
        return code;
    if (options_has(&o, "--speed") &&
        (!str_to_double(text_of(&o, "--speed"), &speed) || speed <= 0))
        return options_fault(&cmd_sim, "--speed must be a number above 0");
    struct sim_options so = {.profile = text_of(&o, "--profile"),
                             .host = text_of(&o, "--host"),
                             .port = (uint16_t)port,
                             .models = models,
                             .replay_path = text_of(&o, "--replay"),
                             .script_path = text_of(&o, "--script"),
                             .fault = text_of(&o, "--fault"),
                             .speed = speed,
                             .api_key = text_of(&o, "--api-key"),
                             .slots = (uint32_t)slots,
                             .is_recording = options_has(&o, "--record")};
    for (const char *name; (name = options_nth(&o, "--model", so.nmodels));)
        models[so.nmodels++] = str_of(name);
    if (sim_run(&so, &err) == 0)
        return EXIT_YES;
    fprintf(stderr, "weir sim: %s\n", err.msg);
    return err.kind == ERR_CONFIG || err.kind == ERR_BAD_REQUEST ? EXIT_USAGE : EXIT_NO;
}

/* -- weir sim traffic ------------------------------------------------------------------
 */

static const struct command_option traffic_options[] = {
    {"--minutes", "M", "For so long (10)."},
    {"--rate", "R", "Requests a second, on average (2)."},
    {"--seed", "N", "Another seed is other traffic; the same one the same (1)."},
    {"--key", "KEY",
     "Shown with each request; without it each app shows its own, which "
     "examples/trial.yaml knows."},
};

static const struct command traffic_part;

/* http://HOST:PORT, also with a path behind it, which weir's own takes the place of. */
static bool read_url(const char *text, struct sim_traffic *ret)
{
    struct str rest = str_of(text);
    uint64_t port = 0;
    if (!str_starts(rest, STR("http://")))
        return false;
    rest = str_sub(rest, 7, rest.n);
    ptrdiff_t slash = str_index(rest, '/');
    rest = slash < 0 ? rest : str_sub(rest, 0, (size_t)slash);
    size_t n = rest.n;
    while (n && rest.p[n - 1] != ':')
        n--;
    if (n < 2 || !str_to_u64(str_sub(rest, n, rest.n), &port) || port == 0 ||
        port > UINT16_MAX)
        return false;
    ret->host = str_sub(rest, 0, n - 1);
    if (ret->host.n > 2 && ret->host.p[0] == '[')
        ret->host = str_sub(ret->host, 1, ret->host.n - 1);
    ret->port = (uint16_t)port;
    return true;
}

static bool read_positive(const struct options *o, const char *name, double max,
                          double *ret, int *ret_exit)
{
    const char *value = options_get(o, name);
    if (!value || (str_to_double(str_of(value), ret) && *ret > 0 && *ret <= max))
        return true;
    *ret_exit = options_fault(&traffic_part,
                              "%s must be a number above 0, up to %g, not "
                              "%s",
                              name, max, value);
    return false;
}

static int run_traffic(int argc, char **argv)
{
    struct options o;
    struct sim_traffic t = {.minutes = 10, .rate = 2, .seed = 1};
    int code = EXIT_YES;
    if (!options_read(&o, &traffic_part, argc, argv, &code))
        return code;
    if (o.nwords != 1 || !read_url(o.words[0], &t))
        return options_fault(&traffic_part,
                             "say where weir is: weir sim traffic http://127.0.0.1:4141");
    if (!read_positive(&o, "--minutes", 24 * 60, &t.minutes, &code) ||
        !read_positive(&o, "--rate", 1000, &t.rate, &code) ||
        !read_number(&traffic_part, &o, "--seed", UINT64_MAX, &t.seed, &code))
        return code;
    t.key = options_get(&o, "--key");
    for (const char *c = t.key ? t.key : ""; *c; c++)
        if (*c <= ' ' || *c > '~')
            return options_fault(&traffic_part, "--key has a character that no key has");
    return sim_traffic_run(&t);
}

static const struct command traffic_part = {
    .name = "sim traffic",
    .summary = "ten minutes of mixed requests to a weir",
    .usage = "URL [--minutes M] [--rate R] [--seed N] [--key KEY]",
    .details =
        "Plays five apps before a weir: chats, code reviews, an agent's turns with "
        "tools,\n"
        "letters of customers, and documents of an office, some of them confidential.\n"
        "Names, numbers and passwords in it are made up. A few requests are wrong, and "
        "a\n"
        "few ask simulated engines to misbehave. The same seed sends the same at the "
        "same\n"
        "moments. Ends with counts; Ctrl-C ends it sooner.\n"
        "\n"
        "Aim it at simulated engines: real ones in the cloud would be paid for.\n"
        "\n"
        "  weir serve -c examples/trial.yaml         two simulated engines, five keys\n"
        "  weir sim traffic http://127.0.0.1:4141\n"
        "  weir page                                 look at it\n"
        "\n"
        "Exit codes: 0 done, 1 nobody answered, 2 usage.",
    .options = traffic_options,
    .noptions = ARRAY_LEN(traffic_options),
    .run = run_traffic,
    .of = &cmd_sim,
};

static const struct command *const parts[] = {&traffic_part, NULL};

static const struct command_option options[] = {
    {"--profile", "NAME", "The hardware or service to play (instant); see --list."},
    {"--port", "N",
     "The port to listen on; 0, which is what it is unless given, picks "
     "one and says which."},
    {"--host", "HOST", "The address to listen on (127.0.0.1)."},
    {"--model", "NAME", "A model to list; may be repeated. Any model is answered for."},
    {"--fault", "NAME[=N]", "Misbehave so on every request; see --list."},
    {"--replay", "FILE", "Recorded answers: JSON lines with prompt, answer and model."},
    {"--script", "FILE",
     "Rules that say what is answered and which tools are called: JSON objects."},
    {"--speed", "X", "So many times as fast as the profile (1)."},
    {"--slots", "N", "Answer so many requests at once; the others wait in silence."},
    {"--api-key", "KEY", "Demand this key, wherever the clients of a dialect put it."},
    {"--record", NULL, "Keep the last request for GET /sim/last."},
    {"--list", NULL, "List the profiles and the faults."},
};

const struct command cmd_sim = {
    .name = "sim",
    .summary = "a simulated engine of any dialect, for tests and trials",
    .usage = "[--profile NAME] [--port N] [options]",
    .details =
        "Answers /v1/chat/completions, /v1/completions, /v1/embeddings and /v1/models,\n"
        "and the paths of every other dialect that weir serves, with text that depends "
        "on\n"
        "nothing but the model and the messages, at the pace of published hardware\n"
        "figures.  With --script it plays a model that calls tools.  GET /sim/stats "
        "tells\n"
        "what it was asked.\n"
        "\n"
        "  weir sim --profile rtx4060-qwen2.5-7b --port 8080\n"
        "  weir sim --port 8081 --fault reset-mid-stream=5\n"
        "  weir sim --port 8082 --script agent.jsonl\n"
        "  curl -s localhost:8080/v1/chat/completions -H 'x-sim-fault: 429=7' \\\n"
        "    -d '{\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}' -i\n",
    .options = options,
    .noptions = ARRAY_LEN(options),
    .run = run,
    .parts = parts,
};
