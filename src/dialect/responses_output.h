/* responses_output.h -- inside dialect/: an answer as Responses have it, a list of items,
 * while it is being said and when it is whole.
 *
 * A stream tells each item as it comes and the whole list once more at its end, so all of
 * it is kept: texts as they stand between the quotes of a JSON string. */
#ifndef WEIR_DIALECT_RESPONSES_OUTPUT_H
#define WEIR_DIALECT_RESPONSES_OUTPUT_H

#include "dialect/responses.h"

enum output_kind { OUTPUT_REASONING, OUTPUT_MESSAGE, OUTPUT_CALL, OUTPUT_CUSTOM };
enum { OUTPUT_ID_BYTES = 40, OUTPUT_LEAD_BYTES = 256 };
enum output_part { PART_NONE, PART_OF_TEXT, PART_OF_REFUSAL };

struct output_item {
    enum output_kind kind;
    char id[OUTPUT_ID_BYTES];   /* one everywhere, ending in NUL */
    bool is_told;               /* the client knows that it has begun */
    bool is_closed;             /* ... and that it is whole */
    bool is_ended;              /* nothing more belongs to it, whatever comes */
    bool is_cut;                /* it ends before it is whole */
    enum output_part part;      /* of a message: the one that the client has as open */
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

/* Of a delta's event what stands before its text, where the next one has this number and
 * is of this item. */
struct output_lead {
    char text[OUTPUT_LEAD_BYTES];
    uint32_t n, last_digit; /* where its number ends */
    size_t item;
    uint64_t sequence;
    const char *rest; /* the literal that it ends in; NULL: it is to be written */
};

struct output {
    const struct answer_about *about;
    struct spoken_halves *halves;
    bool is_streamed;
    bool has_begun;
    bool failed;        /* no memory */
    bool is_garbled;    /* the engine said more of a call that was whole */
    uint64_t sequence;  /* of the next event */
    uint64_t created_s; /* since 1970, as the engine says it; or 0 */
    size_t held_bytes;
    struct output_item *items;
    size_t nitems, cap;
    size_t
        live; /* the one that is told: those before it are closed, those behind it wait */
    struct usage usage;
    enum finish_reason finish;
    struct output_lead lead;
};

void output_release(struct output *o);

/* -- what is said; events are appended only where it is streamed -------------------- */

/* The first events of a stream; once. */
void output_begin(struct output *o, struct str data, struct buf *out);
/* A chunk, or a whole answer, of weir's form: what the event's data say. */
void output_say(struct output *o, const struct event *e, struct buf *out);
/* The same of an event that says one piece of text, where nothing but more of the live
 * item is to be told.  False: nothing was said. */
bool output_say_more(struct output *o, const struct event *e, struct buf *out);
/* All items are told and closed. */
void output_close(struct output *o, struct buf *out);
/* The last event of a stream; error NULL: of an answer that is whole, or was cut short.
 */
void output_end(struct output *o, const struct err *error, struct buf *out);

/* -- items -------------------------------------------------------------------------- */

/* The newest item, if it is of this kind and takes more; else NULL. */
struct output_item *output_open_one(struct output *o, enum output_kind kind);
/* One more, behind all others.  NULL: no memory, or there are too many; o->failed says
 * so. */
struct output_item *output_new_item(struct output *o, enum output_kind kind);
bool output_is_call(const struct output_item *i);
/* Append to what an item keeps, and count it. */
void output_keep(struct output *o, struct buf *b, struct str s);
void output_keep_inside(struct output *o, struct buf *b, struct str s);

/* Tells what may be told: an item is closed when the next has begun, a call when its
 * arguments are whole as well; then the next is told, as far as it has come. */
void output_advance(struct output *o, struct buf *out);
/* Is more of it to be told at once? */
bool output_is_live(const struct output *o, const struct output_item *i);
/* Of the live message: this part begins, and the one before it ends. */
void output_begin_part(struct output *o, enum output_part part, struct buf *out);
/* Of the live item: what it says from this byte on. */
void output_tell_more(struct output *o, size_t from, struct str logprobs,
                      struct buf *out);
void output_tell_annotation(struct output *o, size_t index, struct str raw,
                            struct buf *out);

/* -- how it is written -------------------------------------------------------------- */

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
