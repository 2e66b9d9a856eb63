/* channel.h -- inside mask/: one text of an answer, as it grows, with its tags
 * replaced by their values.
 *
 * A channel is the content, reasoning, refusal or the arguments of one tool call of one
 * choice.  What may be the beginning of a tag is held back, TAG_SPREAD bytes at most,
 * until the next piece or the end decides. */
#ifndef WEIR_MASK_CHANNEL_H
#define WEIR_MASK_CHANNEL_H

#include "mask/quoting.h"
#include "mask/restore.h"

enum channel_kind {
    CHANNEL_CONTENT,
    CHANNEL_REASONING_CONTENT,
    CHANNEL_REASONING,
    CHANNEL_REFUSAL,
    CHANNEL_THINKING,
    CHANNEL_DETAIL,        /* reasoning_details: a text */
    CHANNEL_SUMMARY,       /* ... or a summary */
    CHANNEL_PART_THINKING, /* content: a part that is thought */
    CHANNEL_TRANSCRIPT,    /* of audio */
    CHANNEL_TEXT,          /* completions */
    CHANNEL_ARGUMENTS,     /* of a tool call: JSON */
    CHANNEL_INPUT,         /* of a custom tool: any text */
    CHANNEL_FUNCTION,      /* arguments of the older function_call: JSON */
    CHANNEL_WHOLE,         /* never comes in pieces: of annotations and unknown members */
    CHANNEL_WHOLE_ARGUMENTS, /* ... of the arguments of a tool call that are an object */
    CHANNEL_KINDS            /* sentinel */
};

struct channel {
    uint32_t choice, tool;
    uint64_t before; /* the last bytes let go, the newest lowest: see channel.c */
    uint8_t kind;
    uint8_t nheld, nwindow;
    char window[VAULT_WINDOW]; /* the last bytes that came */
    struct quoting quoting;
    char held[TAG_SPREAD + 8];
};

void channel_init(struct channel *ch, enum channel_kind kind, uint32_t choice,
                  uint32_t tool);

/* Takes a piece of text (may be empty) and appends what may go on; is_end lets all go.
 * *ret_same: the piece goes on as it is, and nothing was appended.  `scratch` is for
 * the piece together with what was held. */
void channel_feed(struct channel *ch, const struct vault *v, struct str text, bool is_end,
                  struct buf *scratch, struct buf *out, struct restore_counts *counts,
                  bool *ret_same);

#endif
