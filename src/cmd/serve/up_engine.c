/* up_engine.c -- the engine that `weir up --model` starts.
 *
 * A model file takes seconds to minutes to load: the wait says what it waits for, and a
 * signal ends it.  An engine that dies before it was ever healthy has a wrong file or
 * wrong options; starting it again would only hide that. */
#include "cmd/serve/up.h"

#include "cmd/lib/commands.h"
#include "core/clock.h"
#include "core/log.h"
#include "discover/yaml.h"
#include "gateway/setup.h"
#include "ledger/log/lock.h"
#include "json/write.h"

#include <stdlib.h>
#include <unistd.h>

enum { HEALTH_PATIENCE_S = 600, STOP_GRACE_MS = 5000, LAST_WORDS = 600 };

static const char llama_server[] =
    "llama-server --model {model} --host 127.0.0.1 --port {port}";

static bool is_in_path(const char *program)
{
    const char *path = getenv("PATH");
    struct str rest = str_of(path), dir;
    char name[1200];
    while (path && str_split(&rest, ':', &dir)) {
        snprintf(name, sizeof name, "%.*s/%s", STR_ARG(dir), program);
        if (access(name, X_OK) == 0)
            return true;
    }
    return false;
}

/* Beside the ledger, so that everything weir writes is in one place. */
static int log_path(char out[1100])
{
    char dir[1000];
    struct config *c = serving_parse(config_builtin_yaml(), "built-in");
    if (!c)
        return -1;
    snprintf(dir, sizeof dir, "%.*s", STR_ARG(c->state_dir));
    config_unref(c);
    if (lock_make_dirs(dir) < 0) {
        log_error("%s cannot be made", dir);
        return -1;
    }
    snprintf(out, 1100, "%s/engine.log", dir);
    return 0;
}

static int wait_until_healthy(struct up *u)
{
    char words[LAST_WORDS];
    struct child *c = &u->child;
    log_info("starting %s on port %u; its output is in %s", c->argv[0], c->port,
             c->log_path);
    for (int s = 0; s < HEALTH_PATIENCE_S; s++) {
        if (child_is_healthy(c))
            return EXIT_YES;
        if (serving_pause(&u->serving) == SERVING_STOP)
            return EXIT_NO;
        if (child_poll(c, clock_mono_ms()) == CHILD_DIED) {
            child_last_words(c, words, sizeof words);
            log_error("%s ended before it answered%s", c->argv[0],
                      *words ? "; its last words:" : "");
            log_text(LOG_ERROR, str_of(words));
            return EXIT_NO;
        }
        if (s % 10 == 9)
            log_info("%s is still loading (%d s)", c->argv[0], s + 1);
    }
    log_error("%s does not answer after %d s", c->argv[0], HEALTH_PATIENCE_S);
    return EXIT_NO;
}

static int check(const char *model, const char **command)
{
    if (access(model, R_OK) != 0)
        return options_fault(&cmd_up, "--model %s cannot be read", model);
    if (*command)
        return EXIT_YES;
    *command = llama_server;
    if (is_in_path("llama-server"))
        return EXIT_YES;
    return options_fault(
        &cmd_up, "no llama-server is in the PATH. Install llama.cpp (brew install "
                 "llama.cpp, or\nhttps://github.com/ggml-org/llama.cpp/releases), or "
                 "say how to start an engine:\n  --engine-command 'CMD {model} {port}'");
}

int up_engine_start(struct up *u)
{
    struct err err = {0};
    char path[1100];
    const char *model = options_get(u->options, "--model");
    const char *command = options_get(u->options, "--engine-command");
    if (!model)
        return EXIT_YES;
    int code = check(model, &command);
    if (code != EXIT_YES)
        return code;
    uint16_t port = child_free_port();
    if (log_path(path) < 0 || port == 0)
        return EXIT_NO;
    if (child_init(&u->child, command, model, port, path, &err) < 0)
        return options_fault(&cmd_up, "%s", err.msg);
    u->has_child = true;
    if (child_start(&u->child, &err) < 0) {
        log_error("%s", err.msg);
        return EXIT_NO;
    }
    if (u->look.nports == DISCOVER_MAX_PORTS)
        u->look.nports--;
    u->look.ports[u->look.nports++] = (struct discover_port){STR("engine"), port, true};
    u->child_was_healthy = true;
    int rc = wait_until_healthy(u);
    if (rc == EXIT_YES)
        up_keeper_tell(u, true, KEPT_RUNNING, "");
    return rc;
}

void up_engine_stop(struct up *u)
{
    if (!u->has_child)
        return;
    child_stop(&u->child, STOP_GRACE_MS);
    child_release(&u->child);
    u->has_child = false;
}

/* -- stopped, and started again -------------------------------------------------------
 */

static uint32_t under_way(const struct up *u)
{
    struct gate *gate = up_keeper_gate(u);
    return gate ? gate_look(gate, 0, clock_mono_ms()).inflight : 0;
}

/* What is under way may finish for as long as a drain of weir takes; the gate lets
 * nothing more pass. */
static void watch_stop(struct up *u, const struct kept_look *now)
{
    struct child *c = &u->child;
    uint64_t at = clock_mono_ms(), *cut_at = &u->keeper.cut_at_ms;
    if (now->state == KEPT_STOPPED)
        return;
    if (!*cut_at)
        *cut_at = at + u->serving.server->setup->config->drain_timeout_ms;
    uint32_t n = under_way(u);
    if (n && at >= *cut_at && !c->kill_at_ms)
        log_warn("drain time is over: %u requests at %s are cut off", n, c->argv[0]);
    if (n == 0 || at >= *cut_at || !c->pid)
        child_end(c, at, STOP_GRACE_MS);
    (void)child_poll(c, at);
    if (c->pid)
        return;
    c->rests = true;
    *cut_at = 0;
    log_info("%s is stopped, by the operator", c->argv[0]);
    up_keeper_tell(u, false, KEPT_STOPPED, now->why);
}

static void start_again(struct up *u, const struct kept_look *now)
{
    struct err err = {0};
    struct child *c = &u->child;
    char why[KEPT_WHY_MAX + 1];
    c->backoff_ms = 0; /* its end by an order was no death */
    if (!child_port_is_free(c))
        snprintf(why, sizeof why, "somebody else listens on its port %u", c->port);
    else if (child_start(c, &err) < 0)
        snprintf(why, sizeof why, "%.*s", KEPT_WHY_MAX, err.msg);
    else {
        log_info("%s is started, by the operator", c->argv[0]);
        return;
    }
    c->rests = true; /* it is tried again each second */
    if (now->state == KEPT_FAILED)
        return;
    log_error("%s cannot be started: %s", c->argv[0], why);
    up_keeper_tell(u, true, KEPT_FAILED, why);
}

static void note_death(struct up *u)
{
    char words[LAST_WORDS], exit[KEPT_WHY_MAX - 40], why[KEPT_WHY_MAX + 1];
    struct child *c = &u->child;
    child_exit_words(c, exit, sizeof exit);
    child_last_words(c, words, sizeof words);
    log_warn("%s died: %s; it is started again in %u s%s", c->argv[0], exit,
             c->backoff_ms / 1000, *words ? ". Its last words:" : "");
    log_text(LOG_WARN, str_of(words));
    snprintf(why, sizeof why, "%s; started again in %u s", exit, c->backoff_ms / 1000);
    u->child_was_healthy = false;
    up_keeper_tell(u, true, KEPT_FAILED, why);
}

static bool watch_run(struct up *u, const struct kept_look *now)
{
    struct child *c = &u->child;
    u->keeper.cut_at_ms = 0;
    u->child_was_healthy &= now->state != KEPT_STARTING;
    enum child_event event = child_poll(c, clock_mono_ms());
    bool is_ordered = c->rests || now->state == KEPT_STARTING;
    if (event == CHILD_DIED && !c->rests)
        note_death(u);
    else if (!c->pid && is_ordered)
        start_again(u, now);
    if (event == CHILD_RESTARTED) {
        log_info("%s is started again", c->argv[0]);
        up_keeper_tell(u, true, KEPT_STARTING, "");
    }
    if (event != CHILD_SAME || u->child_was_healthy || !c->pid || c->kill_at_ms ||
        !child_is_healthy(c))
        return false;
    u->child_was_healthy = true;
    log_info("%s answers again", c->argv[0]);
    up_keeper_tell(u, true, KEPT_RUNNING, "");
    return true;
}

bool up_engine_watch(struct up *u)
{
    bool is_wanted;
    if (!u->has_child)
        return false;
    struct kept_look now = up_keeper_look(u, &is_wanted);
    if (is_wanted)
        return watch_run(u, &now);
    watch_stop(u, &now);
    return false;
}

/* "qwen2.5-7b-q4_k_m" of "models/qwen2.5-7b-q4_k_m.gguf". */
static struct str stem_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    struct str name = str_of(slash ? slash + 1 : path);
    return str_ends(name, STR(".gguf")) ? str_sub(name, 0, name.n - 5) : name;
}

static bool is_taken(const struct discovery *d, struct str name)
{
    enum role role;
    if (name.n == 0 || str_eqz(name, "auto") || str_eqz(name, "local") ||
        str_eqz(name, "cloud") || role_parse(name, &role))
        return true;
    for (size_t e = 0; e < d->nengines; e++)
        for (size_t i = 0; i < d->engines[e].nmodels; i++)
            if (str_eq(d->engines[e].models[i].name, name))
                return true;
    return false;
}

static struct found_engine *child_engine(const struct up *u, struct discovery *d)
{
    char end[32];
    snprintf(end, sizeof end, ":%u/v1", u->child.port);
    for (size_t i = 0; u->has_child && i < d->nengines; i++)
        if (d->engines[i].side == SIDE_LOCAL && str_ends(d->engines[i].url, str_of(end)))
            return &d->engines[i];
    return NULL;
}

void up_engine_spare(struct up *u)
{
    bool is_wanted;
    if (!u->has_child)
        return;
    bool runs = up_keeper_look(u, &is_wanted).state == KEPT_RUNNING;
    for (size_t i = 0; i < u->look.nports; i++)
        if (u->look.ports[i].is_child)
            u->look.ports[i].port = runs ? u->child.port : 0;
    struct found_engine *e = child_engine(u, u->found);
    if (e && !runs)
        e->misses = 0;
}

void up_write_yaml(const struct up *u, struct discovery *found, struct buf *out)
{
    discover_yaml(found, u->listen, out);
    const struct found_engine *e = child_engine(u, found);
    struct str stem = e ? stem_of(options_get(u->options, "--model")) : STR("");
    if (!e || e->nmodels != 1 || is_taken(found, stem))
        return;
    buf_lit(out, "aliases: {");
    json_write_string(out, stem);
    buf_lit(out, ": ");
    json_write_string(out, e->models[0].name);
    buf_lit(out, "}\n");
}
