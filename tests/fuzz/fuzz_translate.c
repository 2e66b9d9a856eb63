/* fuzz_translate.c -- any bytes as what an engine of any form says: a stream says the
 * same however it is cut, clients of every dialect get the same whether events are read
 * one by one or known by their shape, and a whole answer becomes one JSON object or an
 * error. */
#include "../retold.h"
#include "cut.h"
#include "engine/engine.h"
#include "json/scan.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static const struct engine_naming naming = {.id = 7, .issuer = {"issuer-1"}};

static int on_event(void *ctx, const struct event *e)
{
    struct buf *trace = ctx;
    struct json_cur c;
    require((e->kind == EVENT_ERROR) == (e->error != NULL));
    buf_printf(trace, "%d %u %u %u %d\n", e->kind, e->content_bytes, e->reasoning_bytes,
               e->tool_bytes, e->finish);
    if (e->error) {
        buf_append(trace, str_of(e->error->msg));
    } else if (e->data.n) {
        json_begin(&c, e->data);
        require(json_skip(&c, NULL) && json_finish(&c, NULL) == 0);
        buf_append(trace, e->data);
    }
    return 0;
}

static struct buf read_cut(struct cut c, enum engine_speech speaks)
{
    struct engine_decoder d;
    struct err err;
    struct buf trace;
    struct str rest = c.stream;
    int rc = 0;
    buf_init(&trace, (size_t)1 << 26);
    engine_decoder_init(&d, speaks, SURFACE_CHAT);
    engine_decoder_name(&d, &naming);
    while (rest.n > 0 && rc == 0) {
        struct str piece = cut_next(&c, &rest);
        char *copy = malloc(piece.n); /* gone before the next piece comes */
        require(copy != NULL);
        memcpy(copy, piece.p, piece.n);
        rc = engine_decode(&d, (struct str){copy, piece.n}, on_event, &trace, &err);
        free(copy);
    }
    if (rc == 0)
        rc = engine_decode_end(&d, on_event, &trace, &err);
    if (rc != 0)
        buf_append(&trace, str_of(err.msg));
    engine_decoder_release(&d);
    return trace;
}

static void read_whole(enum engine_speech speaks, struct str answer)
{
    struct buf out;
    struct err err;
    struct json_cur c;
    buf_init(&out, (size_t)1 << 26);
    json_begin(&c, answer);
    bool is_json = json_skip(&c, NULL) && json_finish(&c, NULL) == 0;
    if (is_json && engine_translates(speaks, SURFACE_CHAT) &&
        engine_translate_answer(speaks, SURFACE_CHAT, &naming, answer, &out, &err) == 0) {
        json_begin(&c, buf_view(&out));
        require(json_skip(&c, NULL) && json_finish(&c, NULL) == 0);
    }
    buf_release(&out);
}

static void read_both_ways(enum engine_speech speaks, struct cut cut)
{
    for (size_t i = 0; i < dialect_count; i++) {
        struct retelling a = {.speaks = speaks,
                              .dialect = dialect_table[i],
                              .surface = SURFACE_CHAT,
                              .echo = STR("thoughts"),
                              .is_by_itself = true};
        struct retelling b = a;
        b.is_by_itself = false;
        retell(&a, cut);
        retell(&b, cut);
        require(str_eq(buf_view(&a.out), buf_view(&b.out)));
        require(str_eq(buf_view(&a.counts), buf_view(&b.counts)));
        buf_release(&a.out);
        buf_release(&b.out);
        buf_release(&a.counts);
        buf_release(&b.counts);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum engine_speech speaks = (enum engine_speech)(size ? data[0] % SPEECH_COUNT : 0);
    struct cut cut = cut_of(size ? data + 1 : data, size ? size - 1 : 0);
    struct cut whole = {.stream = cut.stream};
    struct buf a = read_cut(whole, speaks), b = read_cut(cut, speaks);
    require(str_eq(buf_view(&a), buf_view(&b)));
    buf_release(&a);
    buf_release(&b);
    cut.at = 0;
    read_both_ways(speaks, cut);
    read_whole(speaks, cut.stream);
    return 0;
}
