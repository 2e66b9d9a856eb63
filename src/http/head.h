/* head.h -- a parsed HTTP/1.1 message head: values that point into its bytes. */
#ifndef WEIR_HTTP_HEAD_H
#define WEIR_HTTP_HEAD_H

#include "core/str.h"

enum { HTTP_MAX_FIELDS = 100, HTTP_MAX_HEAD_BYTES = 64 * 1024 };

struct http_field {
    struct str name;  /* as sent; compare with str_eq_nocase */
    struct str value; /* without surrounding blanks */
};

struct http_head {
    struct str method; /* request: "POST" */
    struct str target; /* request: "/v1/models?x=1", as sent */
    int status;        /* response */
    int minor_version; /* HTTP/1.x */
    bool keep_alive;   /* what the message says about the connection after it */
    bool is_chunked;
    bool expects_continue;
    int64_t content_length; /* -1 when not stated */
    size_t nfields;
    const struct http_field *fields;
};

/* The value of the first field of that name (compared without case), or p == NULL. */
struct str http_head_get(const struct http_head *h, struct str name);

/* True when s may be a method or a field name. */
bool http_is_token(struct str s);

#endif
