/* faults.h -- the ways in which a simulated engine misbehaves when asked to.
 *
 * A directive is "NAME" or "NAME=N".  It is asked for by the flag --fault, by the
 * request header x-sim-fault, or by "[[sim:NAME=N]]" in the last user message: a
 * gateway under test forwards the message, but not a header it does not know.  The
 * header wins over the message and the message over the flag.  An unknown name is
 * refused, so that a test with a misspelt fault fails instead of passing. */
#ifndef WEIR_SIM_FAULTS_H
#define WEIR_SIM_FAULTS_H

#include "core/err.h"
#include "core/str.h"

enum sim_fault_kind {
    SIM_NO_FAULT = 0,
    SIM_REFUSE,
    SIM_STALL,
    SIM_SLOW_FIRST_BYTE,
    SIM_SLOW_HEAD,
    SIM_DRIBBLE,
    SIM_RESET_MID_STREAM,
    SIM_CUT_MID_STREAM,
    SIM_STALL_MID_STREAM,
    SIM_ERROR_MID_STREAM,
    SIM_ERROR_IN_200,
    SIM_STATUS,
    SIM_429,
    SIM_500,
    SIM_503,
    SIM_HTML_502,
    SIM_OVERFLOW,
    SIM_GARBAGE_SSE,
    SIM_BAD_JSON,
    SIM_ODD_SSE,
    SIM_HUGE_EVENT,
    SIM_EMPTY_STREAM,
    SIM_NO_DONE,
    SIM_FINISH_MISSING,
    SIM_USAGE_MERGED,
    SIM_USAGE_MISSING,
    SIM_USAGE_TWICE,
    SIM_USAGE_BEFORE_FINISH,
    SIM_WRONG_CONTENT_LENGTH,
    SIM_CLOSE_AFTER,
    SIM_KEEPALIVE_CLOSE,
    SIM_CUT_MID_EVENT,
    SIM_SLOW_FIRST_TOKEN,
    SIM_PINGS,
    /* not faults: */
    SIM_WORDS,        /* how long the answer is */
    SIM_STRICT,       /* the request is checked as its vendor does, in OpenAI's too */
    SIM_LENIENT,      /* ... in no dialect */
    SIM_SIGNED_CALLS, /* ... Gemini's calls of this turn must have their signature */
    SIM_NO_THINKING,  /* ... the model (of Ollama's) cannot think */
    SIM_FAULT_KINDS   /* sentinel */
};

struct sim_fault {
    enum sim_fault_kind kind;
    uint64_t arg;
};

/* What one request was asked to do. */
struct sim_directives {
    struct sim_fault fault;
    uint64_t words;             /* 0: as long as the text happens to be */
    enum sim_fault_kind checks; /* SIM_STRICT, SIM_LENIENT; SIM_NO_FAULT: as usual */
    bool wants_signed_calls, cannot_think;
};

struct sim_fault_row {
    enum sim_fault_kind kind;
    const char *name;
    const char *arg_name; /* what N means, or NULL when it takes none */
    uint64_t default_arg, max_arg;
    const char *summary;
};
const struct sim_fault_row *sim_fault_rows(size_t *ret_n);

/* Adds "NAME=N,NAME,..." to *d; a later fault replaces an earlier one.
 * -1: ERR_BAD_REQUEST "unknown_fault". */
int sim_directives_add(struct sim_directives *d, struct str list, struct err *err);
/* The inside of the next [[sim:...]] in the text, which is stepped over; one that begins
 * with '{' is a rule of a script (script.h) and ends where its JSON does. */
bool sim_directive_next(struct str *text, struct str *ret);
/* Adds every [[sim:...]] in the text but the rules. */
int sim_directives_find(struct sim_directives *d, struct str text, struct err *err);
/* What `over` says replaces what *d says. */
void sim_directives_replace(struct sim_directives *d, const struct sim_directives *over);

#endif
