/* fuzz_tagger.c -- any bytes as weights, and any text read with them.
 *
 * As they come, bytes are refused; in a frame with the right sum they are taken, and
 * then no text may lead out of bounds or past 16 bits.  The first byte says how many of
 * the rest are text. */
#include "scan/scanner.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct scanner *scanner;

static void put_le(char *p, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p[i] = (char)(v >> 8 * i);
}

/* A whole set of weights, filled with the bytes again and again. */
static struct str framed(const uint8_t *data, size_t n)
{
    size_t body =
        TAGGER_NEXT_BYTES + TAGGER_MIN_ROWS / TAGGER_BUCKET_ROWS * TAGGER_BUCKET_BYTES;
    char *p = malloc(TAGGER_HEADER_BYTES + body);
    if (!p)
        abort();
    memcpy(p, TAGGER_MAGIC, 8);
    put_le(p + 8, FEATURES_VERSION, 4);
    put_le(p + 12, TAGGER_MIN_ROWS, 4);
    put_le(p + 16, STATE_COUNT, 4);
    put_le(p + TAGGER_SURE_AT, 7, 4);
    for (size_t i = 0; i < body; i++)
        p[TAGGER_HEADER_BYTES + i] = n ? (char)data[i % n] : 0;
    struct str s = {p, TAGGER_HEADER_BYTES + body};
    put_le(p + 24, tagger_sum(str_sub(s, TAGGER_HEADER_BYTES, s.n)), 8);
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {0};
    struct tagger t;
    if (!scanner && !(scanner = scanner_create(&err)))
        abort();
    if (tagger_open(&t, (struct str){(const char *)data, size}, &err) == 0)
        abort(); /* no corpus holds a whole set */
    if (size == 0)
        return 0;
    size_t text = data[0] < size ? data[0] : size - 1;
    struct str weights = framed(data + 1 + text, size - 1 - text);
    struct span_list l = {0};
    if (scanner_use_weights(scanner, weights, &err) < 0)
        abort();
    if (guard_scan_text(scanner, (struct str){(const char *)data + 1, text}, &l, &err) <
        0)
        abort();
    for (size_t i = 0; i < l.n; i++)
        if (l.v[i].start >= l.v[i].end || l.v[i].end > text)
            abort();
    span_list_release(&l);
    free((void *)(uintptr_t)weights.p);
    return 0;
}
