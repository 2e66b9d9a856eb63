/* bag.h -- a JSON object under construction: members that are set, or grow. */
#ifndef WEIR_ENGINE_BAG_H
#define WEIR_ENGINE_BAG_H

#include "core/arena.h"
#include "core/buf.h"

struct bag_member {
    struct bag_member *next;
    struct str key;   /* raw, without quotes; in the arena */
    struct buf value; /* raw JSON, or the inside of a string or array that grows */
    char open, close; /* '"' '"', '[' ']', or 0: a whole value */
};

/* Members stay in the order in which they came.  `room` is what all values of one
 * collector may still take. */
struct bag {
    struct bag_member *first;
};

/* Each returns false when memory or room is used up, or there are more members than any
 * answer has: they are searched one by one. */
bool bag_set(struct bag *b, struct arena *a, size_t *room, struct str key,
             struct str raw);
/* Joins to a string (raw, between its quotes) or to an array (between brackets). */
bool bag_join(struct bag *b, struct arena *a, size_t *room, struct str key,
              struct str raw, char open, char close);
const struct bag_member *bag_get(const struct bag *b, struct str key);
/* Appends "key":value for each whose key is not in `skip` (ends in NULL; may be NULL),
 * a comma before every one but the first of the object (*needs_comma carries that). */
void bag_write(const struct bag *b, const char *const *skip, struct buf *out,
               bool *needs_comma);
void bag_write_key(struct str key, struct buf *out, bool *needs_comma);
void bag_release(struct bag *b); /* frees the values; members are the arena's */

#endif
