/* server.c -- the simulator's thread: what it is made of, and its beginning and end.
 *
 * Everything that can fail is done by the caller's thread before the loop's thread
 * exists, so a busy port or a bad replay file is an error of sim_start() and not a
 * silent thread.  After that only `stop` is posted from outside. */
#include "sim/server.h"

#include "core/log.h"
#include "core/mem.h"
#include "sim/peer.h"
#include "json/write.h"

#include <signal.h>

enum { OPTIONS_MAX_BYTES = 1024 * 1024, HEAD_MAX_BYTES = 64 * 1024 };

static void on_accept(void *arg, int fd)
{
    peer_open(arg, fd);
}

static void on_stop(void *arg)
{
    struct sim *s = arg;
    listener_close(s->listener);
    for (struct link *l = s->peers.next, *next; l != &s->peers; l = next) {
        next = l->next;
        peer_close(CONTAINER_OF(l, struct peer, link));
    }
    loop_stop(s->loop);
}

static void *thread_main(void *arg)
{
    struct sim *s = arg;
    loop_run(s->loop);
    return NULL;
}

/* -- what was asked for ----------------------------------------------------- */

/* The body of the JSON string that stands for a name. */
static struct str escaped(struct sim *s, struct str name)
{
    struct str raw = {NULL, 0};
    buf_clear(&s->out);
    json_write_string(&s->out, name);
    if (!s->out.failed)
        raw = arena_strdup(&s->options, str_sub(buf_view(&s->out), 1, s->out.n - 1));
    return raw;
}

static int copy_models(struct sim *s, const struct sim_options *o, struct err *err)
{
    size_t n = o->nmodels ? o->nmodels : 1;
    struct str *models = arena_array(&s->options, struct str, n);
    for (size_t i = 0; models && i < n; i++) {
        models[i] = escaped(s, o->nmodels ? o->models[i] : str_of(s->profile->model));
        if (!models[i].p)
            models = NULL;
    }
    s->models = models;
    s->nmodels = n;
    return models ? 0 : err_nomem(err);
}

static int copy_options(struct sim *s, const struct sim_options *o, struct err *err)
{
    struct str host = o->host.n ? o->host : STR("127.0.0.1");
    bool is_bare_v6 = str_index(host, ':') >= 0 && host.p[0] != '[';
    s->profile = sim_profile_find(o->profile.n ? o->profile : STR("instant"), err);
    if (!s->profile)
        return -1;
    if (o->speed < 0 || o->speed > 1e6)
        return err_set(err, ERR_CONFIG, "bad_speed",
                       "speed must be above 0 and at most 1000000");
    if (sim_directives_add(&s->asked, o->fault, err) < 0)
        return -1;
    s->speed = o->speed == 0 ? 1 : o->speed;
    s->slots = o->slots;
    s->is_recording = o->is_recording;
    s->api_key = arena_strdup(&s->options, o->api_key);
    s->address = arena_printf(&s->options, is_bare_v6 ? "[%.*s]:%u" : "%.*s:%u",
                              STR_ARG(host), (unsigned)o->port);
    if (!s->api_key.p || !s->address.p)
        return err_nomem(err);
    if (copy_models(s, o, err) < 0)
        return -1;
    if (o->replay_path.n && !(s->replay = replay_open(o->replay_path, err)))
        return -1;
    if (o->script_path.n && !(s->script = sim_script_open(o->script_path, err)))
        return -1;
    return 0;
}

/* -- life ------------------------------------------------------------------- */

static void free_sim(struct sim *s)
{
    loop_free(s->loop);
    replay_free(s->replay);
    sim_script_free(s->script);
    buf_release(&s->head);
    buf_release(&s->out);
    buf_release(&s->last_head);
    buf_release(&s->last_body);
    EVP_MD_CTX_free(s->digest);
    EVP_MD_free(s->sha256);
    arena_reset(&s->options);
    mem_free(s);
}

static struct sim *make_sim(void)
{
    struct sim *s = mem_new(struct sim);
    if (!s)
        return NULL;
    arena_init(&s->options, OPTIONS_MAX_BYTES);
    buf_init(&s->head, HEAD_MAX_BYTES);
    buf_init(&s->out, SIM_OUT_MAX_BYTES);
    buf_init(&s->last_head, SIM_BODY_MAX_BYTES);
    buf_init(&s->last_body, SIM_BODY_MAX_BYTES);
    list_init(&s->peers);
    list_init(&s->queue);
    s->stop = (struct loop_task){.fn = on_stop, .arg = s};
    s->admit = (struct loop_task){.fn = peer_admit, .arg = s};
    return s;
}

static int open_sim(struct sim *s, const struct sim_options *o, struct err *err)
{
    if (copy_options(s, o, err) < 0)
        return -1;
    s->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    s->digest = EVP_MD_CTX_new();
    if (!s->sha256 || !s->digest)
        return err_set(err, ERR_INTERNAL, "crypto", "no SHA-256 in this OpenSSL");
    s->loop = loop_create(err);
    if (!s->loop)
        return -1;
    s->listener = listener_create(s->loop, s->address, false, on_accept, s, err);
    if (!s->listener)
        return -1;
    s->port = listener_port(s->listener);
    int rc = pthread_create(&s->thread, NULL, thread_main, s);
    if (rc != 0) {
        listener_close(s->listener);
        return err_set(err, ERR_INTERNAL, "thread", "cannot start a thread: %s",
                       strerror(rc));
    }
    return 0;
}

int sim_start(const struct sim_options *o, struct sim **ret, struct err *err)
{
    struct sim *s = make_sim();
    if (!s)
        return err_nomem(err);
    if (open_sim(s, o, err) < 0) {
        free_sim(s);
        return -1;
    }
    *ret = s;
    return 0;
}

uint16_t sim_port(const struct sim *s)
{
    return s->port;
}

void sim_stop(struct sim *s)
{
    if (!s)
        return;
    loop_post(s->loop, &s->stop);
    pthread_join(s->thread, NULL);
    free_sim(s);
}

int sim_run(const struct sim_options *o, struct err *err)
{
    struct sim *s = NULL;
    sigset_t ends, before;
    int sig = 0;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    /* Blocked before the thread starts, so that it inherits this and sigwait() alone
     * hears them. */
    pthread_sigmask(SIG_BLOCK, &ends, &before);
    int rc = sim_start(o, &s, err);
    if (rc == 0 && s) {
        struct str host = o->host.n ? o->host : STR("127.0.0.1");
        log_info("sim: %s (%zu models) listens on http://%.*s:%u", s->profile->name,
                 s->nmodels, STR_ARG(host), (unsigned)s->port);
        sigwait(&ends, &sig);
        sim_stop(s);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc;
}
