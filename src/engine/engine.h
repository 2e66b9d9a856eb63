/* engine.h -- what models speak: a translator with no socket, timer or lock.
 *
 *     encode: struct chat, target -> HTTP request
 *     decode: bytes of the answer -> events
 *
 * An engine that is not local gets nothing without a clearance that covers the body:
 * engine_encode() checks it for every implementation, so no caller can forget it. */
#ifndef WEIR_ENGINE_ENGINE_H
#define WEIR_ENGINE_ENGINE_H

#include "config/config.h"
#include "dialect/chat.h"
#include "dialect/event.h"
#include "dialect/usage.h"
#include "engine/known.h"
#include "guard/guard.h"
#include "http/message.h"
#include "http/sse.h"

/* Where engines of one kind differ from the plain OpenAI surface. */
struct engine_quirks {
    enum engine_kind kind;
    bool refuses_stream_options; /* Mistral: sends usage unasked */
    bool cancel_needs_stream;    /* llama-server: notices a leaver only while streaming,
                                  * so plain requests are streamed and collected */
    bool ignores_unknown_model;  /* answers whatever is asked for */
    const char *note;            /* the source of the facts above */
};
const struct engine_quirks *engine_quirks(enum engine_kind kind);

/* What weir adds to a body, or renames, is no reason to refuse a request: where an engine
 * refuses it, the request goes again without.  One bit for each such change. */
enum engine_adapt {
    ADAPT_NO_STREAM_OPTIONS = 1 << 0, /* none; usage is then estimated */
    ADAPT_NO_STREAM = 1 << 1,         /* a plain request is not streamed */
    ADAPT_NO_DEFAULTS = 1 << 2,       /* without the members of defaults.params */
    ADAPT_NO_SYSTEM = 1 << 3,         /* without a system message of weir's own */
    ADAPT_NEW_TOKENS = 1 << 4,        /* max_tokens is called max_completion_tokens */
    ADAPT_OLD_TOKENS = 1 << 5,        /* ... and the other way round */
    ADAPT_PLAIN_THINK = 1 << 6,       /* told to think, and not how much */
    ADAPT_NO_THINK = 1 << 7,          /* not told to think: its model cannot */
    /* What may go on a mere guess; not the system message, which explains tags. */
    ADAPT_GUESSED = ADAPT_NO_STREAM_OPTIONS | ADAPT_NO_STREAM | ADAPT_NO_DEFAULTS
};

struct target {
    const struct config_engine *engine;
    const struct config_model *model;
    unsigned adapt;      /* ADAPT_* bits; 0: as usual */
    uint64_t output_max; /* tokens that the model can say at most; 0: unknown */
    struct str passed; /* fields of the client's that go with its own bytes, each with its
                        * line end; or empty */
    struct str via;    /* ENGINE_VIA of this weir and of those before it; may be empty */
};
/* A request's field with the mark of each weir that has passed it on: one that finds its
 * own has asked itself. */
#define ENGINE_VIA "X-Weir-Via"

/* How the answer will come, as decided by engine_encode(). */
struct engine_plan {
    bool is_stream;   /* the engine was asked to stream */
    bool is_collect;  /* ... although the client was not: collect into one answer */
    unsigned could;   /* ADAPT_* bits that would change these bytes */
    bool is_own;      /* the client's own bytes went, as its engine speaks its dialect */
    struct str lost;  /* what the engine was not told, by name, for the client: "a, b"; in
                       * the arena */
    struct str names; /* of tools, that the engine was told in the place of the client's:
                       * {"its": "the client's"}; in the arena; empty: none */
};

/* Who seals what this engine's models want back with their thoughts (dialect/seal.h): of
 * two engines that are not the same place, another one. */
enum { ENGINE_ISSUER_BYTES = 24 };
struct engine_issuer {
    char text[ENGINE_ISSUER_BYTES];
};
struct engine_issuer engine_issuer(const struct config_engine *e);

/* Fills *ret for one attempt.  Pieces point into chat->body and the arena.  A target
 * that is not local needs a clearance covering the chat, else ERR_FORBIDDEN
 * "no_clearance"; a local one that may not forward gets no chat that could make it, else
 * ERR_FORBIDDEN "member_forwards".  Same chat and target give the same bytes. */
int engine_encode(const struct chat *chat, const struct target *t,
                  const struct clearance *clearance, struct arena *a,
                  struct http_message *ret, struct engine_plan *ret_plan,
                  struct err *err);

/* The request says something that this engine's form has no place for, or refers to what
 * only an engine of the client's own form can have: another may. */
bool engine_cannot_say(const struct err *err);

/* What an answer's translation is told of it: what the engine gives no id gets one of
 * this number; what its model seals gets the issuer's name. */
struct engine_naming {
    uint64_t id;
    struct engine_issuer issuer;
    struct str names; /* engine_plan.names: events have the client's own */
    bool is_own; /* the engine's own bytes reach its client: what is not understood in
                  * them is no error */
};

/* Appends what the engine said (a chunk, an answer, in weir's form) with the client's own
 * names of tools in its calls; and any words of the engine's, or an error, with them
 * wherever they stand.  `names`: engine_plan.names. */
void engine_names_back(struct str names, struct str json, struct buf *out);
void engine_names_in_words(struct str names, struct str words, struct buf *out);
void engine_names_in_err(struct str names, struct err *err);

/* What a translator keeps between two reads, and what it has made. */
struct engine_translation {
    enum engine_speech speaks;
    struct buf partial;    /* an event that has not come whole */
    struct sse_reader sse; /* ... of forms that send events: translate_events() */
    struct buf made;       /* server-sent events, to be decoded */
    /* The engine's own bytes, where its client speaks its dialect; of each of its events
     * where that ends in `own`, and what was made of it in `made`. */
    struct buf own, marks;
    struct engine_naming naming;
    struct known known; /* an event that is like the one before */
    bool reads_all;     /* none is taken for one */
    void *state;        /* the translator's own (state_bytes of its row), zeroed */
    uint32_t count;     /* its own, too */
    bool has_begun, has_ended;
    bool keeps_own;
    bool may_stop;   /* before an event that is known: decode.c tells it sooner */
    struct str rest; /* ... then these bytes are left */
};

/* Streamed answers.  One decoder per attempt; pure; memory bounded. */
struct engine_decoder {
    enum engine_speech speaks;
    enum surface surface;
    struct engine_translation translation; /* from another form */
    struct sse_reader sse;
    struct usage usage;         /* as reported so far */
    struct usage_report report; /* ... by name */
    bool is_usage_aside;        /* ... by figures beside the answer */
    bool has_running; /* usage came on chunks that end no choice: it is of all of them */
    uint32_t source; /* whose the report is (decode.c); those before it are in `others` */
    uint32_t nalone; /* chunks with usage and no choice */
    struct usage others;
    uint64_t counted[2]; /* bits: choices in `others` */
    uint32_t nfinished;
    bool has_ended;    /* [DONE] seen */
    bool has_text;     /* a chunk with content, reasoning or a call was seen */
    bool needs_finish; /* what came is half until a finish says that it is whole: a call's
                        * arguments, or text with words of the engine behind it */
    uint64_t seen[2], finished[2]; /* bits: choices that came; that have ended since */
    /* The shape of the stream's delta chunks: most differ from the one before only in
     * the content string, and are recognised by comparing instead of parsing. */
    struct buf shape; /* an event's bytes before the string, then those after it */
    uint32_t shape_head, shape_tail; /* 0: none known */
    uint32_t shape_choice;
    unsigned shape_counter; /* enum text_kind (engine/chunk.h): what the string is */
    bool reads_all;         /* engine_decoder_read_all() */
    bool tells_sole;        /* engine_decoder_tell_sole() */
    bool is_shape_single;   /* it has one choice */
    bool is_sole_known;     /* the two below are those of the shape */
    enum sole_kind shape_sole;
    uint32_t shape_call;
    bool hands_out; /* events that are like the one before are told without being read */
    struct buf framed; /* the event in canonical framing, when it came in another */
};
/* `surface` is the client's: a chunk of the other one (chat and completions) becomes one
 * of it. */
void engine_decoder_init(struct engine_decoder *d, enum engine_speech speaks,
                         enum surface surface);
void engine_decoder_release(struct engine_decoder *d);
/* Before the first bytes; else they are 0. */
static inline void engine_decoder_name(struct engine_decoder *d,
                                       const struct engine_naming *naming)
{
    d->translation.naming = *naming;
}
/* Before the first bytes: events say which bytes of the engine's they came of
 * (event.own).  Of forms that are translated only. */
static inline void engine_decoder_keep_own(struct engine_decoder *d)
{
    d->translation.keeps_own = true;
}
/* Before the first bytes: events that say a piece of one text say so (event.sole), for
 * encoders that write it in another form. */
static inline void engine_decoder_tell_sole(struct engine_decoder *d)
{
    d->tells_sole = true;
}
/* Before the first bytes: each event is read by itself, however much it is like the one
 * before.  The same comes of it: tests compare the two. */
static inline void engine_decoder_read_all(struct engine_decoder *d)
{
    d->reads_all = d->translation.reads_all = true;
}
/* Bytes kept between two calls of engine_decode(): an event that is not yet whole. */
static inline size_t engine_decoder_held(const struct engine_decoder *d)
{
    return sse_held(&d->sse) + d->framed.n + d->shape.n + d->translation.partial.n +
           sse_held(&d->translation.sse);
}
/* Every choice that was begun has its finish, and no text after it; `nchoices` of them at
 * the least, when as many were asked for. */
bool engine_decoder_is_finished(const struct engine_decoder *d, uint32_t nchoices);
/* [DONE] has come and nothing can be missing.  It tells nothing when a choice was not
 * finished: some servers write it also behind an answer that they break off
 * (llama-cpp-python, when another request comes), and others never say that a choice is
 * finished.  Which of the two it is shows in how the body ends. */
bool engine_decoder_is_over(const struct engine_decoder *d, uint32_t nchoices);
/* Feeds bytes split anywhere.  -1: an event exceeds the bound ("upstream_bad_sse"), or
 * the sink stopped, and then *err is as the sink's owner left it.  Data that is not
 * JSON, or an error object, is an EVENT_ERROR; data that says nothing (null, a word such
 * as "ping") is an EVENT_NOTE, a comment to the client.  A whole answer, with `message`
 * in the place of `delta`, becomes a chunk.  What follows [DONE] is dropped. */
int engine_decode(struct engine_decoder *d, struct str bytes, event_sink *sink, void *ctx,
                  struct err *err);
/* The stream ended: an unterminated last event is still delivered; one that breaks off
 * inside is an EVENT_ERROR "upstream_truncated". */
int engine_decode_end(struct engine_decoder *d, event_sink *sink, void *ctx,
                      struct err *err);

/* The same for an answer that came whole, one JSON object: its events, and the end. */
int engine_decode_answer(struct engine_decoder *d, struct str answer, event_sink *sink,
                         void *ctx);

/* Answers of this form are put into weir's: never passed on as they come. */
bool engine_translates(enum engine_speech s, enum surface surface);
/* What engine_decode() does to a stream, done to an answer that came whole: appends it in
 * weir's form.  What is no answer of the form stays as it is; a stream that was not asked
 * for is collected.  `id` is as engine_decoder_name() takes it.  Of forms that are
 * translated only.  -1: it is not whole, or not understood; *err says why. */
int engine_translate_answer(enum engine_speech s, enum surface surface,
                            const struct engine_naming *naming, struct str answer,
                            struct buf *out, struct err *err);

/* Appends an answer or a chunk, one JSON object, as `to` has it, on one line: text stands
 * in `delta` (with an index for each tool call), in `message`, or in `text`, whatever it
 * stood in before.  False: it is no valid object. */
bool engine_reshape(struct str answer, enum surface to, bool is_stream, struct buf *out);
/* What a body is, by how it begins: engines send streams that were not asked for, and
 * under any Content-Type. */
enum body_look {
    LOOKS_OPEN,
    LOOKS_JSON,
    LOOKS_STREAM,
    LOOKS_OTHER,
    LOOKS_NEITHER
}; /* OPEN: too short; OTHER: begins with a word, perhaps a field of events */
enum body_look engine_look(struct str start);
/* ... and whether that is a stream: in some forms one begins like an object, and what was
 * asked for decides. */
bool engine_is_stream(enum engine_speech s, enum surface surface, enum body_look look,
                      bool was_asked);
/* The one JSON object in a body, without a byte order mark before it, a stream's end mark
 * behind it, or an event around it; the body itself when it is not so built. */
struct str engine_object_in(struct str body);
/* Whole (not streamed) answers: usage and, for a 200 that carries an error object
 * instead of an answer, -1 with the error in *err (then no content, and the usage that
 * it says all the same).  Of what is no object there is no content either; where it is
 * compressed, the usage has something unpriced. */
struct engine_answer {
    struct usage usage;
    uint64_t content_bytes;
    bool is_other; /* of another form than a plain answer of the surface has: to be put
                    * through engine_reshape() */
};
int engine_read_answer(enum surface surface, struct str body, struct engine_answer *ret,
                       struct err *err);
/* Usage from the beginning or end of an answer too large to be held: the last "usage"
 * object that is in it whole, and what it says of the tier of service. */
struct usage engine_usage_in_tail(enum surface surface, struct str tail);

/* An answer that is not 2xx: what kind of failure, with the engine's message.  Kinds:
 * ERR_BAD_REQUEST (the client's own), ERR_TOO_LARGE, ERR_RATE_LIMIT, ERR_OVERLOAD,
 * ERR_UPSTREAM (the operator's key, credit, models: nothing the client can mend),
 * ERR_TIMEOUT.  The codes stand in docs/mapping.md. */
void engine_classify(int status, struct str body, struct err *ret);
/* Of such a failure, or of a transport's: may another engine do better? */
bool engine_may_differ(const struct err *err);
/* ... does it say that the engine is ill?  One that refuses (a model that it does not
 * have, a key that it does not know, a prompt too long for it) is well. */
bool engine_is_ill(const struct err *err);
/* ... is the prompt too long for this model? */
bool engine_is_overflow(const struct err *err);
/* ... was a reason given? */
bool engine_said_why(const struct err *err);
/* What the lowest of the bits is about, for a person: "stream_options", ... */
const char *engine_adapt_words(unsigned adapt);
/* The ADAPT_* bits of plan->could that the refusal of this body is about; 0: none is. */
unsigned engine_refused_changes(int status, struct str body, const struct target *t,
                                const struct engine_plan *plan);
/* Does a 404 or 405 say that the path is not there, and nothing of a model?  Then the
 * engine's url is likely to be wrong. */
bool engine_lacks_path(int status, struct str body);
/* A server that speaks TLS on this port has been asked in plain HTTP, and says so. */
bool engine_wants_tls(int status, struct str body);
/* How long the engine asks to be left alone, by the words of its body ("try again in
 * 1.2s", Gemini's retryDelay); false when they do not say, and when neither status nor
 * code says that it is to be left alone: the words may be a client's. */
bool engine_wait_ms(int status, struct str body, uint64_t *ret_ms);
/* The CAP_* bits that the engine says its model lacks; 0: it says nothing of the kind, or
 * only in quotes, where a client's text may stand. */
unsigned engine_refused_caps(struct str body);

/* Collecting a stream into the one JSON object that a plain request expects: content,
 * reasoning, refusal, tool calls and logprobs of every choice are joined, unknown
 * members of the last chunks are carried over. */
struct engine_collector;
struct engine_collector *engine_collector_create(enum surface surface, size_t max_bytes);
/* Bytes of text that it keeps. */
size_t engine_collector_held(const struct engine_collector *k);
void engine_collector_free(struct engine_collector *k); /* NULL is fine */
int engine_collect(struct engine_collector *k, const struct event *e, struct err *err);
/* Appends the answer's JSON.  `usage` is what the decoder summed; NULL: the events say it
 * as it is. */
int engine_collector_finish(struct engine_collector *k, const struct usage *usage,
                            struct buf *out, struct err *err);

#endif
