/* dialect.h -- what clients speak: a translator with no socket.
 *
 *     decode: the client's body   -> struct chat
 *     encode: events of an answer -> bytes for the client
 *
 * One table (dialect.c) holds a row for each dialect: its paths, how its bodies are read,
 * how its streams are written, how its errors look.  Nobody outside of this folder names
 * one: a request has the row that its path belongs to.  docs/extending.md says how to add
 * a row.
 *
 * Inside weir an answer has one form, OpenAI's: an event's data are a chunk of it, a
 * whole answer is its object, whatever the engine speaks (event.h).  A dialect of another
 * form writes its own out of these. */
#ifndef WEIR_DIALECT_DIALECT_H
#define WEIR_DIALECT_DIALECT_H

#include "core/buf.h"
#include "dialect/chat.h"
#include "dialect/conversation.h"
#include "dialect/event.h"
#include "dialect/spoken.h"

/* Which clients may ask: those with a key (where keys are configured), or all. */
enum dialect_access { DIALECT_FOR_KEYS, DIALECT_FOR_ALL };
/* Who answers: a model; weir's list of models, or one of its entries; or the dialect by
 * itself, out of what it is told. */
enum dialect_answer {
    ANSWERED_BY_MODEL,
    ANSWERED_BY_LIST,
    ANSWERED_BY_ENTRY,
    ANSWERED_BY_DIALECT
};

/* A name that can be asked for. */
struct dialect_model {
    struct str id, owner;
    bool is_local;
    /* Until then its engine keeps it in memory, as far as weir knows, in seconds since
     * 1970; 0: it may have it or not, UINT64_MAX: always. */
    uint64_t loaded_until_s;
    uint64_t loaded_bytes; /* ... and so much of it; 0: unknown */
    uint64_t max_context;  /* tokens; 0: unknown */
    unsigned caps;         /* CAP_* bits that it is known to have */
    unsigned caps_unsaid;  /* ... that it may have: it is asked when no other has them */
};

/* What is asked of ANSWERED_BY_DIALECT. */
struct dialect_query {
    const struct dialect_path *path;
    struct str name; /* as the path has it, unescaped; empty: it has none */
    struct str body; /* empty: none came */
    struct arena *arena;
    const struct dialect_model *models;
    size_t nmodels;
    uint64_t now_s; /* since 1970 */
};

/* A path that weir serves. */
struct dialect_path {
    const char *method;
    /* At most one name in it, in braces, of any bytes: "/v1/models/{model}". */
    const char *pattern;
    enum surface surface;
    enum dialect_answer answer;
    enum dialect_access access;
    bool is_stream; /* the path itself asks for a stream */
    /* Of ANSWERED_BY_DIALECT: appends the answer.  -1 with *err: an error in its form. */
    int (*tell)(const struct dialect_query *q, struct buf *out, struct err *err);
    const char *type; /* its Content-Type; NULL: JSON, of streams the dialect's */
    /* Answers have a framing that no engine of the dialect gives: frame_own() puts its
     * bytes into it. */
    bool has_own_framing;
    const char *query; /* a parameter that the address must have: "alt=sse"; NULL: none */
};

/* Paths that its clients ask for and that weir does not serve, and what they are told to
 * change; their errors have this dialect's form. */
struct dialect_prefix {
    const char *prefix, *advice;
};

/* What is to be read. */
struct dialect_ask {
    const struct dialect_path *path;
    struct str model; /* as the path names it, unescaped; empty: it does not */
    struct str body;
};

/* What an answer is told of its request. */
struct answer_about {
    const struct dialect_path *path;
    struct str model;  /* that the client asked for */
    struct str issuer; /* of seals, for what its engine wants back (seal.h); or empty */
    struct str echo;   /* what the dialect's `echo` made of the request */
    uint64_t id;       /* of this answer alone */
    uint64_t began_ms; /* clock_mono_ms(): when the request came; 0: unknown */
};

/* The state of one streamed answer towards the client.  It is the beginning of the
 * dialect's own (struct dialect.encoder_bytes in all), zeroed before encoder_init. */
struct answer_encoder {
    const struct dialect *dialect;
    struct answer_about about; /* lives as long as the encoder */
    struct spoken_halves halves;
    size_t held_bytes; /* that wait for the end of the stream */
    bool wants_usage;  /* the client asked for it */
    bool passes_own;   /* the engine speaks this dialect: answer_encode() */
    bool is_ended;     /* its end mark or an error has been written */
    bool has_error;
};

struct dialect {
    enum dialect_id id;
    const struct dialect_path *paths;
    size_t npaths;
    const struct dialect_prefix *prefixes;
    size_t nprefixes;

    /* Reads and validates the body; NULL: its clients are only told what to change.  ret
     * is set but for `dialect`, `path` and `path_model`.  Errors: ERR_BAD_REQUEST with
     * codes "invalid_json", "duplicate_key", "ambiguous_key" (names.h), "missing_field",
     * "invalid_field", and the member's name in the message. */
    int (*decode)(const struct dialect_ask *ask, struct arena *a, struct chat *ret,
                  struct err *err);

    /* What the request says, for who translates it (conversation.h): of the chat surface
     * alone.  -1 with ERR_BAD_REQUEST "not_expressible", by name, or no memory. */
    int (*read_conversation)(const struct chat *chat, struct arena *a,
                             struct conversation *ret, struct err *err);

    /* The request of another surface as a body in OpenAI's form, in the arena, for
     * engines that speak it; what it leaves out is in told->lost, all else there is
     * nothing.  NULL: the dialect has no such surface, or it is OpenAI's. */
    int (*as_openai)(const struct chat *chat, struct arena *a, struct conversation *told,
                     struct str *ret, struct err *err);
    /* Appends what answers repeat of the request, or must know of it, in bytes of the
     * dialect's own: struct answer_about.echo.  NULL: nothing. */
    int (*echo)(const struct chat *chat, struct arena *a, struct buf *out,
                struct err *err);

    size_t encoder_bytes;
    void (*encoder_init)(struct answer_encoder *enc);
    void (*encoder_release)(struct answer_encoder *enc);
    /* Appends what this event looks like to the client (maybe nothing yet), in the order
     * that the dialect's readers expect, whatever the order of events.  EVENT_END is not
     * the end, for some engines say it where something is missing: encode_end() is. */
    void (*encode_event)(struct answer_encoder *enc, const struct event *e,
                         struct buf *out);
    /* The same of an event that says one piece of text (event.sole), where nothing else
     * is to be told with it: the same bytes, and sooner.  False: nothing was appended,
     * and encode_event() is to do it.  NULL: it always is. */
    bool (*encode_sole)(struct answer_encoder *enc, const struct event *e,
                        struct buf *out);
    /* Appends what must still come; idempotent. */
    void (*encode_end)(struct answer_encoder *enc, struct buf *out);
    /* An error after the stream has begun: its event; no success mark follows. */
    void (*encode_stream_error)(struct answer_encoder *enc, const struct err *err,
                                struct buf *out);
    /* Where the engine's own bytes pass: what of them an error behind them must know.
     * NULL: nothing. */
    void (*note_own)(struct answer_encoder *enc, struct str own);
    /* The engine's own bytes, of whole events, in the framing of a path that has one;
     * p == NULL: that was all.  NULL: the dialect has no such path. */
    void (*frame_own)(struct answer_encoder *enc, struct str own, struct buf *out);
    /* What keeps a stream alive and says nothing: every reader steps over it. */
    struct str ping;
    struct str stream_type; /* Content-Type of a stream */
    /* Its clients may leave out what they send, or say something else (curl -d): web
     * pages of others are told by their Origin. */
    bool takes_any_type;
    /* Fields of a request that go on to an engine that speaks this dialect, with the
     * client's own bytes: versions and options of the form.  Ends in NULL; NULL: none. */
    const char *const *passed_fields;

    /* The whole answer, given in weir's form.  NULL: it is the dialect's own.  -1 with
     * *err: it cannot be expressed. */
    int (*encode_answer)(const struct answer_about *about, struct str answer,
                         struct buf *out, struct err *err);
    /* The JSON body of an error answer. */
    void (*encode_error)(const struct err *err, struct buf *out);
    int (*error_status)(const struct err *err); /* NULL: err_http_status() */
    const char *request_id; /* the member of an error answer, beside the error, that names
                             * the request; NULL: it has none */
    void (*encode_models)(const struct dialect_model *m, size_t n, struct buf *out);
    void (*encode_model)(const struct dialect_model *m, struct buf *out);
};

/* The rows, the first of which speaks for what belongs to no dialect. */
extern const struct dialect *const dialect_table[];
extern const size_t dialect_count;
static inline const struct dialect *dialect_first(void)
{
    return dialect_table[0];
}
const struct dialect *dialect_get(enum dialect_id id); /* NULL: has no row */

/* Does the path have this pattern?  *ret_name: what stands for the name in it. */
bool dialect_path_matches(const struct dialect_path *p, struct str path,
                          struct str *ret_name);
/* Whose clients ask for this path, served or not: by the paths and prefixes of all rows,
 * the longest counts; else the first row.  *ret_advice, unless NULL: what to tell them
 * of a path that is not served, or NULL. */
const struct dialect *dialect_of_path(struct str path, const char **ret_advice);

/* Content-Type of a stream by this path. */
struct str dialect_stream_type(const struct dialect *d, const struct dialect_path *p);

/* Reads it, and notes in the chat how it was read. */
int dialect_decode(const struct dialect *d, const struct dialect_ask *ask,
                   struct arena *a, struct chat *ret, struct err *err);
/* The first path of this surface that a model answers; NULL: there is none. */
const struct dialect_path *dialect_path_of(const struct dialect *d, enum surface s);
/* A body of this surface, by that path; ERR_UNSUPPORTED where the dialect has none. */
int dialect_read(const struct dialect *d, enum surface s, struct str body,
                 struct arena *a, struct chat *ret, struct err *err);
/* Another body, the masked one, as the request's own was read. */
int dialect_read_as(const struct chat *chat, struct str body, struct arena *a,
                    struct chat *ret, struct err *err);
static inline int dialect_error_status(const struct dialect *d, const struct err *err)
{
    return d->error_status ? d->error_status(err) : err_http_status(err->kind);
}

/* What `about` points to must live as long; NULL: nothing is told.  NULL: no memory. */
struct answer_encoder *answer_encoder_create(const struct dialect *d,
                                             const struct answer_about *about,
                                             bool wants_usage);
void answer_encoder_free(struct answer_encoder *enc); /* NULL is fine */
/* What encode_event() and encode_end() do; where the engine's own bytes pass, they are
 * all there is, but for errors. */
void answer_encode(struct answer_encoder *enc, const struct event *e, struct buf *out);
void answer_encode_end(struct answer_encoder *enc, struct buf *out);

#endif
