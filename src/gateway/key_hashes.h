/* key_hashes.h -- the hashes of all clients' keys that this process has known.
 *
 * A session's id is made with its client's key, and rows stay when a reload takes the key
 * away.  Any thread. */
#ifndef WEIR_GATEWAY_KEY_HASHES_H
#define WEIR_GATEWAY_KEY_HASHES_H

#include "config/config.h"
#include "core/hash.h"
#include "core/mutex.h"

struct key_hashes {
    struct mutex lock;
    unsigned char (*items)[CONFIG_KEY_HASH_BYTES];
    size_t n;
};

void key_hashes_init(struct key_hashes *k);
void key_hashes_release(struct key_hashes *k);
/* Adds those that are new; false without memory. */
bool key_hashes_add(struct key_hashes *k, const struct config *cfg);
/* Each id that a session of this name may have, of a client with one of the keys or
 * without a key. */
void key_hashes_sessions(struct key_hashes *k, struct siphash_key secret, struct str name,
                         void (*each)(void *ctx, uint64_t digest), void *ctx);

#endif
