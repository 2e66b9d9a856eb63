/* up.c -- `weir up`: look around, say what was found, serve it.
 *
 * Discovery gives a weir.yaml as text; that text is parsed like any other file and
 * served, or written, or both described as JSON: there is no second way to be
 * configured.  Not here: who is local (discover/probe.c), the printing (up_table.c),
 * looking again (up_watch.c), the engine of --model (up_engine.c,
 * up_keeper.c). */
#include "cmd/serve/up.h"

#include "cmd/lib/commands.h"
#include "cmd/lib/output.h"
#include "core/clock.h"
#include "core/log.h"
#include "discover/yaml.h"
#include "gateway/door.h"
#include "json/write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { PAGE_URL = 400, YAML_BYTES = 1 << 20, JSON_BYTES = 8 << 20 };

static const struct command_option options[] = {
    {"--listen", "ADDR:PORT", "Where clients connect (127.0.0.1:4141)."},
    {"--write", "FILE", "Save what was found as a weir.yaml and exit."},
    {"--json", NULL, "Print what was found as one JSON object and exit."},
    {"--model", "FILE.gguf", "Start an engine for this model file, and stop it again."},
    {"--engine-command", "CMD",
     "How to start it; {model} and {port} are replaced. Without it llama-server is "
     "taken from the PATH."},
    {"--probe", "NAME=PORT",
     "Look for ollama, lm-studio, llama-server or vllm at this port instead of its "
     "own; 0: do not look. Another NAME adds a place. May be repeated."},
    {"--no-cloud", NULL, "Leave the API keys of the environment alone."},
    {"--verbose", NULL, "Also log every state a request enters."},
};

static const char details[] =
    "Needs no configuration. Looks for engines on this machine (Ollama 11434, LM\n"
    "Studio 1234, llama-server 8080, vLLM 8000) and for API keys in the environment\n"
    "(OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY, OPENROUTER_API_KEY,\n"
    "GROQ_API_KEY, MISTRAL_API_KEY), prints what it found and why each counts as\n"
    "local or cloud, and serves it. Every 30 s it looks again. With nothing to find it\n"
    "serves simulated engines, and says so.\n"
    "\n"
    "Examples:\n"
    "  weir up                          whatever is there\n"
    "  weir up --model qwen2.5-7b.gguf  an engine of your own for one file\n"
    "  weir up --write weir.yaml        save it; then: weir serve -c weir.yaml\n"
    "  weir up --probe vllm=8001 --probe ollama=0\n"
    "\n"
    "Exit codes: 0 stopped in order or written, 1 could not start, 2 the words are at\n"
    "fault.";

/* -- options ------------------------------------------------------------------------ */

static int add_probe(struct discover_options *look, const char *text)
{
    uint64_t port;
    struct str all = str_of(text);
    ptrdiff_t eq = str_index(all, '=');
    struct str name = str_sub(all, 0, eq < 0 ? 0 : (size_t)eq);
    if (name.n == 0 || !str_to_u64(str_sub(all, (size_t)eq + 1, all.n), &port) ||
        port > UINT16_MAX)
        return options_fault(&cmd_up, "--probe %s: write NAME=PORT, like vllm=8001",
                             text);
    for (size_t i = 0; i < look->nports; i++)
        if (str_eq(look->ports[i].name, name)) {
            look->ports[i].port = (uint16_t)port;
            return EXIT_YES;
        }
    if (look->nports == DISCOVER_MAX_PORTS)
        return options_fault(&cmd_up, "at most %d places are looked at",
                             DISCOVER_MAX_PORTS);
    look->ports[look->nports++] = (struct discover_port){name, (uint16_t)port, false};
    return EXIT_YES;
}

/* The file that is made up later would have the fault in one of its lines, which nobody
 * has written: it is looked for beforehand, and told as the option's. */
static int check_listen(const char *listen)
{
    struct config_faults faults;
    struct buf yaml;
    int code = EXIT_YES;
    config_faults_init(&faults);
    buf_init(&yaml, YAML_BYTES);
    buf_lit(&yaml, "listen: ");
    json_write_string(&yaml, str_of(listen));
    buf_lit(&yaml, "\nengines: [{name: any, kind: openai, side: local, "
                   "url: \"http://127.0.0.1:1/v1\", models: [{name: any}]}]\n");
    config_unref(config_parse(buf_view(&yaml), "weir up", NULL, &faults));
    for (size_t i = 0; code == EXIT_YES && i < faults.n; i++) {
        const struct config_fault *f = &faults.items[i];
        bool has_example = str_contains_nocase(f->text, STR("127.0.0.1"));
        if (!f->is_warning && f->line == 1)
            code = options_fault(&cmd_up, "--listen %s: %.*s%s", listen, STR_ARG(f->text),
                                 has_example ? "" : "; write it like 127.0.0.1:4141");
    }
    buf_release(&yaml);
    config_faults_release(&faults);
    return code;
}

static int read_options(struct up *u, const struct options *o)
{
    if (o->nwords)
        return options_fault(&cmd_up, "'%s' is not understood", o->words[0]);
    if (options_has(o, "--engine-command") && !options_has(o, "--model"))
        return options_fault(&cmd_up, "--engine-command needs --model FILE.gguf");
    if (options_has(o, "--json") && options_has(o, "--write"))
        return options_fault(&cmd_up, "--json and --write exclude each other");
    const char *listen = options_get(o, "--listen");
    if (listen && check_listen(listen) != EXIT_YES)
        return EXIT_USAGE;
    u->options = o;
    u->listen = str_of(listen);
    u->look.no_cloud = options_has(o, "--no-cloud");
    discover_default_ports(&u->look);
    const char *probe;
    for (size_t i = 0; (probe = options_nth(o, "--probe", i)); i++) {
        int code = add_probe(&u->look, probe);
        if (code != EXIT_YES)
            return code;
    }
    return EXIT_YES;
}

/* -- what to do with what was found ---------------------------------------------------
 */

static int print_json(const struct discovery *d)
{
    struct buf b;
    buf_init(&b, JSON_BYTES);
    discover_json(d, &b);
    bool is_whole = !b.failed;
    if (is_whole)
        printf("%.*s\n", STR_ARG(buf_view(&b)));
    buf_release(&b);
    return is_whole ? EXIT_YES : EXIT_NO;
}

/* A file that is there may hold somebody's work: it is never replaced. */
static int write_yaml(const struct up *u, const char *path)
{
    struct str text = buf_view(&u->yaml);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0 && errno == EEXIST)
        return options_fault(&cmd_up, "%s exists; choose another name or remove it",
                             path);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
    bool is_written = f && fwrite(text.p, 1, text.n, f) == text.n;
    if (f && fclose(f) != 0)
        is_written = false;
    if (!is_written) {
        log_error("%s: %s", path, strerror(errno));
        return EXIT_NO;
    }
    up_print_table(u->found, stdout);
    if (u->found->is_simulated)
        up_print_install(stdout);
    printf("\nWritten to %s. Next: weir serve -c %s\n", path, path);
    return EXIT_YES;
}

/* Whoever runs weir in a terminal operates it.  A link is no thing for a file or a log:
 * those are told how to get one. */
static void print_page(struct up *u)
{
    struct server *s = u->serving.server;
    const struct config *cfg = s->setup->config;
    char secret[DOOR_LINK_TEXT], address[PAGE_URL];
    if (cfg->page == CONFIG_PAGE_OFF)
        return;
    door_address(s, cfg, address, sizeof address);
    if (isatty(STDOUT_FILENO) &&
        door_make_link(s->door, DOOR_OPERATE, clock_mono_ms(), secret))
        printf("  PAGE      opens by this link, once, within %d seconds; a new one:\n"
               "            weir page --role operate\n"
               "%s/weir/#in=%s\n\n",
               DOOR_LINK_S, address, secret);
    else
        printf("  PAGE      weir page   prints a link to it\n\n");
}

static int serve(struct up *u, struct config *config)
{
    char url[SERVING_URL];
    if (serving_start(&u->serving, config) < 0)
        return EXIT_NO;
    u->look.own_port = server_port(u->serving.server);
    serving_url(&u->serving, url);
    up_print_table(u->found, stdout);
    if (u->found->is_simulated)
        up_print_install(stdout);
    up_print_hints(u, url, stdout);
    print_page(u);
    output_finish();
    up_keep_yaml(u);
    serving_announce(&u->serving);
    up_watch(u);
    up_forget_yaml(u);
    serving_drain(&u->serving);
    return EXIT_YES;
}

static int look_and_serve(struct up *u)
{
    struct err err = {0};
    const char *path = options_get(u->options, "--write");
    u->look.prices = serving_prices(&u->serving);
    if (!u->look.prices)
        return EXIT_NO;
    if (discover_run(&u->look, &u->found, &err) < 0) {
        log_error("%s", err.msg);
        return EXIT_NO;
    }
    if (options_has(u->options, "--json"))
        return print_json(u->found);
    up_write_yaml(u, u->found, &u->yaml);
    struct config *config = serving_parse(buf_view(&u->yaml), "weir up");
    if (!config)
        return EXIT_USAGE;
    if (!path)
        return serve(u, config);
    config_unref(config);
    return write_yaml(u, path);
}

static int run(int argc, char **argv)
{
    struct options o;
    struct up u = {.options = NULL};
    int code = EXIT_NO;
    if (!options_read(&o, &cmd_up, argc, argv, &code))
        return code;
    code = read_options(&u, &o);
    if (code != EXIT_YES)
        return code;
    if (options_has(&o, "--verbose"))
        log_set_level(LOG_DEBUG);
    buf_init(&u.yaml, YAML_BYTES);
    up_keeper_init(&u.keeper);
    serving_begin(&u.serving);
    u.serving.kept = &up_kept;
    u.serving.kept_ctx = &u;
    code = up_engine_start(&u);
    if (code == EXIT_YES)
        code = look_and_serve(&u);
    up_engine_stop(&u);
    serving_end(&u.serving);
    up_keeper_release(&u.keeper);
    discover_free(u.found);
    buf_release(&u.yaml);
    return code;
}

const struct command cmd_up = {
    .name = "up",
    .summary = "find engines and keys, and serve them: no configuration",
    .usage = "[--listen ADDR:PORT] [--model FILE.gguf] [--write weir.yaml]",
    .details = details,
    .options = options,
    .noptions = ARRAY_LEN(options),
    .run = run,
};
