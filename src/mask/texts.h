/* texts.h -- inside mask/: where the texts of an answer's JSON are.
 *
 * Every string of an answer is one, but ids, roles, names of models and tools, and log
 * probabilities.  Strings of a delta come in pieces: what belongs together has the same
 * path, which is the names of the members around it and the indexes of the elements of
 * lists.  An element without an index has its place. */
#ifndef WEIR_MASK_TEXTS_H
#define WEIR_MASK_TEXTS_H

#include "mask/channel.h"
#include "json/scan.h"

/* An object or a list around texts.  Strings are as they are written. */
struct texts_node {
    uint32_t parent;        /* the root is its own */
    uint32_t place;         /* in its list */
    struct str name;        /* in its object; p NULL: it is an element of a list */
    struct str index, type; /* the values of these members; p NULL: it has none */
    bool is_list;
};

struct text {
    struct json_string string;
    struct str name;      /* of its member; p NULL: an element of a list */
    uint32_t node, place; /* what it stands in, and where in a list */
    uint8_t kind;         /* enum channel_kind */
    bool is_message; /* of a "message": where there are deltas too, the text so far */
};

struct texts {
    struct text *items; /* in the order of the bytes */
    struct texts_node *nodes;
    size_t n, cap, nnodes, cap_nodes;
    bool has_delta; /* this answer came with a delta once */
    bool failed;    /* memory */
};
/* What was learnt of the answer stays. */
void texts_release(struct texts *t);
size_t texts_held(const struct texts *t); /* bytes */

/* Reads a chunk or an answer.  is_whole: nothing of it comes in pieces, and paths are
 * not kept.  False when it is not JSON. */
bool texts_read(struct str data, bool is_whole, struct texts *ret);

/* -- the path of one that may come in pieces (texts_path.c) ----------------------------
 */

/* The same for all pieces of a text. */
uint64_t texts_path(const struct texts *t, const struct text *x);
/* Its choice's index as a number, or its place when it is none. */
uint32_t texts_choice(const struct texts *t, const struct text *x);
/* What stands before and behind one more piece of it, in a chunk's JSON from its
 * "choices" on.  False when that is too long, or memory is out. */
bool texts_frame(const struct texts *t, const struct text *x, struct buf *open,
                 struct buf *close);

#endif
