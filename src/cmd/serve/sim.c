/* sim.c -- weir sim: a simulated engine as a process.
 *
 * Not here: what it does (sim/). */
#include "cmd/lib/options.h"

#include "sim/faults.h"
#include "sim/profile.h"
#include "sim/server.h"

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
};
