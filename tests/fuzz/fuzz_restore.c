/* fuzz_restore.c -- any text as an answer: the client reads the same however the
 * stream is cut, and each event is JSON. */
#include "cut.h"
#include "mask/restore.h"
#include "json/scan.h"
#include "json/write.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_BYTES = 1 << 22 };

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* Values of all forms; their tags follow from the key, so that a corpus keeps them. */
static struct vault *make_vault(void)
{
    static const unsigned char key[VAULT_KEY_BYTES] = "of the fuzzer";
    static const char *const values[][2] = {
        {"PERSON", "Ada \"C\" Byron\n"},
        {"EMAIL", "a@b.org"},
        {"PHONE", "+49 30 123"},
        {"IP", "10.1.2.3"},
        {"IP", "fe80::1"},
        {"CREDIT_CARD", "4111111111111111"},
        {"DOB", "1970-01-02"},
        {"PASSWORD", "hunter22"},
    };
    struct vault *v = vault_create(key, NULL, NULL);
    struct tag tag;
    require(v != NULL);
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        require(vault_tag(v, values[i][0], str_of(values[i][1]), false, NULL, NULL, &tag,
                          NULL) == 0);
    return v;
}

struct reader {
    struct buf text;
    struct arena words;
};

static int read_event(void *ctx, const struct event *e)
{
    struct reader *r = ctx;
    struct json_cur c;
    struct json_string s;
    struct str choices = json_get(e->data, "choices");
    require(choices.p && choices.n > 2);
    struct str delta = json_get(str_sub(choices, 1, choices.n - 1), "delta");
    json_begin(&c, json_get(delta, "content"));
    require(json_read_string(&c, &s) && json_finish(&c, NULL) == 0);
    buf_append(&r->text, json_unescape(&r->words, s));
    return 0;
}

static struct buf stream(struct vault *v, struct str text, struct cut c)
{
    struct restorer *restorer = restorer_create(v, MAX_BYTES);
    struct reader reader;
    struct buf raw;
    struct err err;
    buf_init(&reader.text, MAX_BYTES);
    buf_init(&raw, MAX_BYTES);
    arena_init(&reader.words, MAX_BYTES);
    while (text.n) {
        struct str all = text, piece = cut_next(&c, &text);
        while (text.n && ((unsigned char)*text.p & 0xC0) == 0x80)
            text = str_sub(text, 1, text.n); /* whole characters */
        piece.n = all.n - text.n;
        buf_clear(&raw);
        buf_lit(&raw, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":");
        json_write_string(&raw, piece);
        buf_lit(&raw, "},\"finish_reason\":null}]}\n\n");
        struct str bytes = buf_view(&raw);
        struct event e = {
            .kind = EVENT_DELTA, .raw = bytes, .data = str_sub(bytes, 6, bytes.n - 2)};
        require(restore_event(restorer, &e, read_event, &reader, &err) == 0);
        arena_reset(&reader.words);
    }
    require(restore_end(restorer, read_event, &reader, &err) == 0);
    restorer_free(restorer);
    arena_reset(&reader.words);
    buf_release(&raw);
    return reader.text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cut cut = cut_of(data, size), whole = {.stream = cut.stream};
    struct buf quoted;
    struct json_cur c;
    struct json_string s;
    struct arena words;
    struct vault *v = make_vault();
    buf_init(&quoted, MAX_BYTES);
    arena_init(&words, MAX_BYTES);
    json_write_string(&quoted, cut.stream); /* what is not UTF-8 is replaced */
    json_begin(&c, buf_view(&quoted));
    require(json_read_string(&c, &s));
    struct str text = json_unescape(&words, s);
    struct buf a = stream(v, text, cut), b = stream(v, text, whole);
    require(str_eq(buf_view(&a), buf_view(&b)));
    buf_release(&a);
    buf_release(&b);
    buf_release(&quoted);
    arena_reset(&words);
    vault_release(v);
    return 0;
}
