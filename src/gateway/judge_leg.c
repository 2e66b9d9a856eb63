/* judge_leg.c -- see judge_leg.h. */
#include "gateway/judge_leg.h"

#include "core/mem.h"
#include "json/write.h"

enum { MAX_ASKED_BYTES = 64 * 1024 };

/* What a cloud judge would be shown, while it is scanned. */
struct judge_screening {
    struct work work;
    struct request *request; /* NULL: nobody waits for it any more */
    struct worker *worker;
    struct setup *setup;
    struct draft *own;
    struct screen_input in;
    struct judge_ask ask;
};

static void write_message(struct json_writer *w, const char *role, struct str text)
{
    json_object_open(w);
    json_key(w, "role");
    json_str(w, str_of(role));
    json_key(w, "content");
    json_str(w, text);
    json_object_close(w);
}

static void write_body(const struct judge_ask *ask, struct buf *body)
{
    struct json_writer w;
    json_writer_init(&w, body);
    json_object_open(&w);
    json_key(&w, "model");
    json_str(&w, STR("auto"));
    json_key(&w, "messages");
    json_array_open(&w);
    if (ask->system.n)
        write_message(&w, "system", ask->system);
    write_message(&w, "user", ask->user);
    json_array_close(&w);
    json_key(&w, "max_tokens");
    json_u64(&w, JUDGE_LEG_TOKENS);
    json_key(&w, "temperature");
    json_u64(&w, 0);
    json_object_close(&w);
}

static void drop_own(struct draft *own, struct worker *w)
{
    uint64_t none = 0;
    request_free_draft(own, w, &none);
}

/* The request to the judge, as a draft of its own; NULL: no memory, or too long. */
static struct draft *make_own(const struct request *r, const struct judge_ask *ask)
{
    struct worker *w = r->worker;
    struct draft *own = request_take_draft(w, r->setup->config);
    struct err err;
    err_init(&err);
    if (!own)
        return NULL;
    if (ask->system.n + ask->user.n <= MAX_ASKED_BYTES)
        write_body(ask, &own->body);
    own->via = arena_strdup(&own->arena, ask->of->via);
    if (!own->body.failed && own->via.p &&
        dialect_read(dialect_first(), SURFACE_CHAT, buf_view(&own->body), &own->arena,
                     &own->chat, &err) == 0)
        return own;
    drop_own(own, w);
    return NULL;
}

static bool send_own(struct request *r, const struct judge_ask *ask, struct draft *own)
{
    if (ask->is_for_pair)
        return aside_ask_for_pair(r, ask->model, LEG_JUDGE, own, ask->then);
    return aside_ask(r, ask->model, LEG_JUDGE, own, ask->then);
}

static void screen_own(struct judge_screening *s)
{
    struct draft *own = s->own;
    struct err err;
    err_init(&err);
    own->screened = arena_new(&own->arena, struct screened);
    buf_init(&own->masked, SIZE_MAX);
    own->leaving = &own->chat;
    if (!own->screened)
        return;
    guard_screen(&s->in, &own->arena, &own->masked, own->screened);
    own->clearance = own->screened->clearance;
    if (!own->screened->masked.total || !own->clearance)
        return;
    struct chat *chat = arena_new(&own->arena, struct chat);
    own->leaving = chat;
    if (!chat ||
        dialect_read_as(&own->chat, own->screened->leaving, &own->arena, chat, &err) < 0)
        own->clearance = NULL;
}

static void on_pool(struct work *w)
{
    screen_own(CONTAINER_OF(w, struct judge_screening, work));
}

static void on_screened(struct work *w)
{
    struct judge_screening *s = CONTAINER_OF(w, struct judge_screening, work);
    struct request *r = s->request;
    struct worker *worker = s->worker;
    bool is_clear = s->own->clearance != NULL;
    worker->npooled--;
    if (r)
        *s->ask.screening = NULL;
    if (!r || !is_clear)
        drop_own(s->own, worker);
    if (r && !(is_clear && send_own(r, &s->ask, s->own)))
        s->ask.then(r, NULL, (struct str){NULL, 0});
    setup_unref(s->setup);
    mem_free(s);
    worker_client_gone(worker);
}

static bool screen_and_send(struct request *r, const struct judge_ask *ask,
                            struct draft *own)
{
    struct judge_screening *s = mem_new(struct judge_screening);
    if (!s) {
        drop_own(own, r->worker);
        return false;
    }
    s->work = (struct work){.fn = on_pool,
                            .done = on_screened,
                            .owner = request_owner(r),
                            .bytes = buf_len(&own->body)};
    s->request = r;
    s->worker = r->worker;
    s->setup = setup_ref(r->setup);
    s->own = own;
    s->ask = *ask;
    s->in = label_input(r, ask->of);
    s->in.body = buf_view(&own->body);
    s->in.is_dry = true;
    *ask->screening = s;
    r->worker->npooled++;
    pool_submit(r->worker->server->pool, r->worker->loop, &s->work);
    return true;
}

bool judge_leg_ask(struct request *r, const struct judge_ask *ask)
{
    bool is_shut = ask->model->is_cloud && cloud_is_paused(&r->worker->server->cloud);
    struct draft *own = is_shut ? NULL : make_own(r, ask);
    if (!own)
        return false;
    return ask->model->is_cloud ? screen_and_send(r, ask, own) : send_own(r, ask, own);
}

void judge_leg_leave(struct judge_screening **screening)
{
    if (*screening)
        (*screening)->request = NULL;
    *screening = NULL;
}

bool judge_leg_may_leave(const struct request *r, const struct draft *of)
{
    return r->label.effective == SENSITIVITY_PUBLIC && of->clearance &&
           r->policy != POLICY_LOCAL_ONLY;
}
