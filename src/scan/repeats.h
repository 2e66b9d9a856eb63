/* repeats.h -- a value that was found once is hidden at every mention; inside scan/ only.
 *
 *     {"content":"PIN and plate: KI-RV 447"} ... {"content":"was ki rv-447 towed?"}
 *
 * A number, a key or an account stands beside its name once and alone afterwards.  It is
 * known again by its letters and digits, whatever their case and whatever marks stand
 * between (up to three in a row), where it stands whole.  Only a value that is no word
 * and no short number can be told so.  What is kept of it is a hash, for one text or
 * body. */
#ifndef WEIR_SCAN_REPEATS_H
#define WEIR_SCAN_REPEATS_H

#include "scan/scan.h"

enum { REPEATS_MOST = 256, REPEAT_PREFIX = 5, REPEAT_SLOTS = 1024, REPEAT_BYTES = 160 };

struct repeats {
    struct repeat {
        struct span like; /* what a mention of it is */
        uint64_t hash;    /* of its letters and digits */
        uint32_t n;       /* so many */
    } v[REPEATS_MOST];
    size_t n;
    uint16_t slot[REPEAT_SLOTS];     /* by hash: index + 1, 0: empty */
    bool has_size[REPEAT_BYTES + 1]; /* one has so many letters and digits */
    uint64_t bits[16];               /* which prefixes there may be */
};

/* Whether spans of this type can be told again at all. */
bool repeats_may_have(const struct span *s);
/* Those of a text whose spans are these.  More than REPEATS_MOST are not kept. */
void repeats_add(struct repeats *r, struct str text, const struct span *v, size_t n);
/* Appends the mentions in a text to its spans, which begin at `from` of the list and are
 * sorted; they are afterwards too.  False: no memory. */
bool repeats_find(const struct repeats *r, struct str text, struct span_list *l,
                  size_t from);

#endif
