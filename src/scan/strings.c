/* strings.c -- see strings.h. */
#include "scan/strings.h"

#include "json/scan.h"

struct strings {
    struct json_cur c;
    struct arena a; /* one string's worth */
    strings_seen *seen;
    void *ctx;
};

static bool see(struct strings *w, enum string_kind kind, struct json_string s)
{
    struct str text = json_unescape(&w->a, s);
    bool ok = text.p && w->seen(w->ctx, kind, s.raw, text);
    arena_rewind(&w->a);
    return ok;
}

static bool walk(struct strings *w)
{
    struct json_string s = {0};
    switch (json_peek(&w->c)) {
    case JSON_OBJECT:
        if (json_enter_object(&w->c))
            while (json_next_member(&w->c, &s))
                if (!see(w, STRING_NAME, s) || !walk(w))
                    return false;
        return true;
    case JSON_ARRAY:
        if (json_enter_array(&w->c))
            while (json_next_element(&w->c))
                if (!walk(w))
                    return false;
        return true;
    case JSON_STRING:
        return !json_read_string(&w->c, &s) || see(w, STRING_VALUE, s);
    case JSON_NUMBER:
        return !json_skip(&w->c, &s.raw) || see(w, STRING_NUMBER, s);
    default:
        json_skip(&w->c, NULL);
        return true;
    }
}

bool strings_each(struct str body, strings_seen *seen, void *ctx)
{
    struct strings w = {.seen = seen, .ctx = ctx};
    arena_init(&w.a, 6 * body.n + 4096);
    json_begin(&w.c, body);
    bool ok = walk(&w);
    arena_reset(&w.a);
    return ok;
}
