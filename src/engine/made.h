/* made.h -- inside engine/: the events of weir's form (dialect/event.h), for translators
 * whose engines say an answer piece by piece.
 *
 * Values are raw JSON, as the engine wrote them: a string with its quotes is passed on
 * escapes and all.  The first chunk of a choice says the role, whatever else it says. */
#ifndef WEIR_ENGINE_MADE_H
#define WEIR_ENGINE_MADE_H

#include "dialect/seal.h"
#include "dialect/usage.h"
#include "engine/engine.h"

enum { MADE_CHOICES = 64 }; /* a translated engine is not asked for more */

struct made {
    struct buf names;  /* the members that name the answer, in every chunk */
    uint64_t spoken;   /* bits: choices that have their role */
    uint64_t finished; /* ... their finish */
    uint32_t ncalls[MADE_CHOICES];
    uint64_t nchars[MADE_CHOICES]; /* of the content so far */
    size_t text_at;                /* in `out`: of the inside of the newest string */
};

void made_release(struct made *m);

/* Before the first chunk.  `id` and `model` are raw strings, or p == NULL. */
void made_name(struct made *m, const struct engine_naming *naming, struct str id,
               int64_t created, struct str model);

/* Nothing but the role; with usage where r is not NULL: what is known at the beginning,
 * the input. */
void made_begin(struct made *m, struct buf *out, uint32_t choice,
                const struct usage_report *r);
/* `content`, `reasoning_content` or `refusal`; nothing for an empty string. */
void made_text(struct made *m, struct buf *out, uint32_t choice, const char *member,
               struct str raw);
/* The same of `content`, with how likely its tokens were: a raw array, or p == NULL. */
void made_likely_text(struct made *m, struct buf *out, uint32_t choice, struct str raw,
                      struct str logprobs);
/* A picture, as OpenRouter's chat completions have it: both raw strings, the second
 * base64. */
void made_image(struct made *m, struct buf *out, uint32_t choice, struct str type,
                struct str data);
/* What stands for one seal. */
void made_seal(struct made *m, struct buf *out, uint32_t choice, const struct seal *s);
/* A call begins; its number in the choice.  `id` is raw, or says nothing: then it gets
 * one of the answer's.  `arguments`: raw JSON, an object or a string with one. */
uint32_t made_call(struct made *m, struct buf *out, uint32_t choice,
                   const struct engine_naming *naming, struct str id, struct str name,
                   struct str arguments);
/* A piece of its arguments: a raw string. */
void made_arguments(struct made *m, struct buf *out, uint32_t choice, uint32_t call,
                    struct str raw);
/* All of them, raw JSON: an object, or a string with one. */
void made_whole_arguments(struct made *m, struct buf *out, uint32_t choice, uint32_t call,
                          struct str raw);
/* One url_citation of the content from `start` to `end`, in characters. */
struct made_source {
    struct str url, title; /* raw strings; title may be p == NULL */
    uint64_t start, end;
};
void made_citations(struct made *m, struct buf *out, uint32_t choice,
                    const struct made_source *s, size_t n);
/* `word` is raw; `stop` the raw string that matched, or p == NULL. */
void made_finish(struct made *m, struct buf *out, uint32_t choice, struct str word,
                 struct str stop);
/* The usage, in a chunk of its own. */
void made_usage(struct made *m, struct buf *out, const struct usage_report *r);
/* For decode.c, which tells what it is: an error, an answer in weir's form, or nothing.
 */
void made_as_it_is(struct buf *out, struct str data);
/* Raw JSON on one line: between its tokens a line may end. */
void made_flat(struct buf *out, struct str raw);

/* The characters that a raw string stands for; and its bytes. */
uint64_t made_count_chars(struct str raw);
uint64_t made_count_bytes(struct str raw);
/* Of an event that is known. */
uint64_t made_known_chars(const struct known_said *said);
uint64_t made_known_bytes(const struct known_said *said);

/* The events that were made of a whole answer, as one object. */
int made_collect(const struct made *m, struct str events, struct buf *out,
                 struct err *err);

#endif
