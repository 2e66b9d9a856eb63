/* translator.h -- inside engine/: one row for each form in which engines speak.
 *
 * A translator makes the request out of a chat, and puts what the engine says into weir's
 * form: OpenAI's, as chunks of a stream or as one object (dialect/event.h).  From there
 * on all answers take the same way: decode.c, chunk.c, collect.c.  It is chosen by
 * `speaks:`; apart from that, kinds have habits (quirks.c).
 *
 * engine_encode() (translator.c) has checked the clearance before it calls one, and hands
 * it the one chat that may go there: it can reach no other.  docs/extending.md says how
 * to add a row. */
#ifndef WEIR_ENGINE_TRANSLATOR_H
#define WEIR_ENGINE_TRANSLATOR_H

#include "dialect/conversation.h"
#include "engine/engine.h"

/* What is to be sent. */
struct engine_asking {
    const struct chat *chat;
    const struct target *target;
    bool has_tags; /* in the place of values: the model is told to keep them whole */
    struct engine_issuer issuer; /* whose seals the engine may have back */
    struct buf *lost;            /* engine_lose() */
    struct buf *names;           /* toolnames.h; what it begins with is of no use */
};
/* What the engine's form has no place for, where the answer stays of the same kind: the
 * client is told its name. */
void engine_lose(const struct engine_asking *q, const char *name);
/* ... and so is what its reader left out. */
void engine_lose_told(const struct engine_asking *q, const struct conversation *c);
/* What the chat says, with names of tools that the engine's form takes.  What its reader
 * left out is noted as lost. */
int engine_read_conversation(const struct engine_asking *q, struct arena *a,
                             struct conversation *ret, struct err *err);
/* ERR_BAD_REQUEST "not_expressible": "engine NAME speaks FORM, which has no place for
 * WHAT".
 */
int engine_refuse(const struct engine_asking *q, const char *form, const char *what,
                  struct err *err);

struct name_form;

struct engine_translator {
    enum engine_speech speaks;
    const char *key_field;         /* before the key; NULL: "Authorization: Bearer " */
    const char *more_fields;       /* of every request, with their line ends; or NULL */
    const char *form;              /* for people: "Anthropic's Messages" */
    unsigned lacks;                /* enum engine_lack (lacks.h) */
    const struct name_form *names; /* toolnames.h; NULL: it takes any name of a tool */
    /* Fills *ret and *ret_plan.  Same asking, same bytes.  What cannot be said is
     * ERR_BAD_REQUEST "not_expressible", with its name. */
    int (*encode)(const struct engine_asking *q, struct arena *a,
                  struct http_message *ret, struct engine_plan *ret_plan,
                  struct err *err);
    /* The rest is NULL where answers come in weir's form. */
    /* Appends to t->made, as server-sent events of weir's form, what these bytes, cut
     * anywhere, complete; is_end: there are no more.  -1: an event exceeds the bound, or
     * is not understood; what came before it is in t->made. */
    int (*translate)(struct engine_translation *t, struct str bytes, bool is_end,
                     struct err *err);
    /* The same of a whole answer, one JSON object; an error object, and what is none,
     * stays as it is.  -1: it is no whole answer of this form, and *err says why. */
    int (*translate_answer)(const struct engine_naming *naming, struct str answer,
                            struct buf *out, struct err *err);
    /* What is kept of an event that is known by the one before it (known.h): t->known
     * says which that is.  NULL: events are all read. */
    void (*note)(struct engine_translation *t, const struct known_said *said);
    size_t state_bytes;                 /* of engine_translation.state */
    void (*release_state)(void *state); /* what it points to; NULL: nothing */
    /* Of a client that speaks `dialect`: its own bytes go, but for what weir decides.
     * NULL: it is translated as all others. */
    int (*encode_own)(const struct engine_asking *q, struct arena *a,
                      struct http_message *ret, struct engine_plan *ret_plan,
                      struct err *err);
    enum dialect_id dialect;
    const char *own_path;  /* only of those who ask by this; NULL: by any */
    unsigned translated;   /* which surfaces that is done for: bits 1 << enum surface */
    bool has_json_streams; /* a stream of these begins like an object: one event a line */
};

const struct engine_translator *engine_translator(enum engine_speech s);

extern const struct engine_translator translator_openai, translator_ollama,
    translator_anthropic, translator_gemini, translator_responses;

/* For forms that send server-sent events: calls `take` for each whole one, with its name
 * (or "") and its data, never empty, and breaks off when that returns -1.  An event that
 * breaks off at the end is left for decode.c to tell as truncated. */
typedef int translate_fn(struct engine_translation *t, struct str name, struct str data,
                         struct err *err);
int translate_events(struct engine_translation *t, struct str bytes, bool is_end,
                     translate_fn *take, struct err *err);
/* Events that are like the one before them (known.h), for forms that have others:
 * takes as many as there are off the front of *bytes, and appends what is made of them.
 */
void translate_known(struct engine_translation *t, struct str *bytes);
/* Behind an event that was read: true, and translate() is to return, where those that
 * follow (`bytes`) are left to decode.c. */
bool translation_stops(struct engine_translation *t, struct str bytes);
/* Nothing is kept of an event that has not come whole. */
bool translation_is_between(const struct engine_translation *t);

/* Behind each of the engine's events: these were its bytes, and those that end it.
 * translate_events() does it. */
void translation_mark(struct engine_translation *t, struct str raw, struct str end);
/* What was made of the next of them, and its bytes; *at begins at 0. */
bool translation_next(const struct engine_translation *t, size_t *at,
                      struct str *ret_made, struct str *ret_own);

/* Method, target (the url's path, then `path`) and fields of a request. */
int engine_head(const struct target *t, struct str base, struct str path,
                struct str accept, struct arena *a, struct http_message *ret,
                struct err *err);

/* A sentence for models that are shown tags; between the quotes of a JSON string, too. */
#define TAG_HINT                                                                         \
    "Words such as PersonQ7K2M and addresses such as maild0e0n@example.com stand for "   \
    "names and values that you need not know. Where you mean one, copy it exactly."

#endif
