/* spoken.c -- see spoken.h. */
#include "dialect/spoken.h"

#include "json/scan.h"

struct reading {
    struct arena *arena;
    bool failed;
};

static struct str text_in(struct reading *r, struct str object, const char *key)
{
    struct str raw = json_get(object, key), ret = {NULL, 0};
    struct json_cur c;
    struct json_string s;
    if (raw.n < 2 || raw.p[0] != '"')
        return ret;
    json_begin(&c, raw);
    if (!json_read_string(&c, &s))
        return ret;
    ret = json_unescape(r->arena, s);
    r->failed |= !ret.p;
    return ret;
}

static bool begin(struct json_cur *c, struct str raw)
{
    json_begin(c, raw.p ? raw : STR(""));
    return json_peek(c) == JSON_ARRAY && json_enter_array(c);
}

static size_t count(struct str raw)
{
    struct json_cur c;
    size_t n = 0;
    if (begin(&c, raw))
        while (json_next_element(&c) && json_skip(&c, NULL))
            n++;
    return n;
}

static void read_calls(struct reading *r, struct str raw, struct spoken *ret)
{
    struct json_cur c;
    struct str call;
    size_t most = count(raw);
    if (most == 0)
        return;
    ret->calls = arena_array(r->arena, struct spoken_call, most);
    r->failed |= !ret->calls;
    if (!ret->calls || !begin(&c, raw))
        return;
    while (json_next_element(&c) && json_skip(&c, &call)) {
        struct spoken_call *to = &ret->calls[ret->ncalls];
        struct str function = json_get(call, "function");
        uint64_t index = ret->ncalls;
        (void)str_to_u64(json_get(call, "index"), &index);
        to->index = (uint32_t)index;
        to->id = text_in(r, call, "id");
        to->name = text_in(r, function, "name");
        to->arguments = text_in(r, function, "arguments");
        ret->ncalls++;
    }
}

int spoken_read(struct str data, struct arena *a, struct spoken *ret, struct err *err)
{
    struct reading r = {.arena = a};
    struct json_cur c;
    struct str choice = {NULL, 0};
    *ret = (struct spoken){.ncalls = 0};
    ret->id = text_in(&r, data, "id");
    ret->model = text_in(&r, data, "model");
    if (begin(&c, json_get(data, "choices")) && json_next_element(&c))
        json_skip(&c, &choice);
    struct str said = json_get(choice, "delta");
    if (!said.p)
        said = json_get(choice, "message");
    ret->text = text_in(&r, said.p ? said : choice, said.p ? "content" : "text");
    ret->reasoning = text_in(&r, said, "reasoning_content");
    if (!ret->reasoning.p)
        ret->reasoning = text_in(&r, said, "reasoning");
    ret->refusal = text_in(&r, said, "refusal");
    ret->finish = text_in(&r, choice, "finish_reason");
    read_calls(&r, json_get(said, "tool_calls"), ret);
    return r.failed ? err_nomem(err) : 0;
}
