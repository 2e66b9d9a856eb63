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
    uint64_t names; /* a bit for each name there is; 0: not known */
};

/* Which bit of `names` a name sets; few of the names that are asked for share one. */
static ALWAYS_INLINE uint64_t http_name_bit(struct str name)
{
    return UINT64_C(1) << ((name.n * 7 + ((unsigned char)name.p[0] | 0x20U)) & 63);
}

/* False: no field has this name.  True: perhaps one has. */
static ALWAYS_INLINE bool http_head_may_have(const struct http_head *h, struct str name)
{
    return !h->names || (h->names & http_name_bit(name));
}

struct str http_head_find(const struct http_head *h, struct str name);
/* The value of the first field of that name (compared without case), or p == NULL.  Most
 * names that are asked for are not there, which one bit says. */
static ALWAYS_INLINE struct str http_head_get(const struct http_head *h, struct str name)
{
    if (!http_head_may_have(h, name))
        return (struct str){NULL, 0};
    return http_head_find(h, name);
}

/* "localhost" of "localhost:80", "::1" of "[::1]:80"; empty when anything but a port of
 * digits stands behind the host. */
struct str http_host_alone(struct str host);
/* True when s may be a method or a field name. */
bool http_is_token(struct str s);

#endif
