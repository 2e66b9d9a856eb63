/* serve.c -- `weir serve`: reads the configuration, starts the gateway, and waits.
 *
 * The main thread owns the signals: TERM and INT drain (twice: stop at once), HUP and
 * a changed file reload.  A bad file changes nothing: its faults are printed and the
 * running configuration stays. */
#include "cmd/commands.h"
#include "cmd/options.h"
#include "cmd/serve_sims.h"
#include "core/log.h"
#include "core/mem.h"
#include "gateway/server.h"
#include "guard/guard.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

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

struct serving {
    const char *path; /* NULL: built in */
    struct server *server;
    struct prices *prices;
    struct serve_sims sims;
    struct timespec changed_at;
};

static struct config *load(const char *path, bool *ret_is_faulty)
{
    struct config_faults faults;
    struct buf text;
    config_faults_init(&faults);
    buf_init(&text, 1 << 20);
    struct config *config =
        path ? config_load(path, NULL, &faults)
             : config_parse(config_builtin_yaml(), "built-in", NULL, &faults);
    config_faults_print(&faults, path ? path : "built-in", &text);
    fprintf(stderr, "%.*s", STR_ARG(buf_view(&text)));
    *ret_is_faulty = config == NULL;
    buf_release(&text);
    config_faults_release(&faults);
    return config;
}

static struct timespec mtime_of(const char *path)
{
    struct stat st;
    if (!path || stat(path, &st) < 0)
        return (struct timespec){0, 0};
    return st.st_mtim;
}

static void print_engine(const struct config_engine *e)
{
    fprintf(stderr, "  %-14.*s %-6s %-12s", STR_ARG(e->name), side_name(e->side),
            engine_kind_name(e->kind));
    for (size_t i = 0; i < e->nmodels; i++)
        fprintf(stderr, "%s%.*s", i ? ", " : " ", STR_ARG(e->models[i].name));
    if (e->kind == ENGINE_SIM)
        fprintf(stderr, "  (simulated)");
    fputc('\n', stderr);
}

static void print_start(const struct serving *s)
{
    const struct config *cfg = s->server->setup->config;
    struct str host = cfg->listen;
    while (host.n && host.p[host.n - 1] != ':')
        host.n--;
    fprintf(stderr, "weir %s listening on http://%.*s%u\n", WEIR_VERSION, STR_ARG(host),
            server_port(s->server));
    for (size_t i = 0; i < cfg->nengines; i++)
        print_engine(&cfg->engines[i]);
    fprintf(stderr, "  policy %s; ledger in %.*s\n", policy_name(cfg->policy),
            STR_ARG(cfg->state_dir));
    if (!guard_scans())
        fprintf(stderr,
                "  prompts are not scanned: a request is confidential only if its "
                "header,\n  key or configuration says so\n");
    if (!s->path)
        fprintf(
            stderr,
            "\nTry:\n  curl http://%.*s%u/v1/chat/completions -H 'content-type: "
            "application/json' \\\n    -d '{\"model\":\"auto\",\"messages\":[{\"role\":"
            "\"user\",\"content\":\"Hello\"}]}'\n\n",
            STR_ARG(host), server_port(s->server));
}

static void reload(struct serving *s)
{
    struct err err = {0};
    bool is_faulty = false;
    if (!s->path)
        return;
    s->changed_at = mtime_of(s->path);
    struct config *config = load(s->path, &is_faulty);
    if (!config) {
        log_error("%s has faults: the running configuration stays", s->path);
        return;
    }
    if (server_reload(s->server, config, &err) < 0)
        log_error("reload refused: %s; the running configuration stays", err.msg);
    else
        log_info("reloaded %s", s->path);
}

static bool has_changed(struct serving *s)
{
    struct timespec now = mtime_of(s->path);
    return s->path && now.tv_sec &&
           (now.tv_sec != s->changed_at.tv_sec || now.tv_nsec != s->changed_at.tv_nsec);
}

static void wait_for_signals(struct serving *s, const sigset_t *set)
{
    const struct timespec second = {1, 0};
    for (;;) {
        int sig = sigtimedwait(set, NULL, &second);
        if (sig == SIGTERM || sig == SIGINT)
            return;
        if (sig == SIGHUP || has_changed(s))
            reload(s);
    }
}

/* Each client and each engine connection is a descriptor: the soft limit of 1024 that
 * shells hand out is raised to what the system allows. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int serve(struct serving *s, struct config *config)
{
    struct err err = {0};
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file-size limit is an error to report, not a death */
    raise_descriptor_limit();
    if (prices_load_embedded(&s->prices, &err) < 0) {
        config_unref(config);
        log_error("%s", err.msg);
        return EXIT_NO;
    }
    const struct server_options o = {s->prices, serve_sims_port, &s->sims};
    s->server = server_start(config, &o, &err);
    if (!s->server) {
        log_error("%s", err.msg);
        return EXIT_NO;
    }
    print_start(s);
    wait_for_signals(s, &set);
    log_info("stopping: requests under way may finish; once more to stop at once");
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    server_drain_and_free(s->server);
    log_info("stopped");
    return EXIT_YES;
}

static int run(int argc, char **argv)
{
    struct options o;
    int exit_code = EXIT_YES;
    bool is_faulty = false;
    if (!options_read(&o, &cmd_serve, argc, argv, &exit_code))
        return exit_code;
    if (o.nwords)
        return options_fault(&cmd_serve,
                             "'%s' is not understood; the configuration is "
                             "given with -c FILE",
                             o.words[0]);
    if (options_has(&o, "--verbose"))
        log_set_level(LOG_DEBUG);
    struct serving s = {.path = options_get(&o, "-c")};
    s.changed_at = mtime_of(s.path);
    struct config *config = load(s.path, &is_faulty);
    if (!config)
        return EXIT_USAGE;
    exit_code = serve(&s, config);
    serve_sims_stop(&s.sims);
    prices_free(s.prices);
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
