/* up_watch.c -- serving, and looking again every half minute.
 *
 * Models come and go, get loaded and unloaded, and an Ollama model may turn out to run
 * in the cloud.  Each look gives a text; only a text that differs is a reload, and a
 * reload keeps pools and breakers of the engines that stayed. */
#include "cmd/serve/up.h"

#include "cmd/lib/usual_config.h"
#include "core/clock.h"
#include "core/log.h"
#include "discover/yaml.h"
#include "gateway/statefile.h"

#include <unistd.h>

enum { LOOK_EVERY_MS = 30000, SUMMARY = 700 };

/* "ollama (3 models), openai (5 models)" */
static void summarise(const struct discovery *d, char out[SUMMARY])
{
    int n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < d->nengines; i++) {
        const struct found_engine *e = &d->engines[i];
        if (e->problem.n || n >= SUMMARY - 1)
            continue;
        n += snprintf(out + n, (size_t)(SUMMARY - n), "%s%.*s (%zu model%s%s)",
                      n ? ", " : "", STR_ARG(e->name), e->nmodels,
                      e->nmodels == 1 ? "" : "s",
                      e->kind == ENGINE_SIM ? ", simulated" : "");
    }
}

/* Serves `found` from now on; true when that worked. */
static bool swap(struct up *u, struct discovery *found, struct buf *yaml)
{
    struct err err = {0};
    char text[SUMMARY];
    struct config *config = serving_parse(buf_view(yaml), "weir up");
    if (!config || server_reload(u->serving.server, config, &err) < 0) {
        log_error("what was found cannot be served%s%s; all stays as it was",
                  *err.msg ? ": " : "", err.msg);
        return false;
    }
    summarise(found, text);
    log_info("engines changed; now: %s", text);
    return true;
}

void up_keep_yaml(const struct up *u)
{
    char path[STATEFILE_PATH];
    const char *dir = u->serving.server->state_dir;
    if (dir[0] &&
        !statefile_write(dir, USUAL_CONFIG_UP, path,
                         (const unsigned char *)buf_view(&u->yaml).p, buf_len(&u->yaml)))
        log_warn("%s cannot be written: verbs that need a configuration want -c", path);
}

void up_forget_yaml(const struct up *u)
{
    char path[STATEFILE_PATH];
    const char *dir = u->serving.server->state_dir;
    int n = snprintf(path, sizeof path, "%s/" USUAL_CONFIG_UP, dir);
    if (dir[0] && n < (int)sizeof path)
        unlink(path);
}

static void look_again(struct up *u)
{
    struct err err = {0};
    struct discovery *found = NULL;
    struct buf yaml;
    up_engine_spare(u);
    if (discover_run(&u->look, &found, &err) < 0) {
        log_warn("looking for engines: %s", err.msg);
        return;
    }
    buf_init(&yaml, u->yaml.max_bytes);
    bool is_whole = discover_keep(found, u->found) == 0;
    up_write_yaml(u, found, &yaml);
    bool is_same = str_eq(buf_view(&yaml), buf_view(&u->yaml));
    if (is_whole && (is_same || swap(u, found, &yaml))) {
        struct buf was = u->yaml;
        u->yaml = yaml;
        yaml = was;
        discover_free(u->found);
        u->found = found;
        found = NULL;
        if (!is_same)
            up_keep_yaml(u);
    }
    discover_free(found);
    buf_release(&yaml);
}

void up_watch(struct up *u)
{
    u->next_look_ms = clock_mono_ms() + LOOK_EVERY_MS;
    for (;;) {
        enum serving_wake wake = serving_pause(&u->serving);
        if (wake == SERVING_STOP)
            return;
        bool is_back = up_engine_watch(u);
        if (wake == SERVING_RELOAD || is_back || clock_mono_ms() >= u->next_look_ms) {
            look_again(u);
            u->next_look_ms = clock_mono_ms() + LOOK_EVERY_MS;
        }
    }
}
