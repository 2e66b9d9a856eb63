/* asking.h -- a chat in OpenAI's form as the request of an engine of another form: what
 * is said in it, what is lost, what is refused. */
#ifndef WEIR_TEST_ASKING_H
#define WEIR_TEST_ASKING_H

#include "../contract/engine_world.h"
#include "dialect/seal.h"
#include "json/scan.h"

#include <stdio.h>

struct asking_of {
    enum engine_kind kind;
    enum engine_speech speaks;
    const char *url;
};

struct asked {
    struct world w;
    struct http_message m;
    struct str body, lost;
    struct err err;
};

static inline void asked_make(struct asked *g, const struct asking_of *of,
                              const char *model, const char *body)
{
    err_clear(&g->err);
    world_make(&g->w, body, of->kind, of->speaks, SIDE_LOCAL);
    g->w.engine.url = str_of(of->url);
    g->w.model.upstream = str_of(model);
}

/* False: refused. */
static inline bool asked_encode(struct asked *g)
{
    struct engine_plan plan;
    struct json_cur c;
    if (engine_encode(&g->w.chat, &g->w.target, NULL, &g->w.arena, &g->m, &plan,
                      &g->err) != 0)
        return false;
    g->body = joined(&g->w, &g->m);
    g->lost = plan.lost;
    json_begin(&c, g->body);
    assert_true(json_skip(&c, NULL) && json_finish(&c, NULL) == 0);
    return true;
}

static inline void assert_said(const struct asking_of *of, const char *model,
                               const char *body, const char *part)
{
    struct asked g;
    asked_make(&g, of, model, body);
    if (!asked_encode(&g))
        fail_msg("%s\nis refused: %s", body, g.err.msg);
    if (str_find(g.body, str_of(part)) < 0)
        fail_msg("%s\nbecomes %.*s\nwithout %s", body, STR_ARG(g.body), part);
    arena_reset(&g.w.arena);
}

/* lost == NULL: nothing is. */
static inline void assert_unsaid(const struct asking_of *of, const char *model,
                                 const char *body, const char *part, const char *lost)
{
    struct asked g;
    asked_make(&g, of, model, body);
    if (!asked_encode(&g))
        fail_msg("%s\nis refused: %s", body, g.err.msg);
    if (str_find(g.body, str_of(part)) >= 0)
        fail_msg("%s\nbecomes %.*s\nwith %s", body, STR_ARG(g.body), part);
    if (!lost ? g.lost.n > 0 : str_find(g.lost, str_of(lost)) < 0)
        fail_msg("%s\nloses %.*s\nand not %s", body, STR_ARG(g.lost), lost ? lost : "");
    arena_reset(&g.w.arena);
}

static inline void assert_refused(const struct asking_of *of, const char *body,
                                  const char *name)
{
    struct asked g;
    asked_make(&g, of, "m-up", body);
    if (asked_encode(&g))
        fail_msg("%s\nbecomes %.*s", body, STR_ARG(g.body));
    if (!engine_cannot_say(&g.err) || !strstr(g.err.msg, name))
        fail_msg("%s\nis refused as %s: %s\nwithout %s", body, g.err.code, g.err.msg,
                 name);
    assert_int_equal(err_http_status(g.err.kind), 400);
    arena_reset(&g.w.arena);
}

/* The text of the seal, as the engine at this url would have it made. */
static inline void seal_of(char *out, size_t size, enum engine_speech speaks,
                           const char *url, struct seal s)
{
    const struct config_engine e = {.speaks = speaks, .url = str_of(url)};
    struct engine_issuer issuer = engine_issuer(&e);
    struct buf b;
    s.issuer = str_of(issuer.text);
    buf_init(&b, 1024);
    seal_write(&s, &b);
    snprintf(out, size, "%.*s", STR_ARG(buf_view(&b)));
    buf_release(&b);
}

#define BODY(messages, more) "{\"model\":\"m\",\"messages\":[" messages "]" more "}"
#define USER                 "{\"role\":\"user\",\"content\":\"hi\"}"
#define MORE(member)         BODY(USER, "," member)
#define CONTENT(value)       BODY("{\"role\":\"user\",\"content\":" value "}", "")
#define MODEL(more)          "{\"role\":\"assistant\",\"content\":\"x\"," more "}"
#define CALL(id, arguments)                                                              \
    "{\"id\":\"" id "\",\"type\":\"function\",\"function\":{\"name\":\"f\","             \
    "\"arguments\":\"" arguments "\"}}"
#define RESULT(id, text)                                                                 \
    "{\"role\":\"tool\",\"tool_call_id\":\"" id "\",\"content\":\"" text "\"}"
#define F "{\"type\":\"function\",\"function\":{\"name\":\"f\"}}"
#define SCHEMA(more)                                                                     \
    MORE(                                                                                \
        "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"n\"," \
        "\"schema\":{\"type\":\"object\"}" more "}}")

#endif
