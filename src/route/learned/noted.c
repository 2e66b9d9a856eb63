/* noted.c -- see noted.h. */
#include "route/learned/noted.h"

#include <string.h>

enum { GOES = 1, JUDGED = 2, GOOD = 4 };

struct packed {
    uint8_t version, flags;
    uint16_t chance;
    uint32_t weights, models;
    struct adapter_inputs in;
};
_Static_assert(sizeof(struct packed) == NOTED_BYTES, "no gaps");

void noted_put(const struct noted *n, char out[NOTED_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    const struct packed p = {
        .version = NOTED_VERSION,
        .flags = (uint8_t)((n->goes ? GOES : 0) | (n->is_judged ? JUDGED : 0) |
                           (n->is_good ? GOOD : 0)),
        .chance = n->chance,
        .weights = n->weights,
        .models = n->models,
        .in = n->in,
    };
    unsigned char bytes[NOTED_BYTES];
    memcpy(bytes, &p, sizeof bytes);
    for (size_t i = 0; i < NOTED_BYTES; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
}

/* -1: no digit. */
static int digit_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool noted_get(struct str text, struct noted *ret)
{
    struct packed p;
    unsigned char bytes[NOTED_BYTES];
    if (text.n != NOTED_TEXT)
        return false;
    for (size_t i = 0; i < NOTED_BYTES; i++) {
        int high = digit_of(text.p[2 * i]), low = digit_of(text.p[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i] = (unsigned char)(high << 4 | low);
    }
    memcpy(&p, bytes, sizeof p);
    *ret = (struct noted){.in = p.in,
                          .weights = p.weights,
                          .models = p.models,
                          .chance = p.chance,
                          .goes = p.flags & GOES,
                          .is_judged = p.flags & JUDGED,
                          .is_good = p.flags & GOOD};
    return p.version == NOTED_VERSION && p.chance > 0 && p.chance <= NOTED_CHANCE;
}
