/* restoring.h -- an engine that streams to a client through a restorer.
 *
 * jansson reads what the client gets, so that the code under test does not check
 * itself. */
#ifndef WEIR_TESTS_RESTORING_H
#define WEIR_TESTS_RESTORING_H

#include "core/mem.h"
#include "mask/restore.h"
#include "json/write.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { TEXT_MAX = 1 << 20, CHOICES = 2 };

static const unsigned char key[VAULT_KEY_BYTES] = "a key that a test may know";

/* Escaped for that many JSON strings around it. */
static inline void put_escaped(struct buf *b, struct str text, unsigned depth)
{
    struct buf once;
    buf_init(&once, TEXT_MAX);
    json_write_string(&once, text);
    struct str inside = str_sub(buf_view(&once), 1, once.n - 1);
    if (depth > 1)
        put_escaped(b, inside, depth - 1);
    else
        buf_append(b, inside);
    buf_release(&once);
}

static inline void check_text(struct str got, struct str want)
{
    if (!str_eq(got, want))
        fprintf(stderr, "got  <%.*s>\nwant <%.*s>\n", STR_ARG(got), STR_ARG(want));
    assert_true(str_eq(got, want));
}

struct client {
    struct buf content[CHOICES], reasoning[CHOICES], arguments[CHOICES];
    unsigned finished[CHOICES], ended, untouched;
    const struct event *sent;
};

static inline void take(struct buf *b, const json_t *text)
{
    if (json_is_string(text))
        buf_append(b, str_of(json_string_value(text)));
}

static inline int hear(void *ctx, const struct event *e)
{
    struct client *c = ctx;
    c->untouched += e == c->sent;
    if (e->kind == EVENT_END) {
        c->ended++;
        return 0;
    }
    assert_true(str_starts(e->raw, STR("data: ")) && str_ends(e->raw, STR("\n\n")));
    assert_true(str_eq(str_sub(e->raw, 6, e->raw.n - 2), e->data));
    assert_true(str_index(e->data, '\n') < 0);
    json_t *root = json_loadb(e->data.p, e->data.n, 0, NULL);
    assert_non_null(root);
    const json_t *choice = json_array_get(json_object_get(root, "choices"), 0);
    size_t i = (size_t)json_integer_value(json_object_get(choice, "index"));
    const json_t *delta = json_object_get(choice, "delta");
    const json_t *call = json_array_get(json_object_get(delta, "tool_calls"), 0);
    assert_true(i < CHOICES); /* text may follow a finish, which is kept back for it */
    assert_string_equal(json_string_value(json_object_get(root, "id")), "c1");
    take(&c->content[i], json_object_get(delta, "content"));
    take(&c->reasoning[i], json_object_get(delta, "reasoning_content"));
    take(&c->arguments[i],
         json_object_get(json_object_get(call, "function"), "arguments"));
    c->finished[i] += json_is_string(json_object_get(choice, "finish_reason"));
    json_decref(root);
    return 0;
}

struct run {
    struct vault *vault;
    struct restorer *restorer;
    struct client client;
    struct buf scratch;
};

static inline void client_init(struct client *c)
{
    *c = (struct client){0};
    for (size_t i = 0; i < CHOICES; i++) {
        buf_init(&c->content[i], TEXT_MAX);
        buf_init(&c->reasoning[i], TEXT_MAX);
        buf_init(&c->arguments[i], TEXT_MAX);
    }
}

static inline void client_release(struct client *c)
{
    for (size_t i = 0; i < CHOICES; i++) {
        buf_release(&c->content[i]);
        buf_release(&c->reasoning[i]);
        buf_release(&c->arguments[i]);
    }
}

enum channel { CONTENT, REASONING, ARGUMENTS };

static inline void send(struct run *run, enum event_kind kind, const char *open,
                        struct str text, const char *close)
{
    struct err err = {0};
    buf_clear(&run->scratch);
    buf_lit(&run->scratch, "data: ");
    buf_append(&run->scratch, str_of(open));
    if (text.p)
        put_escaped(&run->scratch, text, 1);
    buf_append(&run->scratch, str_of(close));
    buf_lit(&run->scratch, "\n\n");
    struct str raw = buf_view(&run->scratch);
    struct event e = {.kind = kind, .raw = raw, .data = str_sub(raw, 6, raw.n - 2)};
    e.content_bytes = (uint32_t)text.n;
    run->client.sent = &e;
    int rc = restore_event(run->restorer, &e, hear, &run->client, &err);
    if (rc < 0)
        fprintf(stderr, "%s\n", err.msg);
    assert_int_equal(rc, 0);
}

static inline void send_piece(struct run *run, enum channel ch, unsigned choice,
                              struct str text)
{
    static const char *const opens[] = {
        "\"delta\":{\"content\":\"", "\"delta\":{\"reasoning_content\":\"",
        "\"delta\":{\"tool_calls\":[{\"index\":1,\"function\":{\"arguments\":\""};
    static const char *const closes[] = {"\"}", "\"}", "\"}}]}"};
    char open[256], close[64];
    snprintf(open, sizeof open, "{\"id\":\"c1\",\"choices\":[{\"index\":%u,%s", choice,
             opens[ch]);
    snprintf(close, sizeof close, "%s,\"finish_reason\":null}]}", closes[ch]);
    send(run, EVENT_DELTA, open, text, close);
}

#endif
