/* chunk.h -- one JSON object of an answer, streamed or whole, in the OpenAI surface. */
#ifndef WEIR_ENGINE_CHUNK_H
#define WEIR_ENGINE_CHUNK_H

#include "dialect/event.h"
#include "dialect/usage.h"

enum text_kind { TEXT_CONTENT, TEXT_REASONING, TEXT_TOOL, TEXT_KINDS };

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
    bool has_message; /* a whole answer: a choice has `message` and no `delta` */
    uint64_t text_bytes[TEXT_KINDS];
    struct str error;          /* raw JSON value that describes an error, or p == NULL */
    struct usage_report usage; /* wherever in it; given == 0: none */
    bool is_usage_aside;       /* ... from figures beside it (timings): an engine that
                                * says usage as well says it better there */
    bool has_usage;            /* a usage object was there, at the top, readable or not */
    bool has_data_list;        /* embeddings: a `data` array */
    bool has_choice_error;     /* the error is in a choice, or its finish_reason is one */
    bool has_native_error; /* a choice's native_finish_reason is one: a failure, unless
                            * the answer has text */
    /* The one string that carried text, if exactly one did. */
    struct str sole;
    enum text_kind sole_kind;
    uint32_t ntexts;
};

/* What is said of an error that only a finish_reason names. */
#define CHUNK_FAILED STR("\"the engine ended its answer with an error\"")

/* false when the text is not one valid JSON object. */
bool chunk_read(struct str text, struct chunk *ret);

#endif
