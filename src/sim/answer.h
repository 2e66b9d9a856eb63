/* answer.h -- what will be said, decided before the first byte goes out.
 *
 * The parts of all choices are made up front, so that usage is known from the start,
 * a stream and a plain answer to one request say the same, and the same request gets
 * the same bytes: id and creation time come from the request's digest too. */
#ifndef WEIR_SIM_ANSWER_H
#define WEIR_SIM_ANSWER_H

#include "core/buf.h"
#include "sim/faults.h"
#include "sim/replay.h"
#include "sim/request.h"
#include "sim/script.h"

/* What the vendor signs, in the dialect that is spoken. */
enum sim_signs { SIM_SIGNS_NOTHING, SIM_SIGNS_THOUGHTS, SIM_SIGNS_CALLS };

struct sim_answer {
    enum sim_surface surface;
    struct str model; /* raw JSON string body */
    uint64_t id;
    uint64_t created_s;
    bool wants_logprobs;
    bool tells_stop; /* which stop sequence matched: for dialects that say it */
    enum sim_signs signs;
    uint32_t n;
    struct sim_choice *choices;
    uint64_t prompt_tokens, completion_tokens;
    uint64_t cached_tokens, reasoning_tokens; /* of them; 0 is not told */
    uint64_t longest; /* steps of the longest choice: what pacing counts */
};

struct sim_voice {
    const struct replay *replay; /* or NULL */
    const struct sim_directives *asked;
    const struct sim_turn *turn; /* of a script; parts == NULL: none */
};

/* Fills *ret for a chat or completions request; texts live in the arena, in the replay
 * or in the script.  -1: out of memory. */
int sim_answer_make(struct sim_answer *ret, const struct sim_request *r,
                    const struct sim_voice *voice, struct arena *a, struct err *err);

/* Appends the whole answer as one JSON object.  `fault` may take its finish reason. */
void sim_answer_write(const struct sim_answer *answer, struct sim_fault fault,
                      struct buf *out);

/* -- pieces shared with chunk.c --------------------------------------------- */

/* "id":...,"object":OBJECT,"created":...,"model":... */
void sim_answer_write_head(const struct sim_answer *answer, const char *object,
                           struct buf *out);
/* "usage":{...} */
void sim_answer_write_usage(const struct sim_answer *answer, struct buf *out);
/* "logprobs":{...} of the tokens of one text. */
void sim_answer_write_logprobs(const struct sim_answer *answer, struct str text,
                               struct buf *out);
/* ,"stop_reason":... where it is to be told. */
void sim_answer_write_stop(const struct sim_answer *answer,
                           const struct sim_choice *choice, struct buf *out);

#endif
