/* test_stream_order.c -- random streams: whatever order an engine chooses, each reader
 * puts together what was said, piece after piece.
 *
 * A stream is a row of events: content, reasoning, refusals and tool calls of several
 * choices in any order, finishes early, late, repeated or on every chunk, usage anywhere,
 * comments and heartbeats between, bytes cut anywhere.  What was said is kept beside it,
 * and compared with what a client reads and with what the collector makes of it.
 * WEIR_ANSWERS_RUNS streams. */
#include "dialect/dialect.h"
#include "engine/engine.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* cmocka.h wants what stands above */
#include <cmocka.h>

enum { CHOICES = 3, KINDS = 5, TEXT_BYTES = 4096, STREAM_BYTES = 65536 };
enum kind { CONTENT, REASONING, REFUSAL, CALL_0, CALL_1 };

static uint64_t seed;

static uint32_t roll(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 11) % n);
}

/* Everything that was said, or read: the texts, and the order of the pieces. */
struct said {
    char text[CHOICES][KINDS][TEXT_BYTES];
    char order[STREAM_BYTES]; /* "0c:word 1r:word " */
    const char *finish[CHOICES];
    int nfinishes, nusages, ndones;
    bool is_finish_early; /* text of a choice was read after its finish */
};

struct story {
    struct said said;
    char bytes[STREAM_BYTES];
    size_t n;
    bool is_completions, has_done;
    uint32_t nchoices;
};

static const char letters[KINDS] = {'c', 'r', 'f', '0', '1'};
static const char *const finishes[] = {"stop", "length", "tool_calls"};

static void put(struct story *s, const char *text)
{
    size_t n = strlen(text);
    assert_true(s->n + n < sizeof s->bytes);
    memcpy(s->bytes + s->n, text, n);
    s->n += n;
}

static void note(struct said *said, uint32_t choice, enum kind kind, const char *word)
{
    strcat(said->text[choice][kind], word);
    sprintf(strchr(said->order, 0), "%u%c:%s ", choice, letters[kind], word);
}

static void write_delta(enum kind kind, const char *word, bool is_completions, char *to,
                        size_t size)
{
    static const char *const names[] = {"content", "reasoning_content", "refusal"};
    if (is_completions)
        snprintf(to, size, "\"text\":\"%s\"", word);
    else if (kind <= REFUSAL)
        snprintf(to, size, "\"delta\":{\"%s\":\"%s\"}", names[kind], word);
    else
        snprintf(to, size,
                 "\"delta\":{\"tool_calls\":[{\"index\":%d,\"function\":{\"arguments\":"
                 "\"%s\"}}]}",
                 kind - CALL_0, word);
}

/* One element of `choices`: some text, a finish, both or neither. */
static void write_choice(struct story *s, uint32_t choice, bool has_text,
                         const char *finish, char *to, size_t size)
{
    static uint32_t serial;
    char delta[256], word[32], reason[32] = "null";
    enum kind kind = s->is_completions ? CONTENT : roll(KINDS);
    snprintf(word, sizeof word, "w%u%s", ++serial % 100000, roll(8) ? "" : "\\n");
    if (has_text)
        write_delta(kind, word, s->is_completions, delta, sizeof delta);
    else if (s->is_completions)
        snprintf(delta, sizeof delta, "\"text\":\"\"");
    else
        snprintf(delta, sizeof delta, "\"delta\":{%s}",
                 roll(2) ? "\"role\":\"assistant\",\"content\":\"\"" : "");
    if (finish)
        snprintf(reason, sizeof reason, "\"%s\"", finish);
    snprintf(to, size, "{\"index\":%u,%s,\"finish_reason\":%s}", choice, delta, reason);
    if (has_text) {
        char *escape = strstr(word, "\\n");
        if (escape)
            memcpy(escape, "\n", 2);
        note(&s->said, choice, kind, word);
    }
    if (finish)
        s->said.finish[choice] = finish;
}

static void put_chunk(struct story *s, const char *choices)
{
    static const char usage[] =
        ",\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}";
    char event[2048];
    snprintf(event, sizeof event, "data:%s{\"id\":\"x\",\"choices\":[%s]%s}%s",
             roll(4) ? " " : "", choices, roll(6) ? "" : usage,
             roll(4) ? "\n\n" : "\r\n\r\n");
    put(s, event);
}

static void put_random(struct story *s, bool finishes_always)
{
    char choices[1024] = "";
    uint32_t n = roll(5) ? 1 : roll(s->nchoices) + 1, first = roll(s->nchoices);
    for (uint32_t i = 0; i < n; i++) {
        char one[512];
        bool has_finish = finishes_always || roll(8) == 0;
        write_choice(s, (first + i) % s->nchoices, roll(5) > 0,
                     has_finish ? finishes[roll(3)] : NULL, one, sizeof one);
        strcat(choices, one);
        if (i + 1 < n)
            strcat(choices, ",");
    }
    put_chunk(s, choices);
}

static void tell(struct story *s)
{
    static const char *const noise[] = {": ping\n\n", "data: null\n\n", "data: ping\n\n",
                                        "\n", "event: message\nid: 7\n"};
    char one[512];
    bool always = roll(6) == 0;
    *s = (struct story){.is_completions = roll(4) == 0, .nchoices = roll(CHOICES) + 1};
    for (uint32_t n = roll(40); n > 0; n--) {
        if (roll(6) == 0)
            put(s, noise[roll(5)]);
        put_random(s, always);
    }
    for (uint32_t i = 0; i < s->nchoices; i++)
        if (!s->said.finish[i] || roll(3)) { /* else the early one is all there is */
            write_choice(s, i, roll(3) == 0, finishes[roll(3)], one, sizeof one);
            put_chunk(s, one);
        }
    s->has_done = roll(4) > 0;
    if (s->has_done)
        put(s, "data: [DONE]\n\n");
}

/* -- reading it --------------------------------------------------------------------- */

struct reader {
    struct engine_decoder decoder;
    struct answer_encoder *encoder;
    struct engine_collector *collector;
    struct buf out;
};

static int on_event(void *ctx, const struct event *e)
{
    struct reader *r = ctx;
    struct err err;
    assert_int_not_equal(e->kind, EVENT_ERROR);
    r->encoder->dialect->encode_event(r->encoder, e, &r->out);
    return engine_collect(r->collector, e, &err);
}

static void read_text(struct said *said, uint32_t choice, enum kind kind, json_t *value)
{
    const char *text = json_string_value(value);
    if (!text || !*text)
        return;
    said->is_finish_early |= said->finish[choice] != NULL;
    note(said, choice, kind, text);
}

static void read_calls(struct said *said, uint32_t choice, json_t *calls)
{
    size_t i;
    json_t *call;
    json_array_foreach(calls, i, call)
    {
        json_t *function = json_object_get(call, "function");
        read_text(said, choice,
                  CALL_0 + (enum kind)json_integer_value(json_object_get(call, "index")),
                  json_object_get(function, "arguments"));
    }
}

static void read_choice(struct said *said, json_t *choice)
{
    uint32_t i = (uint32_t)json_integer_value(json_object_get(choice, "index"));
    json_t *delta = json_object_get(choice, "delta");
    const char *finish = json_string_value(json_object_get(choice, "finish_reason"));
    assert_true(i < CHOICES);
    read_text(said, i, CONTENT, json_object_get(choice, "text"));
    read_text(said, i, CONTENT, json_object_get(delta, "content"));
    read_text(said, i, REASONING, json_object_get(delta, "reasoning_content"));
    read_text(said, i, REFUSAL, json_object_get(delta, "refusal"));
    read_calls(said, i, json_object_get(delta, "tool_calls"));
    if (!finish)
        return;
    for (size_t k = 0; k < ARRAY_LEN(finishes); k++)
        if (strcmp(finishes[k], finish) == 0)
            said->finish[i] = finishes[k];
    said->nfinishes++;
}

/* As any client does it. */
static void read_stream(struct str out, struct said *said)
{
    struct str line;
    memset(said, 0, sizeof *said);
    while (str_split(&out, '\n', &line)) {
        if (line.n == 0 || line.p[0] == ':')
            continue;
        assert_true(str_starts(line, STR("data: ")));
        assert_int_equal(said->ndones, 0);
        line = str_sub(line, 6, line.n);
        if (str_eqz(line, "[DONE]")) {
            said->ndones++;
            continue;
        }
        json_t *chunk = json_loadb(line.p, line.n, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(chunk);
        size_t i;
        json_t *choice;
        json_array_foreach(json_object_get(chunk, "choices"), i, choice)
            read_choice(said, choice);
        said->nusages += json_object_get(chunk, "usage") != NULL;
        json_decref(chunk);
    }
}

static void run(struct reader *r, const struct story *s, bool wants_usage)
{
    struct err err;
    engine_decoder_init(&r->decoder, SPEECH_OPENAI,
                        s->is_completions ? SURFACE_COMPLETIONS : SURFACE_CHAT);
    r->encoder = answer_encoder_create(dialect_get(DIALECT_OPENAI), NULL, wants_usage);
    r->collector = engine_collector_create(
        s->is_completions ? SURFACE_COMPLETIONS : SURFACE_CHAT, 1 << 20);
    buf_init(&r->out, 1 << 20);
    uint32_t longest = roll(3) ? 400 : 8;
    for (size_t at = 0; at < s->n;) {
        size_t n = roll(longest) + 1;
        struct str piece = str_sub((struct str){s->bytes, s->n}, at, at + n);
        char *copy = malloc(piece.n); /* so that a read past its end is seen */
        memcpy(copy, piece.p, piece.n);
        assert_int_equal(
            engine_decode(&r->decoder, (struct str){copy, piece.n}, on_event, r, &err),
            0);
        free(copy);
        at += piece.n;
    }
    assert_int_equal(engine_decode_end(&r->decoder, on_event, r, &err), 0);
    r->encoder->dialect->encode_end(r->encoder, &r->out);
}

static void release(struct reader *r)
{
    engine_decoder_release(&r->decoder);
    answer_encoder_free(r->encoder);
    engine_collector_free(r->collector);
    buf_release(&r->out);
}

static void assert_collected(struct reader *r, const struct story *s)
{
    struct buf whole;
    struct err err;
    buf_init(&whole, 1 << 20);
    assert_int_equal(
        engine_collector_finish(r->collector, &r->decoder.usage, &whole, &err), 0);
    json_t *answer = json_loadb(whole.p, whole.n, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(answer);
    size_t i;
    json_t *choice;
    json_array_foreach(json_object_get(answer, "choices"), i, choice)
    {
        json_t *message = json_object_get(choice, "message");
        json_t *text = s->is_completions ? json_object_get(choice, "text")
                                         : json_object_get(message, "content");
        const char *got = json_string_value(text);
        uint32_t at = (uint32_t)json_integer_value(json_object_get(choice, "index"));
        assert_string_equal(got ? got : "", s->said.text[at][CONTENT]);
        assert_string_equal(json_string_value(json_object_get(choice, "finish_reason")),
                            s->said.finish[at]);
    }
    json_decref(answer);
    buf_release(&whole);
}

static void a_reader_gets_what_was_said_in_its_order(void **state)
{
    (void)state;
    static struct story s;
    static struct said got;
    const char *runs = getenv("WEIR_ANSWERS_RUNS");
    uint32_t n = runs ? (uint32_t)strtoul(runs, NULL, 10) : 1500, nwrong = 0;
    seed = 0xD1B54A32D192ED03ULL;
    for (uint32_t round = 0; round < n; round++) {
        struct reader r;
        bool wants_usage = roll(2);
        tell(&s);
        run(&r, &s, wants_usage);
        read_stream(buf_view(&r.out), &got);
        bool is_right = strcmp(got.order, s.said.order) == 0 && !got.is_finish_early &&
                        memcmp(got.text, s.said.text, sizeof got.text) == 0 &&
                        memcmp(got.finish, s.said.finish, sizeof got.finish) == 0 &&
                        got.nfinishes == (int)s.nchoices && got.ndones == 1 &&
                        got.nusages == (wants_usage && r.decoder.usage.is_known);
        nwrong += !is_right;
        if (!is_right)
            print_error("round %u:\n%.*s\n--- read\n%.*s\n", round, (int)s.n, s.bytes,
                        STR_ARG(buf_view(&r.out)));
        assert_collected(&r, &s);
        release(&r);
    }
    print_message("%u streams, %u wrong\n", n, nwrong);
    assert_int_equal(nwrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reader_gets_what_was_said_in_its_order),
    };
    return cmocka_run_group_tests_name("stream_order", tests, NULL, NULL);
}
