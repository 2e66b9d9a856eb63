/* chunk.h -- one JSON object of an answer, streamed or whole, in the OpenAI surface. */
#ifndef WEIR_ENGINE_CHUNK_H
#define WEIR_ENGINE_CHUNK_H

#include "dialect/chat.h"
#include "dialect/event.h"
#include "dialect/usage.h"

enum text_kind { TEXT_CONTENT, TEXT_REASONING, TEXT_TOOL, TEXT_KINDS };

/* What a choice's text stands in; several choices may differ. */
enum {
    FORM_DELTA = 1 << 0,   /* `delta`, and no `message`: chat, streamed */
    FORM_MESSAGE = 1 << 1, /* `message`, and no `delta`: chat, whole */
    FORM_CHAT = 1 << 2,    /* either, and no text in `text` that would say it too */
    FORM_TEXT = 1 << 3     /* `text`, and nothing in one of the others */
};

/* Indexes of choices; CHOICES_MAX - 1 stands for all from there on. */
enum { CHOICES_MAX = 128 };
struct choice_set {
    uint64_t bits[CHOICES_MAX / 64];
};

struct chunk {
    enum event_kind kind; /* as a stream's event */
    uint32_t nchoices, nfinished;
    uint32_t choice; /* index of the last choice in it */
    enum finish_reason finish;
    struct choice_set seen, finished, spoken; /* spoken: with text */
    unsigned forms;                           /* FORM_* bits of its choices */
    uint64_t text_bytes[TEXT_KINDS];
    struct str error;          /* raw JSON value that describes an error, or p == NULL */
    struct usage_report usage; /* wherever in it; given == 0: none; of several choices the
                                * sum */
    uint32_t inside;           /* while it is read: the choice, from 1; 0: none */
    uint32_t usage_of;         /* the last choice that said it, from 1; 0: none did */
    bool is_usage_aside;       /* ... from figures beside it (timings): an engine that
                                * says usage as well says it better there */
    uint64_t cached_aside;     /* tokens from the cache, by those figures; 0: none said */
    bool has_usage;            /* a usage object was there, at the top, readable or not */
    bool has_data_list;        /* embeddings: a `data` array */
    bool has_choices;          /* a `choices` array was there, empty or not */
    bool has_words;            /* no chunk, and it says something: a failure, perhaps */
    bool has_choice_error;     /* the error is in a choice, or its finish_reason is one */
    bool has_void_error;       /* an `error` at the top that is none, and that clients
                                * would take for one */
    struct str failure; /* raw JSON value: a finish_reason that is a failure unless the
                         * answer has text, or p == NULL */
    /* The one string that carried text, if exactly one did. */
    struct str sole;
    enum text_kind sole_kind;
    uint32_t ntexts;
};

/* false when the text is not one valid JSON object. */
bool chunk_read(struct str text, struct chunk *ret);
/* Is this what a client of the surface expects, of a stream or of a whole answer? */
bool chunk_is_of(const struct chunk *ch, enum surface s, bool is_stream);

#endif
