/* record.c -- the head of a record, for all its types and versions. */
#include "ledger/log/record.h"

#include "core/hash.h"

static uint32_t read_u32(const char *p)
{
    const unsigned char *u = (const unsigned char *)p;
    return (uint32_t)u[0] | (uint32_t)u[1] << 8 | (uint32_t)u[2] << 16 |
           (uint32_t)u[3] << 24;
}

enum record_state record_parse(struct str bytes, struct record *ret)
{
    const unsigned char *u = (const unsigned char *)bytes.p;
    if (bytes.n > 0 && u[0] != RECORD_MAGIC_0)
        return RECORD_FOREIGN;
    if (bytes.n > 1 && u[1] != RECORD_MAGIC_1)
        return RECORD_FOREIGN;
    if (bytes.n < RECORD_HEAD_BYTES)
        return RECORD_CUT;
    uint32_t n = read_u32(bytes.p + 4);
    if (n > RECORD_PAYLOAD_BYTES)
        return RECORD_DAMAGED;
    if (bytes.n - RECORD_HEAD_BYTES < n)
        return RECORD_CUT;
    struct str payload = {bytes.p + RECORD_HEAD_BYTES, n};
    uint32_t crc = crc32c(crc32c(0, (struct str){bytes.p + 2, 6}), payload);
    if (crc != read_u32(bytes.p + 8))
        return RECORD_DAMAGED;
    *ret = (struct record){u[2], u[3], payload, RECORD_HEAD_BYTES + n};
    return RECORD_WHOLE;
}

const char *record_state_name(enum record_state s)
{
    static const char *const names[] = {
        [RECORD_WHOLE] = "whole",
        [RECORD_CUT] = "record cut short",
        [RECORD_FOREIGN] = "not a record",
        [RECORD_DAMAGED] = "bad checksum",
    };
    return names[s];
}

size_t record_size(struct str bytes)
{
    size_t n = bytes.n < RECORD_HEAD_BYTES ? 0 : read_u32(bytes.p + 4);
    return bytes.n < RECORD_HEAD_BYTES || n > bytes.n - RECORD_HEAD_BYTES
               ? 0
               : RECORD_HEAD_BYTES + n;
}

struct str record_bytes(const struct record *r)
{
    return (struct str){r->payload.p - RECORD_HEAD_BYTES, r->size};
}
