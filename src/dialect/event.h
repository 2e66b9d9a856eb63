/* event.h -- an answer as weir sees it: a series of events, whatever the engine speaks.
 *
 * Engines decode their bytes into events; dialects encode events for the client.
 * `raw` holds the engine's own bytes of the event: when both sides speak OpenAI's form
 * they pass through untouched and the other fields only inform weir.  When both speak
 * another, `own` does.
 * The order towards the client is always: deltas, finishes, one usage, end. */
#ifndef WEIR_DIALECT_EVENT_H
#define WEIR_DIALECT_EVENT_H

#include "core/err.h"
#include "core/str.h"
#include "facts/tier.h"

enum event_kind {
    EVENT_NOTE,   /* a comment, heartbeat or anything without meaning for weir */
    EVENT_START,  /* role-only or empty delta: no content yet */
    EVENT_DELTA,  /* content, reasoning, refusal or tool-call bytes */
    EVENT_FINISH, /* a choice has its finish reason (and may carry content) */
    EVENT_USAGE,  /* token counts, nothing else to show */
    EVENT_ERROR,  /* the engine reports an error inside the answer */
    EVENT_END     /* the engine's own end mark ([DONE]) */
};

enum finish_reason {
    FINISH_NONE,
    FINISH_STOP,
    FINISH_LENGTH,
    FINISH_TOOL_CALLS,
    FINISH_CONTENT_FILTER,
    FINISH_OTHER
};

/* Most events of a stream say a piece of one text and nothing else. */
enum sole_kind { SOLE_NONE, SOLE_TEXT, SOLE_THOUGHT, SOLE_ARGUMENTS };

struct usage {
    uint64_t input_tokens;       /* includes cached */
    uint64_t cached_tokens;      /* of input, read from the engine's cache */
    uint64_t cache_write_tokens; /* of input, written to that cache, where that costs */
    uint64_t output_tokens;      /* includes reasoning */
    uint64_t reasoning_tokens;
    uint64_t audio_input_tokens, audio_output_tokens; /* of input and of output */
    enum service_tier tier; /* what the answer says it was given */
    bool is_known;
    bool has_unpriced; /* with things in it whose price is in no list: pictures made,
                        * searches, a cache held longer than usual */
};

struct event {
    enum event_kind kind;
    struct str raw;  /* the event's bytes, ready to send, or empty */
    struct str data; /* its JSON, or empty */
    struct str own;  /* of an engine that speaks the client's dialect, and that is not
                      * OpenAI's: its bytes from the event before to this one */
    /* What such a piece is, where that is known without reading the data: spoken_read()
     * would find this string in them, not empty, and nothing more that is told of an
     * event but its choice.  It never begins an answer: an event before it was alike. */
    enum sole_kind sole_kind;
    struct str sole;          /* the inside of the raw string, in `raw` */
    bool sole_is_plain;       /* ... which is ASCII without escapes */
    uint32_t sole_call;       /* of arguments: the index of their call */
    uint32_t content_bytes;   /* of visible text, raw JSON length, estimate of size */
    uint32_t reasoning_bytes; /* of reasoning text */
    uint32_t tool_bytes;      /* of tool-call names and arguments */
    uint32_t choice;          /* index */
    enum finish_reason finish;
    struct usage usage;      /* EVENT_USAGE, or merged into any other: the sum so far */
    const struct err *error; /* EVENT_ERROR: what it says, with its kind; else NULL */
};

/* Called for each event in order; what it points to lives until it returns.
 * Returning -1 stops the decoder. */
typedef int event_sink(void *ctx, const struct event *e);

#endif
