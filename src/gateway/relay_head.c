/* relay_head.c -- what is kept of the head of an engine's answer. */
#include "gateway/relay.h"
#include "gateway/request.h"

#include "core/clock.h"
#include "http/wait.h"
#include "http/write.h"

enum { MAX_TYPE_BYTES = 256 };

/* What a client may learn of the engine's head; everything else ends here. */
static bool is_passed_on(struct str name)
{
    static const struct str names[] = {
        STR_INIT("retry-after"),    STR_INIT("x-request-id"),
        STR_INIT("request-id"),     STR_INIT("openai-processing-ms"),
        STR_INIT("openai-version"), STR_INIT("retry-after-ms"),
        STR_INIT("x-should-retry"), STR_INIT("x-retry-after"),
        STR_INIT("ratelimit"),      STR_INIT("x-ms-retry-after-ms")};
    /* Most fields of most answers begin with none of these letters. */
    char first = name.n ? (char)(name.p[0] | 0x20) : ' ';
    if (first != 'r' && first != 'x' && first != 'o' && first != 'a')
        return false;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq_nocase(name, names[i]))
            return true;
    return str_starts_nocase(name, STR("x-ratelimit-")) ||
           str_starts_nocase(name, STR("ratelimit-")) ||
           str_starts_nocase(name, STR("anthropic-ratelimit-"));
}

/* Without its parameters when these are too long to mean anything. */
static struct str short_type(struct str type)
{
    ptrdiff_t semicolon = str_index(type, ';');
    if (type.n <= MAX_TYPE_BYTES)
        return type;
    return semicolon > 0 && semicolon <= MAX_TYPE_BYTES
               ? str_sub(type, 0, (size_t)semicolon)
               : STR("");
}

static bool says_compressed(const struct http_field *f)
{
    return f->name.n == strlen("content-encoding") &&
           str_eq_nocase(f->name, STR("content-encoding")) && f->value.n &&
           !str_eq_nocase(f->value, STR("identity"));
}

void relay_keep_head(struct leg *l, const struct http_head *head)
{
    struct answer *a = &l->answer;
    struct arena *keep = &l->request->keep;
    char scratch[4096];
    struct buf b = {.p = scratch, .cap = sizeof scratch, .max_bytes = sizeof scratch};
    for (size_t i = 0; i < head->nfields; i++) {
        const struct http_field *f = &head->fields[i];
        if (is_passed_on(f->name))
            http_write_field(&b, f->name, f->value);
        a->is_compressed |= says_compressed(f);
    }
    a->fields = arena_strdup(keep, buf_view(&b));
    struct str type = http_head_get(head, STR("content-type"));
    a->content_type = arena_strdup(keep, short_type(type));
    if (a->mode == ANSWER_FAILURE && !http_wait_ms(head, clock_wall_ms(), &a->wait_ms))
        a->wait_ms = 0;
}

struct str relay_json_type(struct str given)
{
    bool is_json =
        LIKELY(str_starts(given, STR("application/json"))) ||
        (str_contains_nocase(given, STR("json")) &&
         !str_contains_nocase(given, STR("ndjson"))); /* lines, which it is not */
    return is_json ? given : STR("application/json");
}
