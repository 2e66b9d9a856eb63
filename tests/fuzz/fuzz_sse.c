/* fuzz_sse.c -- any bytes as server-sent events: the same events however the stream is
 * cut, and the raw bytes of the events are the stream. */
#include "cut.h"
#include "http/sse.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

struct listing {
    struct buf events, raws;
};

static void list_event(struct listing *l, const struct sse_event *e)
{
    buf_append(&l->raws, e->raw);
    buf_lit(&l->events, "{");
    buf_append(&l->events, e->event);
    buf_lit(&l->events, "|");
    buf_append(&l->events, e->data);
    buf_append(&l->events, e->has_data ? STR("}") : STR("-}"));
    require(e->raw.n > 0 && (e->has_data || e->data.n == 0));
}

static struct listing list_cut(struct cut c)
{
    struct listing l;
    struct sse_reader r;
    struct sse_event e;
    struct str rest = c.stream;
    buf_init(&l.events, (size_t)1 << 24);
    buf_init(&l.raws, (size_t)1 << 24);
    sse_init(&r, (size_t)1 << 24);
    while (rest.n > 0) {
        struct str piece = cut_next(&c, &rest);
        char *copy = malloc(piece.n); /* gone before the next piece comes */
        require(copy != NULL);
        memcpy(copy, piece.p, piece.n);
        struct str in = {copy, piece.n};
        int rc;
        while ((rc = sse_next(&r, &in, &e)) == 1)
            list_event(&l, &e);
        require(rc == 0 && in.n == 0);
        free(copy);
    }
    if (sse_finish(&r, &e) == 1)
        list_event(&l, &e);
    sse_release(&r);
    return l;
}

/* All but a lone LF whose CR has ended an event, or a BOM and nothing after it. */
static void check_raws(struct str stream, struct str raws)
{
    require(str_starts(stream, raws));
    struct str lost = str_sub(stream, raws.n, stream.n);
    require(lost.n == 0 || str_eqz(lost, "\n") || str_eqz(lost, "\xEF\xBB\xBF"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cut cut = cut_of(data, size), whole = {.stream = cut.stream};
    struct listing a = list_cut(cut), b = list_cut(whole);
    require(str_eq(buf_view(&a.events), buf_view(&b.events)));
    check_raws(cut.stream, buf_view(&a.raws));
    check_raws(cut.stream, buf_view(&b.raws));
    buf_release(&a.events);
    buf_release(&a.raws);
    buf_release(&b.events);
    buf_release(&b.raws);
    return 0;
}
