/* read.c -- one reader per connection: heads, then bodies, then the next message.
 *
 * A head that arrives in one piece is parsed where it lies; only one that is cut is
 * gathered in a buffer, which goes when the head is done.  The parser itself lives on
 * the stack for the length of one head, so an idle connection keeps nothing but this
 * struct.
 *
 * Not here: what is refused in a head (head_parse.c) and in chunks (chunk.c). */
#include "http/read.h"

#include "core/mem.h"
#include "http/chunk.h"
#include "http/head_parse.h"

enum phase { PHASE_HEAD, PHASE_LENGTH, PHASE_CHUNKED, PHASE_UNTIL_CLOSE };

enum {
    /* Old clients send an empty line after a body; RFC 9112, section 2.2. */
    MAX_BLANK_LINES = 4,
    MAX_INTERIM_RESPONSES = 16
};

struct http_reader {
    const struct http_reader_events *events;
    void *ctx;
    enum http_role role;
    enum phase phase;
    struct buf head; /* holds bytes only while a head is cut */
    struct head_scan scan;
    struct chunk_reader chunk;
    uint64_t left; /* of a body with a stated length */
    unsigned char blank_lines, interim_responses;
    bool after_blank_cr; /* half an empty line before a request is read */
    bool has_no_body;    /* the next response answers HEAD */
};

/* One for every connection, of which most wait. */
_Static_assert(sizeof(struct http_reader) <= 400, "an idle reader has grown");

struct http_reader *http_reader_create(enum http_role role,
                                       const struct http_reader_events *events, void *ctx)
{
    struct http_reader *r = mem_new(struct http_reader);
    if (!r)
        return NULL;
    r->role = role;
    r->events = events;
    r->ctx = ctx;
    buf_init(&r->head, HTTP_MAX_HEAD_BYTES);
    return r;
}

void http_reader_free(struct http_reader *r)
{
    if (!r)
        return;
    buf_release(&r->head);
    mem_free(r);
}

void http_reader_expect_no_body(struct http_reader *r)
{
    r->has_no_body = true;
}

bool http_reader_is_idle(const struct http_reader *r)
{
    return r->phase == PHASE_HEAD && buf_len(&r->head) == 0 && !r->after_blank_cr &&
           r->interim_responses == 0;
}

size_t http_reader_held(const struct http_reader *r)
{
    return r->head.n;
}

bool http_reader_is_in_head(const struct http_reader *r)
{
    return buf_len(&r->head) > 0;
}

/* Ready for the next message before the caller hears of the end of this one. */
static int finish(struct http_reader *r, struct err *err)
{
    r->phase = PHASE_HEAD;
    r->blank_lines = r->interim_responses = 0;
    r->has_no_body = false;
    return r->events->end(r->ctx, err) == 0 ? 1 : -1;
}

static bool is_bodiless(const struct http_reader *r, const struct http_head *h)
{
    if (r->role == HTTP_READ_REQUESTS)
        return !h->is_chunked && h->content_length <= 0;
    return r->has_no_body || h->status == 204 || h->status == 304 ||
           h->content_length == 0;
}

static void expect_body(struct http_reader *r, struct http_head *h)
{
    if (h->is_chunked) {
        r->phase = PHASE_CHUNKED;
        chunk_begin(&r->chunk, r->role == HTTP_READ_RESPONSES);
    } else if (h->content_length >= 0) {
        r->phase = PHASE_LENGTH;
        r->left = (uint64_t)h->content_length;
    } else {
        r->phase = PHASE_UNTIL_CLOSE;
        h->keep_alive = false;
    }
}

static int begin_message(struct http_reader *r, struct http_head *h, struct err *err)
{
    if (h->status >= 100 && h->status < 200) {
        if (h->status == 101)
            return head_refuse(r->role, "101 was not asked for", err);
        if (++r->interim_responses > MAX_INTERIM_RESPONSES)
            return head_refuse(r->role, "too many 1xx responses", err);
        return 0;
    }
    bool is_bare = is_bodiless(r, h);
    if (!is_bare)
        expect_body(r, h);
    if (r->events->head(r->ctx, h, err) != 0)
        return -1;
    return is_bare ? finish(r, err) : 0;
}

static int use_head(struct http_reader *r, struct str bytes, struct err *err)
{
    struct http_field fields[HTTP_MAX_FIELDS];
    struct http_head head;
    unsigned nlines = r->scan.nlines;
    r->scan = (struct head_scan){0};
    if (head_parse(r->role, bytes, nlines, fields, &head, err) != 0)
        return -1;
    return begin_message(r, &head, err);
}

static int refuse_size(const struct http_reader *r, struct err *err)
{
    return err_set(err, r->role == HTTP_READ_REQUESTS ? ERR_HEAD_TOO_LARGE : ERR_UPSTREAM,
                   "head_too_large", "the head has more than %d bytes",
                   HTTP_MAX_HEAD_BYTES);
}

/* Empty lines before a request are read over, so that they never start a head. */
static int skip_blank_lines(struct http_reader *r, struct str *in, struct err *err)
{
    while (in->n > 0 && (r->after_blank_cr || in->p[0] == '\r')) {
        if (in->p[0] != (r->after_blank_cr ? '\n' : '\r'))
            return head_refuse(r->role, "CR without LF", err);
        if (r->after_blank_cr && ++r->blank_lines > MAX_BLANK_LINES)
            return head_refuse(r->role, "empty lines and no request", err);
        r->after_blank_cr = !r->after_blank_cr;
        *in = str_sub(*in, 1, in->n);
    }
    return 0;
}

static int keep_partial_head(struct http_reader *r, struct str *in, struct err *err)
{
    if (in->n >= HTTP_MAX_HEAD_BYTES)
        return refuse_size(r, err);
    buf_append(&r->head, *in);
    if (r->head.failed)
        return err_nomem(err);
    *in = str_sub(*in, in->n, in->n);
    return 0;
}

static int read_head_in_place(struct http_reader *r, struct str *in, struct err *err)
{
    if (r->role == HTTP_READ_REQUESTS && skip_blank_lines(r, in, err) != 0)
        return -1;
    if (in->n == 0)
        return 0;
    struct str head = str_sub(*in, 0, HTTP_MAX_HEAD_BYTES);
    switch (head_scan(&r->scan, head)) {
    case HEAD_PARTIAL:
        return keep_partial_head(r, in, err);
    case HEAD_WHOLE:
        head.n = r->scan.at;
        *in = str_sub(*in, head.n, in->n);
        return use_head(r, head, err);
    case HEAD_BAD:
        break;
    }
    return head_refuse(r->role, "a malformed line", err);
}

/* Completes a head of which some is buffered; bytes past its end stay in *in. */
static int read_head_gathered(struct http_reader *r, struct str *in, struct err *err)
{
    size_t before = buf_len(&r->head);
    buf_append(&r->head, str_sub(*in, 0, HTTP_MAX_HEAD_BYTES - before));
    if (r->head.failed)
        return err_nomem(err);
    enum head_state state = head_scan(&r->scan, buf_view(&r->head));
    if (state == HEAD_BAD)
        return head_refuse(r->role, "a malformed line", err);
    if (state == HEAD_PARTIAL) {
        if (buf_len(&r->head) >= HTTP_MAX_HEAD_BYTES)
            return refuse_size(r, err);
        *in = str_sub(*in, in->n, in->n);
        return 0;
    }
    *in = str_sub(*in, r->scan.at - before, in->n);
    struct buf whole = r->head; /* the reader is idle again before `end` is called */
    buf_init(&r->head, HTTP_MAX_HEAD_BYTES);
    int rc = use_head(r, str_sub(buf_view(&whole), 0, r->scan.at), err);
    buf_release(&whole);
    return rc;
}

static int read_length(struct http_reader *r, struct str *in, struct err *err)
{
    struct str piece = str_sub(*in, 0, r->left < in->n ? (size_t)r->left : in->n);
    *in = str_sub(*in, piece.n, in->n);
    r->left -= piece.n;
    if (r->events->body(r->ctx, piece, err) != 0)
        return -1;
    return r->left == 0 ? finish(r, err) : 0;
}

static int read_chunked(struct http_reader *r, struct str *in, struct err *err)
{
    struct str piece;
    switch (chunk_next(&r->chunk, in, &piece)) {
    case CHUNK_MORE:
        return 0;
    case CHUNK_DATA:
        return r->events->body(r->ctx, piece, err) == 0 ? 0 : -1;
    case CHUNK_END:
        return finish(r, err);
    case CHUNK_BAD:
        break;
    }
    return head_refuse(r->role, "broken chunk framing", err);
}

/* Takes something off *in.  1 at the end of a message, else 0 or -1. */
static int step(struct http_reader *r, struct str *in, struct err *err)
{
    struct str all = *in;
    switch (r->phase) {
    case PHASE_HEAD:
        return buf_len(&r->head) ? read_head_gathered(r, in, err)
                                 : read_head_in_place(r, in, err);
    case PHASE_LENGTH:
        return read_length(r, in, err);
    case PHASE_CHUNKED:
        return read_chunked(r, in, err);
    case PHASE_UNTIL_CLOSE:
        break;
    }
    *in = str_sub(*in, in->n, in->n);
    return r->events->body(r->ctx, all, err) == 0 ? 0 : -1;
}

int http_reader_feed(struct http_reader *r, struct str in, size_t *ret_used,
                     struct err *err)
{
    struct str rest = in;
    int rc = 0;
    while (rc == 0 && rest.n > 0)
        rc = step(r, &rest, err);
    *ret_used = in.n - rest.n;
    return rc < 0 ? -1 : 0;
}

int http_reader_eof(struct http_reader *r, struct err *err)
{
    if (http_reader_is_idle(r))
        return 0;
    if (r->phase == PHASE_UNTIL_CLOSE)
        return finish(r, err) < 0 ? -1 : 0;
    return head_refuse(r->role, "the connection ended inside it", err);
}
