/* chunk.h -- an answer as a stream: which event comes next, and its bytes.
 *
 * Pure: no socket and no clock.  A stream is a sequence of steps; each step appends
 * whole events to a buffer.  Order: a role chunk per choice (chat), one delta per
 * choice and token in turn, a finish chunk per choice, usage if asked for, [DONE];
 * faults bend it. */
#ifndef WEIR_SIM_CHUNK_H
#define WEIR_SIM_CHUNK_H

#include "sim/answer.h"

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
    struct str prefix; /* of every event up to "choices":[ */
    uint64_t ntokens;  /* tokens (of the longest choice) sent so far */
    uint64_t ndeltas;  /* delta events sent so far */
    bool has_begun, has_ended;
};

/* `answer` is advanced by the steps.  -1: out of memory. */
int sim_stream_init(struct sim_stream *s, struct sim_answer *answer,
                    struct sim_fault fault, bool include_usage, struct arena *a,
                    struct err *err);

/* Appends the opening events and the first token, then one token of every choice at a
 * time; the call that finds none left appends the end. */
enum sim_step sim_stream_step(struct sim_stream *s, struct buf *out);

/* An error object as engines send it, in a body or in an event. */
void sim_write_error(struct buf *out, int code, const char *type, const char *message);

#endif
