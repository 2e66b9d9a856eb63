/* fuzz_asking.c -- any chat that is read is either refused by an engine's form, or
 * becomes a request whose body is one JSON object; twice the same. */
#include "dialect/dialect.h"
#include "engine/engine.h"
#include "json/scan.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static const char *const models[] = {"m", "claude-haiku-4-5", "claude-sonnet-5-5",
                                     "gemini-3-pro"};

static void ask(const struct chat *chat, enum engine_speech speaks, const char *model)
{
    struct config_engine engine = {.name = STR("e"),
                                   .speaks = speaks,
                                   .side = SIDE_LOCAL,
                                   .may_forward = true,
                                   .base_path = STR("/v1")};
    struct config_model m = {.name = STR("m"), .upstream = str_of(model)};
    const struct target t = {.engine = &engine, .model = &m};
    struct str bodies[2] = {{NULL, 0}, {NULL, 0}};
    struct arena a;
    arena_init(&a, (size_t)1 << 24);
    for (size_t i = 0; i < 2; i++) {
        struct http_message message;
        struct engine_plan plan;
        struct json_cur c;
        struct err err = {0};
        if (engine_encode(chat, &t, NULL, &a, &message, &plan, &err) != 0) {
            require(err.kind != ERR_NONE && err.msg[0]);
            continue;
        }
        bodies[i] = arena_join(&a, message.body, message.npieces);
        require(bodies[i].n == message.body_bytes);
        json_begin(&c, bodies[i]);
        require(json_skip(&c, NULL) && json_finish(&c, NULL) == 0);
    }
    require(str_eq(bodies[0], bodies[1]));
    arena_reset(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str body = {(const char *)data, size};
    struct arena a;
    struct chat chat;
    struct err err = {0};
    arena_init(&a, (size_t)1 << 24);
    for (size_t k = 0; k < dialect_count; k++) {
        const struct dialect *d = dialect_table[k];
        if (!d->decode || dialect_read(d, SURFACE_CHAT, body, &a, &chat, &err) != 0)
            continue;
        for (int speaks = 0; speaks < SPEECH_COUNT; speaks++)
            for (size_t i = 0; i < ARRAY_LEN(models); i++)
                ask(&chat, (enum engine_speech)speaks, models[i]);
    }
    arena_reset(&a);
    return 0;
}
