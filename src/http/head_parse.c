/* head_parse.c -- what a proxy must refuse in a head, and what the rest means.
 *
 * Request smuggling is two readers who see different messages in the same bytes, so
 * every rule here errs to refusal: one Host, one Content-Length of digits, one
 * Transfer-Encoding that is "chunked" and alone, CRLF everywhere, names that are
 * tokens, no folding, an origin-form target.  llhttp splits the fields and judges them
 * by its own rules; framing is worked out here a second time, and when the two do not
 * agree the message is refused.
 *
 * Not here: waiting for the head to be whole (read.c), chunk framing (chunk.c). */
#include "http/head_parse.h"

#include <llhttp.h>

int head_refuse(enum http_role role, const char *why, struct err *err)
{
    bool is_request = role == HTTP_READ_REQUESTS;
    return err_set(err, is_request ? ERR_BAD_REQUEST : ERR_UPSTREAM, "bad_http",
                   "not acceptable as an HTTP/1.1 %s: %s",
                   is_request ? "request" : "response", why);
}

enum head_state head_scan(struct head_scan *s, struct str bytes)
{
    const char *end = bytes.p + bytes.n, *p = bytes.p + s->at;
    for (;;) {
        p = http_next_control(p, end);
        s->at = (unsigned)(p - bytes.p);
        const char *line = bytes.p + s->line;
        if (s->nlines > 0 && line < end && (*line == ' ' || *line == '\t'))
            return HEAD_BAD;
        if (p == end)
            return HEAD_PARTIAL;
        if (*p != '\r')
            return HEAD_BAD;
        if (end - p < 2)
            return HEAD_PARTIAL;
        if (p[1] != '\n')
            return HEAD_BAD;
        bool is_blank = p == line;
        p += 2;
        s->at = s->line = (unsigned)(p - bytes.p);
        if (is_blank)
            return s->nlines > 0 ? HEAD_WHOLE : HEAD_BAD;
        s->nlines++;
    }
}

/* "HTTP/1.0" or "HTTP/1.1" and nothing else. */
static bool take_version(struct str s, struct http_head *h)
{
    if (s.n != 8 || !str_starts(s, STR("HTTP/1.")) || (s.p[7] != '0' && s.p[7] != '1'))
        return false;
    h->minor_version = s.p[7] - '0';
    return true;
}

static bool is_origin_form(struct str target)
{
    return str_starts(target, STR("/")) && http_all_are(target, HTTP_TARGET);
}

static const char *take_request_line(struct str line, struct http_head *h)
{
    struct str rest = line;
    if (!str_split(&rest, ' ', &h->method) || !str_split(&rest, ' ', &h->target))
        return "the request line has no target";
    if (!take_version(rest, h))
        return "the version is not HTTP/1.0 or HTTP/1.1";
    return is_origin_form(h->target) ? NULL : "the target is not a path";
}

static const char *take_status_line(struct str line, struct http_head *h)
{
    uint64_t status = 0;
    if (!take_version(str_sub(line, 0, 8), h))
        return "the version is not HTTP/1.0 or HTTP/1.1";
    if (line.n < 12 || line.p[8] != ' ' || (line.n > 12 && line.p[12] != ' ') ||
        !str_to_u64(str_sub(line, 9, 12), &status) || status < 100 || status > 599)
        return "the status line has no status";
    h->status = (int)status;
    return NULL;
}

/* llhttp, asked only to split the fields and to say what it thinks of the framing. */
struct split {
    struct http_field *fields;
    size_t n;
    bool is_full;
};

static int on_name(llhttp_t *parser, const char *at, size_t n)
{
    struct split *s = parser->data;
    if (s->n == HTTP_MAX_FIELDS) {
        s->is_full = true;
        return HPE_USER;
    }
    s->fields[s->n++] = (struct http_field){{at, n}, {at + n, 0}};
    return 0;
}

static int on_value(llhttp_t *parser, const char *at, size_t n)
{
    struct split *s = parser->data;
    s->fields[s->n - 1].value = str_trim((struct str){at, n});
    return 0;
}

static int on_whole(llhttp_t *parser)
{
    (void)parser;
    return HPE_PAUSED;
}

static const llhttp_settings_t split_settings = {.on_header_field = on_name,
                                                 .on_header_value = on_value,
                                                 .on_headers_complete = on_whole};

/* What the fields say about framing and connection, each counted. */
struct meaning {
    unsigned hosts, lengths, encodings;
    bool says_close, says_keep_alive;
};

static void take_connection(struct meaning *m, struct str tokens)
{
    struct str token;
    while (str_split(&tokens, ',', &token)) {
        token = str_trim(token);
        if (str_eq_nocase(token, STR("close")))
            m->says_close = true;
        else if (str_eq_nocase(token, STR("keep-alive")))
            m->says_keep_alive = true;
    }
}

static bool is_host(struct str s)
{
    return s.n > 0 && http_all_are(s, HTTP_HOST);
}

static const char *take_length(struct meaning *m, struct str value, struct http_head *h)
{
    uint64_t length = 0;
    if (++m->lengths > 1)
        return "two Content-Length fields";
    if (!str_to_u64(value, &length) || length > (uint64_t)INT64_MAX)
        return "Content-Length is not a number";
    h->content_length = (int64_t)length;
    return NULL;
}

static const char *take_encoding(struct meaning *m, struct str value, struct http_head *h)
{
    if (++m->encodings > 1 || !str_eq_nocase(value, STR("chunked")))
        return "Transfer-Encoding is not \"chunked\" alone";
    h->is_chunked = true;
    return NULL;
}

static const char *take_field(struct meaning *m, const struct http_field *f,
                              struct http_head *h)
{
    if (!http_is_token(f->name))
        return "a field name is not a token";
    switch (f->name.n) { /* most fields end here, after one comparison of numbers */
    case sizeof "host" - 1:
        if (!str_eq_nocase(f->name, STR("host")))
            return NULL;
        m->hosts++;
        return is_host(f->value) ? NULL : "Host does not name a host";
    case sizeof "expect" - 1:
        if (str_eq_nocase(f->name, STR("expect")))
            h->expects_continue = str_eq_nocase(f->value, STR("100-continue"));
        return NULL;
    case sizeof "connection" - 1:
        if (str_eq_nocase(f->name, STR("connection")))
            take_connection(m, f->value);
        return NULL;
    case sizeof "content-length" - 1:
        return str_eq_nocase(f->name, STR("content-length")) ? take_length(m, f->value, h)
                                                             : NULL;
    case sizeof "transfer-encoding" - 1:
        return str_eq_nocase(f->name, STR("transfer-encoding"))
                   ? take_encoding(m, f->value, h)
                   : NULL;
    default:
        return NULL;
    }
}

static const char *take_fields(enum http_role role, struct http_head *h)
{
    struct meaning m = {0};
    const char *problem = NULL;
    for (size_t i = 0; i < h->nfields && !problem; i++) {
        h->names |= http_name_bit(h->fields[i].name);
        problem = take_field(&m, &h->fields[i], h);
    }
    if (problem)
        return problem;
    if (m.encodings && m.lengths)
        return "Transfer-Encoding and Content-Length together";
    h->keep_alive = !m.says_close && (h->minor_version == 1 || m.says_keep_alive);
    if (h->minor_version == 0)
        h->expects_continue = false;
    if (role == HTTP_READ_RESPONSES) {
        /* HTTP/1.0 knows no chunks: whoever sends them cannot be trusted further. */
        h->keep_alive = h->keep_alive && !(m.encodings && h->minor_version == 0);
        return NULL;
    }
    if (m.encodings && h->minor_version == 0)
        return "Transfer-Encoding in HTTP/1.0";
    if (m.hosts > 1 || (m.hosts == 0 && h->minor_version == 1))
        return m.hosts ? "two Host fields" : "no Host field";
    return NULL;
}

static bool agrees(const llhttp_t *parser, const struct http_head *h, unsigned nlines)
{
    bool has_length = h->content_length >= 0;
    return h->nfields + 1 == nlines && h->is_chunked == !!(parser->flags & F_CHUNKED) &&
           has_length == !!(parser->flags & F_CONTENT_LENGTH) &&
           (!has_length || parser->content_length == (uint64_t)h->content_length);
}

int head_parse(enum http_role role, struct str bytes, unsigned nlines,
               struct http_field *fields, struct http_head *ret, struct err *err)
{
    bool is_request = role == HTTP_READ_REQUESTS;
    struct str line = str_sub(bytes, 0, (size_t)str_index(bytes, '\r'));
    *ret = (struct http_head){.content_length = -1, .fields = fields};
    if (line.n > HTTP_MAX_START_LINE_BYTES)
        return err_set(err, is_request ? ERR_HEAD_TOO_LARGE : ERR_UPSTREAM,
                       "head_too_large", "the first line has more than %d bytes",
                       HTTP_MAX_START_LINE_BYTES);
    const char *problem =
        is_request ? take_request_line(line, ret) : take_status_line(line, ret);
    if (problem)
        return head_refuse(role, problem, err);

    struct split split = {.fields = fields};
    llhttp_t parser;
    llhttp_init(&parser, is_request ? HTTP_REQUEST : HTTP_RESPONSE, &split_settings);
    parser.data = &split;
    llhttp_errno_t got = llhttp_execute(&parser, bytes.p, bytes.n);
    if (split.is_full)
        return err_set(err, is_request ? ERR_HEAD_TOO_LARGE : ERR_UPSTREAM,
                       "too_many_headers", "more than %d header fields", HTTP_MAX_FIELDS);
    if (got != HPE_PAUSED) {
        const char *reason = llhttp_get_error_reason(&parser);
        return head_refuse(role, reason ? reason : "its head does not end", err);
    }
    ret->nfields = split.n;
    problem = take_fields(role, ret);
    if (!problem && !agrees(&parser, ret, nlines))
        problem = "its framing can be read in two ways";
    return problem ? head_refuse(role, problem, err) : 0;
}
