/* head_parse.h -- inside http/: from the bytes of a whole head to struct http_head.
 *
 * A head is first scanned for its end, as bytes arrive; nothing is interpreted until
 * it is whole, so where the pieces were cut cannot change what it means. */
#ifndef WEIR_HTTP_HEAD_PARSE_H
#define WEIR_HTTP_HEAD_PARSE_H

#include "core/err.h"
#include "http/head.h"
#include "http/read.h"

enum { HTTP_MAX_START_LINE_BYTES = 8 * 1024 };

enum head_state { HEAD_PARTIAL, HEAD_WHOLE, HEAD_BAD };

struct head_scan {   /* zero before the first byte */
    unsigned at;     /* scanned so far; the length of the head when it is whole */
    unsigned line;   /* where the current line starts */
    unsigned nlines; /* whole lines before it */
};

/* Continues over `bytes`, which start where the head does and may have grown since the
 * last call.  Bad: a line that does not end in CRLF, a control character, a folded
 * field, no start line. */
enum head_state head_scan(struct head_scan *s, struct str bytes);

/* Parses a whole head of nlines lines.  *ret borrows from bytes and from fields (room
 * for HTTP_MAX_FIELDS).  -1: see http_reader_feed(). */
int head_parse(enum http_role role, struct str bytes, unsigned nlines,
               struct http_field *fields, struct http_head *ret, struct err *err);

/* -1 with "bad_http": the client's fault or the engine's, by role. */
int head_refuse(enum http_role role, const char *why, struct err *err);

/* Kinds of characters. */
enum {
    HTTP_TCHAR = 1,  /* of a token: RFC 9110, section 5.6.2 */
    HTTP_TARGET = 2, /* visible, but "#", which starts a fragment */
    HTTP_HOST = 4    /* RFC 3986, section 3.2.2, and a port; no user, no path */
};
/* True when every byte is of that kind. */
bool http_all_are(struct str s, unsigned kind);
/* The first control character but TAB in [p, end), or end. */
const char *http_next_control(const char *p, const char *end);

#endif
