/* place.c -- see place.h: one walk down to the byte, past everything beside it. */
#include "guard/place.h"

#include "core/buf.h"
#include "json/name.h"
#include "json/scan.h"

enum { PLACE_BYTES = 160, NAME_BYTES = 40 };

struct placing {
    struct json_cur c;
    const char *at;
    const struct place_names *names;
    char text[PLACE_BYTES];
    struct buf path;
};

/* The end of the value at the cursor, which stays where it is; NULL: it is broken. */
static const char *end_of_value(const struct placing *p)
{
    struct json_cur c = p->c;
    struct str raw;
    return json_skip(&c, &raw) ? raw.p + raw.n : NULL;
}

static bool may_show(const struct placing *p, struct str name)
{
    bool is_in_it = p->at >= name.p && p->at < name.p + name.n;
    return !is_in_it && json_name_is_plain(name) &&
           !(p->names && p->names->is_value(p->names->ctx, name));
}

/* The nth of its object. */
static void add_name(struct placing *p, struct json_string name, unsigned nth)
{
    if (buf_len(&p->path))
        buf_byte(&p->path, '.');
    if (may_show(p, name.raw))
        buf_append(&p->path, str_sub(name.raw, 0, NAME_BYTES));
    else
        buf_printf(&p->path, "(name %u)", nth);
}

/* Into the member that the byte is in; false: there is none, or no further to go. */
static bool enter_member(struct placing *p)
{
    struct json_string name;
    if (!json_enter_object(&p->c))
        return false;
    for (unsigned nth = 1; json_next_member(&p->c, &name); nth++) {
        const char *end = end_of_value(p);
        if (!end || p->at < end) {
            add_name(p, name, nth);
            return end && p->at > name.raw.p + name.raw.n;
        }
        json_skip(&p->c, NULL);
    }
    return false;
}

static bool enter_element(struct placing *p)
{
    if (!json_enter_array(&p->c))
        return false;
    for (unsigned i = 0; json_next_element(&p->c); i++) {
        const char *end = end_of_value(p);
        if (!end || p->at < end) {
            buf_printf(&p->path, "[%u]", i);
            return end != NULL;
        }
        json_skip(&p->c, NULL);
    }
    return false;
}

struct str place_of(struct str body, size_t at, const struct place_names *names,
                    struct arena *a)
{
    struct placing p = {.at = body.p + at, .names = names};
    bool goes_on = true;
    p.path = (struct buf){.p = p.text, .cap = sizeof p.text, .max_bytes = sizeof p.text};
    json_begin(&p.c, body);
    while (goes_on) {
        enum json_type t = json_peek(&p.c);
        goes_on = t == JSON_OBJECT  ? enter_member(&p)
                  : t == JSON_ARRAY ? enter_element(&p)
                                    : false;
    }
    return buf_len(&p.path) ? arena_strdup(a, buf_view(&p.path)) : STR("the body");
}

static unsigned hex4(const char *p)
{
    unsigned v = 0;
    for (int i = 0; i < 4; i++) {
        char c = p[i];
        v = v * 16 + (unsigned)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
    }
    return v;
}

/* Of a valid body: backslashes are in strings alone, and all escapes are whole. */
bool place_of_half(struct str body, size_t *ret)
{
    const char *p = body.p, *end = p + body.n;
    while ((p = memchr(p, '\\', (size_t)(end - p))) != NULL) {
        unsigned code = p[1] == 'u' ? hex4(p + 2) : 0;
        bool is_high = code >= 0xD800 && code <= 0xDBFF;
        bool is_low = code >= 0xDC00 && code <= 0xDFFF;
        bool has_next = is_high && end - p >= 12 && p[6] == '\\' && p[7] == 'u';
        unsigned next = has_next ? hex4(p + 8) : 0;
        bool is_pair = next >= 0xDC00 && next <= 0xDFFF;
        if (is_low || (is_high && !is_pair)) {
            *ret = (size_t)(p - body.p);
            return true;
        }
        p += is_pair ? 12 : p[1] == 'u' ? 6 : 2;
    }
    return false;
}
