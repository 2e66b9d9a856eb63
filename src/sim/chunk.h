/* chunk.h -- an answer as a stream: which event comes next, and its bytes.
 *
 * Pure: no socket and no clock.  A stream is a sequence of steps; each step appends
 * whole events to a buffer.  Order: a role chunk per choice (chat), one delta per
 * choice and token in turn, a finish chunk per choice, usage if asked for, [DONE];
 * faults bend it.  Where another dialect than OpenAI's is
 * spoken, each chunk is put into its form (dress.h). */
#ifndef WEIR_SIM_CHUNK_H
#define WEIR_SIM_CHUNK_H

#include "sim/answer.h"
#include "sim/dress.h"

/* What a step led to. */
enum sim_step {
    SIM_MORE,     /* call again when the next token is due */
    SIM_DONE,     /* the stream has ended as it should, or as the fault wants */
    SIM_BREAK_OFF /* the fault wants the connection broken here */
};

struct sim_stream {
    struct sim_answer *answer;
    struct sim_fault fault;
    bool include_usage;
    struct sim_dress *dress; /* NULL: OpenAI's */
    struct str prefix;       /* of every event up to "choices":[ */
    size_t event_at;  /* where in the buffer the event begins that is being written */
    uint64_t ntokens; /* tokens (of the longest choice) sent so far */
    uint64_t ndeltas; /* delta events sent so far */
    bool has_begun, has_ended;
};

/* `answer` is advanced by the steps; `dress` may be NULL.  -1: out of memory. */
int sim_stream_init(struct sim_stream *s, struct sim_answer *answer,
                    struct sim_dress *dress, struct sim_fault fault, bool include_usage,
                    struct arena *a, struct err *err);

/* The opening events alone, for a fault that lets the first token wait; a step would
 * append them, too. */
void sim_stream_open(struct sim_stream *s, struct buf *out);

/* Appends the opening events and the first token, then one token of every choice at a
 * time; the call that finds none left appends the end. */
enum sim_step sim_stream_step(struct sim_stream *s, struct buf *out);

#endif
