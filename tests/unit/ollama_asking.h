/* ollama_asking.h -- requests in Ollama's form, read as a client's. */
#ifndef WEIR_TESTS_OLLAMA_ASKING_H
#define WEIR_TESTS_OLLAMA_ASKING_H

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

static inline const struct dialect *ollama(void)
{
    return dialect_get(DIALECT_OLLAMA);
}

static inline const struct dialect_path *path_of(const char *pattern)
{
    for (size_t i = 0; i < ollama()->npaths; i++)
        if (strcmp(ollama()->paths[i].pattern, pattern) == 0)
            return &ollama()->paths[i];
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
    const struct dialect_ask ask = {.path = path_of(path), .body = str_of(body)};
    begin(w);
    return dialect_decode(ollama(), &ask, &w->a, &w->chat, &w->err);
}

/* The body is good. */
static inline int converse(struct world *w, const char *path, const char *body)
{
    if (decode(w, path, body) != 0)
        fail_msg("%s: %s", body, w->err.msg);
    return ollama()->read_conversation(&w->chat, &w->a, &w->c, &w->err);
}

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

#define CHAT(messages, more) "{\"model\":\"m\",\"messages\":[" messages "]" more "}"
#define USER                 "{\"role\":\"user\",\"content\":\"hi\"}"
#define PNG                  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"

#endif
