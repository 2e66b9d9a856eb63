/* test_sole.c -- events that are like the one before take short ways through decoder,
 * translator and encoder: what a client of any dialect gets is the same, byte for byte,
 * as when each event is read by itself, however the stream is cut.
 *
 * Streams are made up: runs of pieces of text, thought and arguments with every kind of
 * escape, and between them all that may stand in a stream.  WEIR_ANSWERS_RUNS streams. */
#include "../retold.h"
#include "json/scan.h"
#include "json/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* cmocka.h wants what stands above */
#include <cmocka.h>

enum { STREAM_BYTES = 1 << 20 };

static uint64_t seed;

static uint32_t roll(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 11) % n);
}

static const char *const words[] = {
    "word",
    " and more of it",
    "\\n",
    "\\\"",
    "\\\\",
    "\\/",
    "\\u00e9",
    "\\u000a",
    "\\u0000",
    "\\ud83d\\ude00",
    "\\ud83d",
    "\\ude00",
    "\\u0022",
    "\\u005c",
    "\xC3\xA9",
    "\xF0\x9F\x98\x80",
    "\xE2\x80\xA8",
    "\x7F",
    "\\t\\b\\f\\r",
    "{",
    "}",
    "{\\\"a\\\":[1,2",
    "]}",
    " ",
    "data: x",
    "a text that is longer than the sixteen bytes that are looked at together",
};

static void put(struct buf *b, const char *text)
{
    buf_append(b, str_of(text));
}

static void put_words(struct buf *b)
{
    for (uint32_t n = 1 + roll(3); n > 0; n--)
        put(b, words[roll(ARRAY_LEN(words))]);
}

static struct buf new_stream(void)
{
    struct buf b;
    buf_init(&b, STREAM_BYTES);
    return b;
}

/* -- OpenAI's form --------------------------------------------------------------------
 */

#define CHUNK "data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":"

static const struct {
    const char *before, *after; /* of a delta's members */
} said[] = {
    {"\"content\":\"", "\""},
    {"\"reasoning_content\":\"", "\""},
    {"\"content\":\"\",\"reasoning\":\"", "\""},
    {"\"content\":null,\"reasoning_content\":\"", "\",\"tool_calls\":null"},
    {"\"refusal\":\"", "\""},
    {"\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"", "\"}}]"},
    {"\"tool_calls\":[{\"index\":1,\"function\":{\"arguments\":\"", "\"}}]"},
    {"\"tool_calls\":[{\"index\":1,\"id\":\"call_1\",\"function\":{\"arguments\":\"",
     "\"}}]"},
    {"\"tool_calls\":[{\"index\":0,\"id\":\"call_0\",\"function\":{\"name\":\"f\","
     "\"arguments\":\"",
     "\"}}]"},
    {"\"function_call\":{\"arguments\":\"", "\"}"},
    {"\"content\":\"",
     "\",\"annotations\":[{\"type\":\"url_citation\",\"url_citation\":{\"url\":\"u\"}}]"},
    {"\"content\":\"", "\",\"annotations\":[]"},
    {"\"reasoning_content\":\"",
     "\",\"reasoning_details\":[{\"type\":\"reasoning.encrypted\",\"data\":\"s\"}]"},
    {"\"role\":\"assistant\",\"content\":\"", "\""},
};

static const char *const rests[] = {
    "}}]}\n\n",
    "},\"finish_reason\":null}]}\n\n",
    "},\"logprobs\":null,\"finish_reason\":null}]}\n\n",
    "},\"logprobs\":{\"content\":[{\"token\":\"a\",\"logprob\":-1}]}}]}\n\n",
    "}},{\"index\":2,\"delta\":{}}]}\n\n",
    "}}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\n\n",
    "},\"stop_reason\":\"x\"}]}\n\n",
};

static const char *const between[] = {
    ": ping\n\n",
    "data: {\"id\":\"c\",\"choices\":[]}\n\n",
    "data: {\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":3,"
    "\"completion_tokens\":4}}\n\n",
    CHUNK "0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\n",
    CHUNK "0,\"delta\":{},\"finish_reason\":\"length\"}]}\n\n",
    CHUNK "1,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
    CHUNK "0,\"delta\":{\"content\":\"\"}}]}\n\n",
    "data: {\"error\":{\"message\":\"no\"}}\n\n",
};

static struct buf openai_stream(void)
{
    struct buf b = new_stream();
    for (uint32_t n = 1 + roll(12); n > 0; n--) {
        uint32_t kind = roll(ARRAY_LEN(said)), choice = roll(4) ? 0 : 1;
        const char *rest = rests[roll(3) ? roll(2) : roll(ARRAY_LEN(rests))];
        for (uint32_t i = 1 + roll(5); i > 0; i--) {
            put(&b, CHUNK);
            buf_u64(&b, choice);
            put(&b, ",\"delta\":{");
            put(&b, said[kind].before);
            put_words(&b);
            put(&b, said[kind].after);
            put(&b, rest);
        }
        if (roll(3) == 0)
            put(&b, between[roll(ARRAY_LEN(between) - (roll(8) != 0))]);
    }
    put(&b, CHUNK "0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");
    return b;
}

/* -- both ways ------------------------------------------------------------------------
 */

static const char *const echoes[] = {"", "thoughts", "t", "sealed"};

static void assert_same(struct buf *a, struct buf *b, const struct retelling *r,
                        struct str stream)
{
    if (!str_eq(buf_view(a), buf_view(b)))
        fail_msg("seed %llu engine %d, client %d, stream:\n%.*s\nread by "
                 "itself:\n%.*s\nby the "
                 "short ways:\n%.*s",
                 (unsigned long long)seed, r->speaks, r->dialect->id, STR_ARG(stream),
                 STR_ARG(buf_view(a)), STR_ARG(buf_view(b)));
}

/* The events that said what they say. */
static size_t compare(enum engine_speech speaks, const struct dialect *d,
                      struct str stream)
{
    static const char lengths[] = {0, 3, 30, 1, 100, 7, 60};
    struct retelling plain = {.speaks = speaks,
                              .dialect = d,
                              .surface = SURFACE_CHAT,
                              .echo = str_of(echoes[roll(ARRAY_LEN(echoes))]),
                              .is_by_itself = true};
    struct retelling quick = plain, cut = plain;
    quick.is_by_itself = cut.is_by_itself = false;
    struct cut whole = {.stream = stream};
    struct cut pieces = {.stream = stream,
                         .lengths = {lengths, 1 + roll(sizeof lengths)}};
    retell(&plain, whole);
    retell(&quick, whole);
    retell(&cut, pieces);
    assert_same(&plain.out, &quick.out, &plain, stream);
    assert_same(&plain.counts, &quick.counts, &plain, stream);
    assert_same(&plain.out, &cut.out, &plain, stream);
    struct buf *const all[] = {&plain.out,    &quick.out,    &cut.out,
                               &plain.counts, &quick.counts, &cut.counts};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        buf_release(all[i]);
    return quick.nsole;
}

static uint32_t runs(void)
{
    const char *wanted = getenv("WEIR_ANSWERS_RUNS");
    return wanted ? (uint32_t)strtoul(wanted, NULL, 10) : 300;
}

static void openai_reads_the_same_to_all(void **state)
{
    (void)state;
    size_t nsole = 0;
    for (uint32_t run = 0; run < runs(); run++) {
        seed = 0x9E3779B97F4A7C15u + run * 7919;
        struct buf stream = openai_stream();
        for (size_t i = 0; i < dialect_count; i++)
            nsole += compare(SPEECH_OPENAI, dialect_table[i], buf_view(&stream));
        buf_release(&stream);
    }
    assert_true(nsole > runs()); /* else the short ways were not taken */
}

static void an_escape_is_written_as_it_means(void **state)
{
    (void)state;
    for (uint32_t run = 0; run < 2000; run++) {
        seed = 1 + run * 7919;
        struct arena a;
        struct buf raw, once, again;
        buf_init(&raw, STREAM_BYTES);
        buf_init(&once, STREAM_BYTES);
        buf_init(&again, STREAM_BYTES);
        arena_init(&a, STREAM_BYTES);
        put_words(&raw);
        const struct json_string s = {.raw = buf_view(&raw), .has_escapes = true};
        json_write_inside(&once, json_unescape(&a, s));
        json_rewrite_inside(&again, s.raw);
        assert_true(str_eq(buf_view(&once), buf_view(&again)));
        buf_release(&raw);
        buf_release(&once);
        buf_release(&again);
        arena_reset(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_escape_is_written_as_it_means),
        cmocka_unit_test(openai_reads_the_same_to_all),
    };
    return cmocka_run_group_tests_name("sole", tests, NULL, NULL);
}
