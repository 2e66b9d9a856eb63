/* anthropic.h -- inside engine/: the parts of the translator to Anthropic's Messages. */
#ifndef WEIR_ENGINE_ANTHROPIC_H
#define WEIR_ENGINE_ANTHROPIC_H

#include "core/hash.h"
#include "engine/made.h"
#include "engine/wishes.h"

#define ANTHROPIC_FORM "Anthropic's Messages"

/* What is being written. */
struct anthropic_call;
struct anthropic_asking {
    const struct engine_asking *q;
    const struct conversation *c;
    struct arena *arena;
    struct json_writer *w;
    struct err *err;
    /* anthropic_messages.c */
    const char *role;             /* of the message that is open; NULL: none is */
    struct anthropic_call *calls; /* of the model's last turn */
    size_t ncalls;
    bool has_lost_thoughts;
    bool begins_unthought; /* that turn called, and did not begin with a thought */
    bool ends_in_results;  /* ... and its results are the last that is said */
};

int anthropic_cannot(const struct anthropic_asking *x, const char *what);

/* -- anthropic_messages.c: `system` and `messages` -------------------------------------
 */

int anthropic_write_talk(struct anthropic_asking *x);

/* -- anthropic_media.c: the `source` of a picture or document --------------------------
 */

/* `at` names the message, for errors. */
int anthropic_write_media(struct anthropic_asking *x, const struct piece *p,
                          size_t message);

/* -- anthropic_wishes.c: what stands beside messages and tools -------------------------
 */

int anthropic_check_wishes(const struct anthropic_asking *x);
int anthropic_write_wishes(struct anthropic_asking *x);

/* -- anthropic_answer.c has the row, this is its request -------------------------------
 */

int anthropic_encode(const struct engine_asking *q, struct arena *a,
                     struct http_message *ret, struct engine_plan *ret_plan,
                     struct err *err);

int anthropic_encode_own(const struct engine_asking *q, struct arena *a,
                         struct http_message *ret, struct engine_plan *ret_plan,
                         struct err *err);

/* The digest of a thought's text, in its seal. */
enum { ANTHROPIC_DIGEST_BYTES = 16 };
static const struct siphash_key anthropic_digest_key = {5, 6};
void anthropic_write_digest(struct siphash text, char out[ANTHROPIC_DIGEST_BYTES + 1]);

#endif
