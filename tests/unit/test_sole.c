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

/* -- the other forms ------------------------------------------------------------------
 */

/* Events of a form; '#' stands for digits that change. */
struct form {
    const char *const *begin, *const *between;
    uint32_t nbegin, nbetween;
    const char *pieces[12][2]; /* an event before and behind its words */
    uint32_t npieces;
    const char *end;
};

static void put_changing(struct buf *b, const char *text)
{
    for (; *text; text++)
        if (*text == '#')
            buf_u64(b, roll(3) ? roll(10) : roll(100000));
        else
            buf_byte(b, *text);
}

static struct buf stream_of(const struct form *f)
{
    struct buf b = new_stream();
    for (uint32_t i = 0; i < f->nbegin; i++)
        put_changing(&b, f->begin[i]);
    for (uint32_t n = 1 + roll(12); n > 0; n--) {
        const char *const *piece = f->pieces[roll(3) ? roll(3) : roll(f->npieces)];
        for (uint32_t i = 1 + roll(6); i > 0; i--) {
            put_changing(&b, piece[0]);
            put_words(&b);
            put_changing(&b, piece[1]);
        }
        if (roll(3) == 0)
            put_changing(&b, f->between[roll(f->nbetween)]);
    }
    put_changing(&b, f->end);
    return b;
}

#define SAID(type, members)                                                              \
    "event: " type "\ndata: {\"type\":\"" type "\"" members "}\n\n"
#define DELTA(index, members)                                                            \
    "event: content_block_delta\ndata: "                                                 \
    "{\"type\":\"content_block_delta\",\"index\":" index ",\"delta\":{" members

static const char *const anthropic_begin[] = {
    SAID("message_start", ",\"message\":{\"id\":\"m\",\"model\":\"m\",\"usage\":{"
                          "\"input_tokens\":#,\"output_tokens\":1}}"),
    SAID("content_block_start", ",\"index\":0,\"content_block\":{\"type\":\"text\"}"),
    SAID("content_block_start", ",\"index\":1,\"content_block\":{\"type\":\"thinking\"}"),
    SAID("content_block_start",
         ",\"index\":2,\"content_block\":{\"type\":\"tool_use\",\"id\":\"c\",\"name\":"
         "\"f\",\"input\":{}}"),
};
static const char *const anthropic_between[] = {
    "event: ping\ndata: {\"type\":\"ping\"}\n\n",
    ": a comment\n\n",
    DELTA("1", "\"type\":\"signature_delta\",\"signature\":\"s#\"}}\n\n"),
    DELTA("0", "\"type\":\"citations_delta\",\"citation\":{\"url\":\"http://u/#\","
               "\"title\":\"t\"}}}\n\n"),
    SAID("content_block_stop", ",\"index\":0"),
    SAID("content_block_stop", ",\"index\":1"),
    SAID("content_block_start", ",\"index\":1,\"content_block\":{\"type\":\"thinking\"}"),
    SAID("content_block_start", ",\"index\":0,\"content_block\":{\"type\":\"text\"}"),
    SAID("message_delta", ",\"delta\":{},\"usage\":{\"output_tokens\":#}"),
};
static const struct form anthropic = {
    anthropic_begin,
    anthropic_between,
    ARRAY_LEN(anthropic_begin),
    ARRAY_LEN(anthropic_between),
    {{DELTA("0", "\"type\":\"text_delta\",\"text\":\""), "\"}}\n\n"},
     {DELTA("1", "\"type\":\"thinking_delta\",\"thinking\":\""), "\"}}\n\n"},
     {DELTA("2", "\"type\":\"input_json_delta\",\"partial_json\":\""), "\"}}\n\n"},
     {DELTA("0", "\"type\":\"text_delta\",\"text\":\""), "\"}}\r\n\r\n"},
     {DELTA("0", "\"type\":\"text_delta\",\"text\":\"a\",\"text\":\""), "\"}}\n\n"},
     {"data: {\"type\":\"content_block_delta\",\ndata: \"index\":0,\"delta\":{\"type\":"
      "\"text_delta\",\"text\":\"",
      "\"}}\n\n"}},
    6,
    SAID("message_delta",
         ",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":#}")
        SAID("message_stop", ""),
};

#define GEMINI "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\""
#define COUNTS "\"usageMetadata\":{\"promptTokenCount\":#,\"candidatesTokenCount\":#}"
#define NAMES  ",\"modelVersion\":\"m\",\"responseId\":\"r\"}"

static const char *const gemini_between[] = {
    ": a comment\r\n\r\n",
    "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\","
    "\"thoughtSignature\":\"s#\"}]}}]}\n\n",
    "data: {\"candidates\":[{\"content\":{\"parts\":[{\"functionCall\":{\"name\":\"f\","
    "\"args\":{\"a\":#}}}]}}]}\n\n",
    "data: {\"usageMetadata\":{\"thoughtsTokenCount\":#}}\n\n",
    "data: {\"candidates\":[{\"groundingMetadata\":{\"groundingChunks\":[{\"web\":{"
    "\"uri\":\"http://u\"}}]}}]}\n\n",
};
static const struct form gemini = {
    NULL,
    gemini_between,
    0,
    ARRAY_LEN(gemini_between),
    {{GEMINI, "\"}]},\"index\":0}]," COUNTS NAMES "\r\n\r\n"},
     {GEMINI, "\",\"thought\":true}]},\"index\":0}]," COUNTS NAMES "\r\n\r\n"},
     {"data: {" COUNTS
      ",\"candidates\":[{\"index\":1,\"content\":{\"parts\":[{\"text\":\"",
      "\"}]}}]" NAMES "\n\n"},
     {GEMINI "first\"},{\"text\":\"", "\"}]},\"index\":0}]," COUNTS NAMES "\n\n"},
     {GEMINI, "\"}]}}],\"usageMetadata\":{\"totalTokenCount\":0#}" NAMES "\n\n"},
     {GEMINI, "\"}]}}],\"usageMetadata\":\"#\"" NAMES "\n\n"},
     {GEMINI, "\"}]}}]" NAMES "\n\r\n"}},
    7,
    "data: {\"candidates\":[{\"finishReason\":\"STOP\"}]}\n\n",
};

#define IN_ITEM(index)      ",\"item_id\":\"i\",\"output_index\":" index
#define NUMBER              ",\"sequence_number\":#"
#define OPEN(type, members) "event: " type "\ndata: {\"type\":\"" type "\"" members

static const char *const responses_begin[] = {
    SAID("response.created",
         NUMBER ",\"response\":{\"id\":\"r\",\"model\":\"m\",\"created_at\":1}"),
    SAID("response.output_item.added",
         NUMBER ",\"output_index\":0,\"item\":{\"type\":\"message\"}"),
    SAID("response.output_item.added",
         NUMBER ",\"output_index\":1,\"item\":{\"type\":\"reasoning\"}"),
    SAID("response.output_item.added",
         NUMBER ",\"output_index\":2,\"item\":{\"type\":\"function_call\",\"call_id\":"
                "\"c\",\"name\":\"f\"}"),
    SAID("response.output_item.added",
         NUMBER ",\"output_index\":3,\"item\":{\"type\":\"custom_tool_call\",\"call_id\":"
                "\"d\",\"name\":\"g\"}"),
};
static const char *const responses_between[] = {
    ": a comment\n\n",
    SAID("response.reasoning_summary_part.added",
         NUMBER IN_ITEM("1") ",\"summary_index\":1"),
    SAID("response.output_item.done",
         NUMBER ",\"output_index\":1,\"item\":{\"type\":\"reasoning\",\"summary\":[],"
                "\"encrypted_content\":\"e#\"}"),
    SAID("response.output_text.annotation.added",
         NUMBER IN_ITEM("0") ",\"annotation\":{\"url\":\"http://u\"}"),
    SAID("response.in_progress", NUMBER ",\"response\":{}"),
};
static const struct form responses = {
    responses_begin,
    responses_between,
    ARRAY_LEN(responses_begin),
    ARRAY_LEN(responses_between),
    {{OPEN("response.output_text.delta", NUMBER IN_ITEM("0") ",\"delta\":\""),
      "\",\"logprobs\":[],\"obfuscation\":\"x#\"}\n\n"},
     {OPEN("response.reasoning_summary_text.delta", NUMBER IN_ITEM("1") ",\"delta\":\""),
      "\"}\n\n"},
     {OPEN("response.function_call_arguments.delta", IN_ITEM("2") ",\"delta\":\""),
      "\"" NUMBER "}\n\n"},
     {OPEN("response.custom_tool_call_input.delta", NUMBER IN_ITEM("3") ",\"delta\":\""),
      "\"}\n\n"},
     {OPEN("response.refusal.delta", NUMBER IN_ITEM("0") ",\"delta\":\""), "\"}\n\n"},
     {OPEN("response.output_text.delta", NUMBER IN_ITEM("0") ",\"delta\":\""),
      "\",\"logprobs\":[{\"token\":\"a\",\"logprob\":-#}]}\n\n"},
     {OPEN("response.output_text.delta", IN_ITEM("0") ",\"delta\":\""),
      "\",\"obfuscation\":\"\\u0041#\",\"sequence_number\":0#}\n\n"},
     {OPEN("response.output_text.delta", ",\"item_id\":\"other\",\"delta\":\""),
      "\"}\n\n"}},
    8,
    SAID("response.completed",
         NUMBER ",\"response\":{\"status\":\"completed\",\"usage\":{\"input_tokens\":#,"
                "\"output_tokens\":#}}"),
};

#define LINE    "{\"model\":\"m\",\"created_at\":\"2026-11-29T20:00:0"
#define CONTENT "Z\",\"message\":{\"role\":\"assistant\",\"content\":\""

static const char *const ollama_between[] = {
    "\n",
    "null\n",
    LINE "1.#" CONTENT "\",\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":{"
         "\"a\":#}}}]},\"done\":false}\n",
    LINE "1.#" CONTENT "\"},\"done\":false}\n",
};
static const struct form ollama = {
    NULL,
    ollama_between,
    0,
    ARRAY_LEN(ollama_between),
    {{LINE "1.#" CONTENT, "\"},\"done\":false}\n"},
     {LINE "2.#" CONTENT "\",\"thinking\":\"", "\"},\"done\":false}\n"},
     {LINE "3" CONTENT, "\"},\"done\":false}\r\n"},
     {LINE "#" CONTENT, "\"},\"done\":false}\n"},
     {LINE "1.#" CONTENT "both\",\"thinking\":\"", "\"},\"done\":false}\n"},
     {"data: " LINE "4.#" CONTENT, "\"}}\n"},
     {"{\"message\":{\"content\":\"", "\"}}{\"message\":{\"content\":\"x\"}}\n"},
     {"{\"message\":{\"content\":\"", "\",\"images\":[\"i\"]},\"created_at\":\"#\"}\n"}},
    8,
    LINE "9.#" CONTENT "\"},\"done\":true,\"prompt_eval_count\":#,\"eval_count\":#}\n",
};

/* -- both ways ------------------------------------------------------------------------
 */

static const char *const echoes[] = {"", "thoughts", "t", "sealed"};

static void assert_same(struct buf *a, struct buf *b, const struct retelling *r,
                        struct str stream)
{
    struct str x = buf_view(a), y = buf_view(b);
    size_t at = 0;
    if (str_eq(x, y))
        return;
    while (at < x.n && at < y.n && x.p[at] == y.p[at])
        at++;
    size_t from = at > 200 ? at - 200 : 0;
    fprintf(stderr, "engine %d, client %d, stream:\n%.*s\n", r->speaks, r->dialect->id,
            STR_ARG(stream));
    fail_msg("seed %llu, byte %zu: read by itself:\n%.*s\nby the short ways:\n%.*s",
             (unsigned long long)seed, at, STR_ARG(str_sub(x, from, at + 100)),
             STR_ARG(str_sub(y, from, at + 100)));
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

static void other_forms_read_the_same_to_all(void **state)
{
    static const struct {
        enum engine_speech speaks;
        const struct form *form;
    } rows[] = {{SPEECH_ANTHROPIC, &anthropic},
                {SPEECH_GEMINI, &gemini},
                {SPEECH_RESPONSES, &responses},
                {SPEECH_OLLAMA, &ollama}};
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++)
        for (uint32_t run = 0; run < runs(); run++) {
            seed = 0x9E3779B97F4A7C15u + run * 7919;
            struct buf stream = stream_of(rows[r].form);
            for (size_t i = 0; i < dialect_count; i++)
                compare(rows[r].speaks, dialect_table[i], buf_view(&stream));
            buf_release(&stream);
        }
}

static int ignore(void *ctx, const struct event *e)
{
    (void)ctx;
    (void)e;
    return 0;
}

/* The second of three events of a form is known, and so is the third. */
static void an_event_like_the_one_before_is_not_read(void **state)
{
    static const struct {
        enum engine_speech speaks;
        const struct form *form;
    } rows[] = {{SPEECH_ANTHROPIC, &anthropic},
                {SPEECH_GEMINI, &gemini},
                {SPEECH_RESPONSES, &responses},
                {SPEECH_OLLAMA, &ollama}};
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++)
        for (uint32_t kind = 0; kind < (rows[r].speaks == SPEECH_OLLAMA ? 2 : 3);
             kind++) {
            struct engine_decoder d;
            struct err err;
            struct buf stream = new_stream();
            struct known_said known;
            if (rows[r].speaks == SPEECH_GEMINI && kind == 2)
                continue; /* of another choice, which says its role first */
            seed = 77 + kind;
            for (uint32_t i = 0; i < rows[r].form->nbegin; i++)
                put_changing(&stream, rows[r].form->begin[i]);
            size_t at = 0;
            for (int i = 0; i < 3; i++) {
                at = stream.n;
                put_changing(&stream, rows[r].form->pieces[kind][0]);
                put(&stream, "words");
                put_changing(&stream, rows[r].form->pieces[kind][1]);
            }
            engine_decoder_init(&d, rows[r].speaks, SURFACE_CHAT);
            engine_decoder_name(&d, &retold_naming);
            assert_int_equal(
                engine_decode(&d, str_sub(buf_view(&stream), 0, at), ignore, NULL, &err),
                0);
            struct str last = str_sub(buf_view(&stream), at, stream.n);
            assert_int_equal(known_match(&d.translation.known, last, &known), last.n);
            assert_true(str_eqz(known.text, "words"));
            if (rows[r].speaks == SPEECH_GEMINI)
                assert_true(known.counts.n > 2 && known.counts.p[0] == '{' &&
                            str_ends(known.counts, STR("}")) &&
                            str_find(last, known.counts) >= 0);
            engine_decoder_release(&d);
            buf_release(&stream);
        }
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
        cmocka_unit_test(an_event_like_the_one_before_is_not_read),
        cmocka_unit_test(other_forms_read_the_same_to_all),
        cmocka_unit_test(openai_reads_the_same_to_all),
    };
    return cmocka_run_group_tests_name("sole", tests, NULL, NULL);
}
