/* channel.h -- inside mask/: one text of an answer, as it grows, with its tags
 * replaced by their values.
 *
 * A channel is one text by its path: the content, reasoning or refusal of one choice, the
 * arguments of one of its tool calls, or a member that nobody here knows.  What may be
 * the beginning of a tag is held back, TAG_SPREAD bytes at most, until the next piece or
 * the end decides. */
#ifndef WEIR_MASK_CHANNEL_H
#define WEIR_MASK_CHANNEL_H

#include "mask/quoting.h"
#include "mask/restore.h"

enum channel_kind {
    CHANNEL_CONTENT,   /* what the model said */
    CHANNEL_REASONING, /* what it thought, in the members that everybody counts */
    CHANNEL_THOUGHT,   /* ... in others */
    CHANNEL_MAYBE,     /* a member that is not known: a text, or a word such as a state */
    CHANNEL_ARGUMENTS, /* of a tool call: JSON */
    CHANNEL_INPUT,     /* of a custom tool: any text */
    CHANNEL_WHOLE,     /* never comes in pieces */
    CHANNEL_WHOLE_ARGUMENTS /* ... of the arguments of a tool call that are an object */
};

struct channel {
    uint64_t path;   /* texts_path(): of no other text of this answer */
    uint64_t before; /* the last bytes let go, the newest lowest: see channel.c */
    char *frame;     /* what stands around a piece, owned by the restorer; or NULL */
    uint32_t choice;
    uint16_t nopen, nclose; /* bytes of frame before the piece, and behind it */
    uint8_t kind;
    uint8_t nheld, nwindow;
    bool is_text;              /* CHANNEL_MAYBE: it is no word */
    char window[VAULT_WINDOW]; /* the last bytes that came */
    struct quoting quoting;
    char held[TAG_SPREAD + 8];
};

void channel_init(struct channel *ch, enum channel_kind kind);

/* Takes a piece of text (may be empty) and appends what may go on; is_end lets all go.
 * *ret_same: the piece goes on as it is, and nothing was appended.  `scratch` is for
 * the piece together with what was held. */
void channel_feed(struct channel *ch, const struct vault *v, struct str text, bool is_end,
                  struct buf *scratch, struct buf *out, struct restore_counts *counts,
                  bool *ret_same);

#endif
