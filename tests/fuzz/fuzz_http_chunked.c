/* fuzz_http_chunked.c -- any bytes as the chunks of a body.  A second decoder, written
 * for clarity over the whole text, must come to the same verdict and the same body. */
#include "cut.h"
#include "http_transcript.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum verdict { WHOLE, PARTIAL, BROKEN };

struct plain {
    struct str rest;
    struct buf body;
};

/* The next line without its CRLF.  A CR without LF, or an LF without CR, is broken. */
static enum verdict plain_line(struct plain *p, size_t max, struct str *ret)
{
    for (size_t i = 0; i < p->rest.n; i++) {
        char ch = p->rest.p[i];
        if (i > max || ch == '\n' || ch == 0x7F ||
            ((unsigned char)ch < 0x20 && ch != '\t' && ch != '\r'))
            return BROKEN;
        if (ch != '\r')
            continue;
        if (i + 1 == p->rest.n)
            return PARTIAL;
        *ret = str_sub(p->rest, 0, i);
        bool is_crlf = p->rest.p[i + 1] == '\n';
        p->rest = str_sub(p->rest, i + 2, p->rest.n);
        return is_crlf ? WHOLE : BROKEN;
    }
    return PARTIAL;
}

static bool plain_size(struct str line, uint64_t *ret)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    struct str hex = {line.p, 0};
    while (hex.n < line.n && strchr(digits, line.p[hex.n]))
        hex.n++;
    while (hex.n > 1 && hex.p[0] == '0')
        hex = str_sub(hex, 1, hex.n);
    char copy[17] = {0};
    if (hex.n == 0 || hex.n > 15)
        return false;
    memcpy(copy, hex.p, hex.n);
    *ret = strtoull(copy, NULL, 16);
    const char *after = hex.p + hex.n;
    return after == line.p + line.n || *after == ';';
}

static enum verdict plain_chunk(struct plain *p, bool *ret_is_last)
{
    struct str line;
    uint64_t n = 0;
    enum verdict v = plain_line(p, 1023, &line);
    if (v != WHOLE)
        return v;
    if (!plain_size(line, &n))
        return BROKEN;
    *ret_is_last = n == 0;
    if (n > p->rest.n) {
        buf_append(&p->body, p->rest);
        return PARTIAL;
    }
    buf_append(&p->body, str_sub(p->rest, 0, (size_t)n));
    p->rest = str_sub(p->rest, (size_t)n, p->rest.n);
    if (!str_starts(STR("\r\n"), str_sub(p->rest, 0, 2)))
        return BROKEN;
    if (p->rest.n < 2)
        return PARTIAL;
    p->rest = str_sub(p->rest, 2, p->rest.n);
    return WHOLE;
}

static enum verdict plain_decode(struct plain *p)
{
    bool is_last = false;
    enum verdict v = WHOLE;
    while (v == WHOLE && !is_last)
        v = plain_chunk(p, &is_last);
    return v;
}

static const char request_head[] =
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
static const char response_head[] =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

struct body {
    struct buf bytes;
    bool has_ended;
};

static int take_head(void *ctx, const struct http_head *h, struct err *err)
{
    (void)ctx;
    (void)h;
    (void)err;
    return 0;
}

static int take_body(void *ctx, struct str piece, struct err *err)
{
    struct body *b = ctx;
    (void)err;
    buf_append(&b->bytes, piece);
    return 0;
}

static int take_end(void *ctx, struct err *err)
{
    struct body *b = ctx;
    (void)err;
    b->has_ended = true;
    return 0;
}

static enum verdict read_cut(enum http_role role, struct cut c, struct body *ret)
{
    static const struct http_reader_events events = {take_head, take_body, take_end};
    struct http_reader *r = http_reader_create(role, &events, ret);
    struct str rest = c.stream,
               head = str_of(role == HTTP_READ_REQUESTS ? request_head : response_head);
    size_t used = 0;
    bool is_ok = http_reader_feed(r, head, &used, NULL) == 0;
    while (is_ok && rest.n > 0 && !ret->has_ended)
        is_ok = http_reader_feed(r, cut_next(&c, &rest), &used, NULL) == 0;
    http_reader_free(r);
    return ret->has_ended ? WHOLE : is_ok ? PARTIAL : BROKEN;
}

/* The reader sees a bad size before its line has ended; the plain decoder waits for the
 * end, and calls it partial. */
static bool verdicts_agree(enum verdict ours, enum verdict plain, struct str rest)
{
    uint64_t n;
    if (ours == plain)
        return true;
    ptrdiff_t cr = str_index(rest, '\r');
    struct str line = cr < 0 ? rest : str_sub(rest, 0, (size_t)cr);
    return ours == BROKEN && plain == PARTIAL && !plain_size(line, &n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cut cut = cut_of(data, size), whole = {.stream = cut.stream};
    struct plain plain = {.rest = cut.stream};
    struct body a = {.has_ended = false}, b = {.has_ended = false},
                c = {.has_ended = false};
    buf_init(&plain.body, (size_t)1 << 24);
    buf_init(&a.bytes, (size_t)1 << 24);
    buf_init(&b.bytes, (size_t)1 << 24);
    buf_init(&c.bytes, (size_t)1 << 24);
    enum verdict va = read_cut(HTTP_READ_REQUESTS, cut, &a);
    enum verdict vb = read_cut(HTTP_READ_REQUESTS, whole, &b);
    enum verdict vc = read_cut(HTTP_READ_RESPONSES, cut, &c);
    enum verdict vp = plain_decode(&plain);
    if (va != vb || !str_eq(buf_view(&a.bytes), buf_view(&b.bytes)))
        abort();
    if (!verdicts_agree(va, vp, plain.rest) ||
        !str_eq(buf_view(&a.bytes), buf_view(&plain.body)))
        abort();
    /* Responses may have trailers, so they are refused no more than requests. */
    if ((va == WHOLE && vc != WHOLE) || (vc == BROKEN && va != BROKEN) ||
        !str_eq(buf_view(&a.bytes), buf_view(&c.bytes)))
        abort();
    buf_release(&plain.body);
    buf_release(&a.bytes);
    buf_release(&b.bytes);
    buf_release(&c.bytes);
    return 0;
}
