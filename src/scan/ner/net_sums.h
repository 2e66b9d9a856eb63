/* net_sums.h -- the sums of the reader of names, where most of its time goes; inside
 * scan/ner only.
 *
 * They are written once for any machine and again for some of its instructions.  All of
 * it is whole numbers without overflow, so every way gives the same. */
#ifndef WEIR_SCAN_NER_NET_SUMS_H
#define WEIR_SCAN_NER_NET_SUMS_H

#include "scan/ner/net.h"

struct net_sums {
    /* Adds up these n rows of a table, PIECE_ROWS at most. */
    void (*look)(const int8_t *table, const uint32_t *row, size_t n,
                 int16_t ret[NET_WIDTH]);
    /* y[i] = what the layer makes of x[i], x[i + far] and x[i + 2 * far], for n pieces:
     * nothing below 0, and at most NET_MADE_MAX. */
    void (*layer)(const int16_t (*w)[NET_WIDTH][2], const int32_t bias[NET_WIDTH],
                  const int16_t (*x)[NET_WIDTH], int16_t (*y)[NET_WIDTH], size_t n,
                  size_t far);
    /* Adds to x, within NET_SUM_MAX, what a layer made. */
    void (*add)(int16_t (*x)[NET_WIDTH], const int16_t (*y)[NET_WIDTH], size_t n);
};

/* Sums in x stay within NET_SUM_MAX, so more than this adds nothing. */
enum { NET_MADE_MAX = 2 * NET_SUM_MAX };

/* The ways that this machine can go; the last is the fastest. */
enum { NET_WAYS = 4 };
size_t net_sums_ways(const struct net_sums *ret[NET_WAYS]);
static inline const struct net_sums *net_sums_best(void)
{
    const struct net_sums *way[NET_WAYS];
    return way[net_sums_ways(way) - 1];
}

#endif
