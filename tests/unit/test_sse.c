/* test_sse.c -- events come out the same however the stream is cut. */
#include "http/sse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { PLENTY = 1 << 20 };

/* Every event as "{event|data}", or "{}" without data. */
struct listing {
    struct buf events, raws;
    bool has_failed;
};

static void list_event(struct listing *l, const struct sse_event *e)
{
    buf_append(&l->raws, e->raw);
    buf_lit(&l->events, "{");
    if (e->has_data) {
        buf_append(&l->events, e->event);
        buf_lit(&l->events, "|");
        buf_append(&l->events, e->data);
    }
    buf_lit(&l->events, "}");
}

static void feed(struct listing *l, struct sse_reader *r, struct str piece)
{
    char *copy = malloc(piece.n + 1); /* its exact size is what ASan guards */
    copy = realloc(copy, piece.n ? piece.n : 1);
    memcpy(copy, piece.p, piece.n);
    struct str in = {copy, piece.n};
    struct sse_event e;
    int rc;
    while ((rc = sse_next(r, &in, &e)) == 1)
        list_event(l, &e);
    assert_true(rc < 0 || in.n == 0);
    l->has_failed = l->has_failed || rc < 0;
    free(copy);
}

static struct listing list_cut(struct str stream, const size_t *cuts, size_t ncuts,
                               size_t max)
{
    struct listing l = {.has_failed = false};
    struct sse_reader r;
    struct sse_event e;
    size_t at = 0;
    buf_init(&l.events, PLENTY);
    buf_init(&l.raws, PLENTY);
    sse_init(&r, max);
    for (size_t i = 0; i < ncuts && !l.has_failed; i++) {
        feed(&l, &r, str_sub(stream, at, cuts[i]));
        at = cuts[i];
    }
    if (!l.has_failed)
        feed(&l, &r, str_sub(stream, at, stream.n));
    if (!l.has_failed && sse_finish(&r, &e) == 1) {
        buf_lit(&l.events, "~");
        list_event(&l, &e);
    }
    assert_true(l.has_failed || sse_finish(&r, &e) == 0);
    sse_release(&r);
    return l;
}

static void release(struct listing *l)
{
    buf_release(&l->events);
    buf_release(&l->raws);
}

static const struct {
    struct str stream;
    const char *want;
} rows[] = {
    {STR_INIT("data: a\n\ndata: b\n\n"), "{|a}{|b}"},
    {STR_INIT("data: a\r\n\r\ndata: b\r\n\r\n"), "{|a}{|b}"},
    {STR_INIT("data: a\r\rdata: b\r\r"), "{|a}{|b}"},
    {STR_INIT("data: a\r\n\ndata: b\n\r\n"), "{|a}{|b}"},
    {STR_INIT("data: a\n\rdata: b\r\n\r"), "{|a}{|b}"},
    {STR_INIT("data:a\n\ndata:  b\n\n"), "{|a}{| b}"},
    {STR_INIT("data\n\ndata:\n\ndata: \n\n"), "{|}{|}{|}"},
    {STR_INIT("data: a\ndata: b\ndata\ndata: c\n\n"), "{|a\nb\n\nc}"},
    {STR_INIT("data\ndata\n\n"), "{|\n}"},
    {STR_INIT("data: a\ndata: b\n\ndata: c\ndata: d\n\n"), "{|a\nb}{|c\nd}"},
    {STR_INIT("event: ping\ndata: {}\n\n"), "{ping|{}}"},
    {STR_INIT("data: x\nevent: e\nid: 7\nretry: 10\n\n"), "{e|x}"},
    {STR_INIT("event: a\nevent: b\ndata: x\n\n"), "{b|x}"},
    {STR_INIT(": comment\n\n: other\ndata: x\n\n"), "{}{|x}"},
    {STR_INIT(":\n\n"), "{}"},
    {STR_INIT("event: only\n\n"), "{}"},
    {STR_INIT("datas: x\ndat: x\n data: x\nData: x\n\n"), "{}"},
    {STR_INIT("data : x\n\n"), "{}"},
    {STR_INIT("data: a: b\n\n"), "{|a: b}"},
    {STR_INIT("data: a"), "~{|a}"},
    {STR_INIT("data: a\n"), "~{|a}"},
    {STR_INIT("data: a\n\ndata: [DONE]\r"), "{|a}~{|[DONE]}"},
    {STR_INIT("data: a\n\n: x"), "{|a}~{}"},
    {STR_INIT("\n\n"), "{}{}"},
    {STR_INIT("\r\n\r\n\r\n"), "{}{}{}"},
    {STR_INIT("\xEF\xBB\xBF"
              "data: a\n\n\xEF\xBB\xBF"
              "data: b\n\n"),
     "{|a}{}"},
    {STR_INIT("\xEF\xBB\xBF\ndata: a\n\n"), "{|a}"},
    {STR_INIT("\xEF\xBB\xBF"), ""},
    {STR_INIT("\xEF\xBB"), "~{}"},
    {STR_INIT(""), ""},
    {STR_INIT("data: a\0b\n\n"), NULL},
    {STR_INIT("data: a line that is longer than sixteen bytes\r\n"
              "data: and another one of those, \xC3\xA9\xE2\x82\xAC\r\n\r\n"),
     "{|a line that is longer than sixteen bytes\n"
     "and another one of those, \xC3\xA9\xE2\x82\xAC}"},
};

static void expect_listing(size_t row, const struct listing *l, struct str want)
{
    assert_false(l->has_failed);
    if (!str_eq(buf_view(&l->events), want))
        fail_msg("row %zu: want %.*s, got %.*s", row, STR_ARG(want),
                 STR_ARG(buf_view(&l->events)));
}

static void splits_streams_as_the_standard_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct listing l = list_cut(rows[i].stream, NULL, 0, PLENTY);
        expect_listing(i, &l, rows[i].want ? str_of(rows[i].want) : STR("{|a\0b}"));
        release(&l);
    }
}

/* Nothing of a stream is lost, but for what ends it and is no event: a lone LF whose
 * CR was given out, or a BOM. */
static void expect_raws(size_t row, const struct listing *l)
{
    struct str raws = buf_view(&l->raws), stream = rows[row].stream;
    assert_true(str_starts(stream, raws));
    struct str lost = str_sub(stream, raws.n, stream.n);
    assert_true(lost.n == 0 || str_eqz(lost, "\n") || str_eqz(lost, "\xEF\xBB\xBF"));
}

static void cutting_changes_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct str s = rows[i].stream;
        struct listing whole = list_cut(s, NULL, 0, PLENTY);
        for (size_t a = 0; a <= s.n; a++)
            for (size_t b = a; b <= s.n; b += s.n > 60 ? 5 : 1) {
                struct listing l = list_cut(s, (size_t[]){a, b}, 2, PLENTY);
                expect_listing(i, &l, buf_view(&whole.events));
                expect_raws(i, &l);
                release(&l);
            }
        size_t bytes[200];
        for (size_t k = 0; k < s.n; k++)
            bytes[k] = k;
        struct listing l = list_cut(s, bytes, s.n, PLENTY);
        expect_listing(i, &l, buf_view(&whole.events));
        expect_raws(i, &l);
        release(&l);
        release(&whole);
    }
}

static uint64_t next_random(uint64_t *s)
{
    *s ^= *s << 13;
    *s ^= *s >> 7;
    *s ^= *s << 17;
    return *s;
}

static void random_streams_are_cut_alike(void **state)
{
    (void)state;
    static const char *const words[] = {"data",
                                        ":",
                                        " ",
                                        "\n",
                                        "\r",
                                        "\r\n",
                                        "x",
                                        "event",
                                        "\n\n",
                                        "\xEF\xBB\xBF",
                                        "a longer run of text"};
    uint64_t random = 0x2545F4914F6CDD1DULL;
    for (int round = 0; round < 5000; round++) {
        struct buf stream;
        size_t cuts[8];
        buf_init(&stream, PLENTY);
        for (uint64_t k = next_random(&random) % 30; k > 0; k--)
            buf_append(&stream, str_of(words[next_random(&random) % ARRAY_LEN(words)]));
        size_t at = 0;
        for (size_t i = 0; i < ARRAY_LEN(cuts); i++) {
            at += next_random(&random) % (buf_len(&stream) - at + 1);
            cuts[i] = at;
        }
        struct listing whole = list_cut(buf_view(&stream), NULL, 0, PLENTY);
        struct listing cut = list_cut(buf_view(&stream), cuts, ARRAY_LEN(cuts), PLENTY);
        expect_listing((size_t)round, &cut, buf_view(&whole.events));
        release(&whole);
        release(&cut);
        buf_release(&stream);
    }
}

static void whole_events_are_not_copied(void **state)
{
    (void)state;
    struct str stream = STR("data: {\"a\":1}\n\ndata: x"), in = stream;
    struct sse_reader r;
    struct sse_event e;
    sse_init(&r, PLENTY);
    assert_int_equal(sse_next(&r, &in, &e), 1);
    assert_ptr_equal(e.raw.p, stream.p);
    assert_ptr_equal(e.data.p, stream.p + 6);
    assert_int_equal(e.data.n, 7);
    assert_ptr_equal(in.p, stream.p + 15);
    assert_int_equal(sse_next(&r, &in, &e), 0);
    assert_int_equal(in.n, 0);
    sse_release(&r);
}

/* An engine that never ends an event must not take the memory. */
static void events_have_a_maximum(void **state)
{
    (void)state;
    static const struct {
        size_t cut;
        bool has_end;
    } ways[] = {{0, true}, {0, false}, {10, true}, {10, false}};
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        char text[103];
        memset(text, 'x', sizeof text);
        memcpy(text, "data: ", 6);
        memcpy(text + 101, "\n\n", 2);
        struct str s = {text, ways[i].has_end ? sizeof text : 101};
        struct listing l = list_cut(s, &ways[i].cut, 1, 100);
        assert_true(l.has_failed);
        release(&l);
        l = list_cut(s, &ways[i].cut, 1, 103);
        assert_false(l.has_failed);
        release(&l);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_streams_as_the_standard_says),
        cmocka_unit_test(cutting_changes_nothing),
        cmocka_unit_test(random_streams_are_cut_alike),
        cmocka_unit_test(whole_events_are_not_copied),
        cmocka_unit_test(events_have_a_maximum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
