/* serving.c -- signals, start, wait, drain. */
#include "cmd/serve/serving.h"

#include "cmd/decide/measured.h"

#include "cmd/serve/serve_pages.h"

#include "core/clock.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/printer.h"
#include "web/web.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

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

void serving_begin(struct serving *s)
{
    *s = (struct serving){.server = NULL};
    sigemptyset(&s->signals);
    sigaddset(&s->signals, SIGTERM);
    sigaddset(&s->signals, SIGINT);
    sigaddset(&s->signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &s->signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file-size limit is an error to report, not a death */
    raise_descriptor_limit();
    mem_tune();
    printer_start();
}

const struct prices *serving_prices(struct serving *s)
{
    struct err err = {0};
    if (!s->prices && prices_load_embedded(&s->prices, &err) < 0)
        log_error("%s", err.msg);
    return s->prices;
}

static const struct prices *prices_of(void *ctx)
{
    return serving_prices(ctx);
}

int serving_start(struct serving *s, struct config *config)
{
    struct err err = {0};
    if (!s->web)
        s->web = web_create(&err);
    if (!s->web) {
        config_unref(config);
        log_error("%s", err.msg);
        return -1;
    }
    const struct server_options o = {.prices = prices_of,
                                     .prices_ctx = s,
                                     .sim_port = serve_sims_port,
                                     .sim_ctx = &s->sims,
                                     .measured = measured_of_config,
                                     .pages = &serve_pages,
                                     .pages_ctx = s->web,
                                     .settled = web_settled,
                                     .kept = s->kept,
                                     .kept_ctx = s->kept_ctx};
    s->server = server_start(config, &o, &err);
    mem_trim();
    if (s->server)
        return 0;
    log_error("%s", err.msg);
    return -1;
}

void serving_url(const struct serving *s, char out[SERVING_URL])
{
    struct str host = s->server->setup->config->listen;
    while (host.n && host.p[host.n - 1] != ':')
        host.n--;
    snprintf(out, SERVING_URL, "http://%.*s%u", STR_ARG(host), server_port(s->server));
}

void serving_say(const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    size_t len = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    printer_put((struct str){text, len});
}

void serving_announce(const struct serving *s)
{
    const struct config *c = s->server->setup->config;
    char url[SERVING_URL], more[1024];
    size_t n = 0;
    serving_url(s, url);
    more[0] = '\0';
    for (size_t i = 1; i < c->nlistens; i++)
        if (s->server->addresses[i].text[0] && n < sizeof more)
            n += (size_t)snprintf(more + n, sizeof more - n, " and http://%s",
                                  s->server->addresses[i].text);
    serving_say("weir %s listening on %s%s\n", WEIR_VERSION, url, more);
}

enum serving_wake serving_pause(struct serving *s)
{
    const struct timespec second = {1, 0};
    int sig = sigtimedwait(&s->signals, NULL, &second);
    if (sig < 0 && s->server) {
        spend_look(&s->spend, s->server->setup->config->state_dir, clock_wall_ms());
        server_tick(s->server);
    }
    if (sig == SIGTERM || sig == SIGINT)
        return SERVING_STOP;
    return sig == SIGHUP ? SERVING_RELOAD : SERVING_TIME;
}

void serving_drain(struct serving *s)
{
    /* A closed terminal or a reload must not cut what the drain is there for. */
    signal(SIGHUP, SIG_IGN);
    pthread_sigmask(SIG_UNBLOCK, &s->signals, NULL);
    log_info("stopping: requests under way may finish; once more to stop at once");
    server_drain_and_free(s->server);
    s->server = NULL;
    log_info("stopped");
}

void serving_end(struct serving *s)
{
    serve_sims_stop(&s->sims);
    prices_free(s->prices);
    s->prices = NULL;
    web_free(s->web);
    s->web = NULL;
    printer_stop();
}

static void print_faults(struct config_faults *faults, const char *name)
{
    struct buf text;
    buf_init(&text, 1 << 20);
    config_faults_print(faults, name, &text);
    printer_put(buf_view(&text));
    buf_release(&text);
    config_faults_release(faults);
}

struct config *serving_parse(struct str yaml, const char *name)
{
    struct config_faults faults;
    config_faults_init(&faults);
    struct config *config = config_parse(yaml, name, NULL, &faults);
    print_faults(&faults, name);
    return config;
}

struct config *serving_load(const char *path)
{
    struct config_faults faults;
    if (!path)
        return serving_parse(config_builtin_yaml(), "built-in");
    config_faults_init(&faults);
    struct config *config = config_load(path, NULL, &faults);
    print_faults(&faults, path);
    return config;
}
