/* serve.c -- `weir serve`: reads the configuration, starts the gateway, and waits.
 *
 * TERM and INT drain (twice: stop at once), HUP and a changed file reload.  A bad file
 * changes nothing: its faults are printed and the running configuration stays.  How the
 * gateway is started and stopped is serving.c's. */
#include "cmd/lib/commands.h"
#include "cmd/lib/options.h"
#include "cmd/serve/serving.h"
#include "core/log.h"
#include "core/printer.h"
#include "guard/guard.h"

#include <stdio.h>
#include <sys/stat.h>

static const struct command_option options[] = {
    {"-c", "FILE", "Configuration (YAML). Without it, simulated engines are served."},
    {"--verbose", NULL, "Also log every state a request enters."},
};

static const char details[] =
    "Stands between OpenAI clients and the engines of the configuration, local and\n"
    "cloud. Point a client at http://127.0.0.1:4141/v1 and ask for a model by its\n"
    "name, or for one of: auto, local, cloud.\n"
    "\n"
    "Examples:\n"
    "  weir serve                  simulated engines, to look around\n"
    "  weir serve -c weir.yaml     your engines\n"
    "  kill -HUP PID               reload weir.yaml (a changed file does so by itself)\n"
    "\n"
    "Exit codes: 0 stopped in order, 1 could not start, 2 the configuration is at\n"
    "fault.";

struct serve {
    const char *path; /* NULL: built in */
    struct serving serving;
    struct timespec changed_at;
};

static struct timespec mtime_of(const char *path)
{
    struct stat st;
    if (!path || stat(path, &st) < 0)
        return (struct timespec){0, 0};
    return st.st_mtim;
}

static void print_engine(const struct config_engine *e)
{
    struct buf line;
    buf_init(&line, 256 << 10);
    buf_printf(&line, "  %-14.*s %-6s %-12s", STR_ARG(e->name), side_name(e->side),
               engine_kind_name(e->kind));
    for (size_t i = 0; i < e->nmodels; i++)
        buf_printf(&line, "%s%.*s", i ? ", " : " ", STR_ARG(e->models[i].name));
    if (e->kind == ENGINE_SIM)
        buf_lit(&line, "  (simulated)");
    buf_byte(&line, '\n');
    printer_put(buf_view(&line));
    buf_release(&line);
}

static void print_guard(const struct setup *setup)
{
    const struct guard_rules *g = setup->rules;
    if (!g)
        serving_say("  no engine is in the cloud: nothing leaves, nothing is scanned\n");
    else if (guard_rules_is_shadow(g))
        serving_say("  SHADOW MODE: prompts are scanned and what would be done is "
                    "recorded;\n  only declared labels, and scans that failed, hold "
                    "anything back\n");
    else
        serving_say("  prompts are scanned before anything goes to the cloud\n");
}

static void print_start(const struct serve *s)
{
    const struct config *cfg = s->serving.server->setup->config;
    char url[SERVING_URL];
    serving_url(&s->serving, url);
    serving_announce(&s->serving);
    for (size_t i = 0; i < cfg->nengines; i++)
        print_engine(&cfg->engines[i]);
    serving_say("  policy %s; ledger in %.*s\n", policy_name(cfg->policy),
                STR_ARG(cfg->state_dir));
    print_guard(s->serving.server->setup);
    if (!s->path)
        serving_say("\nTry:\n  curl %s/v1/chat/completions -H 'content-type: "
                    "application/json' \\\n    -d '{\"model\":\"auto\",\"messages\":"
                    "[{\"role\":\"user\",\"content\":\"Hello\"}]}'\n\n",
                    url);
}

static void reload(struct serve *s)
{
    struct err err = {0};
    if (!s->path)
        return;
    s->changed_at = mtime_of(s->path);
    struct config *config = serving_load(s->path);
    if (!config) {
        log_error("%s has faults: the running configuration stays", s->path);
        return;
    }
    if (server_reload(s->serving.server, config, &err) < 0)
        log_error("reload refused: %s; the running configuration stays", err.msg);
    else
        log_info("reloaded %s", s->path);
}

static bool has_changed(struct serve *s)
{
    struct timespec now = mtime_of(s->path);
    return s->path && now.tv_sec &&
           (now.tv_sec != s->changed_at.tv_sec || now.tv_nsec != s->changed_at.tv_nsec);
}

static void wait_and_reload(struct serve *s)
{
    for (;;) {
        enum serving_wake wake = serving_pause(&s->serving);
        if (wake == SERVING_STOP)
            return;
        if (wake == SERVING_RELOAD || has_changed(s))
            reload(s);
    }
}

static int serve(struct serve *s)
{
    struct config *config = serving_load(s->path);
    if (!config)
        return EXIT_USAGE;
    if (serving_start(&s->serving, config) < 0)
        return EXIT_NO;
    print_start(s);
    wait_and_reload(s);
    serving_drain(&s->serving);
    return EXIT_YES;
}

static int run(int argc, char **argv)
{
    struct options o;
    int exit_code = EXIT_NO;
    if (!options_read(&o, &cmd_serve, argc, argv, &exit_code))
        return exit_code;
    if (o.nwords)
        return options_fault(&cmd_serve,
                             "'%s' is not understood; the configuration is "
                             "given with -c FILE",
                             o.words[0]);
    if (options_has(&o, "--verbose"))
        log_set_level(LOG_DEBUG);
    struct serve s = {.path = options_get(&o, "-c")};
    s.changed_at = mtime_of(s.path);
    serving_begin(&s.serving);
    exit_code = serve(&s);
    serving_end(&s.serving);
    return exit_code;
}

const struct command cmd_serve = {
    .name = "serve",
    .summary = "run the gateway",
    .usage = "[-c weir.yaml]",
    .details = details,
    .options = options,
    .noptions = ARRAY_LEN(options),
    .run = run,
};
