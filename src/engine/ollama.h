/* ollama.h -- inside engine/: the parts of the translator to Ollama's /api/chat. */
#ifndef WEIR_ENGINE_OLLAMA_H
#define WEIR_ENGINE_OLLAMA_H

#include "engine/wishes.h"

/* -- ollama_wishes.c: what stands beside messages and tools ----------------------------
 */

/* LOST has no meaning for the answer; PASSED is Ollama's own, and goes as it is; READ
 * becomes an option or `think`. */
enum ollama_other { OLLAMA_LOST, OLLAMA_PASSED, OLLAMA_READ, OLLAMA_REFUSED };
enum ollama_other ollama_other_of(struct str name);

/* One of c->others, raw; p == NULL: it is not there. */
struct str ollama_other(const struct conversation *c, const char *name);

/* The client's own, outside of `options`: raw numbers. */
enum { OLLAMA_OPTIONS = 10 };
extern const char *const ollama_option_names[OLLAMA_OPTIONS];
struct str ollama_option(const struct conversation *c, struct str name);
/* ... also the limit of tokens and the stops. */
bool ollama_option_is_given(const struct conversation *c, struct str name);

struct ollama_wishes {
    struct str think, format; /* raw; p == NULL: not said */
    unsigned could;           /* ADAPT_* bits that would change `think` */
};
/* -1: ERR_BAD_REQUEST "not_expressible", with the name of what has no place. */
int ollama_read_wishes(const struct engine_asking *q, const struct conversation *c,
                       struct arena *a, struct ollama_wishes *ret, struct err *err);
/* Is this one of the tools that may be called? */
bool ollama_is_offered(const struct conversation *c, const struct tool *t);
int ollama_cannot(const struct engine_asking *q, const char *what, struct err *err);

/* -- ollama_answer.c -------------------------------------------------------------------
 */

int ollama_translate(struct engine_translation *t, struct str bytes, bool is_end,
                     struct err *err);
void ollama_note(struct engine_translation *t, const struct known_said *said);
int ollama_translate_answer(const struct engine_naming *naming, struct str answer,
                            struct buf *out, struct err *err);

#endif
