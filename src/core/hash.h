/* hash.h -- keyed and unkeyed digests of bytes; none of them is for passwords.
 *
 * SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012) is
 * for tables and session ids fed by strangers; CRC-32C (Castagnoli, RFC 3720 B.4)
 * is for noticing damage on disk.  API keys are hashed with SHA-256 in config/. */
#ifndef WEIR_CORE_HASH_H
#define WEIR_CORE_HASH_H

#include "core/str.h"

struct siphash {
    uint64_t v0, v1, v2, v3;
    uint64_t tail; /* bytes not yet mixed, little-endian */
    size_t total;
};

struct siphash_key {
    uint64_t k0, k1;
};

void siphash_init(struct siphash *h, struct siphash_key key);
void siphash_update(struct siphash *h, struct str s);
uint64_t siphash_final(struct siphash *h);
uint64_t siphash_once(struct siphash_key key, struct str s);

/* CRC-32C of s, continuing from `crc` (start with 0). */
uint32_t crc32c(uint32_t crc, struct str s);

/* Fills out with n bytes from the system's random source; false if it has none. */
bool random_bytes(void *out, size_t n);

#endif
