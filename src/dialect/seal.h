/* seal.h -- what a model's provider wants back with the model's thoughts, on its way
 * through clients of any dialect.
 *
 * Anthropic signs thoughts, Gemini signs calls and texts, OpenAI encrypts its reasoning.
 * Each is a text that only its maker can read, and that another provider refuses.  So
 * weir writes who made it before it: a client keeps the whole as it would keep its own
 * provider's, and when it comes back, its maker alone gets what was his.
 *
 *     weir1:ISSUER:KIND:LENGTH:CALL_LENGTH:CALL PAYLOAD      (no blank)
 *
 * In weir's form of an answer (event.h) it stands in the delta or message:
 *     "reasoning_details":[{"type":"reasoning.encrypted","data":"weir1:..."}]
 * behind the thought that it closes, or before the call that it belongs to. */
#ifndef WEIR_DIALECT_SEAL_H
#define WEIR_DIALECT_SEAL_H

#include "core/arena.h"
#include "core/buf.h"

enum seal_kind {
    SEAL_THOUGHT,  /* of the thought before it */
    SEAL_REDACTED, /* a thought without a text */
    SEAL_CALL,     /* of the call whose id it names */
    SEAL_TEXT,     /* of the text before it */
    SEAL_KINDS
};

struct seal {
    struct str issuer; /* who made it: no ':' in it */
    enum seal_kind kind;
    uint64_t length; /* bytes of the thought that it closes, as its maker wrote it */
    struct str call; /* of SEAL_CALL; of SEAL_THOUGHT its issuer's digest of the thought,
                      * if it wants it back unchanged, or empty */
    struct str payload;
};

void seal_write(const struct seal *s, struct buf *out);
/* What it says points into the text.  False: it is none of weir's. */
bool seal_read(struct str text, struct seal *ret);
/* As a JSON string: Google's clients take signatures for bytes, and read base64 alone.
 * What is no seal of weir's is written as it is. */
void seal_write_string(struct str sealed, struct buf *out);
/* ... and read again: any alphabet, with padding or without.  What is none is given back
 * as it is.  p == NULL: no memory. */
struct str seal_of_base64(struct str text, struct arena *a);
/* How such a one begins. */
#define SEAL_BASE64_MARK "d2VpcjE6"
/* Appends `"reasoning_details":[...]`, a member of a delta or message. */
void seal_write_member(const struct seal *s, struct buf *out);

#endif
