/* gemini.h -- inside engine/: the parts of the translator to Gemini's generateContent. */
#ifndef WEIR_ENGINE_GEMINI_H
#define WEIR_ENGINE_GEMINI_H

#include "engine/made.h"
#include "engine/wishes.h"

#define GEMINI_FORM "Gemini's generateContent"

/* Passes for the signature of a call that another model made: Google's documentation of
 * thought signatures gives it for that. */
#define GEMINI_UNSIGNED "skip_thought_signature_validator"

/* What is being written. */
struct gemini_call;
struct gemini_asking {
    const struct engine_asking *q;
    const struct conversation *c;
    struct arena *arena;
    struct json_writer *w;
    struct err *err;
    /* gemini_contents.c */
    const char *role;          /* of the entry that is open; NULL: none is */
    struct gemini_call *calls; /* of the model's last turn */
    size_t ncalls;
    bool has_lost_thoughts;
};

int gemini_cannot(const struct gemini_asking *x, const char *what);
/* 205 of "gemini-2.5-flash", 300 of "gemini-3-pro"; 0: the name says none. */
unsigned gemini_version(const struct gemini_asking *x);

/* -- gemini_contents.c: `systemInstruction` and `contents` ------------------------------
 */

int gemini_write_talk(struct gemini_asking *x);

/* -- gemini_wishes.c: what stands beside them -------------------------------------------
 */

int gemini_check_wishes(const struct gemini_asking *x);
int gemini_write_wishes(struct gemini_asking *x);

/* -- gemini_likely.c --------------------------------------------------------------------
 */

/* A `logprobsResult`, in a chunk of its own. */
void gemini_tell_likely(struct made *m, struct buf *out, uint32_t choice,
                        struct str result);

/* -- gemini_answer.c has the row, this is its request -----------------------------------
 */

int gemini_encode(const struct engine_asking *q, struct arena *a,
                  struct http_message *ret, struct engine_plan *ret_plan,
                  struct err *err);
int gemini_encode_own(const struct engine_asking *q, struct arena *a,
                      struct http_message *ret, struct engine_plan *ret_plan,
                      struct err *err);

#endif
