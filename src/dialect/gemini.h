/* gemini.h -- the parts of Gemini's dialect (generateContent); inside this folder only.
 */
#ifndef WEIR_DIALECT_GEMINI_H
#define WEIR_DIALECT_GEMINI_H

#include "dialect/dialect.h"
#include "dialect/held_calls.h"
#include "dialect/reader.h"

enum gemini_request {
    GEMINI_GENERATE,   /* one object */
    GEMINI_STREAM,     /* server-sent events */
    GEMINI_ARRAY,      /* a stream as an array */
    GEMINI_EMBED,      /* one text */
    GEMINI_EMBED_MANY, /* several, each a request of its own */
    GEMINI_NO_REQUEST, /* a page */
};
enum gemini_request gemini_request_of(const struct dialect_path *path);

/* -- gemini_name.c: members may be written likeThis or like_this -----------------------
 */

bool gemini_is(struct json_string name, const char *camel);
/* Which of n names it is, given once so far; GEMINI_UNKNOWN; or GEMINI_REFUSED with *err.
 * *seen begins as 0. */
enum { GEMINI_UNKNOWN = -1, GEMINI_REFUSED = -2 };
int gemini_find(struct json_string name, const char *const *names, size_t n,
                uint64_t *seen, struct err *err);
/* As reader_fields_at() and reader_fields(). */
int gemini_fields_at(const struct reader *r, const struct place *at, struct json_cur *c,
                     const struct fields *f, struct str *ret);
int gemini_fields(const struct reader *r, const struct place *at, struct str object,
                  const struct fields *f, struct str *ret);
/* The raw value of a member of an object that is valid; p == NULL: it has none.  `ends`
 * as json_begin_known() takes them. */
struct str gemini_get(const struct json_ends *ends, struct str object, const char *camel);

/* A number may stand in a string there: then what is in it; else the value itself. */
struct str gemini_number(struct str raw);

/* What is meant to be a list, one after another: its elements, or one value that is in no
 * list, which Google's API takes too. */
struct gemini_list {
    struct json_cur c;
    struct str alone; /* the one in no list, until it is told */
    bool is_list;
};
bool gemini_list_begin(const struct json_ends *ends, struct str raw,
                       struct gemini_list *ret); /* false: there is none, or null */
bool gemini_list_next(struct gemini_list *p, struct str *ret);
size_t gemini_list_count(const struct json_ends *ends, struct str raw);

/* -- requests -------------------------------------------------------------------------
 */

int gemini_decode(const struct dialect_ask *ask, struct arena *a, struct chat *ret,
                  struct err *err);
int gemini_read_conversation(const struct chat *chat, struct arena *a,
                             struct conversation *ret, struct err *err);
/* gemini_said.c: systemInstruction (or p == NULL), then contents.  `chat` has been read
 * of the same body. */
int gemini_read_contents(struct reader *r, const struct chat *chat, struct str system,
                         struct str contents);
/* gemini_schema.c: Google's own kind of schema as JSON Schema, in the arena. */
int gemini_schema(const struct reader *r, struct str raw, struct str *ret);
/* gemini_embed.c */
int gemini_as_openai(const struct chat *chat, struct arena *a, struct conversation *told,
                     struct str *ret, struct err *err);
int gemini_encode_vectors(const struct answer_about *about, struct str answer,
                          struct buf *out, struct err *err);
/* "t" where the client wants to see thoughts. */
int gemini_echo(const struct chat *chat, struct arena *a, struct buf *out,
                struct err *err);

/* -- answers: gemini_answer.c -----------------------------------------------------------
 */

/* What waits of one candidate. */
struct gemini_candidate {
    uint32_t index;
    struct held_calls calls;
    struct buf finish; /* the newest word for it */
    bool has_said;     /* some content */
};

struct gemini_encoder {
    struct answer_encoder base;
    struct gemini_candidate *items; /* in the order in which they began */
    size_t n, cap;
    struct buf seals; /* of calls, each with its length before it */
    struct buf tail;  /* of chunks that say one text: what is the same in all */
    struct usage usage;
    bool has_begun; /* of an array */
};
void gemini_encoder_init(struct answer_encoder *base);
void gemini_encoder_release(struct answer_encoder *base);
void gemini_encode_event(struct answer_encoder *base, const struct event *e,
                         struct buf *out);
bool gemini_encode_sole(struct answer_encoder *base, const struct event *e,
                        struct buf *out);
void gemini_encode_end(struct answer_encoder *base, struct buf *out);
void gemini_frame_own(struct answer_encoder *base, struct str own, struct buf *out);
void gemini_encode_stream_error(struct answer_encoder *base, const struct err *err,
                                struct buf *out);
int gemini_encode_answer(const struct answer_about *about, struct str answer,
                         struct buf *out, struct err *err);
void gemini_encode_error(const struct err *err, struct buf *out);
int gemini_error_status(const struct err *err);

/* gemini_logprobs.c: a member of a candidate; `logprobs` is a choice's, raw. */
struct json_writer;
void gemini_write_logprobs(struct json_writer *w, struct str logprobs);
/* Pages that the answer cites (spoken.annotations), in a candidate; with the place in the
 * text that each is about, where that is whole: `text` is its part of this number.
 * Nothing, where there are none. */
bool gemini_has_citations(struct str pages);
void gemini_write_citations(struct json_writer *w, struct str pages, struct str text,
                            size_t part);

/* -- pages: gemini_pages.c
 * --------------------------------------------------------------- */

/* Members of an object that is a model, without `description`. */
void gemini_write_members(struct json_writer *w, const struct dialect_model *m);
int gemini_tell_models(const struct dialect_query *q, struct buf *out, struct err *err);
int gemini_tell_model(const struct dialect_query *q, struct buf *out, struct err *err);
int gemini_tell_tokens(const struct dialect_query *q, struct buf *out, struct err *err);

extern const struct dialect dialect_gemini;

#endif
