/* sign.c -- seven fixed bytes and eight of a digest, in base64. */
#include "sim/sign.h"

#include "core/hash.h"
#include "dialect/seal.h"

#include <stdio.h>

enum { MARK_BYTES = 7, RAW_BYTES = 15 };
#define ISSUER        "sim"
#define ISSUER_BASE64 "c2lt"

static const char letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void write_base64(const unsigned char *bytes, char *to)
{
    for (size_t i = 0; i < RAW_BYTES; i += 3) {
        unsigned three = (unsigned)bytes[i] << 16 | (unsigned)bytes[i + 1] << 8 |
                         (unsigned)bytes[i + 2];
        for (int shift = 18; shift >= 0; shift -= 6)
            *to++ = letters[three >> shift & 63];
    }
}

static void make(struct str text, char to[SIM_SIGNATURE_BYTES])
{
    static const struct siphash_key key = {0x7765697273696d31, 0x7369676e61747572};
    unsigned char bytes[RAW_BYTES] = {'w', 'e', 'i', 'r', 's', 'i', 'm'};
    uint64_t digest = siphash_once(key, text);
    for (size_t i = MARK_BYTES; i < RAW_BYTES; i++, digest >>= 8)
        bytes[i] = (unsigned char)digest;
    write_base64(bytes, to);
}

void sim_sign(struct str text, struct buf *out)
{
    char signature[SIM_SIGNATURE_BYTES];
    make(text, signature);
    buf_append(out, (struct str){signature, sizeof signature});
}

bool sim_signed(struct str text, struct str signature)
{
    char wanted[SIM_SIGNATURE_BYTES];
    make(text, wanted);
    return str_eq(signature, (struct str){wanted, sizeof wanted});
}

bool sim_is_signature(struct str s)
{
    return s.n == SIM_SIGNATURE_BYTES && str_starts(s, STR("d2VpcnNpb"));
}

static void seal(enum seal_kind kind, struct str text, struct str call, struct buf *out)
{
    char signature[SIM_SIGNATURE_BYTES];
    make(text, signature);
    const struct seal s = {.issuer = STR(ISSUER),
                           .kind = kind,
                           .length = text.n,
                           .call = call,
                           .payload = {signature, sizeof signature}};
    seal_write_member(&s, out);
}

void sim_seal_thought(struct str thought, struct buf *out)
{
    seal(SEAL_THOUGHT, thought, STR(""), out);
}

void sim_seal_call(uint64_t id, struct str name, struct buf *out)
{
    char text[32];
    int n = snprintf(text, sizeof text, "call_%016llx", (unsigned long long)id);
    seal(SEAL_CALL, name, (struct str){text, (size_t)n}, out);
}

/* Where the next seal begins, as text or as base64; -1: there is none. */
static ptrdiff_t next_seal(struct str bytes)
{
    ptrdiff_t plain = str_find(bytes, STR("weir1:" ISSUER ":")),
              coded = str_find(bytes, STR(SEAL_BASE64_MARK ISSUER_BASE64));
    return plain < 0 || (coded >= 0 && coded < plain) ? coded : plain;
}

void sim_unseal(struct str bytes, struct buf *out)
{
    struct arena a;
    arena_init(&a, bytes.n + 4096);
    for (;;) {
        struct seal s;
        ptrdiff_t at = next_seal(bytes);
        struct str rest = at < 0 ? STR("") : str_sub(bytes, (size_t)at, bytes.n);
        ptrdiff_t end = str_index(rest, '"');
        buf_append(out, str_sub(bytes, 0, bytes.n - rest.n));
        if (end < 0) {
            buf_append(out, rest);
            arena_reset(&a);
            return;
        }
        struct str text = str_sub(rest, 0, (size_t)end);
        buf_append(out, seal_read(seal_of_base64(text, &a), &s) ? s.payload : text);
        bytes = str_sub(rest, text.n, rest.n);
    }
}
