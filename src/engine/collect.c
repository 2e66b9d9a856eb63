/* collect.c -- a stream joined into the one answer that a plain request expects.
 *
 * Some engines notice that a client left only while they stream, so plain requests
 * are streamed to weir and put together here.  Strings that come in pieces are joined
 * as they stand, escapes and all: two halves of a surrogate pair meet again.  Members
 * that nobody knows keep their last value.
 *
 * Memory is bounded: all text together by the caller's maximum, choices and tool calls
 * by counts that no real answer reaches. */
#include "core/mem.h"
#include "dialect/openai_usage.h"
#include "engine/bag.h"
#include "engine/engine.h"
#include "json/scan.h"

enum { MAX_CHOICES = 256, MAX_TOOL_CALLS = 1024, ARENA_BYTES = 4 * 1024 * 1024 };

struct tool_call {
    struct tool_call *next; /* in the order of index */
    uint64_t index;
    struct bag head, function; /* id, type, ...; name, arguments */
};

struct choice {
    struct choice *next; /* in the order of index */
    uint64_t index;
    struct bag own, message, logprobs;
    struct bag function_call;
    struct tool_call *calls;
    unsigned ncalls;
    bool has_logprobs; /* the member was there, perhaps as null */
};

struct engine_collector {
    enum surface surface;
    struct arena arena;
    size_t room, max_bytes;
    struct bag top;
    struct choice *choices;
    unsigned nchoices;
    bool is_full;
};

struct engine_collector *engine_collector_create(enum surface surface, size_t max_bytes)
{
    struct engine_collector *k = mem_new(struct engine_collector);
    if (!k)
        return NULL;
    k->surface = surface;
    k->room = k->max_bytes = max_bytes;
    arena_init(&k->arena, ARENA_BYTES);
    return k;
}

size_t engine_collector_held(const struct engine_collector *k)
{
    return k->max_bytes - k->room;
}

static void release_choice(struct choice *ch)
{
    bag_release(&ch->own);
    bag_release(&ch->message);
    bag_release(&ch->logprobs);
    bag_release(&ch->function_call);
    for (struct tool_call *t = ch->calls; t; t = t->next) {
        bag_release(&t->head);
        bag_release(&t->function);
    }
}

void engine_collector_free(struct engine_collector *k)
{
    if (!k)
        return;
    bag_release(&k->top);
    for (struct choice *ch = k->choices; ch; ch = ch->next)
        release_choice(ch);
    arena_reset(&k->arena);
    mem_free(k);
}

static struct choice *choice_at(struct engine_collector *k, uint64_t index)
{
    struct choice **at = &k->choices;
    while (*at && (*at)->index < index)
        at = &(*at)->next;
    if (*at && (*at)->index == index)
        return *at;
    struct choice *ch =
        k->nchoices < MAX_CHOICES ? arena_new(&k->arena, struct choice) : NULL;
    if (!ch) {
        k->is_full = true;
        return NULL;
    }
    k->nchoices++;
    ch->index = index;
    ch->next = *at;
    return *at = ch;
}

/* A new call behind `after` (NULL: before all). */
static struct tool_call *add_call(struct engine_collector *k, struct choice *ch,
                                  struct tool_call *after, uint64_t index)
{
    struct tool_call **at = after ? &after->next : &ch->calls;
    struct tool_call *t =
        ch->ncalls < MAX_TOOL_CALLS ? arena_new(&k->arena, struct tool_call) : NULL;
    if (!t) {
        k->is_full = true;
        return NULL;
    }
    ch->ncalls++;
    t->index = index;
    t->next = *at;
    return *at = t;
}

static void set(struct engine_collector *k, struct bag *b, struct str key, struct str raw)
{
    if (!bag_set(b, &k->arena, &k->room, key, raw))
        k->is_full = true;
}

static void join(struct engine_collector *k, struct bag *b, struct str key,
                 struct str raw, char open, char close)
{
    if (!bag_join(b, &k->arena, &k->room, key, raw, open, close))
        k->is_full = true;
}

static bool is_null(struct str raw)
{
    return str_eqz(raw, "null");
}

static bool is_of(struct str raw, char open)
{
    return raw.n >= 2 && raw.p[0] == open;
}

/* What stands between the quotes or brackets. */
static struct str inside(struct str raw)
{
    return str_sub(raw, 1, raw.n - 1);
}

/* Text is joined, other things are replaced. */
static void grow(struct engine_collector *k, struct bag *b, struct str key,
                 struct str raw, bool is_text)
{
    if (is_text && is_of(raw, '"'))
        join(k, b, key, inside(raw), '"', '"');
    else
        set(k, b, key, raw);
}

/* Puts a JSON string, without its quotes, to a list as a part of its own. */
static void join_part(struct engine_collector *k, struct bag *b, struct str key,
                      struct str text)
{
    struct buf part;
    buf_init(&part, text.n + 64);
    buf_lit(&part, "{\"type\":\"text\",\"text\":\"");
    buf_append(&part, text);
    buf_lit(&part, "\"}");
    k->is_full |= part.failed;
    join(k, b, key, buf_view(&part), '[', ']');
    buf_release(&part);
}

/* A member of a delta may come as text, as a list of parts, or now so, now so; nothing of
 * either gets lost. */
static void grow_delta(struct engine_collector *k, struct bag *b, struct str key,
                       struct str raw, bool is_text)
{
    const struct bag_member *had = bag_get(b, key);
    char open = had && buf_len(&had->value) ? had->open : '\0';
    bool is_list = is_of(raw, '[');
    struct str in = is_list ? str_trim(inside(raw)) : is_of(raw, '"') ? inside(raw) : raw;
    if (open && in.n == 0)
        return;
    if (open == '[' && is_text && is_of(raw, '"')) {
        join_part(k, b, key, in);
        return;
    }
    if (open == '"' && is_list) {
        struct buf text;
        buf_init(&text, buf_len(&had->value) + 1);
        buf_append(&text, buf_view(&had->value));
        join_part(k, b, key, buf_view(&text)); /* in the place of the text */
        buf_release(&text);
    }
    if (is_list)
        join(k, b, key, in, '[', ']');
    else
        grow(k, b, key, raw, is_text);
}

static bool is_one_of(struct str key, const char *const *words)
{
    for (; *words; words++)
        if (str_eqz(key, *words))
            return true;
    return false;
}

static void collect_function(struct engine_collector *k, struct bag *b, struct str raw)
{
    static const char *const texts[] = {"arguments", "input", NULL};
    struct json_cur c;
    struct json_string key;
    struct str value;
    json_begin(&c, raw);
    if (json_peek(&c) != JSON_OBJECT || !json_enter_object(&c))
        return;
    while (json_next_member(&c, &key) && json_skip(&c, &value))
        if (!is_null(value))
            grow(k, b, key.raw, value, is_one_of(key.raw, texts));
}

static uint64_t index_of(struct str object, uint64_t otherwise)
{
    uint64_t index = otherwise;
    struct str raw = json_get(object, "index");
    if (raw.p && !str_to_u64(raw, &index))
        index = otherwise;
    return index;
}

static bool is_id(struct str raw)
{
    return is_of(raw, '"') && raw.n > 2;
}

static bool has_id(const struct tool_call *t, struct str id)
{
    const struct bag_member *own = bag_get(&t->head, STR("id"));
    return own && str_eq(buf_view(&own->value), id);
}

static bool is_other(const struct tool_call *t, struct str id)
{
    const struct bag_member *own = bag_get(&t->head, STR("id"));
    return own && is_id(buf_view(&own->value)) && !has_id(t, id);
}

/* The call that this is a piece of.  Its index says so; some engines leave that out, or
 * give all calls the same, and then its id does: another id is another call. */
static struct tool_call *call_of(struct engine_collector *k, struct choice *ch,
                                 struct str raw)
{
    struct str id = json_get(raw, "id"), function = json_get(raw, "function");
    uint64_t index = index_of(raw, UINT64_MAX);
    bool has_index = index != UINT64_MAX;
    struct tool_call *before = NULL, *same = NULL;
    for (struct tool_call *t = ch->calls; t; t = t->next) {
        if (is_id(id) && has_id(t, id))
            return t;
        if (has_index && t->index > index)
            break;
        if (!has_index || t->index == index)
            same = t; /* the last of them */
        before = t;
    }
    bool begins = is_id(id) || (function.p && json_get(function, "name").p);
    if (same && (is_id(id) ? !is_other(same, id) && has_index : has_index || !begins))
        return same;
    if (!has_index)
        index = before ? before->index : 0;
    return add_call(k, ch, before, index);
}

static void collect_call(struct engine_collector *k, struct choice *ch, struct str raw)
{
    struct json_cur c;
    struct json_string key;
    struct str value;
    struct tool_call *t = call_of(k, ch, raw);
    json_begin(&c, raw);
    if (!t || json_peek(&c) != JSON_OBJECT || !json_enter_object(&c))
        return;
    while (json_next_member(&c, &key) && json_skip(&c, &value)) {
        if (str_eqz(key.raw, "function"))
            collect_function(k, &t->function, value);
        else if (!str_eqz(key.raw, "index") && !is_null(value))
            set(k, &t->head, key.raw, value);
    }
}

static void collect_calls(struct engine_collector *k, struct choice *ch, struct str raw)
{
    struct json_cur c;
    struct str value;
    json_begin(&c, raw);
    if (json_peek(&c) != JSON_ARRAY || !json_enter_array(&c))
        return;
    while (json_next_element(&c) && json_skip(&c, &value))
        collect_call(k, ch, value);
}

static void collect_delta(struct engine_collector *k, struct choice *ch, struct str raw)
{
    static const char *const texts[] = {"content", "reasoning_content", "reasoning",
                                        "refusal", NULL};
    struct json_cur c;
    struct json_string key;
    struct str value;
    json_begin(&c, raw);
    if (json_peek(&c) != JSON_OBJECT || !json_enter_object(&c))
        return;
    while (json_next_member(&c, &key) && json_skip(&c, &value)) {
        if (str_eqz(key.raw, "tool_calls"))
            collect_calls(k, ch, value);
        else if (str_eqz(key.raw, "function_call"))
            collect_function(k, &ch->function_call, value);
        else if (!is_null(value))
            grow_delta(k, &ch->message, key.raw, value, is_one_of(key.raw, texts));
    }
}

/* {"content":[...],"refusal":[...]}, or the four arrays of the old completions. */
static void collect_logprobs(struct engine_collector *k, struct choice *ch,
                             struct str raw)
{
    struct json_cur c;
    struct json_string key;
    struct str value;
    ch->has_logprobs = true;
    json_begin(&c, raw);
    if (json_peek(&c) != JSON_OBJECT || !json_enter_object(&c))
        return;
    while (json_next_member(&c, &key) && json_skip(&c, &value)) {
        if (is_of(value, '['))
            join(k, &ch->logprobs, key.raw, str_trim(inside(value)), '[', ']');
        else if (!is_null(value) || !bag_get(&ch->logprobs, key.raw))
            set(k, &ch->logprobs, key.raw, value);
    }
}

static void collect_choice(struct engine_collector *k, struct str raw)
{
    struct json_cur c;
    struct json_string key;
    struct str value;
    struct choice *ch = choice_at(k, index_of(raw, 0));
    json_begin(&c, raw);
    if (!ch || json_peek(&c) != JSON_OBJECT || !json_enter_object(&c))
        return;
    while (json_next_member(&c, &key) && json_skip(&c, &value)) {
        if (str_eqz(key.raw, "delta"))
            collect_delta(k, ch, value);
        else if (str_eqz(key.raw, "logprobs"))
            collect_logprobs(k, ch, value);
        else if (!str_eqz(key.raw, "index") && !str_eqz(key.raw, "message") &&
                 !is_null(value)) /* a `message` beside `delta` says the same again */
            grow(k, &ch->own, key.raw, value, str_eqz(key.raw, "text"));
    }
}

static void collect_choices(struct engine_collector *k, struct str raw)
{
    struct json_cur c;
    struct str value;
    json_begin(&c, raw);
    if (json_peek(&c) != JSON_ARRAY || !json_enter_array(&c))
        return;
    while (json_next_element(&c) && json_skip(&c, &value))
        collect_choice(k, value);
}

int engine_collect(struct engine_collector *k, const struct event *e, struct err *err)
{
    struct json_cur c;
    struct json_string key;
    struct str value;
    if (e->kind == EVENT_ERROR) {
        *err = *e->error;
        return -1;
    }
    json_begin(&c, e->data);
    if (json_peek(&c) != JSON_OBJECT || !json_enter_object(&c))
        return 0; /* comments and end marks */
    while (json_next_member(&c, &key) && json_skip(&c, &value)) {
        if (str_eqz(key.raw, "choices"))
            collect_choices(k, value);
        else if (!is_null(value))
            set(k, &k->top, key.raw, value);
    }
    if (k->is_full)
        return err_set(err, ERR_UPSTREAM, "upstream_too_large",
                       "the engine's answer is larger than weir collects");
    return 0;
}

static void write_object(const struct bag *b, struct buf *out)
{
    bool needs_comma = false;
    buf_byte(out, '{');
    bag_write(b, NULL, out, &needs_comma);
    buf_byte(out, '}');
}

static void write_calls(const struct choice *ch, struct buf *out)
{
    buf_byte(out, '[');
    for (const struct tool_call *t = ch->calls; t; t = t->next) {
        bool needs_comma = false;
        buf_byte(out, '{');
        bag_write(&t->head, NULL, out, &needs_comma);
        if (t->function.first) {
            bag_write_key(STR("function"), out, &needs_comma);
            write_object(&t->function, out);
        }
        buf_lit(out, "}");
        if (t->next)
            buf_byte(out, ',');
    }
    buf_byte(out, ']');
}

/* Content is null beside tool calls, as OpenAI has it, and never absent. */
static void write_content(const struct choice *ch, struct buf *out)
{
    const struct bag_member *content = bag_get(&ch->message, STR("content"));
    bool has_calls = ch->calls || ch->function_call.first;
    if (content && content->open && buf_len(&content->value)) {
        buf_byte(out, content->open);
        buf_append(out, buf_view(&content->value));
        buf_byte(out, content->close);
    } else if (content && !content->open) {
        buf_append(out, buf_view(&content->value));
    } else if (has_calls) {
        buf_lit(out, "null");
    } else {
        buf_lit(out, "\"\"");
    }
}

static void write_message(const struct choice *ch, struct buf *out)
{
    static const char *const written[] = {"content", NULL};
    bool needs_comma = false;
    buf_byte(out, '{');
    if (!bag_get(&ch->message, STR("role"))) {
        bag_write_key(STR("role"), out, &needs_comma);
        buf_lit(out, "\"assistant\"");
    }
    bag_write_key(STR("content"), out, &needs_comma);
    write_content(ch, out);
    bag_write(&ch->message, written, out, &needs_comma);
    if (ch->calls) {
        bag_write_key(STR("tool_calls"), out, &needs_comma);
        write_calls(ch, out);
    }
    if (ch->function_call.first) {
        bag_write_key(STR("function_call"), out, &needs_comma);
        write_object(&ch->function_call, out);
    }
    buf_byte(out, '}');
}

static void write_choice(const struct engine_collector *k, const struct choice *ch,
                         struct buf *out)
{
    bool needs_comma = true;
    buf_lit(out, "{\"index\":");
    buf_u64(out, ch->index);
    if (k->surface == SURFACE_CHAT) {
        bag_write_key(STR("message"), out, &needs_comma);
        write_message(ch, out);
    } else if (!bag_get(&ch->own, STR("text"))) {
        bag_write_key(STR("text"), out, &needs_comma);
        buf_lit(out, "\"\"");
    }
    if (ch->has_logprobs) {
        bag_write_key(STR("logprobs"), out, &needs_comma);
        if (ch->logprobs.first)
            write_object(&ch->logprobs, out);
        else
            buf_lit(out, "null");
    }
    bag_write(&ch->own, NULL, out, &needs_comma);
    if (!bag_get(&ch->own, STR("finish_reason"))) {
        bag_write_key(STR("finish_reason"), out, &needs_comma);
        buf_lit(out, "null");
    }
    buf_byte(out, '}');
}

/* Does the engine's own object, with whatever else it says, count the same? */
static bool is_exact(const struct bag_member *own, const struct usage *usage)
{
    struct usage said = {0};
    return own && (!usage || (usage_read(buf_view(&own->value), &said) &&
                              usage_equal(&said, usage)));
}

static void write_usage(const struct engine_collector *k, const struct usage *usage,
                        struct buf *out)
{
    const struct bag_member *own = bag_get(&k->top, STR("usage"));
    bool needs_comma = true;
    if (usage ? !usage->is_known : !own)
        return;
    bag_write_key(STR("usage"), out, &needs_comma);
    if (is_exact(own, usage))
        buf_append(out, buf_view(&own->value));
    else
        usage_write(usage, out);
}

/* Whether each choice has come to its end, the decoder knows. */
static int check_whole(const struct engine_collector *k, struct err *err)
{
    if (k->choices)
        return 0;
    return err_set(err, ERR_UPSTREAM, "upstream_truncated",
                   "the engine's stream ended before its answer did");
}

int engine_collector_finish(struct engine_collector *k, const struct usage *usage,
                            struct buf *out, struct err *err)
{
    static const char *const written[] = {"object", "usage", NULL};
    bool needs_comma = false;
    if (check_whole(k, err) != 0)
        return -1;
    buf_byte(out, '{');
    bag_write(&k->top, written, out, &needs_comma);
    bag_write_key(STR("object"), out, &needs_comma);
    buf_append(out, k->surface == SURFACE_CHAT ? STR("\"chat.completion\"")
                                               : STR("\"text_completion\""));
    bag_write_key(STR("choices"), out, &needs_comma);
    buf_byte(out, '[');
    for (const struct choice *ch = k->choices; ch; ch = ch->next) {
        write_choice(k, ch, out);
        if (ch->next)
            buf_byte(out, ',');
    }
    buf_byte(out, ']');
    write_usage(k, usage, out);
    buf_byte(out, '}');
    if (out->failed)
        return err_set(err, ERR_UPSTREAM, "upstream_too_large",
                       "the engine's answer is larger than weir collects");
    return 0;
}
