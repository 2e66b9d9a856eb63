/* failure.h -- does a part of an answer say that the answer failed?  Inside this folder
 * only.
 *
 * Engines write an `error` member where there is none ("none", {"code":200,"message":
 * "OK"}, []), and end an answer that failed with a finish_reason and no error. */
#ifndef WEIR_ENGINE_FAILURE_H
#define WEIR_ENGINE_FAILURE_H

#include "core/str.h"

enum says {
    SAYS_NOTHING, /* there is no error */
    SAYS_LITTLE,  /* it neither names a failure nor denies one: believed where it stands
                   * in the place of an answer, and not beside one */
    SAYS_FAILURE
};

/* Of the raw JSON value of an `error` member. */
enum says failure_in_error(struct str raw);
/* Of an object that stands where a chunk would and has no choices: {"detail":"..."},
 * {"status":500,"message":"..."}, {"error_code":17}.  SAYS_LITTLE: it has words, and they
 * may be of progress as well as of a failure. */
enum says failure_in_object(struct str object);

struct finish_failure {
    struct str error;     /* raw JSON value that describes it; p == NULL: no failure */
    bool unless_has_text; /* an answer with text has only been cut short */
};
/* Of a finish_reason that is none of the known ones: "error", "FAILED", "timed_out". */
struct finish_failure failure_of_finish(struct str word);

#endif
