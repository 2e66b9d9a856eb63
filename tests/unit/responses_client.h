/* responses_client.h -- a strict client of OpenAI's Responses: reads a whole stream as
 * the SDKs do, and says what is wrong with it.
 *
 * Each event has its name and the next sequence number; an item is added before anything
 * is said of it, and done once; what came piece by piece is what is done, and what is
 * done is what the last event repeats, under the same id and at the same place. */
#ifndef WEIR_TESTS_RESPONSES_CLIENT_H
#define WEIR_TESTS_RESPONSES_CLIENT_H

#include "../fuzz/jansson_oracle.h"

#include <stdio.h>
#include <stdlib.h>

struct responses_client {
    char problem[256]; /* empty: all is well */
    size_t nevents, npings;
    json_t *items;    /* as they were done; null: not yet */
    json_t *added;    /* as they began */
    json_t *said;     /* what came piece by piece: "index/kind" -> text */
    json_t *response; /* of the last event */
    char last[64];    /* its name; empty: none came yet */
    bool is_over;
};

static inline void responses_wrong(struct responses_client *c, const char *what,
                                   const char *event)
{
    if (!c->problem[0])
        snprintf(c->problem, sizeof c->problem, "%s: %s", event, what);
}

static inline const char *responses_text(json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s ? s : "";
}

static inline json_t *responses_item(struct responses_client *c, json_t *event,
                                     const char *type)
{
    json_t *index = json_object_get(event, "output_index");
    json_t *item = json_array_get(c->added, (size_t)json_integer_value(index));
    if (!json_is_integer(index) || !item)
        responses_wrong(c, "no such item", type);
    else if (json_object_get(event, "item_id") &&
             strcmp(responses_text(event, "item_id"), responses_text(item, "id")) != 0)
        responses_wrong(c, "another id than the item has", type);
    else if (!json_is_null(json_array_get(c->items, (size_t)json_integer_value(index))) &&
             strcmp(type, "response.output_item.done") != 0)
        responses_wrong(c, "the item is done", type);
    return item;
}

/* "3/refusal" */
static inline void responses_key(json_t *event, const char *kind, char room[64])
{
    snprintf(room, 64, "%lld/%s",
             (long long)json_integer_value(json_object_get(event, "output_index")), kind);
}

/* Texts may hold NUL. */
static inline json_t *responses_joined(json_t *a, json_t *b)
{
    size_t na = json_string_length(a), nb = json_string_length(b);
    char *both = malloc(na + nb + 1);
    if (na)
        memcpy(both, json_string_value(a), na);
    memcpy(both + na, json_string_value(b), nb);
    json_t *ret = json_stringn_nocheck(both, na + nb);
    free(both);
    return ret;
}

static inline void responses_delta(struct responses_client *c, json_t *event,
                                   const char *type, const char *kind)
{
    char key[64];
    responses_key(event, kind, key);
    json_t *delta = json_object_get(event, "delta");
    if (!json_string_value(delta))
        responses_wrong(c, "no delta", type);
    else
        json_object_set_new(c->said, key,
                            responses_joined(json_object_get(c->said, key), delta));
}

static inline void responses_same(struct responses_client *c, json_t *event,
                                  const char *type, const char *kind, const char *member)
{
    char key[64];
    responses_key(event, kind, key);
    json_t *whole = json_object_get(event, member);
    json_t *said = json_object_get(c->said, key);
    bool is_same = said ? json_equal(whole, said) : json_string_length(whole) == 0;
    if (!json_string_value(whole) || !is_same)
        responses_wrong(c, "the whole is not the sum of its pieces", type);
}

static inline void responses_add(struct responses_client *c, json_t *event,
                                 const char *type)
{
    json_t *item = json_object_get(event, "item");
    json_int_t index = json_integer_value(json_object_get(event, "output_index"));
    if (strlen(responses_text(item, "id")) == 0 ||
        strlen(responses_text(item, "id")) > 64)
        responses_wrong(c, "no id, or too long", type);
    if (index != (json_int_t)json_array_size(c->added))
        responses_wrong(c, "not the next place", type);
    if (index > 0 && json_is_null(json_array_get(c->items, (size_t)index - 1)))
        responses_wrong(c, "the item before it is not done", type);
    json_array_append(c->added, item);
    json_array_append_new(c->items, json_null());
}

static inline void responses_done(struct responses_client *c, json_t *event,
                                  const char *type)
{
    static const char *const same[] = {"id", "type", "call_id", "name", "namespace"};
    json_t *item = json_object_get(event, "item");
    json_t *added = responses_item(c, event, type);
    size_t at = (size_t)json_integer_value(json_object_get(event, "output_index"));
    if (!json_is_null(json_array_get(c->items, at)))
        responses_wrong(c, "done twice", type);
    for (size_t i = 0; added && i < sizeof same / sizeof *same; i++)
        if (!json_equal(json_object_get(item, same[i]),
                        json_object_get(added, same[i])) &&
            json_object_get(added, same[i]) && strlen(responses_text(added, same[i])) > 0)
            responses_wrong(c, same[i], type);
    json_array_set(c->items, at, item);
}

static inline void responses_end(struct responses_client *c, json_t *event,
                                 const char *type)
{
    json_t *output = json_object_get(json_object_get(event, "response"), "output");
    bool is_failed = strcmp(type, "response.failed") == 0;
    if (json_array_size(output) != json_array_size(c->items))
        responses_wrong(c, "other items than were told", type);
    for (size_t i = 0; i < json_array_size(c->items); i++) {
        json_t *item = json_array_get(c->items, i);
        if (json_is_null(item) ? !is_failed
                               : !json_equal(item, json_array_get(output, i)))
            responses_wrong(c, "an item is not as it was done", type);
    }
    c->is_over = true;
}

static inline void responses_take(struct responses_client *c, const char *type,
                                  json_t *event)
{
    static const struct {
        const char *delta, *done, *kind, *member;
    } pieces[] = {
        {"response.output_text.delta", "response.output_text.done", "text", "text"},
        {"response.refusal.delta", "response.refusal.done", "refusal", "refusal"},
        {"response.reasoning_summary_text.delta", "response.reasoning_summary_text.done",
         "summary", "text"},
        {"response.function_call_arguments.delta",
         "response.function_call_arguments.done", "arguments", "arguments"},
        {"response.custom_tool_call_input.delta", "response.custom_tool_call_input.done",
         "input", "input"},
    };
    json_t *number = json_object_get(event, "sequence_number");
    if (c->is_over)
        responses_wrong(c, "something follows the end", type);
    if (!json_is_integer(number) || json_integer_value(number) != (json_int_t)c->nevents)
        responses_wrong(c, "not the next sequence number", type);
    if (strcmp(responses_text(event, "type"), type) != 0)
        responses_wrong(c, "its name is not its type", type);
    if ((c->nevents == 0) != (strcmp(type, "response.created") == 0))
        responses_wrong(c, "the first event is response.created, and no other", type);
    if (json_object_get(event, "error"))
        responses_wrong(c, "the SDKs throw on a top-level error", type);
    c->nevents++;
    snprintf(c->last, sizeof c->last, "%s", type);
    if (json_object_get(event, "response")) {
        json_decref(c->response);
        c->response = json_incref(json_object_get(event, "response"));
    }
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        if (strcmp(type, pieces[i].delta) == 0 && responses_item(c, event, type))
            responses_delta(c, event, type, pieces[i].kind);
        if (strcmp(type, pieces[i].done) == 0 && responses_item(c, event, type))
            responses_same(c, event, type, pieces[i].kind, pieces[i].member);
    }
    if (strcmp(type, "response.output_item.added") == 0)
        responses_add(c, event, type);
    else if (strcmp(type, "response.output_item.done") == 0)
        responses_done(c, event, type);
    else if (strcmp(type, "response.completed") == 0 ||
             strcmp(type, "response.incomplete") == 0 ||
             strcmp(type, "response.failed") == 0)
        responses_end(c, event, type);
    else if (json_object_get(event, "output_index"))
        responses_item(c, event, type);
}

/* One event without its blank line: "event: NAME\ndata: JSON", or a comment. */
static inline void responses_block(struct responses_client *c, struct str block)
{
    struct str name, rest = block;
    json_error_t e;
    char type[64];
    if (block.n && block.p[0] == ':') {
        c->npings++;
        return;
    }
    if (!str_split(&rest, '\n', &name) || !str_starts(name, STR("event: ")) ||
        !str_starts(rest, STR("data: ")) || str_index(rest, '\n') >= 0) {
        responses_wrong(c, "no event of one name and one line", "stream");
        return;
    }
    snprintf(type, sizeof type, "%.*s", (int)(name.n - 7), name.p + 7);
    json_t *event = json_loadb(rest.p + 6, rest.n - 6, JSON_ALLOW_NUL, &e);
    if (!event)
        responses_wrong(c, e.text, type);
    else
        responses_take(c, type, event);
    json_decref(event);
}

static inline void responses_client_read(struct responses_client *c, struct str stream)
{
    *c = (struct responses_client){
        .items = json_array(), .added = json_array(), .said = json_object()};
    while (stream.n) {
        ptrdiff_t end = str_find(stream, STR("\n\n"));
        if (end < 0) {
            responses_wrong(c, "the last event is not terminated", "stream");
            return;
        }
        responses_block(c, str_sub(stream, 0, (size_t)end));
        stream = str_sub(stream, (size_t)end + 2, stream.n);
    }
    if (!c->is_over)
        responses_wrong(c, "it has no end", "stream");
}

static inline void responses_client_release(struct responses_client *c)
{
    json_decref(c->items);
    json_decref(c->added);
    json_decref(c->said);
    json_decref(c->response);
}

#endif
