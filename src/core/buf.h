/* buf.h -- bytes that grow, owned, born with a maximum.
 *
 * Appending past the maximum, or when memory is out, sets `failed` and appends
 * nothing; later appends are ignored.  So a writer may append many pieces and check
 * once.  `off` is the read position: buf_view() is what is not yet consumed. */
#ifndef WEIR_CORE_BUF_H
#define WEIR_CORE_BUF_H

#include "core/str.h"

struct buf {
    char *p;
    size_t off; /* bytes already consumed from the front */
    size_t n;   /* end of the bytes held, from p */
    size_t cap;
    size_t max_bytes;
    bool failed;
    bool is_given; /* p is the caller's memory, until more is needed */
};

void buf_init(struct buf *b, size_t max_bytes); /* allocates nothing yet */
/* The same, beginning in n bytes of the caller's, which outlive it. */
void buf_init_in(struct buf *b, size_t max_bytes, void *first, size_t n);
void buf_release(struct buf *b); /* frees; init again before use */
void buf_clear(struct buf *b);   /* empties, keeps the memory */

static inline struct str buf_view(const struct buf *b)
{
    return (struct str){b->p ? b->p + b->off : "", b->n - b->off};
}
static inline size_t buf_len(const struct buf *b)
{
    return b->n - b->off;
}

/* Room for n more bytes at b->p + b->n; false (and failed) past the maximum. */
bool buf_reserve(struct buf *b, size_t n);

static inline void buf_append(struct buf *b, struct str s)
{
    if (s.n == 0 || (UNLIKELY(b->failed || b->cap - b->n < s.n) && !buf_reserve(b, s.n)))
        return;
    memcpy(b->p + b->n, s.p, s.n);
    b->n += s.n;
}

static inline void buf_byte(struct buf *b, char c)
{
    buf_append(b, (struct str){&c, 1});
}

void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_u64(struct buf *b, uint64_t v);
void buf_i64(struct buf *b, int64_t v);
void buf_id(struct buf *b, uint64_t v); /* 16 letters: id_text.h */
/* Marks n bytes at the front as read; memory is reused once all are. */
void buf_consume(struct buf *b, size_t n);
/* Appends s, and of it all only the last n bytes stay. */
void buf_append_end(struct buf *b, struct str s, size_t n);

#define buf_lit(b, lit) buf_append((b), STR(lit))

#endif
