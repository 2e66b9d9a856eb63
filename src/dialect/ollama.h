/* ollama.h -- the parts of Ollama's dialect; inside this folder only. */
#ifndef WEIR_DIALECT_OLLAMA_H
#define WEIR_DIALECT_OLLAMA_H

#include "dialect/dialect.h"
#include "dialect/held_calls.h"

/* Which of its requests a path is. */
enum ollama_request {
    OLLAMA_CHAT,       /* /api/chat */
    OLLAMA_GENERATE,   /* /api/generate */
    OLLAMA_EMBED,      /* /api/embed */
    OLLAMA_EMBED_ONE,  /* /api/embeddings, the older one */
    OLLAMA_NO_REQUEST, /* a page */
};
enum ollama_request ollama_request_of(const struct dialect_path *path);

/* ollama_decode.c */
int ollama_decode(const struct dialect_ask *ask, struct arena *a, struct chat *ret,
                  struct err *err);
/* ollama_conversation.c */
int ollama_read_conversation(const struct chat *chat, struct arena *a,
                             struct conversation *ret, struct err *err);
/* ollama_other.c: embeddings, and prompts for completions */
int ollama_as_openai(const struct chat *chat, struct arena *a, struct conversation *told,
                     struct str *ret_body, struct err *err);

/* A raw `logprobs` of a choice as Ollama has it; p == NULL: there is none. */
struct str ollama_logprobs(struct str logprobs);
int ollama_encode_vectors(const struct answer_about *about, struct str answer,
                          struct buf *out, struct err *err);

/* How the lines of a stream begin that say a piece of text, up to it. */
struct ollama_head {
    struct buf text;
    size_t ms_at; /* in it: three digits, of the time below */
    uint64_t ms;  /* since 1970 */
};

/* ollama_answer.c.  Calls and the end wait: calls go out whole. */
struct ollama_encoder {
    struct answer_encoder base;
    struct held_calls calls;
    struct buf finish; /* the newest word for it */
    struct ollama_head head;
    struct usage usage;
    uint64_t first_ms; /* when it wrote the first piece; 0: it has not */
};
void ollama_encoder_init(struct answer_encoder *base);
void ollama_encoder_release(struct answer_encoder *base);
void ollama_encode_event(struct answer_encoder *base, const struct event *e,
                         struct buf *out);
bool ollama_encode_sole(struct answer_encoder *base, const struct event *e,
                        struct buf *out);
void ollama_encode_end(struct answer_encoder *base, struct buf *out);
void ollama_encode_stream_error(struct answer_encoder *base, const struct err *err,
                                struct buf *out);
void ollama_encode_error(const struct err *err, struct buf *out);
int ollama_encode_answer(const struct answer_about *about, struct str answer,
                         struct buf *out, struct err *err);

/* ollama_pages.c */
int ollama_tell_tags(const struct dialect_query *q, struct buf *out, struct err *err);
int ollama_tell_loaded(const struct dialect_query *q, struct buf *out, struct err *err);
int ollama_tell_model(const struct dialect_query *q, struct buf *out, struct err *err);
int ollama_tell_version(const struct dialect_query *q, struct buf *out, struct err *err);
int ollama_tell_root(const struct dialect_query *q, struct buf *out, struct err *err);
/* The answer to a request that asks for nothing: `word` is load or unload. */
void ollama_write_idle(enum ollama_request request, struct str model, const char *word,
                       struct buf *out);

extern const struct dialect dialect_ollama;

#endif
