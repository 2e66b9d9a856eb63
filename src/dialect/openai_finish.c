/* openai_finish.c -- see openai_finish.h.
 *
 * Kept are records behind one another: the choice, the length, and an event ready to
 * send.  A chunk of one choice that says nothing but its finish is kept as it came; any
 * other is written twice, once with null for each finish and once with nothing else. */
#include "dialect/openai_finish.h"

#include "json/scan.h"

#include <string.h>

struct record {
    uint64_t choice;
    size_t n; /* bytes that follow */
};

/* What one element of `choices` says. */
struct view {
    struct str raw;
    struct str finish; /* the value, in raw; p == NULL when it says none */
    uint64_t choice;
    bool has_payload; /* anything besides its role */
};

/* -- reading ------------------------------------------------------------------- */

static bool is_empty_value(struct str raw)
{
    static const char *const empty[] = {"null", "\"\"", "[]", "{}"};
    for (size_t i = 0; i < ARRAY_LEN(empty); i++)
        if (str_eqz(raw, empty[i]))
            return true;
    return false;
}

static bool has_payload(struct str delta)
{
    struct json_cur c;
    struct json_string k;
    struct str value;
    json_begin(&c, delta);
    if (json_peek(&c) != JSON_OBJECT || !json_enter_object(&c))
        return false;
    while (json_next_member(&c, &k) && json_skip(&c, &value))
        if (!json_string_is(k, "role") && !is_empty_value(value))
            return true;
    return false;
}

static bool is_message(struct json_string k)
{
    return json_string_is(k, "delta") || json_string_is(k, "message");
}

static struct view view_of(struct str raw)
{
    struct view v = {.raw = raw};
    struct json_cur c;
    struct json_string k;
    struct str value;
    json_begin(&c, raw);
    if (json_peek(&c) != JSON_OBJECT || !json_enter_object(&c))
        return v;
    while (json_next_member(&c, &k) && json_skip(&c, &value)) {
        if (json_string_is(k, "finish_reason") && value.n > 2 && value.p[0] == '"')
            v.finish = value;
        else if (json_string_is(k, "index"))
            str_to_u64(value, &v.choice);
        else if (is_message(k))
            v.has_payload |= has_payload(value);
        else if (json_string_is(k, "text") || json_string_is(k, "logprobs"))
            v.has_payload |= !is_empty_value(value);
    }
    return v;
}

/* -- writing ------------------------------------------------------------------- */

void openai_write_names(struct str data, struct buf *out)
{
    static const char *const kept[] = {
        "id", "object", "created", "model", "system_fingerprint", "service_tier"};
    struct json_cur c;
    struct json_string k;
    struct str value;
    json_begin(&c, data);
    json_enter_object(&c);
    while (json_next_member(&c, &k)) {
        bool is_kept = false;
        for (size_t i = 0; i < ARRAY_LEN(kept); i++)
            is_kept |= json_string_is(k, kept[i]);
        if (!json_skip(&c, &value) || !is_kept)
            continue;
        buf_byte(out, '"');
        buf_append(out, k.raw);
        buf_lit(out, "\":");
        buf_append(out, value);
        buf_byte(out, ',');
    }
}

/* Line ends stand between tokens only: a JSON string has no raw ones. */
void openai_end_event(struct buf *out, size_t from)
{
    char *p = out->p + from, *end = out->p + out->n;
    while (!out->failed && (p = memchr(p, '\n', (size_t)(end - p))))
        *p = ' ';
    buf_lit(out, "\n\n");
}

/* The choice without what its reader has had. */
static void write_finish_of(const struct view *v, struct buf *out)
{
    struct json_cur c;
    struct json_string k;
    struct str value;
    bool is_first = true;
    buf_byte(out, '{');
    json_begin(&c, v->raw);
    json_enter_object(&c);
    while (json_next_member(&c, &k) && json_skip(&c, &value)) {
        if (!is_first)
            buf_byte(out, ',');
        is_first = false;
        buf_byte(out, '"');
        buf_append(out, k.raw);
        buf_lit(out, "\":");
        if (is_message(k))
            buf_lit(out, "{}");
        else if (json_string_is(k, "text"))
            buf_lit(out, "\"\"");
        else if (json_string_is(k, "logprobs"))
            buf_lit(out, "null");
        else
            buf_append(out, value);
    }
    buf_byte(out, '}');
}

/* -- the records ----------------------------------------------------------------- */

/* Events have any length, so a record may begin anywhere. */
static struct record record_at(const struct buf *held, size_t at)
{
    struct record r;
    memcpy(&r, buf_view(held).p + at, sizeof r);
    return r;
}

static void forget(struct buf *held, uint64_t choice)
{
    struct str all = buf_view(held);
    for (size_t at = 0; at < all.n;) {
        struct record r = record_at(held, at);
        size_t size = sizeof r + r.n;
        if (r.choice == choice) {
            char *p = held->p + held->off + at;
            memmove(p, p + size, all.n - at - size);
            held->n -= size;
            return;
        }
        at += size;
    }
}

static bool keep(struct buf *held, uint64_t choice, struct str event)
{
    const struct record r = {choice, event.n};
    forget(held, choice);
    if (!buf_reserve(held, sizeof r + event.n)) {
        held->failed = false;
        return false;
    }
    buf_append(held, (struct str){(const char *)&r, sizeof r});
    buf_append(held, event);
    return true;
}

void openai_release_finishes(struct buf *held, struct buf *out)
{
    struct str all = buf_view(held);
    for (size_t at = 0; at < all.n;) {
        struct record r = record_at(held, at);
        at += sizeof r;
        buf_append(out, str_sub(all, at, at + r.n));
        at += r.n;
    }
    buf_clear(held);
}

/* -- one chunk -------------------------------------------------------------------- */

static bool hold_choice(struct buf *held, struct str data, const struct view *v)
{
    struct buf event;
    buf_init(&event, data.n + 256);
    buf_lit(&event, "data: {");
    openai_write_names(data, &event);
    buf_lit(&event, "\"choices\":[");
    write_finish_of(v, &event);
    buf_lit(&event, "]}");
    openai_end_event(&event, 0);
    bool ok = !event.failed && keep(held, v->choice, buf_view(&event));
    buf_release(&event);
    return ok;
}

/* One pass over the choices: `visible` becomes the chunk without its finishes. */
struct split {
    struct str data;
    size_t copied; /* of data, into visible */
    struct buf visible;
    size_t nchoices, nfinished;
    bool has_payload, has_failed;
    struct view last;
};

static void take_choice(struct split *s, struct buf *held, struct str raw, bool is_sole)
{
    struct view v = view_of(raw);
    s->nchoices++;
    s->has_payload |= v.has_payload;
    s->last = v;
    if (!v.finish.p)
        return;
    s->nfinished++;
    size_t at = (size_t)(v.finish.p - s->data.p);
    buf_append(&s->visible, str_sub(s->data, s->copied, at));
    buf_lit(&s->visible, "null");
    s->copied = at + v.finish.n;
    if (!is_sole)
        s->has_failed |= !hold_choice(held, s->data, &v);
}

static size_t count_elements(struct str array)
{
    struct json_cur c;
    size_t n = 0;
    json_begin(&c, array);
    if (json_enter_array(&c))
        while (json_next_element(&c) && json_skip(&c, NULL))
            n++;
    return n;
}

static void split_choices(struct split *s, struct buf *held)
{
    struct json_cur c;
    struct str raw, array = json_get(s->data, "choices");
    bool is_sole = count_elements(array) == 1;
    json_begin(&c, array);
    if (!array.p || !json_enter_array(&c))
        return;
    while (json_next_element(&c) && json_skip(&c, &raw))
        take_choice(s, held, raw, is_sole);
}

void openai_hold_finish(struct buf *held, const struct event *e, struct buf *out)
{
    struct split s = {.data = e->data};
    buf_init(&s.visible, 2 * e->data.n + 64);
    buf_lit(&s.visible, "data: ");
    split_choices(&s, held);
    bool is_sole = s.nchoices == 1 && s.nfinished == 1;
    if (is_sole && !s.has_payload)
        s.has_failed |= !keep(held, s.last.choice, e->raw);
    else if (is_sole)
        s.has_failed |= !hold_choice(held, s.data, &s.last);
    buf_append(&s.visible, str_sub(s.data, s.copied, s.data.n));
    openai_end_event(&s.visible, 0);
    if (s.has_failed || s.visible.failed || s.nfinished == 0)
        buf_append(out, e->raw);
    else if (s.has_payload || s.nfinished < s.nchoices)
        buf_append(out, buf_view(&s.visible));
    buf_release(&s.visible);
}
