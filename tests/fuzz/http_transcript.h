/* http_transcript.h -- everything a reader said about some bytes, as text.
 *
 * Two ways of cutting the same bytes must give the same transcript, so tests and fuzz
 * targets compare these.  The verdict is its last word: "ok", "partial" or a code. */
#ifndef WEIR_TESTS_FUZZ_HTTP_TRANSCRIPT_H
#define WEIR_TESTS_FUZZ_HTTP_TRANSCRIPT_H

#include "http/read.h"

#include <stdlib.h>

struct transcript {
    struct buf text;
    size_t nmessages;
    bool is_refused, is_idle, in_body;
    struct err err;
};

static inline int transcript_head(void *ctx, const struct http_head *h, struct err *err)
{
    struct transcript *t = ctx;
    (void)err;
    buf_printf(&t->text, "<%.*s %.*s %d 1.%d %s%s%s %lld>", STR_ARG(h->method),
               STR_ARG(h->target), h->status, h->minor_version,
               h->keep_alive ? "keep" : "close", h->is_chunked ? " chunked" : "",
               h->expects_continue ? " expects" : "", (long long)h->content_length);
    for (size_t i = 0; i < h->nfields; i++) {
        buf_lit(&t->text, "[");
        buf_append(&t->text, h->fields[i].name);
        buf_lit(&t->text, "=");
        buf_append(&t->text, h->fields[i].value);
        buf_lit(&t->text, "]");
    }
    t->in_body = true;
    return 0;
}

static inline int transcript_body(void *ctx, struct str piece, struct err *err)
{
    struct transcript *t = ctx;
    (void)err;
    if (piece.n == 0 || !t->in_body)
        abort();
    buf_append(&t->text, piece);
    return 0;
}

static inline int transcript_end(void *ctx, struct err *err)
{
    struct transcript *t = ctx;
    (void)err;
    if (!t->in_body)
        abort();
    t->in_body = false;
    t->nmessages++;
    buf_lit(&t->text, "<end>");
    return 0;
}

static const struct http_reader_events transcript_events = {
    transcript_head, transcript_body, transcript_end};

static inline void transcript_begin(struct transcript *t)
{
    *t = (struct transcript){.is_refused = false};
    buf_init(&t->text, (size_t)64 << 20);
}

/* Feeds one piece to its last byte, over any number of messages.  A fresh copy of
 * exactly that size lets ASan see a read past its end. */
static inline void transcript_feed(struct transcript *t, struct http_reader *r,
                                   struct str piece)
{
    char *copy = malloc(piece.n ? piece.n : 1);
    if (!copy)
        abort();
    if (piece.n)
        memcpy(copy, piece.p, piece.n);
    struct str in = {copy, piece.n};
    while (in.n > 0 && !t->is_refused) {
        size_t used = 0;
        t->is_refused = http_reader_feed(r, in, &used, &t->err) != 0;
        if (!t->is_refused && (used == 0 || used > in.n))
            abort();
        in = str_sub(in, used, in.n);
    }
    free(copy);
}

static inline void transcript_close(struct transcript *t, struct http_reader *r,
                                    bool sees_eof)
{
    if (sees_eof && !t->is_refused)
        t->is_refused = http_reader_eof(r, &t->err) != 0;
    t->is_idle = !t->is_refused && http_reader_is_idle(r);
    buf_append(&t->text, t->is_refused ? str_of(t->err.code)
                                       : (t->is_idle ? STR("ok") : STR("partial")));
    http_reader_free(r);
}

#endif
