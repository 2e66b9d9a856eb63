/* said.h -- what one choice of an answer is made of: thoughts, texts and calls, in order.
 *
 * The parts of a choice are streamed one after another, each in pieces: a piece is a
 * token, unless the sizes of the pieces are given. */
#ifndef WEIR_SIM_SAID_H
#define WEIR_SIM_SAID_H

#include "core/str.h"

enum sim_part_kind { SIM_THOUGHT, SIM_TEXT, SIM_CALL };

struct sim_part {
    enum sim_part_kind kind;
    struct str text;       /* of a call: its arguments */
    struct str name;       /* of a call */
    uint64_t id;           /* of a call */
    uint32_t index;        /* of a call among those of the choice */
    const uint32_t *sizes; /* of its pieces in bytes, the last for all that follow; */
    size_t nsizes;         /* 0: tokens */
    size_t sent, npieces;  /* bytes and pieces already streamed */
    bool is_begun;         /* of a call: its name has been streamed */
};

struct sim_choice {
    struct sim_part *parts;
    size_t nparts;
    size_t at;             /* the part that is being streamed */
    const char *finish;    /* "stop", "length", "tool_calls" or "content_filter" */
    struct str stopped_by; /* the stop sequence that matched, or empty */
};

/* The next piece of the part; the pieces joined are its text.  A piece never ends inside
 * a character. */
struct str sim_part_next(struct sim_part *part);
/* Steps of the stream that the choice takes: its tokens or pieces. */
uint64_t sim_choice_length(const struct sim_choice *choice);
/* At most max_tokens tokens of all its parts: what is past them is taken off, and then
 * its finish is "length". */
void sim_choice_cut(struct sim_choice *choice, uint64_t max_tokens);
uint64_t sim_choice_tokens(const struct sim_choice *choice, enum sim_part_kind kind);
/* Its first part is a call: it says nothing else before. */
bool sim_choice_only_calls(const struct sim_choice *choice);

#endif
