/* test_http.c -- reading messages in any pieces, what responses may look like, limits,
 * and writing.  What requests must not look like is test_smuggling.c. */
#include "../fuzz/http_transcript.h"
#include "http/wait.h"
#include "http/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { NO_BODY = 1, EOF_AFTER = 2 };

static struct transcript read_pieces(enum http_role role, struct str bytes, size_t piece,
                                     unsigned flags)
{
    struct transcript t;
    transcript_begin(&t);
    struct http_reader *r = http_reader_create(role, &transcript_events, &t);
    if (flags & NO_BODY)
        http_reader_expect_no_body(r);
    for (size_t at = 0; at < bytes.n; at += piece)
        transcript_feed(&t, r, str_sub(bytes, at, at + piece));
    transcript_close(&t, r, flags & EOF_AFTER);
    return t;
}

static void expect(enum http_role role, unsigned flags, struct str bytes,
                   const char *want)
{
    for (size_t piece = 1; piece <= bytes.n; piece++) {
        struct transcript t = read_pieces(role, bytes, piece, flags);
        if (!str_eqz(buf_view(&t.text), want))
            fail_msg("%.*s\nwant %s\ngot  %.*s", STR_ARG(bytes), want,
                     STR_ARG(buf_view(&t.text)));
        if (t.is_refused)
            assert_int_equal(t.err.kind,
                             role == HTTP_READ_REQUESTS ? ERR_BAD_REQUEST : ERR_UPSTREAM);
        buf_release(&t.text);
    }
}

static void reads_requests(void **state)
{
    (void)state;
    expect(HTTP_READ_REQUESTS, 0,
           STR("POST /v1/x?y=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
               "X-A:\t b c \r\nEmpty:\r\n\r\nhello"),
           "<POST /v1/x?y=1 0 1.1 keep 5>[Host=a][Content-Length=5][X-A=b c][Empty=]"
           "hello<end>ok");
    expect(
        HTTP_READ_REQUESTS, 0,
        STR("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
            "Expect: 100-Continue\r\n\r\n3\r\nabc\r\n0A;x=y\r\n0123456789\r\n0\r\n\r\n"),
        "<POST / 0 1.1 keep chunked expects -1>[Host=a][Transfer-Encoding=chunked]"
        "[Expect=100-Continue]abc0123456789<end>ok");
    expect(HTTP_READ_REQUESTS, 0,
           STR("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n\r\nGET /2 HTTP/1.1\r\nHost: b\r\n"
               "Connection: x, Close\r\n\r\n"),
           "<GET /1 0 1.1 keep -1>[Host=a]<end>"
           "<GET /2 0 1.1 close -1>[Host=b][Connection=x, Close]<end>ok");
    expect(HTTP_READ_REQUESTS, 0,
           STR("GET / HTTP/1.0\r\n\r\nGET / HTTP/1.0\r\nConnection: keep-alive\r\n"
               "Expect: 100-continue\r\n\r\n"),
           "<GET / 0 1.0 close -1><end><GET / 0 1.0 keep -1>[Connection=keep-alive]"
           "[Expect=100-continue]<end>ok");
    expect(HTTP_READ_REQUESTS, 0,
           STR("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"),
           "<POST / 0 1.1 keep 0>[Host=a][Content-Length=0]<end>ok");
}

#define OK_HEAD "<  200 1.1 keep "

static void reads_responses(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *want;
        unsigned flags;
    } rows[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
         OK_HEAD "2>[Content-Length=2]hi<end>ok", 0},
        {"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi",
         OK_HEAD "2>[Content-Length=2]hi<end>ok", 0},
        {"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nhi",
         OK_HEAD "2>[Content-Length=2]hi<end>ok", 0},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
         OK_HEAD "0>[Content-Length=0]<end>ok", 0},
        {"HTTP/1.1 200 OK\r\n\r\nup to the end",
         "<  200 1.1 close -1>up to the end<end>ok", EOF_AFTER},
        {"HTTP/1.1 200 OK\r\n\r\n", "<  200 1.1 close -1><end>ok", EOF_AFTER},
        {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx",
         "<  200 1.0 keep 1>[Connection=keep-alive][Content-Length=1]x<end>ok", 0},
        {"HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 304 x\r\nContent-Length: 5\r\n\r\n",
         "<  204 1.1 keep -1><end><  304 1.1 keep 5>[Content-Length=5]<end>ok",
         EOF_AFTER},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
         OK_HEAD "5>[Content-Length=5]<end>ok", NO_BODY | EOF_AFTER},
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 x\r\nLink: y\r\n\r\n"
         "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
         OK_HEAD "0>[Content-Length=0]<end>ok", EOF_AFTER},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n"
         "X-Sum: 1\r\nY:\r\n\r\n",
         OK_HEAD "chunked -1>[Transfer-Encoding=chunked]hi<end>ok", 0},
        {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n"
         "0\r\n\r\n",
         "<  200 1.0 close chunked -1>[Connection=keep-alive][Transfer-Encoding=chunked]"
         "<end>ok",
         0},
        {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
         "bad_http", 0},
        {"HTTP/1.1 100 Continue\r\n\r\n", "bad_http", EOF_AFTER},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi",
         OK_HEAD "5>[Content-Length=5]hibad_http", EOF_AFTER},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n",
         OK_HEAD "chunked -1>[Transfer-Encoding=chunked]hibad_http", EOF_AFTER},
        {"HTTP/1.1 200 OK\r\nConte", "bad_http", EOF_AFTER},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
         "bad_http", 0},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", "bad_http",
         0},
        {"HTTP/1.1 200 OK\nContent-Length: 5\n\n", "bad_http", 0},
        {"HTTP/2 200\r\n\r\n", "bad_http", 0},
        {"HTTP/1.1 20 OK\r\n\r\n", "bad_http", 0},
        {"HTTP/1.1 2000 OK\r\n\r\n", "bad_http", 0},
        {"HTTP/1.1 600 OK\r\n\r\n", "bad_http", 0},
        {"RTSP/1.0 200 OK\r\n\r\n", "bad_http", 0},
        {"\r\nHTTP/1.1 200 OK\r\n\r\n", "bad_http", 0},
        {"<html>\r\n", "partial", 0},
        {"", "ok", EOF_AFTER},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        expect(HTTP_READ_RESPONSES, rows[i].flags, str_of(rows[i].bytes), rows[i].want);
}

static void stops_after_each_message(void **state)
{
    (void)state;
    struct transcript t;
    transcript_begin(&t);
    struct http_reader *r =
        http_reader_create(HTTP_READ_REQUESTS, &transcript_events, &t);
    struct str first = STR("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
    struct str both = STR("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHo");
    size_t used = 0;
    assert_true(http_reader_is_idle(r));
    assert_int_equal(http_reader_feed(r, both, &used, NULL), 0);
    assert_int_equal(used, first.n);
    assert_true(http_reader_is_idle(r));
    assert_int_equal(http_reader_feed(r, str_sub(both, used, both.n), &used, NULL), 0);
    assert_int_equal(used, both.n - first.n);
    assert_false(http_reader_is_idle(r));
    assert_int_equal(t.nmessages, 1);
    assert_int_equal(http_reader_eof(r, &t.err), -1);
    assert_string_equal(t.err.code, "bad_http");
    http_reader_free(r);
    http_reader_free(NULL);
    buf_release(&t.text);
}

/* A connection that waits costs its struct; a head that came whole costs no more. */
static int head_lies_in_the_input(void *ctx, const struct http_head *h, struct err *err)
{
    const struct str *in = ctx;
    (void)err;
    assert_true(h->target.p > in->p && h->target.p < in->p + in->n);
    assert_true(h->fields[0].value.p > in->p && h->fields[0].value.p < in->p + in->n);
    assert_true(str_eqz(http_head_get(h, STR("hOST")), "a"));
    assert_null(http_head_get(h, STR("Hos")).p);
    assert_non_null(http_head_get(h, STR("empty")).p);
    return 0;
}

static int no_end(void *ctx, struct err *err)
{
    (void)ctx;
    (void)err;
    return 0;
}

static void whole_heads_are_not_copied(void **state)
{
    (void)state;
    static const struct http_reader_events events = {head_lies_in_the_input, NULL,
                                                     no_end};
    struct str in = STR("GET /x HTTP/1.1\r\nHost: a\r\nEmpty:\r\n\r\n");
    struct http_reader *r = http_reader_create(HTTP_READ_REQUESTS, &events, &in);
    size_t used = 0;
    assert_int_equal(http_reader_feed(r, in, &used, NULL), 0);
    assert_int_equal(used, in.n);
    http_reader_free(r);
}

static int refuse_head(void *ctx, const struct http_head *h, struct err *err)
{
    (void)ctx;
    (void)h;
    return err_set(err, ERR_OVERLOAD, "busy", "no");
}

static void callbacks_can_stop_it(void **state)
{
    (void)state;
    static const struct http_reader_events events = {refuse_head, NULL, no_end};
    struct http_reader *r = http_reader_create(HTTP_READ_REQUESTS, &events, NULL);
    struct err err;
    size_t used = 0;
    assert_int_equal(
        http_reader_feed(r, STR("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), &used, &err), -1);
    assert_int_equal(err.kind, ERR_OVERLOAD);
    assert_string_equal(err.code, "busy");
    http_reader_free(r);
}

static void expect_limit(struct str bytes, const char *code)
{
    static const size_t pieces[] = {1 << 20, 1000, 1};
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        struct transcript t = read_pieces(HTTP_READ_REQUESTS, bytes, pieces[i], 0);
        if (code) {
            assert_true(t.is_refused);
            assert_string_equal(t.err.code, code);
            assert_int_equal(t.err.kind, ERR_HEAD_TOO_LARGE);
        } else if (t.is_refused) {
            fail_msg("%s", t.err.msg);
        }
        assert_int_equal(t.nmessages, code ? 0 : 1);
        buf_release(&t.text);
    }
}

/* A head of exactly n bytes, most of them in one field. */
static struct str head_of(char *out, size_t n)
{
    size_t at = (size_t)sprintf(out, "GET / HTTP/1.1\r\nHost: a\r\nX: ");
    memset(out + at, 'x', n - at - 4);
    memcpy(out + n - 4, "\r\n\r\n", 4);
    return (struct str){out, n};
}

static struct str head_with_fields(char *out, int nfields)
{
    size_t at = (size_t)sprintf(out, "GET / HTTP/1.1\r\nHost: a\r\n");
    for (int i = 1; i < nfields; i++)
        at += (size_t)sprintf(out + at, "X%d: y\r\n", i);
    at += (size_t)sprintf(out + at, "\r\n");
    return (struct str){out, at};
}

static struct str head_with_start_line(char *out, size_t n)
{
    size_t at = (size_t)sprintf(out, "GET /");
    memset(out + at, 'x', n - at - 9);
    at = n - 9;
    at += (size_t)sprintf(out + at, " HTTP/1.1\r\nHost: a\r\n\r\n");
    return (struct str){out, at};
}

static void heads_have_limits(void **state)
{
    (void)state;
    char *out = malloc(80 * 1024);
    expect_limit(head_of(out, 64 * 1024), NULL);
    expect_limit(head_of(out, 64 * 1024 + 1), "head_too_large");
    expect_limit(head_of(out, 70 * 1024), "head_too_large");
    expect_limit(head_with_fields(out, 100), NULL);
    expect_limit(head_with_fields(out, 101), "too_many_headers");
    expect_limit(head_with_start_line(out, 8192), NULL);
    expect_limit(head_with_start_line(out, 8193), "head_too_large");
    free(out);
}

static struct str chunk_with_line(char *out, size_t line_bytes)
{
    size_t at = (size_t)sprintf(out, "POST / HTTP/1.1\r\nHost: a\r\n"
                                     "Transfer-Encoding: chunked\r\n\r\n1;");
    memset(out + at, 'x', line_bytes - 2);
    at += line_bytes - 2;
    at += (size_t)sprintf(out + at, "\r\ny\r\n0\r\n\r\n");
    return (struct str){out, at};
}

static void chunk_lines_and_trailers_have_limits(void **state)
{
    (void)state;
    char out[16 * 1024];
    struct transcript t;
    t = read_pieces(HTTP_READ_REQUESTS, chunk_with_line(out, 1023), 7, 0);
    assert_false(t.is_refused);
    assert_int_equal(t.nmessages, 1);
    buf_release(&t.text);
    t = read_pieces(HTTP_READ_REQUESTS, chunk_with_line(out, 1025), 7, 0);
    assert_true(t.is_refused);
    buf_release(&t.text);

    size_t at =
        (size_t)sprintf(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                             "0\r\n");
    memset(out + at, 'x', 9 * 1024);
    t = read_pieces(HTTP_READ_RESPONSES, (struct str){out, at + 9 * 1024}, 1000, 0);
    assert_true(t.is_refused);
    buf_release(&t.text);
}

/* An engine that never comes to its answer must not keep the reader busy for ever. */
static void interim_responses_have_a_limit(void **state)
{
    (void)state;
    struct transcript t;
    transcript_begin(&t);
    struct http_reader *r =
        http_reader_create(HTTP_READ_RESPONSES, &transcript_events, &t);
    for (int i = 0; i < 16; i++)
        transcript_feed(&t, r, STR("HTTP/1.1 102 Processing\r\n\r\n"));
    assert_false(t.is_refused);
    assert_false(http_reader_is_idle(r));
    transcript_feed(&t, r, STR("HTTP/1.1 102 Processing\r\n\r\n"));
    transcript_close(&t, r, false);
    assert_true(t.is_refused);
    buf_release(&t.text);
}

static void writes_heads(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4096);
    http_write_request_line(&b, STR("POST"), STR("/v1/x"));
    assert_true(http_write_field(&b, STR("Host"), STR("a")));
    assert_true(http_write_field(&b, STR("X"), STR("")));
    http_write_field_u64(&b, STR("Content-Length"), 13);
    assert_false(http_write_field(&b, STR("X"), STR("a\r\nEvil: 1")));
    assert_false(http_write_field(&b, STR("X"), STR("a\n")));
    assert_false(http_write_field(&b, STR("X"), STR("a\rb")));
    assert_false(http_write_field(&b, STR("X"), STR("a\0b")));
    assert_false(http_write_field(&b, STR("X: y\r\nZ"), STR("a")));
    assert_false(http_write_field(&b, STR(""), STR("a")));
    http_write_head_end(&b);
    assert_true(str_eqz(buf_view(&b), "POST /v1/x HTTP/1.1\r\nHost: a\r\nX: \r\n"
                                      "Content-Length: 13\r\n\r\n"));
    buf_clear(&b);
    http_write_status_line(&b, 200);
    http_write_status_line(&b, 429);
    http_write_status_line(&b, 599);
    assert_true(str_eqz(buf_view(&b), "HTTP/1.1 200 OK\r\nHTTP/1.1 429 Too Many Requests"
                                      "\r\nHTTP/1.1 599 \r\n"));
    buf_release(&b);
    assert_string_equal(http_reason(504), "Gateway Timeout");
    assert_string_equal(http_reason(-1), "");
    assert_string_equal(http_reason(100000), "");
}

static void writes_chunk_sizes(void **state)
{
    (void)state;
    static const struct {
        size_t bytes;
        const char *want;
    } rows[] = {{0, "0\r\n"},
                {9, "9\r\n"},
                {0x1a3, "1a3\r\n"},
                {SIZE_MAX, "ffffffffffffffff\r\n"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char out[20];
        size_t n = http_write_chunk_size(out, rows[i].bytes);
        assert_true(str_eqz((struct str){out, n}, rows[i].want));
    }
}

static void tokens_are_what_the_rfc_says(void **state)
{
    (void)state;
    for (int ch = 0; ch < 256; ch++) {
        char c = (char)ch;
        bool want = ch > 0 && ch < 128 &&
                    strchr("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                           "abcdefghijklmnopqrstuvwxyz",
                           ch) != NULL;
        assert_int_equal(http_is_token((struct str){&c, 1}), want);
    }
    assert_false(http_is_token(STR("")));
}

/* -- how long a server asks to be left alone ------------------------------------------
 */

static void waits_are_read_in_every_form(void **state)
{
    (void)state;
    static const struct {
        struct http_field fields[4];
        uint64_t ms; /* UINT64_MAX: it does not say */
    } cases[] = {
        {{{STR_INIT("Retry-After"), STR_INIT("7")}}, 7000},
        {{{STR_INIT("retry-after"), STR_INIT("0.25")}}, 250},
        {{{STR_INIT("Retry-After"), STR_INIT("7")},
          {STR_INIT("retry-after-ms"), STR_INIT("1500")}},
         1500},
        {{{STR_INIT("Date"), STR_INIT("Sun, 06 Nov 1994 08:49:37 GMT")},
          {STR_INIT("Retry-After"), STR_INIT("Sun, 06 Nov 1994 08:50:37 GMT")}},
         60000},
        {{{STR_INIT("Retry-After"), STR_INIT("Thu, 01 Jan 1970 00:16:50 GMT")}}, 10000},
        {{{STR_INIT("Retry-After"), STR_INIT("Thu Jan  1 00:16:50 1970")}}, 10000},
        {{{STR_INIT("Retry-After"), STR_INIT("Thu, 01 Jan 1970 00:00:00 GMT")}}, 0},
        {{{STR_INIT("Retry-After"), STR_INIT("99999999999")}}, 86400000},
        {{{STR_INIT("x-ratelimit-reset-requests"), STR_INIT("6m0s")},
          {STR_INIT("x-ratelimit-reset-tokens"), STR_INIT("20ms")}},
         20},
        {{{STR_INIT("x-ratelimit-reset-requests"), STR_INIT("6m0s")},
          {STR_INIT("x-ratelimit-remaining-requests"), STR_INIT("0")},
          {STR_INIT("x-ratelimit-reset-tokens"), STR_INIT("20ms")}},
         360000},
        {{{STR_INIT("anthropic-ratelimit-requests-reset"),
           STR_INIT("1970-01-01T00:16:45Z")}},
         5000},
        {{{STR_INIT("X-RateLimit-Reset"), STR_INIT("30")}}, 30000},
        {{{STR_INIT("Retry-After"), STR_INIT("Thu, 01 Jan 1970 00:16:50 UTC")}}, 10000},
        {{{STR_INIT("Retry-After"), STR_INIT("Thu, 01 Jan 1970 02:16:50 +0200")}}, 10000},
        {{{STR_INIT("Retry-After"), STR_INIT("1970-01-01T02:16:50.5+02:00")}}, 10000},
        {{{STR_INIT("Retry-After"), STR_INIT("1969-12-31T19:16:50-05:00")}}, 10000},
        {{{STR_INIT("Retry-After"), STR_INIT("1970-01-01 00:16:50")}}, 10000},
        {{{STR_INIT("Retry-After"), STR_INIT("5 seconds")}}, 5000},
        {{{STR_INIT("Retry-After"), STR_INIT("2 min")}}, 120000},
        {{{STR_INIT("Retry-After"), STR_INIT("120, 120")}}, 120000},
        {{{STR_INIT("X-Rate-Limit-Reset"), STR_INIT("33")}}, 33000},
        {{{STR_INIT("Retry-After"), STR_INIT("PT30S")}}, 30000},
        {{{STR_INIT("Retry-After"), STR_INIT("pt1m30.5s")}}, 90500},
        {{{STR_INIT("Retry-After"), STR_INIT("P1DT2H")}}, 86400000},
        {{{STR_INIT("Retry-After"), STR_INIT("PT")}}, UINT64_MAX},
        {{{STR_INIT("Retry-After"), STR_INIT("P3M")}}, UINT64_MAX},
        {{{STR_INIT("Retry-After"), STR_INIT("PT5")}}, UINT64_MAX},
        {{{STR_INIT("X-Retry-After"), STR_INIT("12")}}, 12000},
        {{{STR_INIT("X-RateLimit-Retry-After"), STR_INIT("12")}}, 12000},
        {{{STR_INIT("x-ms-retry-after-ms"), STR_INIT("250")},
          {STR_INIT("Retry-After"), STR_INIT("1")}},
         250},
        {{{STR_INIT("retry-after-ms"), STR_INIT("1500ms")}}, 1500},
        {{{STR_INIT("RateLimit"), STR_INIT("\"default\";r=0;t=30")}}, 30000},
        {{{STR_INIT("RateLimit"), STR_INIT("\"a,;r=1\";r=0;t=30, \"day\";r=9;t=5")}},
         30000},
        {{{STR_INIT("RateLimit"), STR_INIT("\"burst\"; r=0; t=2,\"day\";t=50;r=0")}},
         50000},
        {{{STR_INIT("RateLimit"), STR_INIT("default;r=3;t=30")}}, 30000},
        {{{STR_INIT("RateLimit"), STR_INIT("limit=100, remaining=0, reset=30")}}, 30000},
        {{{STR_INIT("RateLimit"), STR_INIT("limit=10, remaining=0, reset=7")},
          {STR_INIT("Retry-After"), STR_INIT("9")}},
         9000},
        {{{STR_INIT("RateLimit-Limit"), STR_INIT("10")},
          {STR_INIT("RateLimit-Remaining"), STR_INIT("0")},
          {STR_INIT("RateLimit-Reset"), STR_INIT("7")}},
         7000},
        {{{STR_INIT("RateLimit-Policy"), STR_INIT("\"default\";q=10;w=60")}}, UINT64_MAX},
        {{{STR_INIT("RateLimit"), STR_INIT("\"default\";r=0")}}, UINT64_MAX},
        {{{STR_INIT("RateLimit"), STR_INIT("\"unclosed;r=0;t=5")}}, UINT64_MAX},
        {{{STR_INIT("RateLimit"), STR_INIT(",,;;=,t=")}}, UINT64_MAX},
        {{{STR_INIT("Retry-After"), STR_INIT("5 apples")}}, UINT64_MAX},
        {{{STR_INIT("Retry-After"), STR_INIT("Thu, 01 Jan 1970 00:16:50 XYZ")}},
         UINT64_MAX},
        {{{STR_INIT("Retry-After"), STR_INIT("soon")}}, UINT64_MAX},
        {{{STR_INIT("x-ratelimit-limit-requests"), STR_INIT("30")}}, UINT64_MAX},
        {{{STR_INIT("Retry-After"), STR_INIT("-5")}}, UINT64_MAX},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct http_head h = {.fields = cases[i].fields};
        uint64_t ms = UINT64_MAX;
        while (h.nfields < 4 && cases[i].fields[h.nfields].name.n)
            h.nfields++;
        bool says = http_wait_ms(&h, 1000000, &ms);
        if (says != (cases[i].ms != UINT64_MAX) || (says && ms != cases[i].ms))
            fail_msg("case %zu: %llu", i, (unsigned long long)ms);
    }
}

static void a_host_stands_before_a_port_of_digits(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"localhost", "localhost"},
        {"localhost:80", "localhost"},
        {"localhost:", "localhost"},
        {"[::1]", "::1"},
        {"[::1]:4141", "::1"},
        {"", ""},
        {":80", ""},
        {"[", ""},
        {"[::1", ""},
        {"[::1].evil.example", ""},
        {"[::1]evil.example", ""},
        {"[::1]:evil", ""},
        {"127.0.0.1:evil.example", ""},
        {"127.0.0.1:80:80", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct str got = http_host_alone(str_of(cases[i][0]));
        if (!str_eqz(got, cases[i][1]))
            fail_msg("%s: %.*s", cases[i][0], STR_ARG(got));
    }
    assert_true(http_host_alone((struct str){NULL, 0}).n == 0); /* no Host at all */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_are_read_in_every_form),
        cmocka_unit_test(a_host_stands_before_a_port_of_digits),
        cmocka_unit_test(reads_requests),
        cmocka_unit_test(reads_responses),
        cmocka_unit_test(stops_after_each_message),
        cmocka_unit_test(whole_heads_are_not_copied),
        cmocka_unit_test(callbacks_can_stop_it),
        cmocka_unit_test(heads_have_limits),
        cmocka_unit_test(chunk_lines_and_trailers_have_limits),
        cmocka_unit_test(interim_responses_have_a_limit),
        cmocka_unit_test(writes_heads),
        cmocka_unit_test(writes_chunk_sizes),
        cmocka_unit_test(tokens_are_what_the_rfc_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
