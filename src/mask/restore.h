/* restore.h -- an answer with the tags of its session replaced by what they stand for.
 *
 *     struct restorer *r = restorer_create(vault, max_bytes);
 *     for each event of the engine:  restore_event(r, e, sink, ctx, err);
 *     at the stream's end:           restore_end(r, sink, ctx, err);
 *
 * Every string of an answer is restored, whatever its member is called, and the names of
 * members too where an answer comes whole.  A value goes into arguments, and into content
 * that is JSON, escaped for the depth it stands at.  Left as they are: ids, roles, names
 * of models, finish reasons, signatures, and log probabilities, whose tokens are pieces
 * of tags, say nothing, and no longer match the text once that is restored.
 *
 * Strings of a delta come in pieces: each holds its own beginning of a tag, by its path
 * (texts.h).  A "message" in a stream of deltas is the text so far, and whole.
 *
 * An event without tags passes with its bytes unchanged.  One whose text is held or
 * replaced is written anew.  Texts may take turns: each holds its own beginning of a tag
 * until its next piece; at the stream's end that goes out as an extra delta of the same
 * kind.  A finish is no end, engines go on behind one: whoever writes the stream keeps
 * finishes back until its end.
 *
 * Secrets come back in tool calls alone, which the client runs itself.  Not thread
 * safe; the vault is.  One restorer a response. */
#ifndef WEIR_MASK_RESTORE_H
#define WEIR_MASK_RESTORE_H

#include "dialect/event.h"
#include "mask/vault.h"

struct restore_counts {
    uint64_t restored; /* tags replaced */
    uint64_t damaged;  /* ... of them not written as they were given */
    uint64_t unknown;  /* shaped like a tag, but none of this session: passed on */
    uint64_t withheld; /* secrets named outside of tool calls: passed on as tags */
    uint64_t alarms;   /* values in clear, which the engine was never told */
};

static inline void restore_counts_add(struct restore_counts *sum,
                                      const struct restore_counts *more)
{
    sum->restored += more->restored;
    sum->damaged += more->damaged;
    sum->unknown += more->unknown;
    sum->withheld += more->withheld;
    sum->alarms += more->alarms;
}

struct restorer;

/* Keeps a reference to the vault.  max_bytes: of one event or whole answer.  NULL when
 * memory is out. */
struct restorer *restorer_create(struct vault *v, size_t max_bytes);
void restorer_free(struct restorer *r); /* NULL is fine; wipes what it held */
/* Clients read thoughts, words and calls one after the other, and most dialects close
 * each before the next: what is held of one goes out before another begins or its seal
 * comes (dialect/seal.h).  They do not take turns then; a tag that an engine breaks off
 * to go on with later stays a tag. */
void restorer_keep_order(struct restorer *r);
/* Bytes that it keeps between two events; 0 while they are as few as usual.  A stream of
 * very many texts at once holds more. */
size_t restorer_held(const struct restorer *r);
const struct restore_counts *restorer_counts(const struct restorer *r);

/* Calls the sink for what this event becomes: itself, one written anew, or some.  What
 * is handed out lives until the sink returns.  -1: the sink stopped (then *err is as
 * its owner left it), or ERR_INTERNAL "out_of_memory", ERR_UPSTREAM "event_too_large". */
int restore_event(struct restorer *r, const struct event *e, event_sink *sink, void *ctx,
                  struct err *err);
/* The engine will say no more: what is held goes out.  Idempotent. */
int restore_end(struct restorer *r, event_sink *sink, void *ctx, struct err *err);

/* A whole answer, one JSON object; appends it to out, unchanged when it has no tags or
 * is not JSON. */
int restore_answer(struct restorer *r, struct str body, struct buf *out, struct err *err);

/* What an engine says that is no answer: the body of an error, JSON or not, appended to
 * `out` with the session's tags replaced.  Secrets stay tags. */
void restore_words(struct vault *v, struct str text, struct buf *out,
                   struct restore_counts *counts);
/* The same for an error's message; what no longer fits is cut off. */
void restore_error(struct vault *v, const struct err *err, struct err *ret,
                   struct restore_counts *counts);

#endif
