/* test_restore_property.c -- what is masked comes back as it was, whatever the engine
 * does to the tags and however its answer is cut.
 *
 * A body with values of all kinds at all depths is masked; no value is left in it; an
 * engine echoes the text, in words and in JSON in fences, mangles the tags, writes them
 * in escapes, puts words like tags and tags of others beside them, and streams it in
 * pieces of any size over several choices whose texts take turns; and the client reads
 * what it wrote, as it does from a whole answer. */
#include "mask/mask.h"
#include "restoring.h"

enum { CASES = 500, PIECES = 8 };

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

/* Tags of somebody else's session. */
static struct tag foreign[2];

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
    "PersonQ7K2",
    " Person Q7K2 ",
    " mailq7k2",
    " Seat12A",
    " Mail z9z9z ",
    " mailz9z9z@example.com ",
    " 100% & ",
    " %40 &#64; =40 \\u0040",
    "%20",
    "&#",
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

/* Behind more of a name, or before more of a domain, it would be another address. */
static void part_address(struct story *s, size_t i, const char *next)
{
    bool is_behind =
        i > 0 && s->pieces[i - 1].type && strcmp(s->pieces[i - 1].type, "EMAIL") == 0;
    bool is_next = s->pieces[i].type && strcmp(s->pieces[i].type, "EMAIL") == 0;
    char last = s->bytes.n ? s->bytes.p[s->bytes.n - 1] : ' ';
    bool is_name = (last >= '0' && last <= '9') ||
                   ((last | 0x20) >= 'a' && (last | 0x20) <= 'z') ||
                   strchr(".+-_@", last);
    bool is_domain = (*next | 0x20) >= 'a' && (*next | 0x20) <= 'z';
    if ((is_next && is_name) || (is_behind && is_domain))
        buf_byte(&s->bytes, '/');
}

static void story_make(struct story *s)
{
    size_t ends[PIECES];
    s->n = 1 + below(PIECES);
    for (size_t i = 0; i < s->n; i++) {
        size_t v = below(ARRAY_LEN(values));
        s->pieces[i] = (struct piece){0};
        if (i % 2) {
            s->pieces[i].type = values[v].type;
            /* Nobody finds a number behind "Q7K2". */
            if (s->bytes.p[s->bytes.n - 1] == '2' &&
                strcmp(values[v].type, "PERSON") != 0)
                s->bytes.p[s->bytes.n - 1] = '-';
            part_address(s, i, "");
            ends[i - 1] = s->bytes.n;
            put_random(&s->bytes, values[v].as);
        } else {
            size_t w = below(ARRAY_LEN(words) + ARRAY_LEN(foreign));
            const char *word =
                w < ARRAY_LEN(words) ? words[w] : foreign[w - ARRAY_LEN(words)].text;
            part_address(s, i, word);
            buf_append(&s->bytes, str_of(word));
        }
        ends[i] = s->bytes.n;
    }
    for (size_t i = 0; i < s->n; i++)
        s->pieces[i].text = str_sub(buf_view(&s->bytes), i ? ends[i - 1] : 0, ends[i]);
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
            r->spans[r->n++] = (struct mask_span){.start = start,
                                                  .end = (uint32_t)r->body.n,
                                                  .type = s->pieces[i].type,
                                                  .depth = depth};
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

/* An address whose @ is written otherwise, and what the client is to read then: its
 * letters and points need no escape. */
static void put_otherwise(const struct piece *p, struct buf *out, struct buf *want)
{
    static const char *const forms[] = {"%40",      "%2540",     "&#64;", "&#x40;",
                                        "&commat;", "&amp;#64;", "=40"};
    const char *form = forms[below(ARRAY_LEN(forms))];
    struct str tag = {p->tag.text, p->tag.n};
    size_t of_tag = (size_t)str_index(tag, '@'),
           of_value = (size_t)str_index(p->text, '@');
    buf_append(out, str_sub(tag, 0, of_tag));
    buf_append(out, str_of(form));
    buf_append(out, str_sub(tag, of_tag + 1, tag.n));
    buf_append(want, str_sub(p->text, 0, of_value));
    buf_append(want, str_of(form));
    buf_append(want, str_sub(p->text, of_value + 1, p->text.n));
}

/* What the engine says of the story, and what its client is to read. */
static void echo(const struct story *s, bool may_insert, struct buf *out,
                 struct buf *want)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct piece *p = &s->pieces[i];
        if (p->type && strcmp(p->type, "EMAIL") == 0 && below(2)) {
            put_otherwise(p, out, want);
            continue;
        }
        if (p->type)
            put_mangled(out, p->tag, may_insert);
        else
            buf_append(out, p->text);
        buf_append(want, p->text);
    }
}

/* Words, then the same in JSON in a fence, which must stay JSON. */
static void echo_with_fence(const struct story *s, struct buf *out, struct buf *want)
{
    struct buf text, meant;
    buf_init(&text, TEXT_MAX);
    buf_init(&meant, TEXT_MAX);
    for (unsigned n = below(3); n > 0; n--) {
        echo(s, true, out, want);
        buf_clear(&text);
        buf_clear(&meant);
        echo(s, true, &text, &meant);
        buf_lit(out, "\n\n```json\n{\"k\": \"");
        buf_lit(want, "\n\n```json\n{\"k\": \"");
        put_escaped(out, buf_view(&text), 1);
        put_escaped(want, buf_view(&meant), 1);
        buf_lit(out, "\", \"n\": [1, {}]}\n```\n");
        buf_lit(want, "\", \"n\": [1, {}]}\n```\n");
    }
    echo(s, true, out, want);
    buf_release(&text);
    buf_release(&meant);
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

/* The content, and the story that is in the arguments. */
struct wanted {
    struct buf content, asked;
};

static void check_arguments(struct str arguments, struct str want)
{
    json_t *root = json_loadb(arguments.p, arguments.n, 0, NULL);
    if (!root)
        fprintf(stderr, "arguments <%.*s>\n", STR_ARG(arguments));
    assert_non_null(root);
    check_text(str_of(json_string_value(json_object_get(root, "q"))), want);
    assert_int_equal(json_integer_value(json_object_get(root, "n")), 123456789012);
    const char *nested = json_string_value(json_object_get(root, "body"));
    json_t *inner = json_loads(nested, 0, NULL);
    if (!inner)
        fprintf(stderr, "nested <%s>\n", nested);
    assert_non_null(inner);
    check_text(str_of(json_string_value(json_object_get(inner, "a"))), want);
    json_decref(inner);
    json_decref(root);
}

static void check_client(const struct client *c, const struct wanted *w)
{
    assert_int_equal(c->ended, 1);
    for (size_t i = 0; i < CHOICES; i++) {
        check_text(buf_view(&c->content[i]), buf_view(&w->content));
        check_text(buf_view(&c->reasoning[i]), buf_view(&w->content));
        assert_int_equal(c->finished[i], 1);
        check_arguments(buf_view(&c->arguments[i]), buf_view(&w->asked));
    }
}

/* The same texts once more, in a whole answer. */
static void check_whole(struct restorer *r, struct str content, struct str arguments,
                        const struct wanted *w)
{
    struct buf body, out;
    struct err err;
    buf_init(&body, TEXT_MAX);
    buf_init(&out, TEXT_MAX);
    buf_lit(&body, "{\"choices\":[{\"message\":{\"content\":\"");
    put_escaped(&body, content, 1);
    buf_lit(&body, "\",\"tool_calls\":[{\"function\":{\"arguments\":\"");
    put_escaped(&body, arguments, 1);
    buf_lit(&body, "\"}}]}}]}");
    assert_int_equal(restore_answer(r, buf_view(&body), &out, &err), 0);
    json_t *root = json_loadb(out.p, out.n, 0, NULL);
    assert_non_null(root);
    const json_t *choice = json_array_get(json_object_get(root, "choices"), 0);
    const json_t *message = json_object_get(choice, "message");
    const json_t *call = json_array_get(json_object_get(message, "tool_calls"), 0);
    const json_t *function = json_object_get(call, "function");
    check_text(str_of(json_string_value(json_object_get(message, "content"))),
               buf_view(&w->content));
    check_arguments(str_of(json_string_value(json_object_get(function, "arguments"))),
                    buf_view(&w->asked));
    json_decref(root);
    buf_release(&body);
    buf_release(&out);
}

/* {"q":"...","n":99...,"body":"{\"a\":\"...\"}"} as the engine writes it. */
static void put_arguments(struct buf *out, const struct story *asked, struct tag number,
                          struct buf *want)
{
    struct buf text;
    buf_init(&text, TEXT_MAX);
    echo(asked, false, &text, want);
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
    r.spans[r.n++] = (struct mask_span){
        .start = at, .end = at + 12, .type = "US_BANK_ACCOUNT", .depth = 0};
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
    struct run run = {.vault = vault_create(key, NULL, NULL)};
    struct story said = {.n = 0}, asked = {.n = 0};
    struct wanted want;
    struct buf content, arguments;
    struct tag number;
    struct buf *all[] = {&run.scratch, &said.bytes,   &asked.bytes, &content,
                         &arguments,   &want.content, &want.asked};
    assert_non_null(run.vault);
    run.restorer = restorer_create(run.vault, TEXT_MAX);
    client_init(&run.client);
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        buf_init(all[i], TEXT_MAX);
    story_make(&said);
    story_make(&asked);
    ask(&run, &said, &asked, &number);
    echo_with_fence(&said, &content, &want.content);
    put_arguments(&arguments, &asked, number, &want.asked);
    stream(&run, buf_view(&content), buf_view(&arguments));
    check_client(&run.client, &want);
    check_whole(run.restorer, buf_view(&content), buf_view(&arguments), &want);
    const struct restore_counts *n = restorer_counts(run.restorer);
    assert_int_equal(n->alarms, 0);
    assert_int_equal(n->withheld, 0);
    assert_true(n->restored >= (CHOICES + 1) * (2 * (asked.n / 2) + 1));
    uint64_t damaged = n->damaged;
    restorer_free(run.restorer);
    vault_release(run.vault);
    client_release(&run.client);
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        buf_release(all[i]);
    return damaged;
}

static void learn_foreign(void)
{
    static const unsigned char another[VAULT_KEY_BYTES] = "a key of somebody else's";
    struct vault *v = vault_create(another, NULL, NULL);
    struct err err;
    assert_int_equal(
        vault_tag(v, "PERSON", STR("Eve Else"), false, NULL, NULL, &foreign[0], &err), 0);
    assert_int_equal(
        vault_tag(v, "EMAIL", STR("eve@else.org"), false, NULL, NULL, &foreign[1], &err),
        0);
    vault_release(v);
}

static void what_was_masked_comes_back_as_it_was(void **state)
{
    (void)state;
    const char *runs = getenv("WEIR_RESTORE_RUNS");
    learn_foreign();
    uint64_t damaged = 0, cases = runs ? strtoull(runs, NULL, 10) : CASES;
    for (uint64_t i = 1; i <= cases; i++) {
        seed = i * UINT64_C(0x9E3779B97F4A7C15);
        damaged += one_case();
        if (i % 10000 == 0)
            printf("%llu cases\n", (unsigned long long)i);
    }
    assert_true(damaged > cases); /* the mangling took place */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_masked_comes_back_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
