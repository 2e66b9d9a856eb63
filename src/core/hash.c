/* hash.c -- SipHash-1-3, CRC-32C and the system's random source. */
#include "core/hash.h"

#include <sys/random.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

static inline uint64_t rotl(uint64_t x, unsigned b)
{
    return (x << b) | (x >> (64 - b));
}

static inline void sip_round(struct siphash *h)
{
    h->v0 += h->v1;
    h->v1 = rotl(h->v1, 13) ^ h->v0;
    h->v0 = rotl(h->v0, 32);
    h->v2 += h->v3;
    h->v3 = rotl(h->v3, 16) ^ h->v2;
    h->v0 += h->v3;
    h->v3 = rotl(h->v3, 21) ^ h->v0;
    h->v2 += h->v1;
    h->v1 = rotl(h->v1, 17) ^ h->v2;
    h->v2 = rotl(h->v2, 32);
}

static inline void sip_word(struct siphash *h, uint64_t m)
{
    h->v3 ^= m;
    sip_round(h);
    h->v0 ^= m;
}

void siphash_init(struct siphash *h, struct siphash_key key)
{
    *h = (struct siphash){
        .v0 = key.k0 ^ 0x736f6d6570736575ULL,
        .v1 = key.k1 ^ 0x646f72616e646f6dULL,
        .v2 = key.k0 ^ 0x6c7967656e657261ULL,
        .v3 = key.k1 ^ 0x7465646279746573ULL,
    };
}

void siphash_update(struct siphash *h, struct str s)
{
    size_t i = 0;
    for (; i < s.n && (h->total & 7); i++, h->total++) {
        h->tail |= (uint64_t)(unsigned char)s.p[i] << (8 * (h->total & 7));
        if ((h->total & 7) == 7) {
            sip_word(h, h->tail);
            h->tail = 0;
        }
    }
    struct siphash fast = *h; /* in registers: nothing else points to it */
    for (; i + 8 <= s.n; i += 8) {
        uint64_t m;
        memcpy(&m, s.p + i, 8);
        sip_word(&fast, m);
        fast.total += 8;
    }
    *h = fast;
    for (; i < s.n; i++, h->total++)
        h->tail |= (uint64_t)(unsigned char)s.p[i] << (8 * (h->total & 7));
}

uint64_t siphash_final(struct siphash *h)
{
    sip_word(h, h->tail | (uint64_t)h->total << 56);
    h->v2 ^= 0xff;
    sip_round(h);
    sip_round(h);
    sip_round(h);
    return h->v0 ^ h->v1 ^ h->v2 ^ h->v3;
}

uint64_t siphash_once(struct siphash_key key, struct str s)
{
    struct siphash h;
    siphash_init(&h, key);
    siphash_update(&h, s);
    return siphash_final(&h);
}

static uint32_t crc32c_bitwise(uint32_t crc, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        crc ^= (unsigned char)s.p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (0x82F63B78U & (0U - (crc & 1)));
    }
    return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static inline uint64_t crc32c_8(uint64_t c,
                                                                  const char *p)
{
    uint64_t m;
    memcpy(&m, p, sizeof m);
    return _mm_crc32_u64(c, m);
}

__attribute__((target("sse4.2"))) static uint32_t crc32c_sse42(uint32_t crc, struct str s)
{
    uint64_t c = crc;
    const char *p = s.p, *end = s.p + s.n;
    for (; end - p >= 32; p += 32) {
        c = crc32c_8(crc32c_8(c, p), p + 8);
        c = crc32c_8(crc32c_8(c, p + 16), p + 24);
    }
    for (; end - p >= 8; p += 8)
        c = crc32c_8(c, p);
    if (end - p >= 4) {
        uint32_t m;
        memcpy(&m, p, sizeof m);
        c = _mm_crc32_u32((uint32_t)c, m);
        p += 4;
    }
    for (; p < end; p++)
        c = _mm_crc32_u8((uint32_t)c, (unsigned char)*p);
    return (uint32_t)c;
}
#endif

uint32_t crc32c(uint32_t crc, struct str s)
{
    crc = ~crc;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2"))
        return ~crc32c_sse42(crc, s);
#endif
    return ~crc32c_bitwise(crc, s);
}

bool random_bytes(void *out, size_t n)
{
    char *p = out;
    while (n) {
        ssize_t got = getrandom(p, n, 0);
        if (got <= 0)
            return false;
        p += got;
        n -= (size_t)got;
    }
    return true;
}
