/* reask.h -- what a request asks, so that it is known when it is asked again.
 *
 * The newest words of the user as a keyed digest, without regard to letter case (of
 * ASCII), blanks and punctuation; a text past REASK_BYTES counts as it stands, for nobody
 * types that twice.  What stands in the middle of an agent's loop, behind tool results,
 * asks nothing: its user has said nothing new. */
#ifndef WEIR_GATEWAY_REASK_H
#define WEIR_GATEWAY_REASK_H

#include "core/hash.h"
#include "dialect/chat.h"

enum {
    REASK_BYTES = 512,
    REASK_END_BYTES =
        4096,        /* of a text longer than two of these the middle is not read */
    REASK_SHORT = 16 /* "go on" and "yes, next" are no questions that are asked again */
};

struct reask_mark {
    uint64_t text;   /* 0: nothing that could be known again */
    uint32_t nturns; /* how often the user speaks in it */
    bool is_short;
    bool is_users; /* it ends with the user's words */
};

/* What a plain text is told apart by: its length and the CRC of all of it. */
static inline uint64_t reask_sum(struct str text)
{
    return (uint64_t)text.n << 32 | crc32c(0, text);
}

/* sum: reask_sum() of the newest words of the user, when it is known already and they are
 * a plain text; else 0.  Of one conversation always the same. */
struct reask_mark reask_mark_of(struct siphash_key key, const struct chat *chat,
                                uint64_t sum);

/* Does `now`, of the same session, ask again what `before` has asked?  As it was sent (an
 * application's "regenerate"), or once more behind the answer, when it is no short word.
 */
bool reask_is(const struct reask_mark *now, const struct reask_mark *before);

#endif
