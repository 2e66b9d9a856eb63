/* write.c -- heads and chunk sizes as bytes.
 *
 * Values come from clients and engines, so the check against response splitting is
 * here, where it cannot be forgotten, and not with those who call. */
#include "http/write.h"

#include "http/head_parse.h"

/* IANA's registry of 2024-09; what else exists is sent with an empty phrase, which
 * RFC 9112 allows. */
static const char *const reasons[] = {
    [100] = "Continue",
    [101] = "Switching Protocols",
    [102] = "Processing",
    [103] = "Early Hints",
    [200] = "OK",
    [201] = "Created",
    [202] = "Accepted",
    [203] = "Non-Authoritative Information",
    [204] = "No Content",
    [205] = "Reset Content",
    [206] = "Partial Content",
    [300] = "Multiple Choices",
    [301] = "Moved Permanently",
    [302] = "Found",
    [303] = "See Other",
    [304] = "Not Modified",
    [307] = "Temporary Redirect",
    [308] = "Permanent Redirect",
    [400] = "Bad Request",
    [401] = "Unauthorized",
    [402] = "Payment Required",
    [403] = "Forbidden",
    [404] = "Not Found",
    [405] = "Method Not Allowed",
    [406] = "Not Acceptable",
    [407] = "Proxy Authentication Required",
    [408] = "Request Timeout",
    [409] = "Conflict",
    [410] = "Gone",
    [411] = "Length Required",
    [412] = "Precondition Failed",
    [413] = "Content Too Large",
    [414] = "URI Too Long",
    [415] = "Unsupported Media Type",
    [416] = "Range Not Satisfiable",
    [417] = "Expectation Failed",
    [421] = "Misdirected Request",
    [422] = "Unprocessable Content",
    [423] = "Locked",
    [424] = "Failed Dependency",
    [425] = "Too Early",
    [426] = "Upgrade Required",
    [428] = "Precondition Required",
    [429] = "Too Many Requests",
    [431] = "Request Header Fields Too Large",
    [451] = "Unavailable For Legal Reasons",
    [499] = "Client Closed Request",
    [500] = "Internal Server Error",
    [501] = "Not Implemented",
    [502] = "Bad Gateway",
    [503] = "Service Unavailable",
    [504] = "Gateway Timeout",
    [505] = "HTTP Version Not Supported",
    [507] = "Insufficient Storage",
    [508] = "Loop Detected",
    [511] = "Network Authentication Required",
    [529] = "Overloaded",
};

const char *http_reason(int status)
{
    if (status < 0 || (size_t)status >= ARRAY_LEN(reasons) || !reasons[status])
        return "";
    return reasons[status];
}

void http_write_request_line(struct buf *b, struct str method, struct str target)
{
    buf_append(b, method);
    buf_byte(b, ' ');
    buf_append(b, target);
    buf_lit(b, " HTTP/1.1\r\n");
}

void http_write_status_line(struct buf *b, int status)
{
    buf_lit(b, "HTTP/1.1 ");
    buf_i64(b, status);
    buf_byte(b, ' ');
    buf_append(b, str_of(http_reason(status)));
    buf_lit(b, "\r\n");
}

static bool is_safe_value(struct str s)
{
    return s.n == 0 || http_next_control(s.p, s.p + s.n) == s.p + s.n;
}

bool http_write_own_field(struct buf *b, struct str name_colon, struct str value)
{
    if (!is_safe_value(value) || !buf_reserve(b, name_colon.n + value.n + 2))
        return false;
    char *at = mempcpy(b->p + b->n, name_colon.p, name_colon.n);
    if (value.n)
        at = mempcpy(at, value.p, value.n);
    memcpy(at, "\r\n", 2);
    b->n += name_colon.n + value.n + 2;
    return true;
}

bool http_write_field(struct buf *b, struct str name, struct str value)
{
    if (!http_is_token(name) || !is_safe_value(value) ||
        !buf_reserve(b, name.n + value.n + 4))
        return false; /* half a line would swallow the next one */
    char *at = mempcpy(b->p + b->n, name.p, name.n);
    at = mempcpy(at, ": ", 2);
    if (value.n)
        at = mempcpy(at, value.p, value.n);
    memcpy(at, "\r\n", 2);
    b->n += name.n + value.n + 4;
    return true;
}

void http_write_field_u64(struct buf *b, struct str name, uint64_t value)
{
    buf_append(b, name);
    buf_lit(b, ": ");
    buf_u64(b, value);
    buf_lit(b, "\r\n");
}

void http_write_head_end(struct buf *b)
{
    buf_lit(b, "\r\n");
}

size_t http_write_chunk_size(char *out, size_t data_bytes)
{
    static const char hex[] = "0123456789abcdef";
    char digits[16];
    size_t n = 0, at = 0;
    do {
        digits[n++] = hex[data_bytes & 15];
        data_bytes >>= 4;
    } while (data_bytes);
    while (n > 0)
        out[at++] = digits[--n];
    out[at++] = '\r';
    out[at++] = '\n';
    return at;
}
