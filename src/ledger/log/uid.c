/* uid.c -- ids from the clock, kept ahead of every id seen before.
 *
 * A clock may jump back, in the life of a process or between two: `last` covers the
 * first and `floor` (the newest id the ledger holds) the second.  The text is
 * Crockford's base32, which has no I, L, O or U, so ids survive being read aloud. */
#include "ledger/log/uid.h"

#include "ledger/ledger.h"

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
enum { DIGITS = 13, DIGIT_BITS = 5 };

enum { PLACE_BITS = UID_WORKER_BITS + UID_NODE_BITS };

uint64_t uid_next(uint64_t wall_ms, uint32_t node, uint32_t worker, uint64_t floor,
                  uint64_t *last)
{
    uint64_t ms = wall_ms > UID_EPOCH_MS ? wall_ms - UID_EPOCH_MS : 0;
    uint64_t seq = ms << UID_COUNTER_BITS;
    uint64_t used = *last > floor ? *last : floor;
    if (seq <= used)
        seq = used + 1;
    *last = seq;
    return seq << PLACE_BITS | (uint64_t)node << UID_WORKER_BITS | worker;
}

uint64_t uid_at(uint64_t wall_ms)
{
    uint64_t ms = wall_ms > UID_EPOCH_MS ? wall_ms - UID_EPOCH_MS : 0;
    return ms << (PLACE_BITS + UID_COUNTER_BITS);
}

uint64_t uid_sequence(uint64_t uid)
{
    return uid >> PLACE_BITS;
}

uint32_t uid_node(uint64_t uid)
{
    return uid >> UID_WORKER_BITS & (LEDGER_MAX_NODES - 1);
}

void ledger_format_uid(uint64_t uid, char out[UID_TEXT])
{
    memcpy(out, "wr-", 3);
    for (int i = DIGITS - 1; i >= 0; i--) {
        out[3 + i] = alphabet[uid & 31];
        uid >>= DIGIT_BITS;
    }
    out[UID_TEXT - 1] = '\0';
}

bool uid_parse(struct str text, uint64_t *ret)
{
    uint64_t uid = 0;
    if (text.n != UID_TEXT - 1 || !str_starts(text, STR("wr-")))
        return false;
    for (size_t i = 3; i < text.n; i++) {
        const char *at = memchr(alphabet, text.p[i], sizeof alphabet - 1);
        if (!at || uid >> (64 - DIGIT_BITS))
            return false;
        uid = uid << DIGIT_BITS | (uint64_t)(at - alphabet);
    }
    *ret = uid;
    return true;
}
