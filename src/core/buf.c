/* buf.c -- one growing buffer; doubles from 256 bytes, never past its maximum. */
#include "core/buf.h"

#include "core/id_text.h"
#include "core/mem.h"

#include <stdarg.h>
#include <stdio.h>

enum { FIRST_BYTES = 256 };

void buf_init(struct buf *b, size_t max_bytes)
{
    *b = (struct buf){.max_bytes = max_bytes};
}

void buf_init_in(struct buf *b, size_t max_bytes, void *first, size_t n)
{
    size_t cap = n < max_bytes ? n : max_bytes;
    *b = (struct buf){.p = first, .cap = cap, .max_bytes = max_bytes, .is_given = true};
}

void buf_release(struct buf *b)
{
    if (!b->is_given)
        mem_free(b->p);
    *b = (struct buf){.max_bytes = b->max_bytes};
}

void buf_clear(struct buf *b)
{
    b->off = b->n = 0;
    b->failed = false;
}

static void slide(struct buf *b)
{
    if (b->off == 0)
        return;
    memmove(b->p, b->p + b->off, b->n - b->off);
    b->n -= b->off;
    b->off = 0;
}

static bool grow(struct buf *b, size_t need)
{
    size_t cap = b->cap ? b->cap : FIRST_BYTES;
    while (cap < need)
        cap *= 2;
    if (cap > b->max_bytes)
        cap = b->max_bytes;
    char *p = mem_realloc(b->is_given ? NULL : b->p, cap);
    if (!p)
        return false;
    if (b->is_given)
        memcpy(p, b->p, b->n);
    b->is_given = false;
    b->p = p;
    b->cap = cap;
    return true;
}

bool buf_reserve(struct buf *b, size_t n)
{
    if (LIKELY(!b->failed && b->cap - b->n >= n))
        return true;
    if (b->failed || n > b->max_bytes || buf_len(b) > b->max_bytes - n) {
        b->failed = true;
        return false;
    }
    slide(b);
    if (b->cap - b->n >= n || grow(b, b->n + n))
        return true;
    b->failed = true;
    return false;
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0 || !buf_reserve(b, (size_t)n + 1)) {
        b->failed = true;
        return;
    }
    va_start(ap, fmt);
    vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->n += (size_t)n;
}

void buf_u64(struct buf *b, uint64_t v)
{
    char digits[20];
    size_t i = sizeof digits;
    if (v < 10) {
        buf_byte(b, (char)('0' + v));
        return;
    }
    do {
        digits[--i] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    buf_append(b, (struct str){digits + i, sizeof digits - i});
}

void buf_i64(struct buf *b, int64_t v)
{
    if (v < 0)
        buf_byte(b, '-');
    buf_u64(b, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void buf_id(struct buf *b, uint64_t v)
{
    const struct id_text id = id_text(v);
    buf_append(b, (struct str){id.text, sizeof id.text - 1});
}

void buf_consume(struct buf *b, size_t n)
{
    b->off += n;
    if (b->off == b->n)
        b->off = b->n = 0;
}

void buf_append_end(struct buf *b, struct str s, size_t n)
{
    if (s.n >= n) {
        buf_clear(b);
        s = str_sub(s, s.n - n, s.n);
    } else if (buf_len(b) + s.n > n) {
        buf_consume(b, buf_len(b) + s.n - n);
    }
    buf_append(b, s);
}
