/* key.c -- client keys: made here once, known afterwards only by their digest.
 *
 * A key carries 256 random bits, so a plain SHA-256 is enough: there is nothing to
 * guess that a slow hash would protect. */
#include "config/config.h"

#include "core/hash.h"
#include "core/mem.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <stdio.h>

enum { KEY_RANDOM_BYTES = 32 };

int config_key_generate(char out[64], struct err *err)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned char raw[KEY_RANDOM_BYTES + 1] = {0};
    size_t n = 3;
    if (!random_bytes(raw, KEY_RANDOM_BYTES))
        return err_set(err, ERR_INTERNAL, "no_random", "the system gave no random bytes");
    out[0] = 'w';
    out[1] = 'k';
    out[2] = '_';
    for (unsigned bit = 0; bit < KEY_RANDOM_BYTES * 8; bit += 6) {
        unsigned pair = (unsigned)raw[bit / 8] << 8 | raw[bit / 8 + 1];
        out[n++] = digits[pair >> (10 - bit % 8) & 63];
    }
    out[n] = '\0';
    mem_wipe(raw, sizeof raw);
    return 0;
}

void config_key_hash(struct str key, unsigned char out[CONFIG_KEY_HASH_BYTES])
{
    union {
        const char *in;
        const unsigned char *out;
    } bytes = {key.p};
    SHA256(bytes.out, key.n, out);
}

/* Looks at every entry whatever matches, so that time says nothing about which. */
const struct config_key *config_key_find(const struct config *c, struct str key)
{
    unsigned char hash[CONFIG_KEY_HASH_BYTES];
    const struct config_key *found = NULL;
    config_key_hash(key, hash);
    for (size_t i = 0; i < c->nkeys; i++)
        if (CRYPTO_memcmp(hash, c->keys[i].hash, sizeof hash) == 0)
            found = &c->keys[i];
    return found;
}

struct str config_text_digest(struct str text, struct arena *a)
{
    unsigned char raw[SHA256_DIGEST_LENGTH];
    char hex[2 * SHA256_DIGEST_LENGTH + 1];
    union {
        const char *in;
        const unsigned char *out;
    } bytes = {text.p};
    SHA256(bytes.out, text.n, raw);
    for (size_t i = 0; i < sizeof raw; i++)
        snprintf(hex + 2 * i, 3, "%02x", raw[i]);
    return arena_strdup(a, str_of(hex));
}
