/* test_sim.c -- the simulated engine, spoken to over real sockets.
 *
 * Faults are judged by what is on the wire: which bytes, in which order, and how the
 * connection ends.  Time is a file that the tests move (see core/clock.h), so pace is
 * checked to the millisecond and nothing depends on how busy the machine is; where a
 * test must know that the engine has had its turn, it asks it something else twice.
 *
 * Long because the simulator has some thirty faults and each is shown on the wire. */
#include "core/clock.h"
#include "core/mem.h"
#include "http/read.h"
#include "http/sse.h"
#include "sim/faults.h"
#include "sim/profile.h"
#include "sim/server.h"
#include "sim/text.h"
#include "json/scan.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATIENCE_S = 20, REPLY_MAX = 64 * 1024 * 1024 };

/* -- the clock -------------------------------------------------------------- */

static _Atomic int64_t *clock_ms;

static void open_clock(void)
{
    const char *path = getenv("WEIR_CLOCK_FILE");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0 || !clock_is_virtual())
        return;
    void *p = mmap(NULL, sizeof(int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    unlink(path);
    clock_ms = p == MAP_FAILED ? NULL : p;
}

static void pass_ms(int64_t ms)
{
    if (clock_ms)
        atomic_fetch_add(clock_ms, ms);
}

/* The clock file is mapped before main(), so the program starts itself again. */
static void restart_with_clock(char **argv)
{
    char path[] = "/tmp/weir-test-sim-XXXXXX";
    int64_t start = 1000000;
    int fd = mkstemp(path);
    if (fd < 0 || write(fd, &start, sizeof start) != sizeof start)
        return;
    close(fd);
    setenv("WEIR_CLOCK_FILE", path, 1);
    execv("/proc/self/exe", argv);
}

/* -- talking to it ---------------------------------------------------------- */

enum ending { ENDED_FIN, ENDED_RESET, ENDED_QUIET };

struct reply {
    struct buf raw, body;
    enum ending end;
    int status;
    bool is_complete; /* the message ended as its framing promised */
    char fields[512]; /* "name: value\n" of the head */
};

static struct sim *start_with(struct sim_options o)
{
    struct sim *s = NULL;
    struct err err = {0};
    if (sim_start(&o, &s, &err) < 0)
        fail_msg("%s", err.msg);
    return s;
}

static struct sim *start(void)
{
    return start_with((struct sim_options){.is_recording = true});
}

static int dial(const struct sim *s)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(sim_port(s))};
    struct timeval patience = {.tv_sec = PATIENCE_S};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const void *addr = &to;
    assert_int_equal(connect(fd, addr, sizeof to), 0);
    return fd;
}

static void say(int fd, struct str text)
{
    while (text.n) {
        ssize_t n = send(fd, text.p, text.n, MSG_NOSIGNAL);
        assert_true(n > 0);
        text = str_sub(text, (size_t)n, text.n);
    }
}

static int on_head(void *ctx, const struct http_head *head, struct err *err)
{
    struct reply *r = ctx;
    size_t n = 0;
    (void)err;
    r->status = head->status;
    for (size_t i = 0; i < head->nfields && n < sizeof r->fields; i++)
        n += (size_t)snprintf(r->fields + n, sizeof r->fields - n, "%.*s: %.*s\n",
                              STR_ARG(head->fields[i].name),
                              STR_ARG(head->fields[i].value));
    return 0;
}

static int on_body(void *ctx, struct str piece, struct err *err)
{
    struct reply *r = ctx;
    (void)err;
    buf_append(&r->body, piece);
    return 0;
}

static int on_end(void *ctx, struct err *err)
{
    struct reply *r = ctx;
    (void)err;
    r->is_complete = true;
    return 0;
}

static void parse(struct reply *r)
{
    static const struct http_reader_events events = {on_head, on_body, on_end};
    struct http_reader *reader = http_reader_create(HTTP_READ_RESPONSES, &events, r);
    size_t used;
    assert_non_null(reader);
    if (http_reader_feed(reader, buf_view(&r->raw), &used, NULL) == 0 &&
        r->end == ENDED_FIN && !r->is_complete && r->raw.n)
        (void)http_reader_eof(reader, NULL);
    http_reader_free(reader);
}

static void reply_init(struct reply *r)
{
    *r = (struct reply){.end = ENDED_QUIET};
    buf_init(&r->raw, REPLY_MAX);
    buf_init(&r->body, REPLY_MAX);
}

static void reply_release(struct reply *r)
{
    buf_release(&r->raw);
    buf_release(&r->body);
}

/* Reads until the connection ends, or with `until` until that text has come. */
static void hear(int fd, struct reply *r, const char *until)
{
    for (;;) {
        if (until && str_find(buf_view(&r->raw), str_of(until)) >= 0)
            return;
        assert_true(buf_reserve(&r->raw, 65536));
        ssize_t n = recv(fd, r->raw.p + r->raw.n, 65536, 0);
        if (n <= 0) {
            assert_true(n == 0 || errno == ECONNRESET); /* else: nothing came at all */
            r->end = n == 0 ? ENDED_FIN : ENDED_RESET;
            return;
        }
        r->raw.n += (size_t)n;
    }
}

/* What has already arrived, without waiting. */
static void overhear(int fd, struct reply *r)
{
    for (;;) {
        assert_true(buf_reserve(&r->raw, 65536));
        ssize_t n = recv(fd, r->raw.p + r->raw.n, 65536, MSG_DONTWAIT);
        if (n <= 0)
            return;
        r->raw.n += (size_t)n;
    }
}

static void say_post(int fd, const char *path, const char *fields, const char *body)
{
    struct buf b;
    buf_init(&b, REPLY_MAX);
    buf_printf(&b, "POST %s HTTP/1.1\r\nhost: sim\r\ncontent-length: %zu\r\n%s\r\n%s",
               path, strlen(body), fields, body);
    say(fd, buf_view(&b));
    buf_release(&b);
}

static void post(const struct sim *s, const char *path, const char *fields,
                 const char *body, struct reply *r)
{
    char more[256];
    int fd = dial(s);
    snprintf(more, sizeof more, "connection: close\r\n%s", fields);
    reply_init(r);
    say_post(fd, path, more, body);
    hear(fd, r, NULL);
    close(fd);
    parse(r);
}

static void get(const struct sim *s, const char *path, const char *fields,
                struct reply *r)
{
    char text[512];
    int n = snprintf(text, sizeof text,
                     "GET %s HTTP/1.1\r\nhost: sim\r\nconnection: close\r\n%s\r\n", path,
                     fields);
    int fd = dial(s);
    reply_init(r);
    say(fd, (struct str){text, (size_t)n});
    hear(fd, r, NULL);
    close(fd);
    parse(r);
}

static uint64_t stat_of(const struct sim *s, const char *key)
{
    struct reply r;
    uint64_t v = UINT64_MAX;
    get(s, "/sim/stats", "", &r);
    assert_true(str_to_u64(json_get(buf_view(&r.body), key), &v));
    reply_release(&r);
    return v;
}

static void wait_for(const struct sim *s, const char *key, uint64_t value)
{
    struct timeval begin, now;
    gettimeofday(&begin, NULL);
    while (stat_of(s, key) != value) {
        gettimeofday(&now, NULL);
        if (now.tv_sec - begin.tv_sec > PATIENCE_S)
            fail_msg("%s never became %llu", key, (unsigned long long)value);
    }
}

/* After this every timer that was due has rung: I/O comes before timers in a turn, so
 * the second answer proves that the turn of the first has ended. */
static void settle(const struct sim *s)
{
    stat_of(s, "requests");
    stat_of(s, "requests");
}

/* -- looking at what came --------------------------------------------------- */

/* Line by line: what is sought has no line end, and the thread sanitizer looks at all
 * of the text that a search may reach. */
static size_t count(struct str in, const char *what)
{
    size_t n = 0;
    struct str needle = str_of(what), line;
    while (str_split(&in, '\n', &line)) {
        for (ptrdiff_t at; (at = str_find(line, needle)) >= 0; n++)
            line = str_sub(line, (size_t)at + needle.n, line.n);
    }
    return n;
}

static bool has(struct str in, const char *what)
{
    return str_find(in, str_of(what)) >= 0;
}

static size_t deltas(const struct reply *r)
{
    return count(buf_view(&r->body), "\"delta\":{\"content\":");
}

static struct str nth(struct str list, size_t n)
{
    struct json_cur c;
    struct str raw = {NULL, 0};
    json_begin(&c, list);
    assert_true(json_enter_array(&c));
    while (json_next_element(&c) && json_skip(&c, &raw))
        if (n-- == 0)
            return raw;
    return (struct str){NULL, 0};
}

static struct str unquoted(struct arena *a, struct str raw)
{
    struct json_cur c;
    struct json_string s;
    json_begin(&c, raw);
    assert_true(json_read_string(&c, &s));
    return json_unescape(a, s);
}

static uint64_t number(struct str text, const char *k1, const char *k2)
{
    uint64_t v = UINT64_MAX;
    assert_true(str_to_u64(json_path(text, k1, k2, NULL), &v));
    return v;
}

/* The texts of one choice in a stream, joined; *ret_order gets a letter an event: r
 * role, d delta, f finish, u usage, D [DONE], ? anything else. */
static struct str join_stream(struct arena *a, struct str body, uint64_t choice,
                              const char *k1, const char *k2, char *ret_order)
{
    struct sse_reader sse;
    struct sse_event e;
    struct buf text;
    uint64_t index;
    sse_init(&sse, REPLY_MAX);
    buf_init(&text, REPLY_MAX);
    while (sse_next(&sse, &body, &e) == 1) {
        struct str first = {NULL, 0}, delta, piece, finish;
        if (str_eqz(e.data, "[DONE]")) {
            *ret_order++ = 'D';
            continue;
        }
        first = nth(json_get(e.data, "choices"), 0);
        if (!first.p) {
            *ret_order++ = json_get(e.data, "usage").p ? 'u' : '?';
            continue;
        }
        assert_true(str_to_u64(json_get(first, "index"), &index));
        if (index != choice)
            continue;
        delta = json_get(first, "delta");
        finish = json_get(first, "finish_reason");
        piece = json_get(delta.p ? delta : first, k1);
        if (k2 && piece.p)
            piece = json_path(nth(piece, 0), "function", k2, NULL);
        if (json_get(delta, "role").p)
            *ret_order++ = 'r';
        else
            *ret_order++ = str_eqz(finish, "null") ? 'd' : 'f';
        if (piece.p && !str_eqz(piece, "null"))
            buf_append(&text, unquoted(a, piece));
    }
    *ret_order = '\0';
    struct str joined = arena_strdup(a, buf_view(&text));
    buf_release(&text);
    sse_release(&sse);
    return joined;
}

#define CHAT "/v1/chat/completions"
#define ASK(rest)                                                                        \
    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":" rest "}"

static const char plain_ask[] = ASK("\"tell me of the river\"}]");
static const char stream_ask[] = ASK("\"tell me of the river\"}],\"stream\":true");
static const char usage_ask[] = ASK("\"tell me of the river\"}],\"stream\":true,"
                                    "\"stream_options\":{\"include_usage\":true}");

/* -- what it says ----------------------------------------------------------- */

static void every_profile_has_a_source_and_its_own_name(void **state)
{
    size_t n;
    struct err err = {0};
    const struct sim_profile *rows = sim_profiles(&n);
    (void)state;
    assert_true(n >= 12);
    for (size_t i = 0; i < n; i++) {
        assert_non_null(rows[i].source);
        assert_non_null(rows[i].model);
        assert_ptr_equal(sim_profile_find(str_of(rows[i].name), &err), &rows[i]);
        assert_true(rows[i].jitter_ms <= rows[i].ttft_ms);
    }
    const struct sim_profile *p = sim_profile_find(STR("rtx4060-qwen2.5-7b"), &err);
    assert_int_equal(p->ttft_ms, 47);
    assert_int_equal(p->tokps, 68);
    assert_non_null(p->doubt);
    assert_null(sim_profile_find(STR("rtx4060-qwen"), &err));
    assert_true(has(str_of(err.msg), "rtx4060-qwen2.5-7b"));
}

static void fault_names_are_distinct_and_read_with_their_argument(void **state)
{
    size_t n;
    struct err err = {0};
    const struct sim_fault_row *rows = sim_fault_rows(&n);
    (void)state;
    assert_int_equal(n, SIM_FAULT_KINDS - 1);
    for (size_t i = 0; i < n; i++) {
        struct sim_directives d = {0};
        assert_int_equal(sim_directives_add(&d, str_of(rows[i].name), &err), 0);
        if (rows[i].kind == SIM_WORDS) {
            assert_int_equal(d.words, rows[i].default_arg);
            continue;
        }
        assert_int_equal(d.fault.kind, rows[i].kind);
        assert_int_equal(d.fault.arg, rows[i].default_arg);
    }
    struct sim_directives d = {0};
    assert_int_equal(sim_directives_add(&d, STR("words=7, 429=12"), &err), 0);
    assert_int_equal(d.words, 7);
    assert_int_equal(d.fault.kind, SIM_429);
    assert_int_equal(d.fault.arg, 12);
    assert_int_equal(sim_directives_add(&d, STR("429=x"), &err), -1);
    assert_int_equal(sim_directives_add(&d, STR("500=1"), &err), -1);
    assert_int_equal(sim_directives_add(&d, STR("huge-event=99999999999"), &err), -1);
    assert_int_equal(sim_directives_add(&d, STR("rest-mid-stream"), &err), -1);
    assert_string_equal(err.code, "unknown_fault");
}

static void the_same_request_gets_the_same_bytes(void **state)
{
    struct reply a, b, c;
    struct sim *one = start(), *two = start();
    (void)state;
    for (int i = 0; i < 2; i++) {
        post(one, CHAT, "", i ? usage_ask : plain_ask, &a);
        post(two, CHAT, "", i ? usage_ask : plain_ask, &b);
        post(one, CHAT, "", ASK("\"another question\"}]"), &c);
        assert_true(a.is_complete && a.status == 200);
        assert_true(str_eq(buf_view(&a.raw), buf_view(&b.raw)));
        assert_false(str_eq(buf_view(&a.raw), buf_view(&c.raw)));
        reply_release(&a);
        reply_release(&b);
        reply_release(&c);
    }
    sim_stop(one);
    sim_stop(two);
}

static void a_stream_says_what_a_plain_answer_says(void **state)
{
    struct reply plain, stream;
    struct arena a;
    char order[4096];
    struct sim *s = start();
    (void)state;
    arena_init(&a, 1 << 20);
    post(s, CHAT, "", plain_ask, &plain);
    post(s, CHAT, "", usage_ask, &stream);
    struct str choice = nth(json_get(buf_view(&plain.body), "choices"), 0);
    struct str text = unquoted(&a, json_path(choice, "message", "content", NULL));
    struct str joined =
        join_stream(&a, buf_view(&stream.body), 0, "content", NULL, order);
    assert_true(str_eq(text, joined));
    assert_true(str_eqz(json_get(choice, "finish_reason"), "\"stop\""));
    assert_true(has(str_of(stream.fields), "content-type: text/event-stream"));

    uint64_t words = sim_count_tokens(text);
    size_t n = strspn(order + 1, "d");
    assert_true(words >= 24);
    assert_int_equal(order[0], 'r');
    assert_int_equal(n, words);
    assert_string_equal(order + 1 + n, "fuD");
    assert_int_equal(number(buf_view(&plain.body), "usage", "prompt_tokens"), 5);
    assert_int_equal(number(buf_view(&plain.body), "usage", "completion_tokens"), words);
    assert_int_equal(number(buf_view(&plain.body), "usage", "total_tokens"), words + 5);
    char want[128];
    snprintf(want, sizeof want, "\"completion_tokens\":%zu,\"total_tokens\":%zu}}\n\n", n,
             n + 5);
    assert_true(has(buf_view(&stream.body), want));
    reply_release(&plain);
    reply_release(&stream);
    arena_reset(&a);
    sim_stop(s);
}

static void usage_is_streamed_only_when_asked_for(void **state)
{
    struct reply r;
    struct sim *s = start();
    (void)state;
    post(s, CHAT, "", stream_ask, &r);
    assert_true(r.is_complete);
    assert_int_equal(count(buf_view(&r.body), "\"usage\""), 0);
    assert_true(str_ends(buf_view(&r.body), STR("data: [DONE]\n\n")));
    reply_release(&r);
    sim_stop(s);
}

static void an_answer_ends_at_its_limit_or_at_a_stop(void **state)
{
    static const struct {
        const char *body, *finish;
        uint64_t tokens;
    } rows[] = {
        {ASK("\"x\"}],\"max_tokens\":4"), "\"length\"", 4},
        {ASK("\"x\"}],\"max_completion_tokens\":1"), "\"length\"", 1},
        {ASK("\"x [[sim:words=6]]\"}],\"max_tokens\":6"), "\"stop\"", 6},
        {ASK("\"x [[sim:words=6]]\"}],\"max_tokens\":null"), "\"stop\"", 6},
        {ASK("\"x [[sim:words=6]]\"}],\"stop\":[\"zzz\",\".\"]"), "\"stop\"", 6},
    };
    struct arena a;
    struct sim *s = start();
    (void)state;
    arena_init(&a, 1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct reply r;
        post(s, CHAT, "", rows[i].body, &r);
        struct str choice = nth(json_get(buf_view(&r.body), "choices"), 0);
        struct str text = unquoted(&a, json_path(choice, "message", "content", NULL));
        assert_true(str_eqz(json_get(choice, "finish_reason"), rows[i].finish));
        assert_int_equal(sim_count_tokens(text), rows[i].tokens);
        assert_int_equal(number(buf_view(&r.body), "usage", "completion_tokens"),
                         rows[i].tokens);
        if (i == 4)
            assert_int_equal(str_index(text, '.'), -1);
        reply_release(&r);
    }
    arena_reset(&a);
    sim_stop(s);
}

static void several_choices_differ_and_are_counted_together(void **state)
{
    struct reply plain, stream;
    struct arena a;
    char order[4096];
    uint64_t total = 0;
    struct sim *s = start();
    (void)state;
    arena_init(&a, 1 << 20);
    post(s, CHAT, "", ASK("\"x\"}],\"n\":3"), &plain);
    post(s, CHAT, "", ASK("\"x\"}],\"n\":3,\"stream\":true"), &stream);
    struct str choices = json_get(buf_view(&plain.body), "choices"), before = STR("");
    for (size_t i = 0; i < 3; i++) {
        struct str choice = nth(choices, i);
        struct str text = unquoted(&a, json_path(choice, "message", "content", NULL));
        assert_int_equal(number(choice, "index", NULL), i);
        assert_false(str_eq(text, before));
        assert_true(str_eq(
            text, join_stream(&a, buf_view(&stream.body), i, "content", NULL, order)));
        before = text;
        total += sim_count_tokens(text);
    }
    assert_null(nth(choices, 3).p);
    assert_int_equal(number(buf_view(&plain.body), "usage", "completion_tokens"), total);
    assert_int_equal(count(buf_view(&stream.body), "\"finish_reason\":\"stop\""), 3);
    reply_release(&plain);
    reply_release(&stream);
    arena_reset(&a);
    sim_stop(s);
}

#define TOOLS                                                                            \
    "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"first\"}},"              \
    "{\"type\":\"function\",\"function\":{\"name\":\"set_gate\",\"parameters\":"         \
    "{\"type\":\"object\",\"properties\":{\"open\":{\"type\":\"boolean\"},"              \
    "\"side\":{\"enum\":[\"north\",\"south\"]},\"n\":{\"type\":\"integer\","             \
    "\"minimum\":3,\"maximum\":5},\"at\":{\"type\":\"array\",\"minItems\":2,"            \
    "\"items\":{\"type\":\"string\"}},\"extra\":{\"type\":\"string\"}},"                 \
    "\"required\":[\"open\",\"side\",\"n\",\"at\"]}}}]"
#define NAMED                                                                            \
    "\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"set_gate\"}}"

static void check_arguments(struct str args)
{
    struct json_cur c;
    int64_t n = 0;
    bool open;
    struct str side = json_get(args, "side"), at = json_get(args, "at");
    json_begin(&c, json_get(args, "open"));
    assert_true(json_read_bool(&c, &open));
    assert_true(str_eqz(side, "\"north\"") || str_eqz(side, "\"south\""));
    assert_true(str_to_i64(json_get(args, "n"), &n) && n >= 3 && n <= 5);
    assert_true(nth(at, 1).p != NULL && nth(at, 1).p[0] == '"' && nth(at, 2).p == NULL);
    assert_null(json_get(args, "extra").p);
}

static void a_tool_that_must_be_called_gets_arguments_of_its_schema(void **state)
{
    struct reply plain, stream, other;
    struct arena a;
    char order[4096];
    struct sim *s = start();
    (void)state;
    arena_init(&a, 1 << 20);
    post(s, CHAT, "", ASK("\"x\"}]," TOOLS "," NAMED), &plain);
    post(s, CHAT, "", ASK("\"x\"}],\"stream\":true," TOOLS "," NAMED), &stream);
    post(s, CHAT, "", ASK("\"x\"}]," TOOLS ",\"tool_choice\":\"required\""), &other);
    struct str choice = nth(json_get(buf_view(&plain.body), "choices"), 0);
    struct str call = nth(json_path(choice, "message", "tool_calls", NULL), 0);
    struct str args = unquoted(&a, json_path(call, "function", "arguments", NULL));
    assert_true(str_eqz(json_path(call, "function", "name", NULL), "\"set_gate\""));
    assert_true(str_eqz(json_get(choice, "finish_reason"), "\"tool_calls\""));
    check_arguments(args);
    assert_true(str_eq(args, join_stream(&a, buf_view(&stream.body), 0, "tool_calls",
                                         "arguments", order)));
    assert_int_equal(count(buf_view(&stream.body), "\"name\":\"set_gate\""), 1);
    assert_true(has(buf_view(&other.body), "\"name\":\"first\""));
    reply_release(&plain);
    reply_release(&stream);
    reply_release(&other);
    post(s, CHAT, "", ASK("\"x\"}]," TOOLS ",\"tool_choice\":\"auto\""), &plain);
    assert_false(has(buf_view(&plain.body), "tool_calls"));
    reply_release(&plain);
    arena_reset(&a);
    sim_stop(s);
}

static void a_demanded_format_is_answered_with_json(void **state)
{
    struct reply r;
    struct arena a;
    struct sim *s = start();
    (void)state;
    arena_init(&a, 1 << 20);
    post(s, CHAT, "",
         ASK("\"x\"}],\"response_format\":{\"type\":\"json_schema\",\"json_schema\":"
             "{\"name\":\"n\",\"schema\":{\"type\":\"object\",\"properties\":{\"depth\":"
             "{\"type\":\"number\"}},\"required\":[\"depth\"]}}}"),
         &r);
    struct str choice = nth(json_get(buf_view(&r.body), "choices"), 0);
    struct str text = unquoted(&a, json_path(choice, "message", "content", NULL));
    double depth;
    assert_true(str_to_double(json_get(text, "depth"), &depth));
    reply_release(&r);
    arena_reset(&a);
    sim_stop(s);
}

static void completions_answer_every_prompt(void **state)
{
    struct reply plain, stream;
    struct arena a;
    char order[4096];
    struct sim *s = start();
    (void)state;
    arena_init(&a, 1 << 20);
    post(s, "/v1/completions", "", "{\"prompt\":[\"one two\",\"three\"]}", &plain);
    post(s, "/v1/completions", "", "{\"prompt\":[\"one two\",\"three\"],\"stream\":true}",
         &stream);
    struct str body = buf_view(&plain.body);
    for (size_t i = 0; i < 2; i++) {
        struct str choice = nth(json_get(body, "choices"), i);
        struct str text = unquoted(&a, json_get(choice, "text"));
        assert_true(text.n > 0);
        assert_true(str_eq(
            text, join_stream(&a, buf_view(&stream.body), i, "text", NULL, order)));
    }
    assert_null(nth(json_get(body, "choices"), 2).p);
    assert_int_equal(number(body, "usage", "prompt_tokens"), 3);
    assert_true(str_eqz(json_get(body, "object"), "\"text_completion\""));
    reply_release(&plain);
    reply_release(&stream);
    arena_reset(&a);
    sim_stop(s);
}

/* -- embeddings ------------------------------------------------------------- */

enum { NVECTOR = 50 };

static void read_vector(struct str body, size_t i, double v[NVECTOR])
{
    struct str list = json_get(nth(json_get(body, "data"), i), "embedding");
    for (size_t k = 0; k < NVECTOR; k++)
        assert_true(str_to_double(nth(list, k), &v[k]));
    assert_null(nth(list, NVECTOR).p);
}

static double dot(const double a[NVECTOR], const double b[NVECTOR])
{
    double sum = 0;
    for (size_t i = 0; i < NVECTOR; i++)
        sum += a[i] * b[i];
    return sum;
}

static unsigned base64_digit(char ch)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *hit = strchr(letters, ch);
    assert_true(hit && ch);
    return (unsigned)(hit - letters);
}

static void check_base64(struct str text, const double v[NVECTOR])
{
    unsigned char bytes[NVECTOR * 4 + 3];
    size_t n = 0;
    assert_int_equal(text.n, (NVECTOR * 4 + 2) / 3 * 4);
    for (size_t i = 0; i < text.n; i += 4) {
        unsigned group = 0;
        for (size_t k = 0; k < 4; k++)
            group = group << 6 | (text.p[i + k] == '=' ? 0 : base64_digit(text.p[i + k]));
        for (int shift = 16; shift >= 0; shift -= 8)
            bytes[n++] = (unsigned char)(group >> shift);
    }
    for (size_t i = 0; i < NVECTOR; i++) {
        const unsigned char *b = bytes + i * 4;
        uint32_t bits = (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
                        (uint32_t)b[3] << 24;
        float f;
        memcpy(&f, &bits, sizeof f);
        assert_true(f == (float)v[i]);
    }
}

static void vectors_have_length_one_and_know_their_text(void **state)
{
    struct reply r, coded;
    struct arena a;
    double v[4][NVECTOR];
    struct sim *s = start();
    (void)state;
    arena_init(&a, 1 << 20);
    post(s, "/v1/embeddings", "",
         "{\"dimensions\":50,\"input\":[\"the old mill\",\"tax forms due\",\"the old "
         "mill\",\"the old bridge\"]}",
         &r);
    for (size_t i = 0; i < 4; i++) {
        read_vector(buf_view(&r.body), i, v[i]);
        assert_true(fabs(dot(v[i], v[i]) - 1) < 1e-5);
    }
    assert_true(fabs(dot(v[0], v[2]) - 1) < 1e-6);
    assert_true(dot(v[0], v[1]) < dot(v[0], v[3]));
    assert_int_equal(number(buf_view(&r.body), "usage", "prompt_tokens"), 12);
    post(s, "/v1/embeddings", "",
         "{\"dimensions\":50,\"encoding_format\":\"base64\",\"input\":\"tax forms due\"}",
         &coded);
    struct str first = nth(json_get(buf_view(&coded.body), "data"), 0);
    check_base64(unquoted(&a, json_get(first, "embedding")), v[1]);
    reply_release(&r);
    reply_release(&coded);
    arena_reset(&a);
    sim_stop(s);
}

/* -- errors, lists, records ------------------------------------------------- */

static void what_it_cannot_answer_it_refuses(void **state)
{
    static const struct {
        const char *path, *fields, *body;
        int status;
        const char *says;
    } rows[] = {
        {CHAT, "", "{\"messages\":[", 400, "at byte"},
        {CHAT, "", "{\"model\":\"m\"}", 400, "'messages' is required"},
        {"/v1/completions", "", "{}", 400, "'prompt' is required"},
        {"/v1/embeddings", "", "{\"input\":[]}", 400, "between 1 and"},
        {CHAT, "", ASK("\"x\"}],\"n\":0"), 400, "n must be"},
        {CHAT, "", ASK("\"x\"}],\"max_tokens\":0"), 400, "max_tokens"},
        {CHAT, "x-sim-fault: nonesuch\r\n", plain_ask, 400, "knows no fault nonesuch"},
        {CHAT, "", ASK("\"[[sim:nonesuch]]\"}]"), 400, "knows no fault nonesuch"},
        {"/v1/nothing", "", "{}", 404, "no such path"},
        {"/v1/models", "", "{}", 405, "no such method"},
    };
    struct sim *s = start();
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct reply r;
        post(s, rows[i].path, rows[i].fields, rows[i].body, &r);
        assert_int_equal(r.status, rows[i].status);
        struct str message = json_path(buf_view(&r.body), "error", "message", NULL);
        if (!message.p || !has(message, rows[i].says))
            fail_msg("row %zu says %.*s", i, STR_ARG(buf_view(&r.body)));
        reply_release(&r);
    }
    sim_stop(s);
}

static void models_and_keys_are_those_it_was_started_with(void **state)
{
    const struct str models[] = {STR("alpha"), STR("be\"ta")};
    struct reply r;
    struct sim *s = start_with(
        (struct sim_options){.models = models, .nmodels = 2, .api_key = STR("sk-river")});
    (void)state;
    get(s, "/v1/models", "", &r);
    assert_int_equal(r.status, 401);
    reply_release(&r);
    get(s, "/v1/models", "Authorization: Bearer sk-rivet\r\n", &r);
    assert_int_equal(r.status, 401);
    reply_release(&r);
    get(s, "/v1/models", "Authorization: Bearer sk-river\r\n", &r);
    assert_int_equal(r.status, 200);
    struct str data = json_get(buf_view(&r.body), "data");
    assert_true(str_eqz(json_get(nth(data, 0), "id"), "\"alpha\""));
    assert_true(str_eqz(json_get(nth(data, 1), "id"), "\"be\\\"ta\""));
    reply_release(&r);
    post(s, CHAT, "", plain_ask, &r);
    assert_int_equal(r.status, 401);
    reply_release(&r);
    post(s, CHAT, "authorization: bearer sk-river\r\n", plain_ask, &r);
    assert_int_equal(r.status, 200);
    reply_release(&r);
    get(s, "/health", "", &r);
    assert_int_equal(r.status, 200);
    reply_release(&r);
    sim_stop(s);
}

static void it_tells_what_it_received(void **state)
{
    struct reply r;
    struct sim *s = start();
    (void)state;
    post(s, CHAT, "", "{}", &r);
    reply_release(&r);
    post(s, CHAT, "Cookie: a=b\r\nauthorization: Bearer x\r\n", "abc", &r);
    reply_release(&r);
    get(s, "/sim/stats", "", &r);
    struct str recent = json_get(buf_view(&r.body), "recent");
    assert_true(str_eqz(json_get(buf_view(&r.body), "requests"), "2"));
    assert_true(str_eqz(json_get(nth(recent, 0), "cookie"), "false"));
    assert_true(str_eqz(json_get(nth(recent, 0), "authorization"), "false"));
    assert_true(str_eqz(json_get(nth(recent, 1), "cookie"), "true"));
    assert_true(str_eqz(json_get(nth(recent, 1), "authorization"), "true"));
    /* FIPS 180-2, appendix B.1: the digest of "abc" */
    assert_true(
        str_eqz(json_get(nth(recent, 1), "sha256"),
                "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\""));
    reply_release(&r);
    get(s, "/sim/last", "", &r);
    assert_true(str_starts(buf_view(&r.body), STR("POST " CHAT " HTTP/1.1\r\n")));
    assert_true(has(buf_view(&r.body), "\r\nCookie: a=b\r\n"));
    assert_true(str_ends(buf_view(&r.body), STR("\r\n\r\nabc")));
    reply_release(&r);
    sim_stop(s);
}

/* -- replay ----------------------------------------------------------------- */

static const char recorded[] = "{\"id\":1,\"prompt\":\"what is\\na "
                               "weir?\",\"model\":\"Small\",\"answer\":\"A \\\"low\\\" "
                               "dam.\"}\n"
                               "\n"
                               "{\"id\":2,\"prompt\":\"what is\\na "
                               "weir?\",\"model\":\"Large\",\"answer\":\"It raises "
                               "the river a little.\"}\n";

static void write_file(char path[], const char *text)
{
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void recorded_prompts_get_recorded_answers(void **state)
{
    static const struct {
        const char *model, *prompt, *says;
        bool is_recorded;
    } rows[] = {
        {"small", "what is\\na weir?", "A \\\"low\\\" dam.", true},
        {"large", "what is\\u000aa weir?", "It raises the river a little.", true},
        {"other", "what is\\na weir?", "A \\\"low\\\" dam.", true},
        {"small", "what is a weir?", "A \\\"low\\\" dam.", false},
    };
    char path[] = "/tmp/weir-test-replay-XXXXXX", body[256];
    (void)state;
    write_file(path, recorded);
    struct sim *s = start_with((struct sim_options){.replay_path = str_of(path)});
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct reply r;
        snprintf(
            body, sizeof body,
            "{\"model\":\"%s\",\"messages\":[{\"role\":\"system\",\"content\":\"s\"},"
            "{\"role\":\"user\",\"content\":\"%s\"}]}",
            rows[i].model, rows[i].prompt);
        post(s, CHAT, "", body, &r);
        assert_int_equal(r.status, 200);
        assert_int_equal(has(buf_view(&r.body), rows[i].says), rows[i].is_recorded);
        reply_release(&r);
    }
    sim_stop(s);
    unlink(path);
}

static void a_bad_recording_is_named_with_its_line(void **state)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"{\"prompt\":\"a\",\"answer\":\"b\"}\n{\"prompt\":\"a\"}\n", ":2: needs"},
        {"\n\n{\"prompt\":", ":3: "},
        {"\x1f\x8b\x08", "gzip"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char path[] = "/tmp/weir-test-replay-XXXXXX";
        struct sim *s = NULL;
        struct err err = {0};
        write_file(path, rows[i].text);
        struct sim_options o = {.replay_path = str_of(path)};
        assert_int_equal(sim_start(&o, &s, &err), -1);
        assert_int_equal(err.kind, ERR_CONFIG);
        assert_true(has(str_of(err.msg), rows[i].says));
        unlink(path);
    }
}

/* -- faults ----------------------------------------------------------------- */

enum { ANY = 999 };

static const struct wire {
    const char *fault;
    bool is_stream;
    enum ending end;
    bool is_complete;
    int status;     /* 0: no head came */
    size_t ndeltas; /* streams */
    const char *has[3], *lacks[2];
} wires[] = {
    {"refuse", true, ENDED_RESET, false, 0, 0, {0}, {0}},
    {"reset-mid-stream=2", true, ENDED_RESET, false, 200, 2, {0}, {"[DONE]", "\"stop\""}},
    {"reset-mid-stream=0", true, ENDED_RESET, false, 200, 0, {"\"role\""}, {"[DONE]"}},
    {"cut-mid-stream=2", true, ENDED_FIN, false, 200, 2, {0}, {"[DONE]", "\"stop\""}},
    {"error-mid-stream=2", true, ENDED_FIN, true, 200, 2, {"{\"error\":{"}, {"[DONE]"}},
    {"error-in-200", true, ENDED_FIN, true, 200, 0, {"data: {\"error\":{"}, {"choices"}},
    {"no-done", true, ENDED_FIN, true, 200, ANY, {"\"stop\"", "\"usage\""}, {"[DONE]"}},
    {"finish-missing", true, ENDED_FIN, true, 200, ANY, {"[DONE]"}, {"\"stop\""}},
    {"usage-missing", true, ENDED_FIN, true, 200, ANY, {"[DONE]"}, {"\"usage\""}},
    {"usage-merged",
     true,
     ENDED_FIN,
     true,
     200,
     ANY,
     {"\"finish_reason\":\"stop\"}],\"usage\":{", "[DONE]"},
     {"\"choices\":[]"}},
    {"garbage-sse",
     true,
     ENDED_FIN,
     true,
     200,
     ANY,
     {"\nfield without colon\n", "data: this is not json\n", "[DONE]"},
     {0}},
    {"bad-json", true, ENDED_FIN, true, 200, ANY, {"{\"cont\n\n", "[DONE]"}, {0}},
    {"odd-sse",
     true,
     ENDED_FIN,
     true,
     200,
     ANY,
     {"}\r\n\r\n: still here\r\n", "data:{\"id\"", "data:[DONE]\r\n\r\n"},
     {0}},
    {"empty-stream", true, ENDED_FIN, true, 200, 0, {0}, {"data"}},
    {"wrong-content-length", true, ENDED_FIN, false, 200, ANY, {"[DONE]"}, {0}},
    {"429=7", true, ENDED_FIN, true, 429, 0, {"rate_limit"}, {"data:"}},
    {"500", true, ENDED_FIN, true, 500, 0, {"\"error\""}, {"data:"}},
    {"503=3", true, ENDED_FIN, true, 503, 0, {"\"error\""}, {0}},
    {"status=418", true, ENDED_FIN, true, 418, 0, {"\"error\""}, {0}},
    {"html-502", true, ENDED_FIN, true, 502, 0, {"<h1>502"}, {"\"error\""}},
    {"overflow", true, ENDED_FIN, true, 400, 0, {"exceed_context_size_error"}, {0}},
    {"refuse", false, ENDED_RESET, false, 0, 0, {0}, {0}},
    {"reset-mid-stream", false, ENDED_RESET, false, 200, 0, {"\"id\""}, {"\"usage\""}},
    {"cut-mid-stream", false, ENDED_FIN, false, 200, 0, {"\"id\""}, {"\"usage\""}},
    {"wrong-content-length", false, ENDED_FIN, false, 200, 0, {"\"usage\""}, {0}},
    {"error-in-200", false, ENDED_FIN, true, 200, 0, {"{\"error\":{"}, {"choices"}},
    {"error-mid-stream", false, ENDED_FIN, true, 200, 0, {"{\"error\":{"}, {"choices"}},
    {"garbage-sse", false, ENDED_FIN, true, 200, 0, {"<html>"}, {"choices"}},
    {"bad-json", false, ENDED_FIN, true, 200, 0, {"{\"id\""}, {"\"usage\""}},
    {"empty-stream", false, ENDED_FIN, true, 200, 0, {0}, {"{"}},
    {"finish-missing", false, ENDED_FIN, true, 200, 0, {"\"finish_reason\":null"}, {0}},
    {"usage-missing", false, ENDED_FIN, true, 200, 0, {"\"stop\""}, {"\"usage\""}},
    {"429=7", false, ENDED_FIN, true, 429, 0, {"rate_limit"}, {0}},
    {"500", false, ENDED_FIN, true, 500, 0, {"\"error\""}, {0}},
    {"html-502", false, ENDED_FIN, true, 502, 0, {"<h1>502"}, {0}},
};

static void check_wire(const struct wire *w, const struct reply *r, const char *how)
{
    struct str body = buf_view(&r->body);
    bool ok = r->end == w->end && r->is_complete == w->is_complete &&
              r->status == w->status && (w->status || r->raw.n == 0) &&
              (w->ndeltas == ANY ? deltas(r) > 0 : deltas(r) == w->ndeltas);
    for (size_t i = 0; i < ARRAY_LEN(w->has) && w->has[i]; i++)
        ok = ok && has(body, w->has[i]);
    for (size_t i = 0; i < ARRAY_LEN(w->lacks) && w->lacks[i]; i++)
        ok = ok && !has(body, w->lacks[i]);
    if (!ok)
        fail_msg("%s (%s, by %s): end %d, complete %d, status %d, %zu deltas: %.*s",
                 w->fault, w->is_stream ? "stream" : "plain", how, (int)r->end,
                 r->is_complete, r->status, deltas(r), STR_ARG(buf_view(&r->raw)));
}

static void each_fault_shows_on_the_wire(void **state)
{
    struct sim *s = start();
    char field[64];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wires); i++) {
        struct reply r;
        snprintf(field, sizeof field, "x-sim-fault: %s\r\n", wires[i].fault);
        post(s, CHAT, field, wires[i].is_stream ? usage_ask : plain_ask, &r);
        check_wire(&wires[i], &r, "header");
        reply_release(&r);
    }
    sim_stop(s);
}

/* A gateway does not pass the header on, but it passes the message. */
static void a_fault_can_be_asked_for_in_the_message_or_by_the_flag(void **state)
{
    struct sim *s = start();
    char body[512];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wires); i++) {
        struct reply r;
        const struct wire *w = &wires[i];
        snprintf(body, sizeof body,
                 "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\","
                 "\"text\":\"please [[sim:%s]]\"}]}],\"stream\":%s,\"stream_options\":"
                 "{\"include_usage\":true}}",
                 w->fault, w->is_stream ? "true" : "false");
        post(s, CHAT, "", body, &r);
        check_wire(w, &r, "message");
        reply_release(&r);
        struct sim *by_flag = start_with((struct sim_options){.fault = str_of(w->fault)});
        if (w->status) { /* refused by flag: reset at the door, tested below */
            post(by_flag, CHAT, "", w->is_stream ? usage_ask : plain_ask, &r);
            check_wire(w, &r, "flag");
            reply_release(&r);
        }
        sim_stop(by_flag);
    }
    sim_stop(s);
}

static void a_refusing_engine_resets_whoever_connects(void **state)
{
    struct sim *s = start_with((struct sim_options){.fault = STR("refuse")});
    struct reply r;
    (void)state;
    int fd = dial(s);
    reply_init(&r);
    hear(fd, &r, NULL);
    assert_int_equal(r.end, ENDED_RESET);
    assert_int_equal(r.raw.n, 0);
    close(fd);
    reply_release(&r);
    sim_stop(s);
}

static void the_header_wins_over_the_message_and_it_over_the_flag(void **state)
{
    struct sim *s = start_with((struct sim_options){.fault = STR("500")});
    struct reply r;
    (void)state;
    post(s, CHAT, "", ASK("\"[[sim:status=418]]\"}]"), &r);
    assert_int_equal(r.status, 418);
    reply_release(&r);
    post(s, CHAT, "x-sim-fault: 503\r\n", ASK("\"[[sim:status=418]]\"}]"), &r);
    assert_int_equal(r.status, 503);
    reply_release(&r);
    sim_stop(s);
}

static void waits_are_told_by_retry_after(void **state)
{
    struct sim *s = start();
    struct reply r;
    (void)state;
    post(s, CHAT, "x-sim-fault: 429=7\r\n", plain_ask, &r);
    assert_true(has(str_of(r.fields), "retry-after: 7\n"));
    reply_release(&r);
    post(s, CHAT, "x-sim-fault: 503=30\r\n", plain_ask, &r);
    assert_true(has(str_of(r.fields), "retry-after: 30\n"));
    reply_release(&r);
    sim_stop(s);
}

static void usage_comes_twice_or_early_when_asked_to(void **state)
{
    struct sim *s = start();
    struct reply r;
    (void)state;
    post(s, CHAT, "x-sim-fault: usage-twice\r\n", stream_ask, &r);
    assert_int_equal(count(buf_view(&r.body), "\"usage\":{"), 2);
    reply_release(&r);
    post(s, CHAT, "x-sim-fault: usage-before-finish\r\n", stream_ask, &r);
    ptrdiff_t usage = str_find(buf_view(&r.body), STR("\"usage\":{"));
    ptrdiff_t finish = str_find(buf_view(&r.body), STR("\"finish_reason\":\"stop\""));
    assert_true(usage > 0 && finish > usage);
    reply_release(&r);
    sim_stop(s);
}

static void a_huge_event_is_as_large_as_asked(void **state)
{
    struct sim *s = start();
    struct reply r;
    (void)state;
    for (int i = 0; i < 2; i++) {
        post(s, CHAT, "x-sim-fault: huge-event=3000000\r\n", i ? plain_ask : stream_ask,
             &r);
        assert_true(r.is_complete);
        struct str body = buf_view(&r.body);
        ptrdiff_t from = str_find(body, STR("\"wwww"));
        assert_true(from > 0);
        size_t run = 0;
        while (body.p[(size_t)from + 1 + run] == 'w')
            run++;
        assert_int_equal(run, 3000000);
        reply_release(&r);
    }
    sim_stop(s);
}

/* -- connections ------------------------------------------------------------ */

static void a_connection_serves_one_request_after_another(void **state)
{
    struct sim *s = start();
    struct reply r, alone;
    (void)state;
    int fd = dial(s);
    reply_init(&r);
    for (int i = 0; i < 3; i++) /* all at once: answered in order */
        say_post(fd, CHAT, "", i == 1 ? stream_ask : plain_ask);
    say_post(fd, CHAT, "connection: close\r\n", "{}");
    hear(fd, &r, NULL);
    close(fd);
    post(s, CHAT, "", plain_ask, &alone);
    assert_int_equal(count(buf_view(&r.raw), "HTTP/1.1 200 OK"), 3);
    assert_int_equal(count(buf_view(&r.raw), "HTTP/1.1 400"), 1);
    char *line = strndup((char *)alone.body.p, alone.body.n);
    assert_int_equal(count(buf_view(&r.raw), line), 2);
    free(line);
    assert_int_equal(r.end, ENDED_FIN);
    reply_release(&r);
    reply_release(&alone);
    sim_stop(s);
}

static void a_promise_of_keep_alive_can_be_broken(void **state)
{
    struct sim *s = start();
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct reply r;
        bool is_honest = i & 1;
        int fd = dial(s);
        reply_init(&r);
        say_post(fd, CHAT,
                 is_honest ? "x-sim-fault: close-after\r\n"
                           : "x-sim-fault: keepalive-close\r\n",
                 i & 2 ? stream_ask : plain_ask);
        hear(fd, &r, NULL);
        close(fd);
        parse(&r);
        assert_true(r.is_complete);
        assert_int_equal(r.end, ENDED_FIN);
        assert_int_equal(has(str_of(r.fields), "connection: close"), is_honest);
        reply_release(&r);
    }
    sim_stop(s);
}

static void a_client_that_leaves_is_counted(void **state)
{
    static const char *const faults[] = {"stall", "stall-mid-stream=2"};
    struct sim *s = start();
    char field[64];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
        struct reply r;
        int fd = dial(s);
        reply_init(&r);
        snprintf(field, sizeof field, "x-sim-fault: %s\r\n", faults[i]);
        say_post(fd, CHAT, field, stream_ask);
        wait_for(s, "answering", 1);
        settle(s);
        overhear(fd, &r);
        assert_int_equal(count(buf_view(&r.raw), "\"delta\":{\"content\":"), i ? 2 : 0);
        assert_int_equal(r.raw.n > 0, i > 0);
        assert_int_equal(stat_of(s, "cancelled"), i);
        close(fd);
        wait_for(s, "cancelled", i + 1);
        wait_for(s, "answering", 0);
        reply_release(&r);
    }
    sim_stop(s);
}

static void without_a_slot_a_request_waits_in_silence(void **state)
{
    struct sim *s = start_with((struct sim_options){.slots = 1});
    struct reply first, second;
    (void)state;
    int holder = dial(s), waiter = dial(s);
    reply_init(&first);
    reply_init(&second);
    say_post(holder, CHAT, "x-sim-fault: stall-mid-stream=1\r\n", stream_ask);
    hear(holder, &first, "\"delta\":{\"content\":");
    say_post(waiter, CHAT, "connection: close\r\n", plain_ask);
    wait_for(s, "requests", 2);
    settle(s);
    overhear(waiter, &second);
    assert_int_equal(second.raw.n, 0);
    close(holder);
    hear(waiter, &second, NULL);
    close(waiter);
    parse(&second);
    assert_int_equal(second.status, 200);
    assert_true(second.is_complete);
    reply_release(&first);
    reply_release(&second);
    sim_stop(s);
}

static void a_reader_that_stops_does_not_make_it_keep_the_answer(void **state)
{
    struct sim *s = start();
    struct reply r;
    (void)state;
    int fd = dial(s);
    reply_init(&r);
    /* about 20 MB: more than the kernel keeps for two ends of a connection */
    say_post(fd, CHAT, "connection: close\r\n",
             ASK("\"[[sim:words=100000]]\"}],\"stream\":true"));
    wait_for(s, "streaming", 1);
    settle(s);
    assert_int_equal(stat_of(s, "streaming"), 1); /* it waits for the reader */
    hear(fd, &r, NULL);
    close(fd);
    parse(&r);
    assert_true(r.is_complete);
    assert_int_equal(deltas(&r), 100000);
    reply_release(&r);
    sim_stop(s);
}

/* -- time ------------------------------------------------------------------- */

static size_t heard_deltas(const struct sim *s, int fd, struct reply *r)
{
    settle(s);
    overhear(fd, r);
    return count(buf_view(&r->raw), "\"delta\":{\"content\":");
}

static void tokens_come_at_the_pace_of_the_profile(void **state)
{
    static const int64_t waits_ms[] = {0, 22, 1, 23, 227};
    static const size_t heard[] = {1, 1, 2, 3, 13}; /* 1 + t * 44 / 1000 */
    struct sim *s = start_with((struct sim_options){.profile = STR("m4-qwen2.5-14b")});
    struct reply r;
    int first_ms = 0;
    (void)state;
    if (!clock_ms)
        skip();
    int fd = dial(s);
    reply_init(&r);
    say_post(fd, CHAT, "connection: close\r\n",
             ASK("\"[[sim:words=20]]\"}],\"stream\":true"));
    wait_for(s, "answering", 1);
    for (; heard_deltas(s, fd, &r) == 0 && first_ms < 200; first_ms++) {
        assert_int_equal(r.raw.n, 0); /* not even a head before the first token */
        pass_ms(1);
    }
    assert_true(first_ms >= 75 && first_ms <= 81);
    for (size_t i = 0; i < ARRAY_LEN(waits_ms); i++) {
        pass_ms(waits_ms[i]);
        assert_int_equal(heard_deltas(s, fd, &r), heard[i]);
    }
    pass_ms(1000);
    hear(fd, &r, NULL);
    close(fd);
    parse(&r);
    assert_true(r.is_complete);
    assert_int_equal(deltas(&r), 20);
    reply_release(&r);
    sim_stop(s);
}

static void a_plain_answer_comes_when_its_last_token_would(void **state)
{
    struct sim *s =
        start_with((struct sim_options){.profile = STR("m4-qwen2.5-14b"), .speed = 2});
    struct reply r;
    int64_t ms = 0;
    (void)state;
    if (!clock_ms)
        skip();
    int fd = dial(s);
    reply_init(&r);
    say_post(fd, CHAT, "connection: close\r\n", ASK("\"[[sim:words=88]]\"}]"));
    wait_for(s, "answering", 1);
    while (r.raw.n == 0 && ms < 2000) {
        pass_ms(1);
        ms++;
        settle(s);
        overhear(fd, &r);
    }
    /* half of 75..81 ms, and 88 tokens at twice 44 a second */
    assert_true(ms >= 1037 && ms <= 1041);
    close(fd);
    reply_release(&r);
    sim_stop(s);
}

static void slow_faults_hold_bytes_back(void **state)
{
    struct sim *s = start();
    struct reply r;
    (void)state;
    if (!clock_ms)
        skip();
    static const char *const faults[] = {"slow-first-byte=300", "slow-head=300",
                                         "dribble"};
    for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
        char fields[96];
        int fd = dial(s);
        reply_init(&r);
        snprintf(fields, sizeof fields, "connection: close\r\nx-sim-fault: %s\r\n",
                 faults[i]);
        say_post(fd, CHAT, fields, i == 1 ? stream_ask : plain_ask);
        wait_for(s, "answering", 1);
        settle(s);
        overhear(fd, &r);
        assert_int_equal(r.raw.n > 0, i == 1);
        assert_false(has(buf_view(&r.raw), "\r\n\r\n"));
        size_t before = r.raw.n;
        pass_ms(i == 2 ? 1 : 299);
        settle(s);
        overhear(fd, &r);
        assert_int_equal(r.raw.n - before, i == 2 ? 16 : 0);
        pass_ms(1);
        while (i == 2 && stat_of(s, "answering"))
            pass_ms(1);
        hear(fd, &r, NULL);
        close(fd);
        parse(&r);
        assert_true(r.is_complete);
        assert_int_equal(r.status, 200);
        reply_release(&r);
    }
    sim_stop(s);
}

static void what_comes_during_an_answer_is_answered_after_it(void **state)
{
    struct sim *s = start();
    struct reply r;
    (void)state;
    int fd = dial(s);
    reply_init(&r);
    say_post(fd, CHAT, "x-sim-fault: slow-first-byte=50\r\n", plain_ask);
    wait_for(s, "answering", 1);
    say_post(fd, CHAT, "connection: close\r\n", stream_ask);
    settle(s);
    assert_int_equal(stat_of(s, "requests"), 1);
    pass_ms(50);
    hear(fd, &r, NULL);
    close(fd);
    assert_int_equal(count(buf_view(&r.raw), "HTTP/1.1 200 OK"), 2);
    assert_int_equal(count(buf_view(&r.raw), "[DONE]"), 1);
    reply_release(&r);
    sim_stop(s);
}

static void stopping_it_ends_what_is_under_way(void **state)
{
    struct reply r;
    struct sim *s = start();
    (void)state;
    int fd = dial(s), idle = dial(s);
    reply_init(&r);
    say_post(fd, CHAT, "x-sim-fault: stall-mid-stream\r\n", stream_ask);
    hear(fd, &r, "\"delta\":{\"content\":");
    wait_for(s, "open", 3);
    sim_stop(s);
    hear(fd, &r, NULL);
    assert_true(r.end == ENDED_FIN || r.end == ENDED_RESET);
    close(fd);
    close(idle);
    reply_release(&r);
}

static void a_busy_port_is_an_error(void **state)
{
    struct sim *s = start(), *other = NULL;
    struct err err = {0};
    struct sim_options o = {.port = sim_port(s)};
    (void)state;
    assert_int_equal(sim_start(&o, &other, &err), -1);
    assert_true(err.msg[0] != '\0');
    sim_stop(s);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_profile_has_a_source_and_its_own_name),
        cmocka_unit_test(fault_names_are_distinct_and_read_with_their_argument),
        cmocka_unit_test(the_same_request_gets_the_same_bytes),
        cmocka_unit_test(a_stream_says_what_a_plain_answer_says),
        cmocka_unit_test(usage_is_streamed_only_when_asked_for),
        cmocka_unit_test(an_answer_ends_at_its_limit_or_at_a_stop),
        cmocka_unit_test(several_choices_differ_and_are_counted_together),
        cmocka_unit_test(a_tool_that_must_be_called_gets_arguments_of_its_schema),
        cmocka_unit_test(a_demanded_format_is_answered_with_json),
        cmocka_unit_test(completions_answer_every_prompt),
        cmocka_unit_test(vectors_have_length_one_and_know_their_text),
        cmocka_unit_test(what_it_cannot_answer_it_refuses),
        cmocka_unit_test(models_and_keys_are_those_it_was_started_with),
        cmocka_unit_test(it_tells_what_it_received),
        cmocka_unit_test(recorded_prompts_get_recorded_answers),
        cmocka_unit_test(a_bad_recording_is_named_with_its_line),
        cmocka_unit_test(each_fault_shows_on_the_wire),
        cmocka_unit_test(a_fault_can_be_asked_for_in_the_message_or_by_the_flag),
        cmocka_unit_test(a_refusing_engine_resets_whoever_connects),
        cmocka_unit_test(the_header_wins_over_the_message_and_it_over_the_flag),
        cmocka_unit_test(waits_are_told_by_retry_after),
        cmocka_unit_test(usage_comes_twice_or_early_when_asked_to),
        cmocka_unit_test(a_huge_event_is_as_large_as_asked),
        cmocka_unit_test(a_connection_serves_one_request_after_another),
        cmocka_unit_test(a_promise_of_keep_alive_can_be_broken),
        cmocka_unit_test(a_client_that_leaves_is_counted),
        cmocka_unit_test(without_a_slot_a_request_waits_in_silence),
        cmocka_unit_test(a_reader_that_stops_does_not_make_it_keep_the_answer),
        cmocka_unit_test(tokens_come_at_the_pace_of_the_profile),
        cmocka_unit_test(a_plain_answer_comes_when_its_last_token_would),
        cmocka_unit_test(slow_faults_hold_bytes_back),
        cmocka_unit_test(what_comes_during_an_answer_is_answered_after_it),
        cmocka_unit_test(stopping_it_ends_what_is_under_way),
        cmocka_unit_test(a_busy_port_is_an_error),
    };
    (void)argc;
    if (!getenv("WEIR_CLOCK_FILE"))
        restart_with_clock(argv);
    open_clock();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
