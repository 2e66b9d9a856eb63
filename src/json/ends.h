/* ends.h -- where the long values of a text end: found once, by whoever reads it first.
 *
 * A request is read by several, each of which looks at some members and steps over the
 * rest: texts, files, whole histories.  The first reading notes where what is long begins
 * and ends; cursors over the same bytes, or a part of them, then step over it at once.
 *
 *     struct json_noting noting;
 *     json_begin_noting(&c, body, &noting, arena);   the first reading, whole
 *     ...
 *     chat->ends = noting.ends;
 *     json_begin_known(&c, raw, &chat->ends);        any later one
 *
 * What is noted holds for bytes that were found valid and do not change; it lives in the
 * arena, as long as they do. */
#ifndef WEIR_JSON_ENDS_H
#define WEIR_JSON_ENDS_H

#include "core/arena.h"
struct json_cur;

struct json_end {
    uint32_t from, to; /* byte offsets: the value's first, and that behind its last */
    uint32_t next;     /* the first entry that begins behind it */
    bool has_escapes;  /* of a string */
};
/* In the order in which they begin.  All zero: nothing is known, and all is walked. */
struct json_ends {
    const char *base;
    size_t bytes;
    const struct json_end *v;
    uint32_t n;
};

/* Of one reading; need not be cleared. */
enum { JSON_NOTED_DEPTH = 128 };
struct json_noting {
    struct json_ends ends;
    struct json_end *v; /* ends.v, to be written */
    struct arena *arena;
    uint32_t cap, most;
    uint32_t open[JSON_NOTED_DEPTH]; /* the entry of what is open at each depth */
};

/* The same as json_begin(), and notes what is long.  Where the text is short, or memory
 * ends, nothing (more) is noted. */
void json_begin_noting(struct json_cur *c, struct str text, struct json_noting *noting,
                       struct arena *a);
/* The same as json_begin().  `ends` may be of any text, or NULL: those of another than
 * this one, or a part of it, are not looked at. */
void json_begin_known(struct json_cur *c, struct str text, const struct json_ends *ends);

/* -- inside json/ ---------------------------------------------------------------------
 */

void json_note_open(struct json_noting *n, const char *at, unsigned depth);
void json_note_close(struct json_noting *n, const char *end, unsigned depth);
void json_note_string(struct json_noting *n, const char *at, const char *end,
                      bool has_escapes);
/* The entry of the value at p, or NULL; the cursor's place among them goes on. */
const struct json_end *json_known(struct json_cur *c, const char *p);

#endif
