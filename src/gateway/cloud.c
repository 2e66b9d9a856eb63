/* cloud.c -- see cloud.h.
 *
 * A change is made on the pool of readers, one after the other: it waits for the disk and
 * for the workers, and a loop waits for nothing. */
#include "gateway/cloud.h"

#include "core/clean.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/mem.h"
#include "gateway/operator.h"
#include "gateway/pages.h"
#include "gateway/statefile.h"
#include "gateway/witness.h"
#include "gateway/worker.h"
#include "ledger/log/uid.h"
#include "json/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FILE_NAME "cloud"
enum {
    FILE_BYTES = 4096,
    WAIT_S = 4 /* for the workers: less than `weir cloud` waits for its answer */
};

/* -- the state ------------------------------------------------------------------------
 */

/* On another day than today the date stands before it. */
static void write_since(struct cloud_state *state, uint64_t now_ms)
{
    time_t then = (time_t)(state->since_ms / 1000), now = (time_t)(now_ms / 1000);
    struct tm at, today;
    if (!localtime_r(&then, &at) || !localtime_r(&now, &today))
        return;
    bool is_today = at.tm_yday == today.tm_yday && at.tm_year == today.tm_year;
    strftime(state->since, sizeof state->since, is_today ? "%H:%M" : "%Y-%m-%d %H:%M",
             &at);
}

static void set(struct server *s, const struct cloud_state *state)
{
    struct cloud *c = &s->cloud;
    pthread_mutex_lock(&c->mutex);
    c->state = *state;
    atomic_store(&c->is_paused, state->is_paused);
    pthread_mutex_unlock(&c->mutex);
}

struct cloud_state cloud_look(struct server *s)
{
    pthread_mutex_lock(&s->cloud.mutex);
    struct cloud_state ret = s->cloud.state;
    pthread_mutex_unlock(&s->cloud.mutex);
    return ret;
}

struct str cloud_words(struct server *s, struct arena *a)
{
    if (LIKELY(!cloud_is_paused(&s->cloud)))
        return STR("");
    struct cloud_state now = cloud_look(s);
    struct str words =
        now.is_unreadable
            ? STR("the cloud is paused, as weir cannot read whether it was (see its log)")
            : arena_printf(a, "the cloud is paused by the operator since %s (%s)",
                           now.since, now.why);
    return words.n ? words : STR("the cloud is paused");
}

bool cloud_is_refusal(const struct err *err)
{
    return err->code && strcmp(err->code, EXCHANGE_SHUT) == 0;
}

void cloud_write(struct json_writer *w, const struct cloud_state *state)
{
    json_key(w, "paused");
    json_bool(w, state->is_paused);
    json_key(w, "since_ms");
    if (state->is_paused)
        json_u64(w, state->since_ms);
    else
        json_str(w, (struct str){NULL, 0});
    json_key(w, "why");
    json_str(w, state->is_paused ? str_of(state->why) : (struct str){NULL, 0});
}

void cloud_tend(struct server *s)
{
    struct cloud_state now = cloud_look(s), fresh = now;
    if (LIKELY(!now.is_paused))
        return;
    write_since(&fresh, clock_wall_ms());
    if (strcmp(fresh.since, now.since) == 0)
        return;
    pthread_mutex_lock(&s->cloud.mutex);
    if (s->cloud.state.since_ms == now.since_ms)
        memcpy(s->cloud.state.since, fresh.since, sizeof fresh.since);
    pthread_mutex_unlock(&s->cloud.mutex);
}

/* -- the file -------------------------------------------------------------------------
 */

static int write_file(const struct server *s, const struct cloud_state *state,
                      struct err *err)
{
    char path[STATEFILE_PATH];
    struct buf text;
    struct json_writer w;
    buf_init(&text, FILE_BYTES);
    json_writer_init(&w, &text);
    json_object_open(&w);
    cloud_write(&w, state);
    json_object_close(&w);
    buf_byte(&text, '\n');
    struct str bytes = buf_view(&text);
    bool ok = !text.failed && statefile_write(s->state_dir, FILE_NAME, path,
                                              (const unsigned char *)bytes.p, bytes.n);
    int dir = ok ? open(s->state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    ok = dir >= 0 && fsync(dir) == 0;
    if (dir >= 0)
        close(dir);
    buf_release(&text);
    return ok ? 0
              : err_sys(err, ERR_INTERNAL, "cloud_file", "%s cannot be written", path);
}

static bool parse(struct str text, struct cloud_state *ret)
{
    struct json_cur c;
    struct json_string name, why = {.raw = STR("")};
    struct arena a;
    int64_t since = 0;
    bool has_paused = false;
    json_begin(&c, text);
    bool ok = json_enter_object(&c);
    while (ok && json_next_member(&c, &name)) {
        if (json_string_is(name, "paused"))
            ok = has_paused = json_read_bool(&c, &ret->is_paused);
        else if (json_string_is(name, "since_ms") && ret->is_paused)
            ok = json_read_i64(&c, &since) && since > 0;
        else if (json_string_is(name, "why") && ret->is_paused)
            ok = json_read_string(&c, &why);
        else
            ok = json_skip(&c, NULL);
    }
    if (!ok || !has_paused || json_finish(&c, NULL) < 0 || (ret->is_paused && !since))
        return false;
    arena_init(&a, FILE_BYTES);
    struct str words = json_unescape(&a, why);
    ok = words.n <= CLOUD_WHY_MAX && clean_is(words);
    if (ok && words.n)
        memcpy(ret->why, words.p, words.n);
    ret->since_ms = (uint64_t)since;
    arena_reset(&a);
    return ok;
}

/* False: it is there, and says nothing that can be understood. */
static bool read_file(const struct server *s, struct cloud_state *ret)
{
    char path[STATEFILE_PATH];
    struct stat at;
    struct buf text;
    snprintf(path, sizeof path, "%s/" FILE_NAME, s->state_dir);
    *ret = (struct cloud_state){.is_paused = false};
    if (lstat(path, &at) < 0 && errno == ENOENT)
        return true;
    buf_init(&text, 8 * FILE_BYTES); /* it is read in steps */
    bool ok = statefile_read_all(s->state_dir, FILE_NAME, &text) && !text.failed &&
              parse(buf_view(&text), ret);
    buf_release(&text);
    return ok;
}

void cloud_open(struct server *s)
{
    struct cloud *c = &s->cloud;
    struct cloud_state state;
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&c->mutex, NULL);
    pthread_cond_init(&c->seen, &attr);
    pthread_condattr_destroy(&attr);
    if (!read_file(s, &state)) {
        state = (struct cloud_state){
            .is_paused = true, .is_unreadable = true, .since_ms = clock_wall_ms()};
        snprintf(state.why, sizeof state.why,
                 "its file in the state directory cannot be "
                 "read");
        log_error("%s/" FILE_NAME " cannot be read, and it may say that the cloud is "
                  "paused: nothing goes to the cloud until somebody says weir cloud "
                  "resume --why ...",
                  s->state_dir);
    }
    write_since(&state, clock_wall_ms());
    set(s, &state);
    if (state.is_paused && !state.is_unreadable)
        log_warn("the cloud is paused by the operator since %s (%s): nothing goes to it "
                 "until somebody says weir cloud resume --why ...",
                 state.since, state.why);
}

void cloud_close(struct server *s)
{
    if (!s->state_dir[0])
        return;
    pthread_mutex_destroy(&s->cloud.mutex);
    pthread_cond_destroy(&s->cloud.seen);
}

/* -- a change -------------------------------------------------------------------------
 */

struct change {
    struct page_hold hold;
    struct work work;
    struct request *request; /* NULL: whoever asked has left */
    struct worker *worker;
    struct server *server;
    struct setup *setup; /* a reference */
    bool is_pause, is_recorded;
    bool is_same; /* it was so already: nothing was changed, and `why` was not taken */
    char why[CLOUD_WHY_MAX + 1];
    size_t running;
    struct err err;
};

void cloud_passed(struct worker *w, size_t running)
{
    struct cloud *c = &w->server->cloud;
    pthread_mutex_lock(&c->mutex);
    w->cloud_seen = c->generation;
    w->is_cloud_posted = false;
    c->running += running;
    pthread_cond_broadcast(&c->seen);
    pthread_mutex_unlock(&c->mutex);
}

static bool have_all_seen(const struct server *s)
{
    for (uint32_t i = 0; i < s->nworkers; i++)
        if (s->workers[i]->cloud_seen < s->cloud.generation)
            return false;
    return true;
}

/* Each loop passes what has been set.  False: one of them has not in WAIT_S. */
static bool wait_for_workers(struct server *s, size_t *ret_running)
{
    struct cloud *c = &s->cloud;
    bool is_waiting[LEDGER_MAX_WORKERS]; /* an earlier change has not come there yet */
    struct timespec until;
    int rc = 0;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += WAIT_S;
    pthread_mutex_lock(&c->mutex);
    c->generation++;
    c->running = 0;
    for (uint32_t i = 0; i < s->nworkers; i++) {
        is_waiting[i] = s->workers[i]->is_cloud_posted;
        s->workers[i]->is_cloud_posted = true;
    }
    pthread_mutex_unlock(&c->mutex);
    for (uint32_t i = 0; i < s->nworkers; i++)
        if (!is_waiting[i])
            loop_post(s->workers[i]->loop, &s->workers[i]->cloud_task);
    pthread_mutex_lock(&c->mutex);
    while (rc == 0 && !have_all_seen(s))
        rc = pthread_cond_timedwait(&c->seen, &c->mutex, &until);
    bool ok = have_all_seen(s);
    *ret_running = c->running;
    pthread_mutex_unlock(&c->mutex);
    return ok;
}

/* It holds from the first line on, whatever fails after it. */
static int pause_cloud(struct change *ch, struct err *err)
{
    struct server *s = ch->server;
    struct cloud_state state = {.is_paused = true, .since_ms = clock_wall_ms()};
    memcpy(state.why, ch->why, sizeof state.why);
    write_since(&state, state.since_ms);
    set(s, &state);
    ch->is_recorded = witness_cloud(s->audit, ch->setup, true, str_of(state.why));
    int rc = write_file(s, &state, err);
    bool have_all = wait_for_workers(s, &ch->running);
    log_warn("the cloud is paused by the operator (%s)%s", state.why,
             ch->is_recorded ? "" : "; the audit chain has no record of it");
    if (rc < 0) {
        char why[200];
        snprintf(why, sizeof why, "%.180s", err->msg);
        return err_set(err, ERR_INTERNAL, "cloud_file",
                       "the cloud is paused now, but a restart would end that: %s", why);
    }
    return have_all ? 0
                    : err_set(err, ERR_INTERNAL, "cloud_unconfirmed",
                              "the cloud is paused, but a worker of weir has not "
                              "confirmed it within %d s: it may still be sending",
                              WAIT_S);
}

static int resume_cloud(struct change *ch, struct err *err)
{
    struct server *s = ch->server;
    const struct cloud_state open = {.is_paused = false};
    ch->is_recorded = witness_cloud(s->audit, ch->setup, false, str_of(ch->why));
    if (!ch->is_recorded)
        return err_set(err, ERR_OVERLOAD, "audit_unwritable",
                       "the audit chain cannot be written, so the cloud stays paused");
    if (write_file(s, &open, err) < 0) {
        (void)witness_cloud(s->audit, ch->setup, true,
                            STR("its file could not be written"));
        return -1;
    }
    set(s, &open);
    log_warn("the cloud is open again (%s)", ch->why);
    (void)wait_for_workers(s, &ch->running);
    return 0;
}

static void on_thread(struct work *work)
{
    struct change *ch = CONTAINER_OF(work, struct change, work);
    struct err err;
    err_init(&err);
    ch->is_same = cloud_is_paused(&ch->server->cloud) == ch->is_pause &&
                  !cloud_look(ch->server).is_unreadable;
    ch->is_recorded = ch->is_same;
    if (ch->is_same)
        return;
    if ((ch->is_pause ? pause_cloud(ch, &err) : resume_cloud(ch, &err)) < 0)
        ch->err = err;
}

static void write_state(struct request *r, const struct change *ch, struct buf *out)
{
    struct json_writer w;
    struct cloud_state now = cloud_look(r->worker->server);
    buf_init(out, FILE_BYTES);
    json_writer_init(&w, out);
    json_object_open(&w);
    cloud_write(&w, &now);
    if (ch) {
        json_key(&w, "running");
        json_u64(&w, ch->running);
        json_key(&w, "recorded");
        json_bool(&w, ch->is_recorded);
        json_key(&w, "already");
        json_bool(&w, ch->is_same);
    }
    json_object_close(&w);
}

static void on_left(struct page_hold *h)
{
    CONTAINER_OF(h, struct change, hold)->request = NULL;
}

static void on_loop(struct work *work)
{
    struct change *ch = CONTAINER_OF(work, struct change, work);
    struct request *r = ch->request;
    struct worker *w = ch->worker;
    struct buf out;
    w->npooled--;
    if (r) {
        r->hold = NULL;
        write_state(r, ch, &out);
        page_tell(r, &ch->err, &out);
    }
    setup_unref(ch->setup);
    mem_free(ch);
    worker_client_gone(w);
}

static int read_change(struct request *r, struct change *ch, struct err *err)
{
    struct str what = {NULL, 0}, why = {NULL, 0};
    const struct page_text texts[] = {{"do", &what}, {"why", &why}};
    if (!page_read_texts(r, texts, ARRAY_LEN(texts)) ||
        !(str_eqz(what, "pause") || str_eqz(what, "resume")))
        return err_set(err, ERR_BAD_REQUEST, "invalid_json",
                       "send {\"do\":\"pause\",\"why\":\"...\"} or "
                       "{\"do\":\"resume\",\"why\":\"...\"}");
    if (operator_check_why(&why, err) < 0)
        return -1;
    ch->is_pause = str_eqz(what, "pause");
    memcpy(ch->why, why.p, why.n);
    return 0;
}

void page_cloud(struct request *r)
{
    struct buf out;
    const struct err none = {0};
    write_state(r, NULL, &out);
    page_tell(r, &none, &out);
}

void page_cloud_change(struct request *r)
{
    struct change *ch = mem_new(struct change);
    struct err err = {0};
    struct buf out;
    buf_init(&out, FILE_BYTES);
    if (!ch)
        err_nomem(&err);
    if (!ch || read_change(r, ch, &err) < 0) {
        mem_free(ch);
        page_tell(r, &err, &out);
        return;
    }
    buf_release(&out);
    ch->hold.left = on_left;
    ch->work = (struct work){.fn = on_thread, .done = on_loop, .bytes = 1};
    ch->request = r;
    ch->worker = r->worker;
    ch->server = r->worker->server;
    ch->setup = setup_ref(r->setup);
    r->hold = &ch->hold;
    r->worker->npooled++;
    pool_submit(ch->server->readers, r->worker->loop, &ch->work);
}
