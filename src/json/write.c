/* write.c -- JSON out: commas, quotes and numbers that read back.
 *
 * Needs no stack: a comma is due exactly when the last thing written was a whole
 * value, and opening, closing and keys say so.  Errors live in the buffer. */
#include "json/write.h"

#include "json/plain.h"
#include "json/scan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

void json_writer_init(struct json_writer *w, struct buf *out)
{
    *w = (struct json_writer){.out = out};
}

static void begin_value(struct json_writer *w)
{
    if (w->needs_comma)
        buf_byte(w->out, ',');
    w->needs_comma = true;
}

static void open_with(struct json_writer *w, char bracket)
{
    begin_value(w);
    buf_byte(w->out, bracket);
    w->needs_comma = false;
}

static void close_with(struct json_writer *w, char bracket)
{
    buf_byte(w->out, bracket);
    w->needs_comma = true;
}

void json_object_open(struct json_writer *w)
{
    open_with(w, '{');
}

void json_object_close(struct json_writer *w)
{
    close_with(w, '}');
}

void json_array_open(struct json_writer *w)
{
    open_with(w, '[');
}

void json_array_close(struct json_writer *w)
{
    close_with(w, ']');
}

void json_key(struct json_writer *w, const char *key)
{
    const struct str name = str_of(key);
    struct buf *b = w->out;
    begin_value(w);
    w->needs_comma = false;
    if (UNLIKELY(json_plain_run(name.p, name.p + name.n) != name.p + name.n)) {
        json_write_string(b, name);
        buf_byte(b, ':');
        return;
    }
    if (!buf_reserve(b, name.n + 3))
        return;
    char *p = b->p + b->n;
    *p++ = '"';
    memcpy(p, name.p, name.n);
    p[name.n] = '"';
    p[name.n + 1] = ':';
    b->n += name.n + 3;
}

void json_raw(struct json_writer *w, struct str raw)
{
    begin_value(w);
    buf_append(w->out, raw);
}

void json_write_null(struct json_writer *w)
{
    json_raw(w, STR("null"));
}

void json_bool(struct json_writer *w, bool v)
{
    json_raw(w, v ? STR("true") : STR("false"));
}

void json_str(struct json_writer *w, struct str s)
{
    if (!s.p) {
        json_write_null(w);
        return;
    }
    begin_value(w);
    json_write_string(w->out, s);
}

void json_text(struct json_writer *w, struct json_text t)
{
    if (!t.raw.p) {
        json_write_null(w);
        return;
    }
    begin_value(w);
    if (!buf_reserve(w->out, t.raw.n + 2))
        return;
    buf_byte(w->out, '"');
    buf_append(w->out, t.raw);
    buf_byte(w->out, '"');
}

void json_i64(struct json_writer *w, int64_t v)
{
    begin_value(w);
    buf_i64(w->out, v);
}

void json_u64(struct json_writer *w, uint64_t v)
{
    begin_value(w);
    buf_u64(w->out, v);
}

/* 15 digits are always kept by a double and 17 always tell it apart, so the shortest
 * that reads back is among three.  weir never calls setlocale(): the point is '.'. */
void json_double(struct json_writer *w, double v)
{
    char text[32];
    if (!isfinite(v)) {
        json_write_null(w);
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, v);
        double back = strtod(text, NULL);
        if (back >= v && back <= v) /* equal, as a compiler's warning wants it said */
            break;
    }
    json_raw(w, str_of(text));
}

static void write_escape(struct buf *b, char ch)
{
    static const char meanings[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    static const char hex[] = "0123456789abcdef";
    const char *hit = ch ? strchr(meanings, ch) : NULL;
    if (hit) {
        buf_append(b, (struct str){(char[]){'\\', letters[hit - meanings]}, 2});
        return;
    }
    buf_lit(b, "\\u00");
    buf_byte(b, hex[(unsigned char)ch >> 4]);
    buf_byte(b, hex[ch & 15]);
}

static void append_span(struct buf *b, const char *from, const char *to)
{
    if (to > from)
        buf_append(b, (struct str){from, (size_t)(to - from)});
}

void json_write_inside(struct buf *b, struct str s)
{
    const char *p = s.p, *from = p, *end = s.n ? p + s.n : p;
    while (p < end && (p = json_plain_run(p, end)) < end) {
        bool is_ascii = (unsigned char)*p < 0x80;
        unsigned len = is_ascii ? 0 : json_utf8_len(p, end);
        if (len > 0) {
            p += len;
            continue;
        }
        append_span(b, from, p);
        if (is_ascii)
            write_escape(b, *p);
        else
            buf_lit(b, "\xEF\xBF\xBD");
        from = ++p;
    }
    append_span(b, from, end);
}

/* Are these two bytes what write_escape() makes of what they mean? */
static bool is_own_escape(const char *p)
{
    return p[1] != 'u' && p[1] != '/';
}

void json_rewrite_inside(struct buf *b, struct str raw)
{
    const char *p = raw.p, *from = p, *end = raw.n ? p + raw.n : p;
    char bytes[4];
    while (p < end && (p = memchr(p, '\\', (size_t)(end - p)))) {
        if (is_own_escape(p)) {
            p += 2;
            continue;
        }
        append_span(b, from, p);
        unsigned n = json_take_escape(&p, end, bytes);
        json_write_inside(b, (struct str){bytes, n});
        from = p;
    }
    append_span(b, from, end);
}

void json_write_string(struct buf *b, struct str s)
{
    buf_byte(b, '"');
    json_write_inside(b, s);
    buf_byte(b, '"');
}
