/* fuzz_names.c -- any bytes as weights of the reader of names, and any text read with
 * them.
 *
 * As they come, bytes are refused; in a frame with the right sum they are taken or found
 * out of range, and then no text may lead out of bounds.  The first byte says how many of
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

/* A whole set of weights, filled with the bytes again and again.  Those of the layers are
 * made small, or nearly all sets would be refused for their sums. */
static struct str framed(const uint8_t *data, size_t n)
{
    size_t body = NET_WEIGHT_BYTES + (size_t)NET_MIN_ROWS * NET_WIDTH;
    char *p = calloc(1, NET_HEADER_BYTES + body);
    if (!p)
        abort();
    memcpy(p, NET_MAGIC, 8);
    put_le(p + NET_VERSION_AT, PIECES_VERSION, 4);
    put_le(p + NET_ROWS_AT, NET_MIN_ROWS, 4);
    for (size_t i = 0; i < body; i++) {
        uint8_t c = n ? data[i % n] : 0;
        bool is_high = i < NET_WEIGHT_BYTES && i % 2 == 1;
        p[NET_HEADER_BYTES + i] = (char)(is_high ? (c & 1 ? 0xFF : 0) : c);
    }
    struct str s = {p, NET_HEADER_BYTES + body};
    put_le(p + NET_SUM_AT, tagger_sum(str_sub(s, NET_HEADER_BYTES, s.n)), 8);
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {0};
    static struct net net;
    if (!scanner && !(scanner = scanner_create(&err)))
        abort();
    if (net_open(&net, (struct str){(const char *)data, size}, &err) == 0)
        abort(); /* no corpus holds a whole set */
    if (size == 0)
        return 0;
    size_t text = data[0] < size ? data[0] : size - 1;
    struct str weights = framed(data + 1 + text, size - 1 - text);
    struct span_list l = {0};
    if (scanner_use_weights(scanner, weights, &err) == 0) {
        if (guard_scan_names(scanner, (struct str){(const char *)data + 1, text}, &l,
                             &err) < 0)
            abort();
        for (size_t i = 0; i < l.n; i++)
            if (l.v[i].start >= l.v[i].end || l.v[i].end > text)
                abort();
    }
    span_list_release(&l);
    if (net_open_builtin(&scanner->names, &err) < 0)
        abort();
    free((void *)(uintptr_t)weights.p);
    return 0;
}
