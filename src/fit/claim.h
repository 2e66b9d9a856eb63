/* claim.h -- "14B Q4_K_M on M4: 44 tok/s": read the sentence, then judge it.
 *
 * A claim names a model (or a size class), a device and a speed; a quantisation and a
 * memory size if the writer gave them.  Whatever is missing is assumed in the claim's
 * favour and said so: the smallest model of a class, Q4_K_M, an empty context; of a
 * device's variants the fastest, and the slowest where the claim is slow.
 *
 * The verdict:
 *   impossible         faster than memory bandwidth allows for the bytes one token reads
 *   implausible        past 90 % of that ceiling (of 188 measured rows none is past
 *                      88 %), or 30 % above the interval in which four of five
 *                      measured machines lie
 *   below-expectation  under half the estimate: settings, spill, or another bottleneck
 *   plausible          anything else
 * A range is judged by its upper end; the lower end gets its own word.  The ceiling
 * holds for one stream: batching and speculative decoding produce more. */
#ifndef WEIR_FIT_CLAIM_H
#define WEIR_FIT_CLAIM_H

#include "estimate/memory.h"
#include "estimate/speed.h"
#include "facts/facts.h"

enum claim_word {
    CLAIM_IMPOSSIBLE,
    CLAIM_IMPLAUSIBLE,
    CLAIM_PLAUSIBLE,
    CLAIM_BELOW,
    CLAIM_WORDS /* sentinel */
};
const char *claim_word(enum claim_word w); /* "impossible", ... */

struct claim {
    const struct model *model;
    const struct device *device;
    enum quant quant;
    unsigned devices; /* "2x A100" */
    double
        slowest_gbs; /* of the variants that the name may mean; `device` is the fastest */
    double memory_gb; /* of one device; 0 = unknown */
    double low_tok_s, high_tok_s;
    bool is_class; /* "14B", not a named model */
    bool quant_assumed;
    bool memory_assumed;
};

struct claim_verdict {
    enum claim_word word;     /* of the upper end */
    enum claim_word low_word; /* of the lower end */
    struct speed speed;
    struct speed_load load;
    enum speed_family family;
    uint64_t weight_bytes; /* of the file */
    double bandwidth_gbs;
    bool spills;    /* does not fit: part is read from main memory */
    double ram_gbs; /* assumed for that part */
    double device_share;
};

/* What is not there, for a fault or for skipping a line of prose. */
enum claim_missing { CLAIM_WHOLE = 0, CLAIM_NO_SPEED, CLAIM_NO_MODEL, CLAIM_NO_DEVICE };

/* Reads one sentence.  Returns what is missing (CLAIM_WHOLE when nothing is). */
enum claim_missing claim_read(const struct facts *f, struct str text, struct claim *ret);

/* The same, with a fault that says what to add. */
int claim_parse(const struct facts *f, struct str text, struct claim *ret,
                struct err *err);

int claim_judge(const struct claim *c, struct claim_verdict *ret, struct err *err);

/* Finds a speed such as "44 tok/s", "55-75 tok/sec", "~90 t/s" or "150+ tokens/s";
 * with `bare`, a number alone is one ("68" in a column headed tok/s). */
bool claim_find_speed(struct str text, bool bare, double *ret_low, double *ret_high);

/* Reads a text or its Markdown tables, line by line, and reports every speed it finds:
 * whole claims to be judged, and those of which a part is missing. */
typedef void claim_found_fn(void *arg, size_t line, struct str text,
                            enum claim_missing missing, const struct claim *c);
void claim_scan(const struct facts *f, struct str document, claim_found_fn *found,
                void *arg);

#endif
