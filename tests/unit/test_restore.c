/* test_restore.c -- what is masked comes back as it was, whatever the engine does to
 * the tags and however its answer is cut.
 *
 * The property: a body with values of all kinds at all depths is masked; no value is
 * left in it; an engine echoes the text, mangles the tags, streams it in pieces of any
 * size over several choices; and the client reads what it wrote.  jansson reads both
 * ends, so that the code under test does not check itself. */
#include "chunks.h"
#include "guard/mask.h"
#include "guard/restore.h"

#include "core/clock.h"
#include "core/mem.h"
#include "json/write.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { CASES = 1500, PIECES = 8, TEXT_MAX = 1 << 20, CHOICES = 2 };

static const unsigned char key[VAULT_KEY_BYTES] = "a key that a test may know";

/* -- random ------------------------------------------------------------------ */

static uint64_t seed = 1;

static unsigned below(unsigned n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed >> 11) % n;
}

/* `as`: d a digit, x a hexadecimal one, w a letter, all else itself. */
static void put_random(struct buf *b, const char *as)
{
    for (; *as; as++)
        switch (*as) {
        case 'd':
            buf_byte(b, (char)('0' + below(10)));
            break;
        case 'x':
            buf_byte(b, "0123456789abcdef"[below(16)]);
            break;
        case 'w':
            buf_byte(b, (char)('a' + below(26)));
            break;
        default:
            buf_byte(b, *as);
        }
}

static const struct {
    const char *type, *as;
} values[] = {
    {"PERSON", "Zwwwwww Zwwwwwww"},
    {"PERSON", "O\"Zwwww \\ M\xC3\xBCwwwww"},
    {"PERSON", "ZWWWW \xE6\x9D\x8E \xF0\x9F\x98\x80wwwww"},
    {"ADDRESS", "ddd Zwwwww St.\n\tZdddd Zwwww"},
    {"EMAIL", "zwwwwww.wwww@wwwww.org"},
    {"PHONE", "+49 3d ddddddd"},
    {"DOB", "19dd-0d-1d"},
    {"DOB", "the 3rd of Zwwwwwww 19dd"},
    {"CREDIT_CARD", "4ddd dddd dddd dddd"},
    {"IBAN", "DEdddddddddddddddddddd"},
    {"IP", "10.1dd.1dd.2d"},
    {"IP", "fe80:xxxx:xxxx::xxxx"},
    {"MAC", "xx:xx:xx:xx:3d:xx"},
    {"US_SSN", "3dd-dd-dddd"},
    {"MRN", "MRN-dddddddd"},
    {"FR_NIR", "1ddddddddddddd"},
    {"DEVICE_ID", "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx"},
};

/* Words that begin like tags, numbers that begin like ours, and what Markdown has. */
static const char *const words[] = {
    " ",
    " and ",
    " person ",
    " Person's ",
    " m ",
    " the mail ",
    " 99 ",
    " 00 ",
    " **",
    "** ",
    " \"",
    "\" ",
    " {\n x",
    " +1 ",
    " 198.18.1.2, ",
    " 2001:db8:",
    " \xE2\x82\xAC ",
    " \xC3\xA9",
    " Person Zed ",
    " address: ",
    " P ",
    " 9900 ",
    " \\ ",
    " <b>PERSON</b> ",
    " 1812 ",
};

/* -- a text of words and values ------------------------------------------------ */

struct piece {
    const char *type; /* NULL: words */
    struct str text;
    struct tag tag;
};

struct story {
    struct buf bytes;
    struct piece pieces[PIECES];
    size_t n;
};

static void story_make(struct story *s)
{
    size_t ends[PIECES];
    s->n = 1 + below(PIECES);
    for (size_t i = 0; i < s->n; i++) {
        s->pieces[i] = (struct piece){0};
        if (i % 2) {
            size_t v = below(ARRAY_LEN(values));
            s->pieces[i].type = values[v].type;
            put_random(&s->bytes, values[v].as);
        } else {
            buf_append(&s->bytes, str_of(words[below(ARRAY_LEN(words))]));
        }
        ends[i] = s->bytes.n;
    }
    for (size_t i = 0; i < s->n; i++)
        s->pieces[i].text = str_sub(buf_view(&s->bytes), i ? ends[i - 1] : 0, ends[i]);
}

/* Escaped for that many JSON strings around it. */
static void put_escaped(struct buf *b, struct str text, unsigned depth)
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

struct request {
    struct buf body;
    struct mask_span spans[PIECES * 2 + 1];
    size_t n;
};

static void put_story(struct request *r, const struct story *s, uint8_t depth)
{
    for (size_t i = 0; i < s->n; i++) {
        uint32_t start = (uint32_t)r->body.n;
        put_escaped(&r->body, s->pieces[i].text, depth);
        if (s->pieces[i].type)
            r->spans[r->n++] =
                (struct mask_span){start, (uint32_t)r->body.n, s->pieces[i].type, depth};
    }
}

/* -- the engine ------------------------------------------------------------------ */

static void put_mangled(struct buf *b, struct tag tag, bool may_insert)
{
    static const char *const inserted[] = {" ",       "*", "`", "_", "\xE2\x80\x8B",
                                           "\xC2\xAD"};
    unsigned how = below(4);
    for (size_t i = 0; i < tag.n; i++) {
        char c = tag.text[i];
        if (how == 1 && c >= 'A' && c <= 'Z' && below(2))
            c = (char)(c + 32);
        else if (how == 2 && c >= 'a' && c <= 'z')
            c = (char)(c - 32);
        if (how == 3 && i && may_insert && below(3) == 0)
            buf_append(b, str_of(inserted[below(ARRAY_LEN(inserted))]));
        buf_byte(b, c);
    }
}

static void echo(const struct story *s, bool may_insert, struct buf *out)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->pieces[i].type)
            put_mangled(out, s->pieces[i].tag, may_insert);
        else
            buf_append(out, s->pieces[i].text);
}

/* -- the client ------------------------------------------------------------------- */

struct client {
    struct buf content[CHOICES], reasoning[CHOICES], arguments[CHOICES];
    unsigned finished[CHOICES], ended, untouched;
    const struct event *sent;
};

static void take(struct buf *b, const json_t *text)
{
    if (json_is_string(text))
        buf_append(b, str_of(json_string_value(text)));
}

static int hear(void *ctx, const struct event *e)
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
    assert_true(i < CHOICES && c->finished[i] == 0);
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

static void client_init(struct client *c)
{
    *c = (struct client){0};
    for (size_t i = 0; i < CHOICES; i++) {
        buf_init(&c->content[i], TEXT_MAX);
        buf_init(&c->reasoning[i], TEXT_MAX);
        buf_init(&c->arguments[i], TEXT_MAX);
    }
}

static void client_release(struct client *c)
{
    for (size_t i = 0; i < CHOICES; i++) {
        buf_release(&c->content[i]);
        buf_release(&c->reasoning[i]);
        buf_release(&c->arguments[i]);
    }
}

enum channel { CONTENT, REASONING, ARGUMENTS };

static void send(struct run *run, enum event_kind kind, const char *open, struct str text,
                 const char *close)
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

static void send_piece(struct run *run, enum channel ch, unsigned choice, struct str text)
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

/* Up to `most` bytes off the front, whole characters. */
static struct str cut(struct str *rest, size_t most)
{
    size_t n = 1 + below((unsigned)most);
    if (n > rest->n)
        n = rest->n;
    while (n < rest->n && ((unsigned char)rest->p[n] & 0xC0) == 0x80)
        n++;
    struct str piece = str_sub(*rest, 0, n);
    *rest = str_sub(*rest, n, rest->n);
    return piece;
}

/* Which of a choice's texts goes on: the first that is left or, in turns, any. */
static enum channel next_channel(const struct str left[3], bool in_turns)
{
    static const enum channel order[] = {REASONING, CONTENT, ARGUMENTS};
    size_t first = in_turns ? below(3) : 0;
    for (size_t i = 0; i < 3; i++)
        if (left[order[(first + i) % 3]].n)
            return order[(first + i) % 3];
    return CONTENT;
}

/* All choices turn by turn, each its reasoning, then content, then arguments, or those
 * in turns too. */
static void stream(struct run *run, struct str content, struct str arguments)
{
    struct str left[CHOICES][3];
    size_t most = 1 + below(below(2) ? 3 : 60);
    bool in_turns = below(2);
    for (size_t i = 0; i < CHOICES; i++) {
        left[i][REASONING] = left[i][CONTENT] = content;
        left[i][ARGUMENTS] = arguments;
    }
    for (bool is_more = true; is_more;) {
        is_more = false;
        for (unsigned i = 0; i < CHOICES; i++) {
            enum channel ch = next_channel(left[i], in_turns);
            if (!left[i][ch].n)
                continue;
            send_piece(run, ch, i, cut(&left[i][ch], most));
            is_more = true;
        }
    }
    struct str none = {NULL, 0};
    send(run, EVENT_FINISH,
         "{\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":"
         "\"stop\"}]}",
         none, "");
    send(run, EVENT_FINISH,
         "{\"id\":\"c1\",\"choices\":[{\"index\":1,\"delta\":{\"content\":\"\"},"
         "\"finish_reason\":\"stop\"}]}",
         none, "");
    send(run, EVENT_END, "[DONE]", none, "");
}

/* -- the property ------------------------------------------------------------------ */

static void learn_tags(struct vault *v, struct story *s)
{
    struct err err;
    for (size_t i = 0; i < s->n; i++)
        if (s->pieces[i].type)
            assert_int_equal(vault_tag(v, s->pieces[i].type, s->pieces[i].text, false,
                                       NULL, NULL, &s->pieces[i].tag, &err),
                             0);
}

static void check_nothing_left(struct str masked, const struct story *s)
{
    for (size_t i = 0; i < s->n; i++) {
        if (!s->pieces[i].type)
            continue;
        struct buf raw;
        for (unsigned depth = 1; depth <= 2; depth++) {
            buf_init(&raw, TEXT_MAX);
            put_escaped(&raw, s->pieces[i].text, depth);
            assert_true(str_find(masked, buf_view(&raw)) < 0);
            buf_release(&raw);
        }
    }
}

/* What the engine reads: the words, and tags for the values. */
static void check_masked_text(const char *text, const struct story *s)
{
    struct str rest = str_of(text);
    for (size_t i = 0; i < s->n; i++) {
        const struct piece *p = &s->pieces[i];
        struct str want = p->type ? (struct str){p->tag.text, p->tag.n} : p->text;
        assert_true(str_starts(rest, want));
        rest = str_sub(rest, want.n, rest.n);
    }
    assert_int_equal(rest.n, 0);
}

static void check_text(struct str got, struct str want)
{
    if (!str_eq(got, want))
        fprintf(stderr, "got  <%.*s>\nwant <%.*s>\n", STR_ARG(got), STR_ARG(want));
    assert_true(str_eq(got, want));
}

static void check_client(const struct client *c, const struct story *said,
                         const struct story *asked)
{
    assert_int_equal(c->ended, 1);
    for (size_t i = 0; i < CHOICES; i++) {
        check_text(buf_view(&c->content[i]), buf_view(&said->bytes));
        check_text(buf_view(&c->reasoning[i]), buf_view(&said->bytes));
        assert_int_equal(c->finished[i], 1);
        struct str arguments = buf_view(&c->arguments[i]);
        json_t *root = json_loadb(arguments.p, arguments.n, 0, NULL);
        if (!root)
            fprintf(stderr, "arguments <%.*s>\n", STR_ARG(arguments));
        assert_non_null(root);
        check_text(str_of(json_string_value(json_object_get(root, "q"))),
                   buf_view(&asked->bytes));
        assert_int_equal(json_integer_value(json_object_get(root, "n")), 123456789012);
        const char *nested = json_string_value(json_object_get(root, "body"));
        json_t *inner = json_loads(nested, 0, NULL);
        if (!inner)
            fprintf(stderr, "nested <%s>\n", nested);
        assert_non_null(inner);
        check_text(str_of(json_string_value(json_object_get(inner, "a"))),
                   buf_view(&asked->bytes));
        json_decref(inner);
        json_decref(root);
    }
}

/* {"q":"...","n":99...,"body":"{\"a\":\"...\"}"} as the engine writes it. */
static void put_arguments(struct buf *out, const struct story *asked, struct tag number)
{
    struct buf text;
    buf_init(&text, TEXT_MAX);
    echo(asked, false, &text);
    buf_lit(out, "{\"q\":\"");
    put_escaped(out, buf_view(&text), 1);
    buf_printf(out, "\",\"n\":%.*s,\"body\":\"{\\\"a\\\":\\\"", number.n, number.text);
    put_escaped(out, buf_view(&text), 2);
    buf_lit(out, "\\\"}\"}");
    buf_release(&text);
}

static void ask(struct run *run, struct story *said, struct story *asked,
                struct tag *ret_number)
{
    struct request r = {.n = 0};
    struct buf masked;
    struct mask_counts counts;
    struct err err;
    buf_init(&r.body, TEXT_MAX);
    buf_init(&masked, TEXT_MAX);
    buf_lit(&r.body, "{\"messages\":[{\"role\":\"user\",\"content\":\"");
    put_story(&r, said, 1);
    buf_lit(&r.body,
            "\"},{\"tool_calls\":[{\"function\":{\"arguments\":\"{\\\"q\\\":\\\"");
    put_story(&r, asked, 2);
    buf_lit(&r.body, "\\\"}\"}}]}], \"n\" : ");
    uint32_t at = (uint32_t)r.body.n;
    buf_lit(&r.body, "123456789012");
    r.spans[r.n++] = (struct mask_span){at, at + 12, "US_BANK_ACCOUNT", 0};
    buf_lit(&r.body, "}");
    int rc =
        mask_body(run->vault, buf_view(&r.body), r.spans, r.n, &masked, &counts, &err);
    if (rc < 0)
        fprintf(stderr, "%s\n", err.msg);
    assert_int_equal(rc, 0);
    assert_int_equal(counts.total, r.n);
    learn_tags(run->vault, said);
    learn_tags(run->vault, asked);
    assert_int_equal(vault_tag(run->vault, "US_BANK_ACCOUNT", STR("123456789012"), true,
                               NULL, NULL, ret_number, &err),
                     0);
    check_nothing_left(buf_view(&masked), said);
    check_nothing_left(buf_view(&masked), asked);
    assert_true(str_find(buf_view(&masked), STR("123456789012")) < 0);
    json_t *root = json_loadb(masked.p, masked.n, 0, NULL);
    assert_non_null(root);
    const json_t *messages = json_object_get(root, "messages");
    check_masked_text(
        json_string_value(json_object_get(json_array_get(messages, 0), "content")), said);
    json_decref(root);
    buf_release(&r.body);
    buf_release(&masked);
}

static uint64_t one_case(void)
{
    struct run run = {.vault = vault_create(key, NULL)};
    struct story said = {.n = 0}, asked = {.n = 0};
    struct buf content, arguments;
    struct tag number;
    assert_non_null(run.vault);
    run.restorer = restorer_create(run.vault, TEXT_MAX);
    client_init(&run.client);
    buf_init(&run.scratch, TEXT_MAX);
    buf_init(&said.bytes, TEXT_MAX);
    buf_init(&asked.bytes, TEXT_MAX);
    buf_init(&content, TEXT_MAX);
    buf_init(&arguments, TEXT_MAX);
    story_make(&said);
    story_make(&asked);
    ask(&run, &said, &asked, &number);
    echo(&said, true, &content);
    put_arguments(&arguments, &asked, number);
    stream(&run, buf_view(&content), buf_view(&arguments));
    check_client(&run.client, &said, &asked);
    const struct restore_counts *n = restorer_counts(run.restorer);
    assert_int_equal(n->alarms, 0);
    assert_int_equal(n->unknown, 0);
    assert_int_equal(n->restored, CHOICES * (2 * (said.n / 2) + 2 * (asked.n / 2) + 1));
    uint64_t damaged = n->damaged;
    restorer_free(run.restorer);
    vault_release(run.vault);
    client_release(&run.client);
    buf_release(&run.scratch);
    buf_release(&said.bytes);
    buf_release(&asked.bytes);
    buf_release(&content);
    buf_release(&arguments);
    return damaged;
}

static void what_was_masked_comes_back_as_it_was(void **state)
{
    (void)state;
    const char *runs = getenv("WEIR_RESTORE_RUNS");
    uint64_t damaged = 0, cases = runs ? strtoull(runs, NULL, 10) : CASES;
    for (uint64_t i = 1; i <= cases; i++) {
        seed = i * UINT64_C(0x9E3779B97F4A7C15);
        damaged += one_case();
        if (i % 10000 == 0)
            printf("%llu cases\n", (unsigned long long)i);
    }
    assert_true(damaged > cases); /* the mangling took place */
}

/* -- single facts -------------------------------------------------------------------- */

struct fixture {
    struct run run;
    struct tag ada, mail, token;
};

static int begin(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct err err;
    f->run.vault = vault_create(key, NULL);
    f->run.restorer = restorer_create(f->run.vault, 1 << 16);
    client_init(&f->run.client);
    buf_init(&f->run.scratch, TEXT_MAX);
    assert_int_equal(vault_tag(f->run.vault, "PERSON", STR("Ada \"Countess\" Byron"),
                               false, NULL, NULL, &f->ada, &err),
                     0);
    assert_int_equal(vault_tag(f->run.vault, "EMAIL", STR("ada@analytical.org"), false,
                               NULL, NULL, &f->mail, &err),
                     0);
    assert_int_equal(vault_tag(f->run.vault, "API_KEY", STR("sk-verysecretindeed"), false,
                               NULL, NULL, &f->token, &err),
                     0);
    *state = f;
    return 0;
}

static int end(void **state)
{
    struct fixture *f = *state;
    restorer_free(f->run.restorer);
    vault_release(f->run.vault);
    client_release(&f->run.client);
    buf_release(&f->run.scratch);
    free(f);
    return 0;
}

static struct str tag_text(const struct tag *t)
{
    return (struct str){t->text, t->n};
}

static void text_without_tags_passes_untouched(void **state)
{
    struct fixture *f = *state;
    send_piece(&f->run, CONTENT, 0, STR("It is a fine day"));
    send_piece(&f->run, CONTENT, 0, STR(" in \"June\"\n"));
    send_piece(&f->run, CONTENT, 0, STR("9 of it"));
    assert_int_equal(f->run.client.untouched, 3);
}

static void the_beginning_of_a_tag_waits_for_its_end(void **state)
{
    struct fixture *f = *state;
    send_piece(&f->run, CONTENT, 0, STR("It was Pers"));
    check_text(buf_view(&f->run.client.content[0]), STR("It was "));
    send_piece(&f->run, CONTENT, 0, STR("uasion"));
    check_text(buf_view(&f->run.client.content[0]), STR("It was Persuasion"));
    assert_int_equal(f->run.client.untouched, 0);
    send_piece(&f->run, CONTENT, 0, STR(", a novel"));
    assert_int_equal(f->run.client.untouched, 1);
}

static void what_is_held_goes_out_before_its_choice_finishes_and_at_the_end(void **state)
{
    struct fixture *f = *state;
    struct str none = {NULL, 0};
    struct err err;
    send_piece(&f->run, REASONING, 0, STR("a Person"));
    check_text(buf_view(&f->run.client.reasoning[0]), STR("a "));
    send_piece(&f->run, CONTENT, 0, STR("an m"));
    send_piece(&f->run, CONTENT, 1, STR("an m"));
    check_text(buf_view(&f->run.client.reasoning[0]), STR("a "));
    check_text(buf_view(&f->run.client.content[0]), STR("an "));
    send(&f->run, EVENT_FINISH,
         "{\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":"
         "\"stop\"}]}",
         none, ""); /* the client wants nothing behind it */
    check_text(buf_view(&f->run.client.reasoning[0]), STR("a Person"));
    check_text(buf_view(&f->run.client.content[0]), STR("an m"));
    check_text(buf_view(&f->run.client.content[1]), STR("an "));
    assert_int_equal(restore_end(f->run.restorer, hear, &f->run.client, &err), 0);
    check_text(buf_view(&f->run.client.content[1]), STR("an m"));
    assert_int_equal(restore_end(f->run.restorer, hear, &f->run.client, &err), 0);
    check_text(buf_view(&f->run.client.content[1]), STR("an m"));
}

/* One byte at a time, in turns: no text waits for another to end. */
static void texts_that_take_turns_are_restored(void **state)
{
    struct fixture *f = *state;
    struct str tag = tag_text(&f->mail);
    for (size_t i = 0; i < tag.n; i++)
        for (unsigned choice = 0; choice < CHOICES; choice++)
            for (enum channel ch = CONTENT; ch <= ARGUMENTS; ch++)
                send_piece(&f->run, ch, choice, str_sub(tag, i, i + 1));
    for (unsigned i = 0; i < CHOICES; i++) {
        check_text(buf_view(&f->run.client.content[i]), STR("ada@analytical.org"));
        check_text(buf_view(&f->run.client.reasoning[i]), STR("ada@analytical.org"));
        check_text(buf_view(&f->run.client.arguments[i]), STR("ada@analytical.org"));
    }
}

static void invented_tags_pass_and_are_counted(void **state)
{
    struct fixture *f = *state;
    send_piece(&f->run, CONTENT, 0, STR("Ask PersonA1B2C or mailz9z9z@example.com."));
    check_text(buf_view(&f->run.client.content[0]),
               STR("Ask PersonA1B2C or mailz9z9z@example.com."));
    assert_int_equal(restorer_counts(f->run.restorer)->unknown, 2);
    assert_int_equal(restorer_counts(f->run.restorer)->restored, 0);
}

/* What looks like a tag, and ends inside of one. */
static void a_word_like_a_tag_does_not_take_the_tag_behind_it(void **state)
{
    static const char *const before[] = {"PersonQ7K2", "PersonQ7K2 ", "Person Q7K2-",
                                         "mailq7k2",   "Mail Q7K2",   "PersonA1B2C"};
    struct fixture *f = *state;
    for (size_t i = 0; i < ARRAY_LEN(before); i++)
        for (size_t step = 1; step < 12; step++) {
            struct buf text, want;
            buf_init(&text, 256);
            buf_init(&want, 256);
            buf_printf(&text, "%s%s %s%s.", before[i], f->ada.text, before[i],
                       f->mail.text);
            buf_printf(&want, "%sAda \"Countess\" Byron %sada@analytical.org.", before[i],
                       before[i]);
            buf_clear(&f->run.client.content[0]);
            for (size_t at = 0; at < text.n; at += step)
                send_piece(&f->run, CONTENT, 0, str_sub(buf_view(&text), at, at + step));
            check_text(buf_view(&f->run.client.content[0]), buf_view(&want));
            buf_release(&text);
            buf_release(&want);
        }
}

static void a_value_in_clear_is_an_alarm_over_seams_too(void **state)
{
    struct fixture *f = *state;
    send_piece(&f->run, CONTENT, 0, STR("Write to ada@anal"));
    assert_int_equal(restorer_counts(f->run.restorer)->alarms, 0);
    send_piece(&f->run, CONTENT, 0, STR("ytical.ORG, please"));
    assert_int_equal(restorer_counts(f->run.restorer)->alarms, 1);
    send_piece(&f->run, CONTENT, 0, STR(". And again: ada@analytical.org"));
    assert_int_equal(restorer_counts(f->run.restorer)->alarms, 2);
}

static void secrets_come_back_in_tool_calls_alone(void **state)
{
    struct fixture *f = *state;
    send_piece(&f->run, CONTENT, 0, tag_text(&f->token));
    check_text(buf_view(&f->run.client.content[0]), tag_text(&f->token));
    assert_int_equal(restorer_counts(f->run.restorer)->withheld, 1);
    struct buf b;
    buf_init(&b, 1024);
    buf_printf(&b, "{\"k\":\"%s\"}", f->token.text);
    send_piece(&f->run, ARGUMENTS, 0, buf_view(&b));
    buf_release(&b);
    check_text(buf_view(&f->run.client.arguments[0]),
               STR("{\"k\":\"sk-verysecretindeed\"}"));
}

static void content_that_is_json_stays_json(void **state)
{
    struct fixture *f = *state;
    struct buf b;
    buf_init(&b, 1024);
    buf_printf(&b, "{\"name\":\"%s\"}", f->ada.text);
    send_piece(&f->run, CONTENT, 0, buf_view(&b));
    buf_release(&b);
    check_text(buf_view(&f->run.client.content[0]),
               STR("{\"name\":\"Ada \\\"Countess\\\" Byron\"}"));
    send_piece(&f->run, CONTENT, 1, tag_text(&f->ada));
    check_text(buf_view(&f->run.client.content[1]), STR("Ada \"Countess\" Byron"));
}

static void whole_answers_are_restored(void **state)
{
    struct fixture *f = *state;
    struct buf body, out;
    struct err err;
    buf_init(&body, 1 << 16);
    buf_init(&out, 1 << 16);
    buf_printf(&body,
               "{\"id\":\"x\",\"choices\":[{\"message\":{\"content\":\"Dear %s\","
               "\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":"
               "\"{\\\"to\\\":\\\"%s\\\",\\\"by\\\":\\\"%s\\\"}\"}}]},\"logprobs\":"
               "{\"content\":[{\"token\":\"%s\"}]},\"finish_reason\":\"stop\"}]}",
               f->ada.text, f->mail.text, f->ada.text, f->ada.text);
    assert_int_equal(restore_answer(f->run.restorer, buf_view(&body), &out, &err), 0);
    json_t *root = json_loadb(out.p, out.n, 0, NULL);
    const json_t *choice = json_array_get(json_object_get(root, "choices"), 0);
    const json_t *message = json_object_get(choice, "message");
    assert_string_equal(json_string_value(json_object_get(message, "content")),
                        "Dear Ada \"Countess\" Byron");
    const json_t *call = json_array_get(json_object_get(message, "tool_calls"), 0);
    assert_string_equal(json_string_value(json_object_get(
                            json_object_get(call, "function"), "arguments")),
                        "{\"to\":\"ada@analytical.org\",\"by\":\"Ada "
                        "\\\"Countess\\\" Byron\"}");
    const json_t *probs = json_object_get(json_object_get(choice, "logprobs"), "content");
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(probs, 0), "token")),
        f->ada.text);
    json_decref(root);
    buf_clear(&out);
    assert_int_equal(restore_answer(f->run.restorer, STR("no {JSON"), &out, &err), 0);
    check_text(buf_view(&out), STR("no {JSON"));
    buf_release(&body);
    buf_release(&out);
}

static int count_whole(void *ctx, const struct event *e)
{
    *(unsigned *)ctx += str_ends(e->raw, STR("\n\n"));
    return 0;
}

static void a_delta_without_tags_costs_little(void **state)
{
    static const char *const pieces[] = {" the",  " quick", " brown", " fox", " jumps",
                                         " over", " a",     " lazy",  " dog", "."};
    enum { ROUNDS = 200000 };
    struct fixture *f = *state;
    struct event events[10];
    char raws[10][256];
    for (size_t i = 0; i < 10; i++) {
        int n = snprintf(raws[i], sizeof raws[i], EV(DELTA("%s")), pieces[i]);
        struct str raw = {raws[i], (size_t)n};
        events[i] = (struct event){
            .kind = EVENT_DELTA, .raw = raw, .data = str_sub(raw, 6, raw.n - 2)};
    }
    struct err err;
    unsigned whole = 0;
    uint64_t start = clock_mono_us();
    for (unsigned i = 0; i < ROUNDS; i++)
        assert_int_equal(
            restore_event(f->run.restorer, &events[i % 10], count_whole, &whole, &err),
            0);
    uint64_t us = clock_mono_us() - start;
    assert_int_equal(whole, ROUNDS); /* each passed with its own bytes */
    printf("%.0f ns a delta without tags\n", (double)us * 1000 / ROUNDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(text_without_tags_passes_untouched, begin, end),
        cmocka_unit_test_setup_teardown(the_beginning_of_a_tag_waits_for_its_end, begin,
                                        end),
        cmocka_unit_test_setup_teardown(
            what_is_held_goes_out_before_its_choice_finishes_and_at_the_end, begin, end),
        cmocka_unit_test_setup_teardown(texts_that_take_turns_are_restored, begin, end),
        cmocka_unit_test_setup_teardown(invented_tags_pass_and_are_counted, begin, end),
        cmocka_unit_test_setup_teardown(a_word_like_a_tag_does_not_take_the_tag_behind_it,
                                        begin, end),
        cmocka_unit_test_setup_teardown(a_value_in_clear_is_an_alarm_over_seams_too,
                                        begin, end),
        cmocka_unit_test_setup_teardown(secrets_come_back_in_tool_calls_alone, begin,
                                        end),
        cmocka_unit_test_setup_teardown(content_that_is_json_stays_json, begin, end),
        cmocka_unit_test_setup_teardown(whole_answers_are_restored, begin, end),
        cmocka_unit_test_setup_teardown(a_delta_without_tags_costs_little, begin, end),
        cmocka_unit_test(what_was_masked_comes_back_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
