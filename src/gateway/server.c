/* server.c -- starting, reloading and stopping the workers and what they share. */
#include "gateway/server.h"

#include "core/clock.h"
#include "core/log.h"
#include "core/mem.h"
#include "gateway/door.h"
#include "gateway/fingerprint.h"
#include "gateway/operator.h"
#include "gateway/witness.h"
#include "gateway/worker.h"

#include <stdio.h>

enum { SCAN_THREADS = 2, READ_THREADS = 1, WARN_AGAIN_MS = 60 * 1000, OWNER_BYTES = 80 };
enum { ASK_FILES_EACH_MS = 60 * 1000 };

static size_t max_vault_bytes(const struct config *cfg)
{
    return cfg->max_vault_bytes ? cfg->max_vault_bytes : cfg->max_buffered_bytes / 4;
}

static struct sessions *create_sessions(const struct config *cfg, struct err *err)
{
    struct sessions_limits limits = sessions_default_limits;
    limits.max_vault_bytes = max_vault_bytes(cfg);
    return sessions_create(&limits, err);
}

static void free_server(struct server *s)
{
    for (uint32_t i = 0; s->workers && i < s->nworkers; i++)
        if (s->workers[i])
            worker_join(s->workers[i]);
    for (uint32_t i = 0; s->workers && i < s->nworkers; i++)
        if (s->workers[i])
            worker_free(s->workers[i]);
    mem_free(s->workers);
    operator_close(s);
    cloud_close(s);
    door_free(s->door);
    pool_free(s->pool);
    pool_free(s->readers);
    sides_free(s->sides);
    sessions_free(s->sessions);
    recent_free(s->recent);
    if (s->ledger)
        ledger_close(s->ledger);
    audit_close(s->audit);
    key_hashes_release(&s->key_hashes);
    setup_unref(s->setup);
    pilots_close(&s->pilots, s->state_dir, clock_wall_ms());
    if (s->state_dir[0]) {
        learning_tend(s->learning, s->state_dir, &s->calibration.now, clock_mono_ms(),
                      true);
        calibration_keep(&s->calibration, s->state_dir, clock_mono_ms(), true);
    }
    learning_free(s->learning);
    meters_free(s->parts.meters);
    standings_free(s->parts.standings);
    pthread_mutex_destroy(&s->kept_mutex);
    mem_free(s);
}

/* The first worker's ports are what the others share. */
static int create_workers(struct server *s, struct err *err)
{
    const struct config *cfg = s->setup->config;
    bool is_shared = s->nworkers > 1;
    for (size_t i = 0; i < cfg->nlistens; i++)
        snprintf(s->addresses[i].text, sizeof s->addresses[i].text, "%.*s",
                 STR_ARG(cfg->listens[i].address));
    for (uint32_t i = 0; i < s->nworkers; i++) {
        s->workers[i] = worker_create(s, i, s->setup, s->addresses, is_shared, err);
        if (!s->workers[i])
            return -1;
    }
    s->port = listener_port(s->workers[0]->listeners[0].listener);
    return 0;
}

/* Without a chain weir still serves local engines: what cannot be proven stays. */
static void open_audit(struct server *s)
{
    struct err why = {0};
    s->audit = audit_create(s->state_dir, &why);
    if (why.kind)
        log_warn("%s; nothing goes to the cloud until it can be written, which is tried "
                 "each second",
                 why.msg);
    if (s->audit)
        witness_start(s->audit, s->setup);
}

static void on_interrupted(void *ctx, const struct ledger_interrupted *x)
{
    witness_interrupted(ctx, x);
}

static bool on_erase(void *ctx, const char *what, uint64_t rows, const char *why)
{
    return witness_deletion(ctx, str_of(what), rows, str_of(why));
}

static void on_session(void *ctx, struct str name, void (*each)(void *, uint64_t),
                       void *each_ctx)
{
    struct server *s = ctx;
    key_hashes_sessions(&s->key_hashes, s->session_key, name, each, each_ctx);
}

/* How long rows and the chain's old files stay, and whose ids they have. */
static void set_keep(struct server *s)
{
    const struct config *cfg = s->setup->config;
    const struct audit_limits limits = {.keep_ms = cfg->keep_audit_ms};
    ledger_set_keep(s->ledger, cfg->keep_rows_ms);
    ledger_set_node(s->ledger, cfg->ledger_node);
    if (!key_hashes_add(&s->key_hashes, cfg))
        log_warn(
            "no memory to remember the keys: `weir ledger delete --session NAME` may "
            "miss rows that keep no name");
    if (s->audit)
        audit_set_limits(s->audit, &limits);
}

/* Drawn anew at each start: it says nothing of the machine. */
static bool draw_mark(struct server *s)
{
    unsigned char raw[8];
    if (!random_bytes(raw, sizeof raw))
        return false;
    for (size_t i = 0; i < sizeof raw; i++)
        snprintf(s->mark + 2 * i, 3, "%02x", raw[i]);
    return true;
}

static void look_at_learning(struct server *s)
{
    const struct setup *now = s->setup;
    learning_change(s->learning, s->state_dir, now->config->learned.learn == LEARN_ON,
                    now->router->digest, now->models, now->adapter);
}

/* Who learns from what was said of an answer; on the loop of any worker. */
static void on_heard(void *ctx, const struct feedback_heard *heard)
{
    struct server *s = ctx;
    calibration_heard(&s->calibration.now, heard);
    learning_heard(s->learning, heard);
}

static int start(struct server *s, struct err *err)
{
    struct err ignored = {0};
    const struct config *cfg = s->setup->config;
    snprintf(s->state_dir, sizeof s->state_dir, "%.*s", STR_ARG(cfg->state_dir));
    cloud_open(s);
    calibration_open(&s->calibration, s->state_dir,
                     scores_digest(s->setup->router, s->setup->adapter));
    calibration_look_at_models(&s->calibration, s->setup->config);
    look_at_learning(s);
    s->nworkers = cfg->workers;
    s->workers = mem_zalloc(sizeof(struct worker *) * s->nworkers);
    if (!s->workers || !random_bytes(&s->session_key, sizeof s->session_key) ||
        !draw_mark(s))
        return err_nomem(err);
    s->ledger = ledger_open(cfg->state_dir, s->nworkers, cfg->access_log, err);
    if (!s->ledger)
        return -1;
    open_audit(s);
    set_keep(s);
    if (s->audit) {
        ledger_tell_interrupted(s->ledger, on_interrupted, s->audit);
        ledger_on_session(s->ledger, on_session, s);
        ledger_on_erase(s->ledger, on_erase, s->audit);
    }
    s->sessions = create_sessions(cfg, err);
    s->recent = recent_create(RECENT_MOST);
    s->sides = sides_create();
    if (!s->recent || !s->sides)
        return err_nomem(err);
    s->pool = s->sessions ? pool_create(SCAN_THREADS, err) : NULL;
    s->readers = s->pool ? pool_create(READ_THREADS, err) : NULL;
    if (!s->readers)
        return -1;
    if (create_workers(s, err) < 0)
        return -1;
    s->door = door_create(s->state_dir, &ignored);
    if (!s->door) {
        *err = ignored;
        return -1;
    }
    if (ignored.kind)
        log_warn("%s", ignored.msg);
    err_clear(&ignored);
    if (s->settled)
        ledger_on_row(s->ledger, s->settled, s->pages_ctx);
    if (operator_open(s, &ignored) < 0)
        log_warn("%s: weir label will not work", ignored.msg);
    for (uint32_t i = 0; i < s->nworkers; i++)
        if (worker_start(s->workers[i], err) < 0)
            return -1;
    return 0;
}

struct server *server_start(struct config *config, const struct server_options *o,
                            struct err *err)
{
    struct server *s = mem_new(struct server);
    if (!s) {
        config_unref(config);
        err_nomem(err);
        return NULL;
    }
    s->began_ms = clock_wall_ms();
    key_hashes_init(&s->key_hashes);
    pilots_open(&s->pilots);
    s->pages = o->pages;
    s->pages_ctx = o->pages_ctx;
    s->settled = o->settled;
    s->kept = o->kept;
    s->kept_ctx = o->kept_ctx;
    pthread_mutex_init(&s->kept_mutex, NULL);
    s->heard = o->heard ? o->heard : on_heard;
    s->heard_ctx = o->heard ? o->heard_ctx : s;
    s->parts =
        (struct setup_parts){o->prices,           o->prices_ctx,   o->sim_port,
                             o->sim_ctx,          meters_create(), standings_create(),
                             &s->calibration.now, o->measured,     o->measured_ctx};
    s->learning = learning_create();
    if (s->parts.meters && s->parts.standings && s->learning)
        s->setup = setup_create(config, NULL, &s->parts, err);
    else
        config_unref(config);
    if (s->setup && start(s, err) == 0)
        return s;
    for (uint32_t i = 0; s->workers && i < s->nworkers; i++)
        if (s->workers[i])
            worker_drain(s->workers[i]);
    free_server(s);
    return NULL;
}

uint16_t server_port(const struct server *s)
{
    return s->port;
}

int server_reload(struct server *s, struct config *config, struct err *err)
{
    const char *key = config_needs_restart(s->setup->config, config);
    if (key) {
        config_unref(config);
        return err_set(err, ERR_CONFIG, "needs_restart",
                       "'%s' cannot change while weir runs; restart it", key);
    }
    struct setup *next = setup_create(config, s->setup, &s->parts, err);
    if (!next)
        return -1;
    setup_apply(next);
    calibration_change(&s->calibration, scores_digest(next->router, next->adapter));
    calibration_look_at_models(&s->calibration, next->config);
    s->ask_files_ms = 0;
    for (uint32_t i = 0; i < s->nworkers; i++)
        worker_reload(s->workers[i], next);
    sessions_set_max_vault_bytes(s->sessions, max_vault_bytes(next->config));
    setup_unref(s->setup);
    s->setup = next;
    look_at_learning(s);
    set_keep(s);
    if (s->audit)
        witness_start(s->audit, next);
    return 0;
}

/* Once a minute at most, while labels have to go for want of room. */
static void warn_of_full_table(struct server *s, uint64_t now)
{
    char owner[OWNER_BYTES];
    struct sessions_counts n = sessions_count(s->sessions);
    bool is_full = n.forgotten > s->seen_forgotten || n.refused > s->seen_refused;
    if (LIKELY(!is_full) || (s->warned_ms && now - s->warned_ms < WARN_AGAIN_MS))
        return;
    uint32_t most = sessions_heaviest(s->sessions, owner, sizeof owner);
    log_warn("the table of sessions is full: %u of %u are %s%s; the labels of its oldest "
             "ones are forgotten, and what of it weir does not know counts as "
             "confidential. Does that client begin a session with each request?",
             most, n.sessions, owner[0] ? "of key " : "of one client", owner);
    s->seen_forgotten = n.forgotten;
    s->seen_refused = n.refused;
    s->warned_ms = now;
}

static bool uses_learned(const struct config *c)
{
    bool does = c->policy == POLICY_LEARNED;
    for (size_t i = 0; i < c->nkeys; i++)
        does |= c->keys[i].has_policy && c->keys[i].policy == POLICY_LEARNED;
    return does;
}

/* Once a minute: engines may have been given other models. */
static void look_at_files(struct server *s, uint64_t now)
{
    const struct setup *setup = s->setup;
    if (!uses_learned(setup->config) || now < s->ask_files_ms)
        return;
    s->ask_files_ms = now + ASK_FILES_EACH_MS;
    if (calibration_look_at_files(&s->calibration, fingerprint_ask(setup->config)))
        learning_forget(s->learning, &s->calibration.now, setup->adapter);
}

void server_tick(struct server *s)
{
    uint64_t now = clock_mono_ms();
    sessions_expire(s->sessions, now);
    warn_of_full_table(s, now);
    operator_tend(s);
    cloud_tend(s);
    look_at_files(s, now);
    learning_tend(s->learning, s->state_dir, &s->calibration.now, now, false);
    calibration_keep(&s->calibration, s->state_dir, now, false);
    pilots_tend(&s->pilots, s->state_dir, clock_wall_ms());
}

void server_drain_and_free(struct server *s)
{
    for (uint32_t i = 0; i < s->nworkers; i++)
        worker_drain(s->workers[i]);
    free_server(s);
}
