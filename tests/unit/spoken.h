/* spoken.h -- what an event, or a whole answer, says: for dialects that write their own
 * form out of weir's (event.h). */
#ifndef WEIR_TESTS_SPOKEN_H
#define WEIR_TESTS_SPOKEN_H

#include "core/arena.h"
#include "dialect/conversation.h"
#include "dialect/event.h"
#include "json/scan.h"

/* A call, or in a stream a piece of one: id and name come with its first piece. */
struct spoken_call {
    uint32_t index;
    struct str id, name, arguments; /* unescaped; p == NULL: not in this piece */
};

/* Texts are unescaped; p == NULL: nothing of the kind. */
struct spoken {
    struct str text, reasoning, refusal;
    struct spoken_call *calls;
    size_t ncalls;
    struct str finish;    /* the word: "stop", "length", "tool_calls", ... */
    struct str model, id; /* of the answer */
};

struct spoken_reading {
    struct arena *arena;
    bool failed;
};

static inline struct str spoken_text_in(struct spoken_reading *r, struct str object,
                                        const char *key)
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

static inline bool spoken_begin(struct json_cur *c, struct str raw)
{
    json_begin(c, raw.p ? raw : STR(""));
    return json_peek(c) == JSON_ARRAY && json_enter_array(c);
}

static inline size_t spoken_count(struct str raw)
{
    struct json_cur c;
    size_t n = 0;
    if (spoken_begin(&c, raw))
        while (json_next_element(&c) && json_skip(&c, NULL))
            n++;
    return n;
}

static inline void spoken_read_calls(struct spoken_reading *r, struct str raw,
                                     struct spoken *ret)
{
    struct json_cur c;
    struct str call;
    size_t most = spoken_count(raw);
    if (most == 0)
        return;
    ret->calls = arena_array(r->arena, struct spoken_call, most);
    r->failed |= !ret->calls;
    if (!ret->calls || !spoken_begin(&c, raw))
        return;
    while (json_next_element(&c) && json_skip(&c, &call)) {
        struct spoken_call *to = &ret->calls[ret->ncalls];
        struct str function = json_get(call, "function");
        uint64_t index = ret->ncalls;
        (void)str_to_u64(json_get(call, "index"), &index);
        to->index = (uint32_t)index;
        to->id = spoken_text_in(r, call, "id");
        to->name = spoken_text_in(r, function, "name");
        to->arguments = spoken_text_in(r, function, "arguments");
        ret->ncalls++;
    }
}

/* Of the first choice in `data`, a chunk or a whole answer in weir's form.  -1: no
 * memory. */
static inline int spoken_read(struct str data, struct arena *a, struct spoken *ret,
                              struct err *err)
{
    struct spoken_reading r = {.arena = a};
    struct json_cur c;
    struct str choice = {NULL, 0};
    *ret = (struct spoken){.ncalls = 0};
    ret->id = spoken_text_in(&r, data, "id");
    ret->model = spoken_text_in(&r, data, "model");
    if (spoken_begin(&c, json_get(data, "choices")) && json_next_element(&c))
        json_skip(&c, &choice);
    struct str said = json_get(choice, "delta");
    if (!said.p)
        said = json_get(choice, "message");
    ret->text = spoken_text_in(&r, said.p ? said : choice, said.p ? "content" : "text");
    ret->reasoning = spoken_text_in(&r, said, "reasoning_content");
    if (!ret->reasoning.p)
        ret->reasoning = spoken_text_in(&r, said, "reasoning");
    ret->refusal = spoken_text_in(&r, said, "refusal");
    ret->finish = spoken_text_in(&r, choice, "finish_reason");
    spoken_read_calls(&r, json_get(said, "tool_calls"), ret);
    return r.failed ? err_nomem(err) : 0;
}

#endif
