/* kept.c -- see kept.h.
 *
 * An order is given on the pool of readers, one after the other: its record waits for the
 * disk, and a loop waits for nothing. */
#include "gateway/kept.h"

#include "core/log.h"
#include "core/mem.h"
#include "gateway/operator.h"
#include "gateway/pages.h"
#include "gateway/paths.h"
#include "gateway/witness.h"
#include "gateway/worker.h"

enum { OUT_BYTES = 64 << 10 };

const char *kept_state_name(enum kept_state s)
{
    static const char *const names[] = {"running", "starting", "stopping", "stopped",
                                        "failed"};
    return names[s];
}

static bool look(const struct server *s, const struct config_engine *e,
                 struct kept_look *ret)
{
    return s->kept && s->kept->look(s->kept_ctx, e, ret);
}

void kept_write(struct json_writer *w, const struct server *s,
                const struct config_engine *e)
{
    struct kept_look now;
    json_key(w, "run");
    if (!look(s, e, &now)) {
        json_str(w, (struct str){NULL, 0});
        return;
    }
    json_object_open(w);
    json_key(w, "state");
    json_str(w, str_of(kept_state_name(now.state)));
    json_key(w, "since_ms");
    json_u64(w, now.since_ms);
    json_key(w, "why");
    json_str(w, now.why[0] ? str_of(now.why) : (struct str){NULL, 0});
    json_object_close(w);
}

static void write_entry(struct json_writer *w, const struct server *s,
                        const struct setup *setup, const struct config_engine *e)
{
    json_object_open(w);
    json_key(w, "name");
    json_str(w, e->name);
    kept_write(w, s, e);
    json_key(w, "inflight");
    json_u64(w, gate_look(setup->gates[e->index], 0, 0).inflight);
    json_object_close(w);
}

void page_kept(struct request *r)
{
    const struct server *s = r->worker->server;
    const struct config *c = r->setup->config;
    const struct err none = {0};
    struct kept_look ignored;
    struct json_writer w;
    struct buf out;
    buf_init(&out, OUT_BYTES);
    json_writer_init(&w, &out);
    json_object_open(&w);
    json_key(&w, "engines");
    json_array_open(&w);
    for (size_t i = 0; i < c->nengines; i++)
        if (look(s, &c->engines[i], &ignored))
            write_entry(&w, s, r->setup, &c->engines[i]);
    json_array_close(&w);
    json_object_close(&w);
    page_tell(r, &none, &out);
}

/* -- an order -------------------------------------------------------------------------
 */

struct order {
    struct page_hold hold;
    struct work work;
    struct request *request; /* NULL: whoever asked has left */
    struct worker *worker;
    struct server *server;
    struct setup *setup; /* a reference */
    const struct config_engine *engine;
    bool is_start;
    char why[KEPT_WHY_MAX + 1];
    struct err err;
};

static bool is_done_already(const struct order *o)
{
    struct kept_look now;
    if (!look(o->server, o->engine, &now))
        return true;
    if (o->is_start)
        return now.state == KEPT_RUNNING || now.state == KEPT_STARTING;
    return now.state == KEPT_STOPPED || now.state == KEPT_STOPPING;
}

static void on_thread(struct work *work)
{
    struct order *o = CONTAINER_OF(work, struct order, work);
    struct server *s = o->server;
    pthread_mutex_lock(&s->kept_mutex);
    if (is_done_already(o)) {
        pthread_mutex_unlock(&s->kept_mutex);
        return;
    }
    bool ok =
        witness_engine(s->audit, o->setup, o->engine->name, o->is_start, str_of(o->why));
    if (ok)
        s->kept->order(s->kept_ctx, o->setup->gates[o->engine->index], o->is_start,
                       o->why);
    pthread_mutex_unlock(&s->kept_mutex);
    if (ok)
        log_warn("engine '%.*s' is to be %s, by the operator (%s)",
                 STR_ARG(o->engine->name), o->is_start ? "started" : "stopped", o->why);
    else
        err_set(&o->err, ERR_OVERLOAD, "audit_unwritable",
                "the audit chain cannot be written, so engine '%.*s' stays as it is",
                STR_ARG(o->engine->name));
}

static void on_left(struct page_hold *h)
{
    CONTAINER_OF(h, struct order, hold)->request = NULL;
}

static void on_loop(struct work *work)
{
    struct order *o = CONTAINER_OF(work, struct order, work);
    struct request *r = o->request;
    struct worker *w = o->worker;
    struct json_writer json;
    struct buf out;
    w->npooled--;
    if (r) {
        r->hold = NULL;
        buf_init(&out, OUT_BYTES);
        json_writer_init(&json, &out);
        write_entry(&json, o->server, o->setup, o->engine);
        page_tell(r, &o->err, &out);
    }
    setup_unref(o->setup);
    mem_free(o);
    worker_client_gone(w);
}

static const struct config_engine *engine_named(const struct config *c, struct str name)
{
    for (size_t i = 0; i < c->nengines; i++)
        if (str_eq(c->engines[i].name, name))
            return &c->engines[i];
    return NULL;
}

static bool take_end(struct str *name, const char *end)
{
    if (!str_ends(*name, str_of(end)))
        return false;
    *name = str_sub(*name, 0, name->n - strlen(end));
    return true;
}

static int find_engine(struct request *r, struct order *o, struct err *err)
{
    struct kept_look now;
    struct str name = r->head ? path_unescape(r->head->name, &r->draft->arena)
                              : r->model_asked; /* what stands at the path's star */
    o->is_start = take_end(&name, "/start");
    if (!o->is_start && !take_end(&name, "/stop"))
        return err_set(err, ERR_NOT_FOUND, "unknown_path",
                       "write .../engines/NAME/stop or .../engines/NAME/start");
    o->engine = engine_named(r->setup->config, name);
    if (!o->engine)
        return err_set(err, ERR_NOT_FOUND, "unknown_engine", "no engine is called '%.*s'",
                       (int)(name.n > 80 ? 80 : name.n), name.p ? name.p : "");
    if (!look(r->worker->server, o->engine, &now))
        return err_set(err, ERR_BAD_REQUEST, "engine_not_run",
                       "weir does not run engine '%.*s': stop or start it where it was "
                       "started (weir runs the engine of weir up --model)",
                       STR_ARG(o->engine->name));
    return 0;
}

static int read_order(struct request *r, struct order *o, struct err *err)
{
    struct str why = {NULL, 0};
    const struct page_text texts[] = {{"why", &why}};
    if (find_engine(r, o, err) < 0)
        return -1;
    if (!page_read_texts(r, texts, ARRAY_LEN(texts)))
        return err_set(err, ERR_BAD_REQUEST, "invalid_json", "send {\"why\":\"...\"}");
    if (operator_check_why(&why, err) < 0)
        return -1;
    memcpy(o->why, why.p, why.n);
    return 0;
}

void page_kept_order(struct request *r)
{
    struct order *o = mem_new(struct order);
    struct err err = {0};
    struct buf out;
    buf_init(&out, OUT_BYTES);
    if (!o)
        err_nomem(&err);
    if (!o || read_order(r, o, &err) < 0) {
        mem_free(o);
        page_tell(r, &err, &out);
        return;
    }
    buf_release(&out);
    o->hold.left = on_left;
    o->work = (struct work){.fn = on_thread, .done = on_loop, .bytes = 1};
    o->request = r;
    o->worker = r->worker;
    o->server = r->worker->server;
    o->setup = setup_ref(r->setup);
    r->hold = &o->hold;
    r->worker->npooled++;
    pool_submit(o->server->readers, r->worker->loop, &o->work);
}
