/* config.c -- building a snapshot, sharing it, finding in it.
 *
 * The YAML tree lives in the snapshot's arena and most texts of the snapshot point into
 * it: what is read once is held once. */
#include "config/config.h"

#include "config/read.h"
#include "core/mem.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { CONFIG_ARENA_BYTES = 16 << 20 };

static struct config *new_config(const char *path)
{
    struct config *c = mem_new(struct config);
    if (!c)
        return NULL;
    atomic_init(&c->refs, 1);
    arena_init(&c->arena, CONFIG_ARENA_BYTES);
    c->path = arena_strdup(&c->arena, str_of(path));
    if (!c->path.p) {
        mem_free(c);
        return NULL;
    }
    c->listen = STR("127.0.0.1:4141");
    c->workers = 1;
    c->default_sensitivity = SENSITIVITY_PUBLIC;
    c->max_body_bytes = 32 << 20;
    c->max_buffered_bytes = 256 << 20;
    c->header_timeout_ms = 10000;
    c->body_timeout_ms = 30000;
    c->quiet_ms = 10000;
    c->drain_timeout_ms = 30000;
    return c;
}

struct config *config_parse(struct str yaml, const char *path,
                            config_getenv_fn *getenv_fn, struct config_faults *faults)
{
    struct config *c = new_config(path);
    if (!c) {
        fault_at(faults, NULL, "out of memory");
        return NULL;
    }
    c->digest = config_text_digest(yaml, &c->arena);
    struct reading rd = {&c->arena, faults, getenv_fn, c};
    struct ynode *root = yaml_read(yaml, &c->arena, faults);
    if (root)
        read_top(&rd, root);
    faults_sort(faults);
    if (faults->nerrors || !root) {
        config_unref(c);
        return NULL;
    }
    return c;
}

struct config *config_load(const char *path, config_getenv_fn *getenv_fn,
                           struct config_faults *faults)
{
    struct config *c = NULL;
    struct buf text;
    FILE *f = fopen(path, "re");
    if (!f) {
        fault_at(faults, NULL, "cannot be read: %s", strerror(errno));
        return NULL;
    }
    buf_init(&text, YAML_MAX_BYTES + 1);
    size_t got = 0;
    if (!buf_reserve(&text, YAML_MAX_BYTES + 1))
        fault_at(faults, NULL, "out of memory");
    else
        got = fread(text.p, 1, YAML_MAX_BYTES + 1, f);
    if (ferror(f))
        fault_at(faults, NULL, "cannot be read: %s", strerror(errno));
    else if (text.p)
        c = config_parse((struct str){text.p, got}, path, getenv_fn, faults);
    if (c)
        c->is_file = true;
    fclose(f);
    mem_wipe(text.p, text.cap); /* it may hold keys */
    buf_release(&text);
    return c;
}

struct config *config_ref(const struct config *c)
{
    union {
        const struct config *in;
        struct config *out;
    } shared = {c};
    atomic_fetch_add_explicit(&shared.out->refs, 1, memory_order_relaxed);
    return shared.out;
}

static void wipe(struct str secret)
{
    union {
        const char *in;
        char *out;
    } bytes = {secret.p};
    mem_wipe(bytes.out, secret.n);
}

void config_unref(struct config *c)
{
    if (!c || atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < c->nengines; i++)
        if (c->engines[i].api_key.n)
            wipe(c->engines[i].api_key);
    arena_reset(&c->arena);
    mem_free(c);
}

static bool same_listen(const struct config_listen *a, const struct config_listen *b)
{
    if (!str_eq(a->address, b->address) || a->ndialects != b->ndialects ||
        a->if_free != b->if_free)
        return false;
    for (size_t i = 0; i < a->ndialects; i++)
        if (!str_eq(a->dialects[i], b->dialects[i]))
            return false;
    return true;
}

static bool same_listens(const struct config *was, const struct config *now)
{
    if (was->nlistens != now->nlistens)
        return false;
    for (size_t i = 0; i < was->nlistens; i++)
        if (!same_listen(&was->listens[i], &now->listens[i]))
            return false;
    return true;
}

const char *config_needs_restart(const struct config *was, const struct config *now)
{
    if (!same_listens(was, now))
        return "listen";
    if (was->workers != now->workers)
        return "workers";
    if (!str_eq(was->state_dir, now->state_dir))
        return "state_dir";
    if (was->access_log != now->access_log)
        return "access_log";
    return NULL;
}

const struct config_engine *config_engine_find(const struct config *c, struct str name)
{
    for (size_t i = 0; i < c->nengines; i++)
        if (str_eq(c->engines[i].name, name))
            return &c->engines[i];
    return NULL;
}
