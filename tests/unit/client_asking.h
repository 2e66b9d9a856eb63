/* client_asking.h -- requests and answers of one dialect: which is said by ASKING_OF, an
 * enum dialect_id, before this is included. */
#ifndef WEIR_TESTS_CLIENT_ASKING_H
#define WEIR_TESTS_CLIENT_ASKING_H

#include "dialect/dialect.h"
#include "json/scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* cmocka.h wants what stands above */
#include <cmocka.h>

struct world {
    struct arena a;
    struct chat chat;
    struct conversation c;
    struct buf out;
    struct err err;
};

static inline const struct dialect *asked(void)
{
    return dialect_get(ASKING_OF);
}

static inline const struct dialect_path *path_of(const char *pattern)
{
    for (size_t i = 0; i < asked()->npaths; i++)
        if (strcmp(asked()->paths[i].pattern, pattern) == 0)
            return &asked()->paths[i];
    fail_msg("no path %s", pattern);
    return NULL;
}

static inline void begin(struct world *w)
{
    *w = (struct world){.err = {0}};
    arena_init(&w->a, 8 << 20);
    buf_init(&w->out, 8 << 20);
}

static inline void end(struct world *w)
{
    buf_release(&w->out);
    arena_reset(&w->a);
}

static inline int decode(struct world *w, const char *path, const char *body)
{
    const struct dialect_ask ask = {
        .path = path_of(path), .model = STR("m"), .body = str_of(body)};
    begin(w);
    return dialect_decode(asked(), &ask, &w->a, &w->chat, &w->err);
}

/* The body is good. */
static inline int converse(struct world *w, const char *path, const char *body)
{
    if (decode(w, path, body) != 0)
        fail_msg("%s: %s", body, w->err.msg);
    return asked()->read_conversation(&w->chat, &w->a, &w->c, &w->err);
}

struct answering {
    struct answer_encoder *enc;
    struct buf out;
};

static inline void answer_on(struct answering *x, const char *path, const char *echo)
{
    const struct answer_about about = {
        .path = path_of(path), .model = STR("m:latest"), .echo = str_of(echo), .id = 7};
    x->enc = answer_encoder_create(asked(), &about, true);
    buf_init(&x->out, 16 << 20);
}

static inline void answer_over(struct answering *x)
{
    answer_encoder_free(x->enc);
    buf_release(&x->out);
}

static inline void say(struct answering *x, enum event_kind kind, const char *data)
{
    const struct event e = {.kind = kind, .data = str_of(data)};
    asked()->encode_event(x->enc, &e, &x->out);
}

/* p == NULL: it is an error. */
static inline struct str whole_for(struct world *w, const char *path, const char *echo,
                                   const char *answer)
{
    const struct answer_about about = {
        .path = path_of(path), .model = STR("m"), .echo = str_of(echo), .id = 7};
    begin(w);
    if (asked()->encode_answer(&about, str_of(answer), &w->out, &w->err) != 0)
        return (struct str){NULL, 0};
    return buf_view(&w->out);
}

static inline struct str whole(struct world *w, const char *path, const char *answer)
{
    return whole_for(w, path, "", answer);
}

#define DELTA(inside) "{\"choices\":[{\"index\":0,\"delta\":{" inside "}}]}"
#define PIECE(index, id, name, args)                                                     \
    DELTA("\"tool_calls\":[{\"index\":" index ",\"id\":" id                              \
          ",\"function\":{\"name\":" name ",\"arguments\":\"" args "\"}}]")
#define FINISH(word)                                                                     \
    "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"" word "\"}]}"

#define assert_str(s, text)                                                              \
    do {                                                                                 \
        struct str got_ = (s);                                                           \
        if (!str_eqz(got_, text))                                                        \
            fail_msg("'%.*s' is not '%s'", STR_ARG(got_), text);                         \
    } while (0)
#define assert_has(s, text)                                                              \
    do {                                                                                 \
        struct str in_ = (s);                                                            \
        if (str_find(in_, str_of(text)) < 0)                                             \
            fail_msg("'%.*s' has no '%s'", STR_ARG(in_), text);                          \
    } while (0)
#define assert_has_not(s, text)                                                          \
    do {                                                                                 \
        struct str in_ = (s);                                                            \
        if (str_find(in_, str_of(text)) >= 0)                                            \
            fail_msg("'%.*s' has '%s'", STR_ARG(in_), text);                             \
    } while (0)

#define PNG "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"

#endif
