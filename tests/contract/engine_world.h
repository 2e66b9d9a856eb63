/* engine_world.h -- a chat and an engine that it may be written for. */
#ifndef WEIR_TESTS_ENGINE_WORLD_H
#define WEIR_TESTS_ENGINE_WORLD_H

#include "dialect/dialect.h"
#include "engine/engine.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct world {
    struct arena arena;
    struct chat chat;
    struct config_engine engine;
    struct config_model model;
    struct target target;
};

static inline void world_make(struct world *w, const char *body, enum engine_kind kind,
                              enum engine_speech speaks, enum side side)
{
    struct err err = {0};
    arena_init(&w->arena, 1 << 20);
    w->engine = (struct config_engine){.name = STR("e"),
                                       .kind = kind,
                                       .speaks = speaks,
                                       .side = side,
                                       .base_path = STR("/v1"),
                                       .api_key = STR("sk-operators")};
    w->model = (struct config_model){.name = STR("m"),
                                     .upstream = STR("m-up"),
                                     .engine = &w->engine,
                                     .is_cloud = side == SIDE_CLOUD};
    w->target = (struct target){.engine = &w->engine, .model = &w->model};
    assert_int_equal(dialect_read(dialect_get(DIALECT_OPENAI), SURFACE_CHAT, str_of(body),
                                  &w->arena, &w->chat, &err),
                     0);
}

/* The message's body in one piece. */
static inline struct str joined(struct world *w, const struct http_message *m)
{
    char *p = arena_alloc(&w->arena, m->body_bytes + 1);
    size_t n = 0;
    assert_non_null(p);
    for (size_t i = 0; i < m->npieces; i++) {
        memcpy(p + n, m->body[i].p, m->body[i].n);
        n += m->body[i].n;
    }
    assert_int_equal(n, m->body_bytes);
    return (struct str){p, n};
}

#endif
