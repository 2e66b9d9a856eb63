/* key_hashes.c -- see key_hashes.h. */
#include "gateway/key_hashes.h"

#include "core/mem.h"
#include "gateway/request.h"

void key_hashes_init(struct key_hashes *k)
{
    *k = (struct key_hashes){0};
    mutex_init(&k->lock);
}

void key_hashes_release(struct key_hashes *k)
{
    mutex_release(&k->lock);
    mem_free(k->items);
}

static bool has(const struct key_hashes *k, const unsigned char *hash)
{
    for (size_t i = 0; i < k->n; i++)
        if (memcmp(k->items[i], hash, sizeof k->items[i]) == 0)
            return true;
    return false;
}

bool key_hashes_add(struct key_hashes *k, const struct config *cfg)
{
    mutex_lock(&k->lock);
    size_t most = k->n + cfg->nkeys;
    void *more = most ? mem_realloc(k->items, most * sizeof *k->items) : NULL;
    if (more) {
        k->items = more;
        for (size_t i = 0; i < cfg->nkeys; i++)
            if (!has(k, cfg->keys[i].hash))
                memcpy(k->items[k->n++], cfg->keys[i].hash, sizeof *k->items);
    }
    mutex_unlock(&k->lock);
    return more || !most;
}

void key_hashes_sessions(struct key_hashes *k, struct siphash_key secret, struct str name,
                         void (*each)(void *ctx, uint64_t digest), void *ctx)
{
    session_each_digest(secret, NULL, name, each, ctx);
    mutex_lock(&k->lock);
    for (size_t i = 0; i < k->n; i++)
        session_each_digest(secret, k->items[i], name, each, ctx);
    mutex_unlock(&k->lock);
}
