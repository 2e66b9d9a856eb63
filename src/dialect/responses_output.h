/* responses_output.h -- inside dialect/: an answer as Responses have it, a list of items,
 * while it is being said and when it is whole.
 *
 * A stream tells each item as it comes and the whole list once more at its end, so all of
 * it is kept: texts as they stand between the quotes of a JSON string. */
#ifndef WEIR_DIALECT_RESPONSES_OUTPUT_H
#define WEIR_DIALECT_RESPONSES_OUTPUT_H

#include "dialect/responses.h"

enum output_kind { OUTPUT_REASONING, OUTPUT_MESSAGE, OUTPUT_CALL, OUTPUT_CUSTOM };
enum output_part { PART_NONE, PART_OF_TEXT, PART_OF_REFUSAL };

struct output_item {
    enum output_kind kind;
    bool is_closed;             /* the client knows that it is whole */
    bool is_cut;                /* it ends before it is whole */
    enum output_part part;      /* of a message: the one that is open */
    bool has_text, has_refusal; /* of a message: which it has, the text first */
    struct buf text;            /* of reasoning and message; of a call its arguments */
    struct buf refusal;
    struct buf annotations, logprobs; /* of a message: elements of an array */
    size_t nannotations;
    struct buf sealed;            /* of reasoning */
    struct buf call_id, name, ns; /* of a call */
    uint32_t index;               /* of a call: which it is to the engine */
    uint64_t id_sum;              /* ... and by which id, or 0 */
    /* Whether the arguments, one JSON object, are whole. */
    unsigned depth;
    bool is_in_string, is_escaped, is_whole;
};

struct output {
    const struct answer_about *about;
    bool is_streamed;
    bool has_begun;
    bool failed;        /* no memory */
    bool is_garbled;    /* the engine said more of a call that was whole */
    uint64_t sequence;  /* of the next event */
    uint64_t created_s; /* since 1970, as the engine says it; or 0 */
    size_t held_bytes;
    struct output_item *items;
    size_t nitems, cap;
    size_t first_open; /* those before it are closed */
    struct usage usage;
    enum finish_reason finish;
};

void output_release(struct output *o);

/* -- what is said: nothing is appended unless it is streamed
 * ------------------------------
 */

/* The first events of a stream; once. */
void output_begin(struct output *o, struct str data, struct buf *out);
/* A chunk, or a whole answer, of weir's form. */
void output_say(struct output *o, struct str data, struct buf *out);
/* All items are closed. */
void output_close(struct output *o, struct buf *out);
/* The last event of a stream; error NULL: of an answer that is whole, or was cut short.
 */
void output_end(struct output *o, const struct err *error, struct buf *out);

/* -- events: nothing is appended unless it is streamed, but for the first three
 * ------------
 */

/* An event about an item: the caller appends members (`,"key":...`) and ends it. */
void output_begin_event(struct output *o, const char *type, size_t item, struct buf *out);
void output_write_string(const char *key, struct str inside, struct buf *out);
void output_end_event(struct buf *out);
void output_tell_item(struct output *o, const char *type, size_t item, bool is_new,
                      struct buf *out);
void output_tell_part(struct output *o, const char *type, size_t item, bool is_new,
                      struct buf *out);
/* Of the one part of a summary: its text under `key`, or, NULL, the part. */
void output_tell_summary(struct output *o, const char *type, size_t item, const char *key,
                         struct str inside, struct buf *out);
void output_tell_call(struct output *o, const char *type, size_t item, const char *key,
                      struct str inside, struct buf *out);

/* -- items
 * ---------------------------------------------------------------------------------
 */

/* NULL: no memory, or there are too many; o->failed says so. */
struct output_item *output_new_item(struct output *o, enum output_kind kind);
/* The newest item, if it is of this kind and open; else NULL. */
struct output_item *output_open_one(struct output *o, enum output_kind kind);
/* The next item begins: what can have no more is closed. */
void output_close_whole(struct output *o, struct buf *out);
void output_close_part(struct output *o, size_t item, struct buf *out);
bool output_is_call(const struct output_item *i);
size_t output_content_index(const struct output_item *i, enum output_part part);
/* Append to what an item keeps, and count it. */
void output_keep(struct output *o, struct buf *b, struct str s);
void output_keep_inside(struct output *o, struct buf *b, struct str s);

/* -- how it is written
 * ---------------------------------------------------------------------
 */

void output_write_id(const struct output *o, size_t item, struct buf *out);
/* One part of a message, as far as it has come. */
void output_write_part(const struct output_item *item, enum output_part part, bool is_new,
                       struct buf *out);
/* is_new: as it is when it begins, without what it says. */
void output_write_item(const struct output *o, size_t item, bool is_new, struct buf *out);
/* The response object.  `status` is its word; NULL: of a whole answer, by its finish. */
void output_write_response(const struct output *o, const char *status,
                           const struct err *error, struct buf *out);
/* "completed" or "incomplete". */
const char *output_status(const struct output *o);

#endif
