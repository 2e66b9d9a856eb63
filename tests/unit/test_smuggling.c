/* test_smuggling.c -- raw requests that two readers could take for different ones.
 *
 * The rows were collected against eight servers and parsers; each is one disagreement
 * that exists in the wild.  A verdict may not depend on how the bytes are cut, so every
 * row is also read one byte at a time and cut in two at every place. */
#include "../fuzz/http_transcript.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define HOST "Host: a\r\n"
#define POST "POST / HTTP/1.1\r\n" HOST
#define TE   "Transfer-Encoding: chunked\r\n"
#define BODY "hello, world!" /* 13 bytes */

struct probe {
    const char *name;
    struct str bytes;
    bool is_refused;
};

#define REFUSE(name, bytes)                                                              \
    {                                                                                    \
        name, STR_INIT(bytes), true                                                      \
    }
#define ACCEPT(name, bytes)                                                              \
    {                                                                                    \
        name, STR_INIT(bytes), false                                                     \
    }

/* clang-format off */
static const struct probe probes[] = {
    /* the 27 that must be refused */
    REFUSE("CL and TE", POST "Content-Length: 13\r\n" TE "\r\n0\r\n\r\n"),
    REFUSE("TE and CL", POST TE "Content-Length: 13\r\n\r\n0\r\n\r\n"),
    REFUSE("two CLs that differ", POST "Content-Length: 13\r\nContent-Length: 5\r\n\r\n" BODY),
    REFUSE("two equal CLs", POST "Content-Length: 13\r\nContent-Length: 13\r\n\r\n" BODY),
    REFUSE("CL with plus", POST "Content-Length: +13\r\n\r\n" BODY),
    REFUSE("CL negative", POST "Content-Length: -1\r\n\r\n" BODY),
    REFUSE("CL hexadecimal", POST "Content-Length: 0x10\r\n\r\n" BODY),
    REFUSE("CL list", POST "Content-Length: 1,1\r\n\r\n" BODY),
    REFUSE("CL overflow", POST "Content-Length: 18446744073709551629\r\n\r\n" BODY),
    REFUSE("blank before colon of CL", POST "Content-Length : 13\r\n\r\n" BODY),
    REFUSE("blank before colon of TE", POST "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
    REFUSE("TE not ending in chunked", POST "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
    REFUSE("TE misspelt", POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    REFUSE("TE twice", POST TE TE "\r\n0\r\n\r\n"),
    REFUSE("TE folded", POST "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"),
    REFUSE("folded field", POST "X: a\r\n b\r\nContent-Length: 0\r\n\r\n"),
    REFUSE("bare LF lines", "POST / HTTP/1.1\nHost: a\nContent-Length: 0\n\n"),
    REFUSE("CR as line end", POST "X: a\rContent-Length: 13\r\n\r\n" BODY),
    REFUSE("NUL in a value", POST "X: a\0b\r\n\r\n"),
    REFUSE("control character in a value", POST "X: a\x01" "b\r\n\r\n"),
    REFUSE("no Host", "GET / HTTP/1.1\r\n\r\n"),
    REFUSE("two Hosts", "GET / HTTP/1.1\r\n" HOST "Host: b\r\n\r\n"),
    REFUSE("chunk size negative", POST TE "\r\n-1\r\nx\r\n0\r\n\r\n"),
    REFUSE("chunk size overflow", POST TE "\r\n10000000000000001\r\nx\r\n0\r\n\r\n"),
    REFUSE("chunk size 0x", POST TE "\r\n0x1\r\nx\r\n0\r\n\r\n"),
    REFUSE("no CRLF after chunk data", POST TE "\r\n1\r\nx0\r\n\r\n"),
    REFUSE("bare LF in chunk extension", POST TE "\r\n1;a\nx\r\n0\r\n\r\n"),
    /* the 11 that must be accepted */
    ACCEPT("post with CL", POST "Content-Length: 13\r\n\r\n" BODY),
    ACCEPT("post chunked", POST TE "\r\nd\r\n" BODY "\r\n0\r\n\r\n"),
    ACCEPT("lower-case names", "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 13\r\n\r\n" BODY),
    ACCEPT("upper-case names", "POST / HTTP/1.1\r\nHOST: a\r\nTRANSFER-ENCODING: CHUNKED\r\n\r\n0\r\n\r\n"),
    ACCEPT("empty line before", "\r\nGET / HTTP/1.1\r\n" HOST "\r\n"),
    ACCEPT("pipelined", POST "Content-Length: 13\r\n\r\n" BODY "GET /x HTTP/1.1\r\n" HOST "\r\n"),
    ACCEPT("blanks around values", "POST / HTTP/1.1\r\nHost: \t a \t\r\nContent-Length:13 \r\n\r\n" BODY),
    ACCEPT("HTTP/1.0", "GET / HTTP/1.0\r\n\r\n"),
    ACCEPT("empty value", "GET / HTTP/1.1\r\n" HOST "X:\r\nY: \r\n\r\n"),
    ACCEPT("short chunk extension", POST TE "\r\nd;a=\"b\"\r\n" BODY "\r\n0;z\r\n\r\n"),
    ACCEPT("100-continue", POST "Expect: 100-continue\r\nContent-Length: 13\r\n\r\n" BODY),
    /* and what else was thought of */
    REFUSE("empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
    REFUSE("Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
    REFUSE("Host with a user", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"),
    REFUSE("two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\n" HOST "Host: b\r\n\r\n"),
    REFUSE("blank inside a name", POST "Content Length: 13\r\n\r\n" BODY),
    REFUSE("blank before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"),
    REFUSE("field without colon", POST "Transfer-Encoding\r\n\r\n"),
    REFUSE("field without name", POST ": chunked\r\n\r\n"),
    REFUSE("CL empty", POST "Content-Length:\r\n\r\n"),
    REFUSE("CL with a blank inside", POST "Content-Length: 1 3\r\n\r\n" BODY),
    REFUSE("CL decimal point", POST "Content-Length: 13.0\r\n\r\n" BODY),
    REFUSE("CL past int64", POST "Content-Length: 9223372036854775808\r\n\r\n" BODY),
    REFUSE("CL folded", POST "Content-Length: 1\r\n\t3\r\n\r\n" BODY),
    REFUSE("CL with vertical tab", POST "Content-Length:\x0b" "13\r\n\r\n" BODY),
    REFUSE("TE with vertical tab", POST "Transfer-Encoding:\x0b" "chunked\r\n\r\n0\r\n\r\n"),
    REFUSE("TE quoted", POST "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"),
    REFUSE("TE with a parameter", POST "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n"),
    REFUSE("TE gzip, chunked", POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    REFUSE("TE identity", POST "Transfer-Encoding: identity\r\n\r\n"),
    REFUSE("TE empty", POST "Transfer-Encoding:\r\n\r\n"),
    REFUSE("TE comma", POST "Transfer-Encoding: chunked,\r\n\r\n0\r\n\r\n"),
    REFUSE("TE past ASCII", POST "Transfer-Encoding: \xE2\x80\x8B" "chunked\r\n\r\n0\r\n\r\n"),
    REFUSE("TE in HTTP/1.0", "POST / HTTP/1.0\r\n" HOST TE "\r\n0\r\n\r\n"),
    REFUSE("TE then TE identity", POST TE "Transfer-Encoding: identity\r\n\r\n0\r\n\r\n"),
    REFUSE("DEL in a value", POST "X: a\x7f\r\n\r\n"),
    REFUSE("CR before CRLF", POST "X: a\r\r\n\r\n"),
    REFUSE("CR LF CR", POST "\r\r"),
    REFUSE("LF CR LF", "GET / HTTP/1.1\r\n" HOST "\n\r\n"),
    REFUSE("bare LF ends the head", "GET / HTTP/1.1\r\nHost: a\r\n\n"),
    REFUSE("chunk size with a blank after", POST TE "\r\n1 \r\nx\r\n0\r\n\r\n"),
    REFUSE("chunk size with a blank before", POST TE "\r\n 1\r\nx\r\n0\r\n\r\n"),
    REFUSE("chunk size with plus", POST TE "\r\n+1\r\nx\r\n0\r\n\r\n"),
    REFUSE("chunk size empty", POST TE "\r\n\r\n"),
    REFUSE("chunk size with underscore", POST TE "\r\n1_0\r\n"),
    REFUSE("chunk extension without size", POST TE "\r\n;a\r\n"),
    REFUSE("chunk size line ends in LF", POST TE "\r\n1\nx\r\n0\r\n\r\n"),
    REFUSE("chunk size line ends in CR", POST TE "\r\n1\rx\r\n0\r\n\r\n"),
    REFUSE("chunk data longer than said", POST TE "\r\n1\r\nxy\r\n0\r\n\r\n"),
    REFUSE("chunk data ends in LF", POST TE "\r\n1\r\nx\n0\r\n\r\n"),
    REFUSE("control character in extension", POST TE "\r\n1;a\0b\r\nx\r\n0\r\n\r\n"),
    REFUSE("last chunk ends in LF", POST TE "\r\n0\n\r\n"),
    REFUSE("last CRLF is LF", POST TE "\r\n0\r\n\n"),
    REFUSE("trailers", POST TE "\r\n0\r\nX: y\r\n\r\n"),
    REFUSE("absolute-form", "GET http://x/ HTTP/1.1\r\n" HOST "\r\n"),
    REFUSE("asterisk", "OPTIONS * HTTP/1.1\r\n" HOST "\r\n"),
    REFUSE("authority-form", "CONNECT a:443 HTTP/1.1\r\n" HOST "\r\n"),
    REFUSE("no leading slash", "GET x HTTP/1.1\r\n" HOST "\r\n"),
    REFUSE("no target", "GET HTTP/1.1\r\n" HOST "\r\n"),
    REFUSE("two blanks before target", "GET  / HTTP/1.1\r\n" HOST "\r\n"),
    REFUSE("blank in target", "GET /a b HTTP/1.1\r\n" HOST "\r\n"),
    REFUSE("tab in target", "GET /a\tb HTTP/1.1\r\n" HOST "\r\n"),
    REFUSE("fragment in target", "GET /a#b HTTP/1.1\r\n" HOST "\r\n"),
    REFUSE("target past ASCII", "GET /\xC3\xA9 HTTP/1.1\r\n" HOST "\r\n"),
    REFUSE("tab for blank", "GET\t/\tHTTP/1.1\r\n" HOST "\r\n"),
    REFUSE("blank after version", "GET / HTTP/1.1 \r\n" HOST "\r\n"),
    REFUSE("blank before method", " GET / HTTP/1.1\r\n" HOST "\r\n"),
    REFUSE("HTTP/0.9", "GET /\r\n"  HOST "\r\n"),
    REFUSE("HTTP/1.2", "GET / HTTP/1.2\r\n" HOST "\r\n"),
    REFUSE("HTTP/1.10", "GET / HTTP/1.10\r\n" HOST "\r\n"),
    REFUSE("HTTP/2.0", "GET / HTTP/2.0\r\n" HOST "\r\n"),
    REFUSE("http/1.1", "GET / http/1.1\r\n" HOST "\r\n"),
    REFUSE("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    REFUSE("unknown method", "FROB / HTTP/1.1\r\n" HOST "\r\n"),
    REFUSE("lower-case method", "get / HTTP/1.1\r\n" HOST "\r\n"),
    REFUSE("a TLS hello", "\x16\x03\x01\x02\x00"),
    REFUSE("five empty lines", "\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n"),
    REFUSE("LF before", "\nGET / HTTP/1.1\r\n" HOST "\r\n"),
    ACCEPT("tab before TE", POST "Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n"),
    REFUSE("tab after TE", POST "Transfer-Encoding: chunked\t\r\n\r\n0\r\n\r\n"),
    ACCEPT("blank after TE", POST "Transfer-Encoding: chunked \r\n\r\n0\r\n\r\n"),
    ACCEPT("CL with zeros before", POST "Content-Length: 0013\r\n\r\n" BODY),
    ACCEPT("chunk size with zeros before", POST TE "\r\n000d\r\n" BODY "\r\n000\r\n\r\n"),
    ACCEPT("chunk size upper-case", POST TE "\r\nD\r\n" BODY "\r\n0\r\n\r\n"),
    ACCEPT("chunks pipelined", POST TE "\r\n1\r\nx\r\n2\r\nyz\r\n0\r\n\r\n\r\n" POST TE "\r\n0\r\n\r\n"),
    ACCEPT("HTTP/1.0 kept alive", "GET / HTTP/1.0\r\n" HOST "Connection: Keep-Alive\r\n\r\n"),
    ACCEPT("Host with a port", "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n"),
    ACCEPT("upgrade not taken", "GET / HTTP/1.1\r\n" HOST "Connection: upgrade\r\nUpgrade: h2c\r\n\r\n"),
    ACCEPT("upgrade with a body", POST "Connection: upgrade\r\nUpgrade: x\r\nContent-Length: 13\r\n\r\n" BODY),
    ACCEPT("bytes past ASCII in a value", "GET / HTTP/1.1\r\n" HOST "X: \xC3\xA9\r\n\r\n"),
    ACCEPT("query", "GET /a?b=c&d=%20 HTTP/1.1\r\n" HOST "\r\n"),
    ACCEPT("four empty lines", "\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n"),
};
/* clang-format on */

static struct transcript read_cut(struct str bytes, size_t cut)
{
    struct transcript t;
    transcript_begin(&t);
    struct http_reader *r =
        http_reader_create(HTTP_READ_REQUESTS, &transcript_events, &t);
    transcript_feed(&t, r, str_sub(bytes, 0, cut));
    transcript_feed(&t, r, str_sub(bytes, cut, bytes.n));
    transcript_close(&t, r, false);
    return t;
}

static struct transcript read_bytewise(struct str bytes)
{
    struct transcript t;
    transcript_begin(&t);
    struct http_reader *r =
        http_reader_create(HTTP_READ_REQUESTS, &transcript_events, &t);
    for (size_t i = 0; i < bytes.n; i++)
        transcript_feed(&t, r, str_sub(bytes, i, i + 1));
    transcript_close(&t, r, false);
    return t;
}

static void expect_verdict(const struct probe *p, struct transcript *t, const char *how)
{
    if (t->is_refused != p->is_refused)
        fail_msg("%s, %s: %.*s", p->name, how, STR_ARG(buf_view(&t->text)));
    if (t->is_refused)
        assert_int_equal(t->err.kind, ERR_BAD_REQUEST);
    else if (!t->is_idle || t->nmessages == 0)
        fail_msg("%s, %s: not read to its end", p->name, how);
}

static void probes_get_their_verdict(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(probes); i++) {
        struct transcript t = read_cut(probes[i].bytes, 0);
        expect_verdict(&probes[i], &t, "whole");
        buf_release(&t.text);
    }
}

static void expect_same(const struct probe *p, struct str want, struct transcript *t)
{
    struct str got = buf_view(&t->text);
    if (!str_eq(want, got))
        fail_msg("%s: %.*s, cut: %.*s", p->name, STR_ARG(want), STR_ARG(got));
    buf_release(&t->text);
}

static void cutting_changes_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(probes); i++) {
        const struct probe *p = &probes[i];
        struct transcript whole = read_cut(p->bytes, 0);
        struct str want = buf_view(&whole.text);
        struct transcript t = read_bytewise(p->bytes);
        expect_same(p, want, &t);
        for (size_t cut = 1; cut < p->bytes.n; cut++) {
            t = read_cut(p->bytes, cut);
            expect_same(p, want, &t);
        }
        buf_release(&whole.text);
    }
}

static void the_collection_is_whole(void **state)
{
    (void)state;
    size_t refused = 0;
    for (size_t i = 0; i < 38; i++)
        refused += probes[i].is_refused;
    assert_int_equal(refused, 27);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probes_get_their_verdict),
        cmocka_unit_test(cutting_changes_nothing),
        cmocka_unit_test(the_collection_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
