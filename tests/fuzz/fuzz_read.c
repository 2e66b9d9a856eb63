/* fuzz_read.c -- any bytes as a text of pairs: names and values lie inside it, and it
 * gives the same pairs again. */
#include "scan/read/read.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    size_t bytes, n;
    uint64_t sum;
};

static void note(void *ctx, const struct pair *p)
{
    struct seen *s = ctx;
    if (p->name > p->name_end || p->name_end > s->bytes || p->value >= p->value_end ||
        p->value_end > s->bytes || p->says >= TELLING_COUNT || p->notation > NOTE_LINE)
        abort();
    s->n++;
    s->sum = s->sum * 31 + p->name + 7 * (uint64_t)p->value +
             11 * (uint64_t)p->value_end + p->says;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    struct seen a = {.bytes = size}, b = {.bytes = size};
    bool whole = read_pairs(text, note, &a);
    if (read_pairs(text, note, &b) != whole || a.n != b.n || a.sum != b.sum)
        abort();
    return 0;
}
