/* write.h -- writing JSON: the caller keeps the structure, this keeps it legal. */
#ifndef WEIR_JSON_WRITE_H
#define WEIR_JSON_WRITE_H

#include "core/buf.h"
#include "json/text.h"

struct json_writer {
    struct buf *out;
    bool needs_comma;
};

void json_writer_init(struct json_writer *w, struct buf *out);
void json_object_open(struct json_writer *w);
void json_object_close(struct json_writer *w);
void json_array_open(struct json_writer *w);
void json_array_close(struct json_writer *w);
void json_key(struct json_writer *w, const char *key);
void json_str(struct json_writer *w, struct str s);        /* p == NULL writes null */
void json_text(struct json_writer *w, struct json_text t); /* raw.p == NULL: null */
void json_i64(struct json_writer *w, int64_t v);
void json_u64(struct json_writer *w, uint64_t v);
void json_double(struct json_writer *w,
                 double v); /* shortest that reads back; NaN is null */
void json_bool(struct json_writer *w, bool v);
void json_write_null(struct json_writer *w);          /* json_null is jansson's symbol */
void json_raw(struct json_writer *w, struct str raw); /* already JSON */

/* Appends s quoted and escaped; bytes that are not UTF-8 become U+FFFD. */
void json_write_string(struct buf *b, struct str s);
/* The same without the quotes: a string may be written in pieces. */
void json_write_inside(struct buf *b, struct str s);
/* Appends the inside of a valid raw string as json_write_inside() writes what it stands
 * for: nearly always the same bytes. */
void json_rewrite_inside(struct buf *b, struct str raw);

#endif
