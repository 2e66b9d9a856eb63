/* chat.c -- the names of the closed sets, and the counts that need no model. */
#include "dialect/chat.h"

#include "json/scan.h"

#include "core/compiler.h"

const char *surface_name(enum surface s)
{
    static const char *const names[SURFACE_COUNT] = {
        [SURFACE_CHAT] = "chat",
        [SURFACE_COMPLETIONS] = "completions",
        [SURFACE_EMBEDDINGS] = "embeddings",
    };
    return (unsigned)s < SURFACE_COUNT ? names[s] : "";
}

const char *dialect_name(enum dialect_id d)
{
    static const char *const names[DIALECT_COUNT] = {
        [DIALECT_OPENAI] = "openai",
        [DIALECT_OPENAI_RESPONSES] = "openai-responses",
        [DIALECT_ANTHROPIC] = "anthropic",
        [DIALECT_GEMINI] = "gemini",
        [DIALECT_OLLAMA] = "ollama",
    };
    return (unsigned)d < DIALECT_COUNT ? names[d] : "";
}

enum { TOKENS_PER_MESSAGE = 8, TOKENS_PER_MEDIUM = 1600 };

static uint64_t overhead_tokens(const struct chat *c)
{
    return (uint64_t)c->nmessages * TOKENS_PER_MESSAGE +
           (uint64_t)c->nmedia * TOKENS_PER_MEDIUM;
}

uint64_t chat_tokens_bound(const struct chat *c)
{
    uint64_t wide = c->wide_bytes < c->text_bytes ? c->wide_bytes : c->text_bytes;
    uint64_t plain = c->text_bytes - wide;
    if (c->surface != SURFACE_CHAT) {
        wide = wide < c->longest_bytes ? wide : c->longest_bytes;
        plain = c->longest_bytes - wide;
    }
    return (plain + 2) / 3 + (wide * 2 + 2) / 3 + overhead_tokens(c);
}

uint64_t chat_tokens_estimate(const struct chat *c)
{
    uint64_t wide = c->wide_bytes < c->text_bytes ? c->wide_bytes : c->text_bytes;
    return (c->text_bytes - wide + 3) / 4 + (wide * 5 + 11) / 12 + overhead_tokens(c);
}

uint64_t chat_tokens_floor(const struct chat *c)
{
    return c->text_bytes / 10;
}

bool chat_read_part(struct json_cur *c, struct json_string *ret_text, struct str *ret_raw)
{
    struct json_string k;
    struct json_cur again = *c;
    bool has_text = false;
    *ret_text = (struct json_string){0};
    *ret_raw = (struct str){0};
    json_skip(&again, ret_raw);
    if (json_object_or_skip(c))
        while (json_next_member(c, &k)) {
            if (json_string_is(k, "text") && json_peek(c) == JSON_STRING)
                has_text |= json_read_string(c, ret_text);
            else
                json_skip(c, NULL);
        }
    return has_text;
}
