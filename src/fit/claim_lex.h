/* claim_lex.h -- a sentence about speed as a row of tokens: speeds, devices, models, ...
 *
 * For the reader of claims alone.  The text is clean (fit/claim_text.h) and outlives the
 * tokens. */
#ifndef WEIR_FIT_CLAIM_LEX_H
#define WEIR_FIT_CLAIM_LEX_H

#include "fit/claim.h"
#include "fit/claim_text.h"

enum claim_kind {
    CK_SPEED,  /* number with a unit */
    CK_NUMBER, /* without one */
    CK_DEVICE,
    CK_MODEL,
    CK_QUANT,
    CK_MEMORY,   /* "24 GB"; value */
    CK_COUNT,    /* "2x", "dual": of the device behind it; value */
    CK_CHANNELS, /* "12-channel"; value */
    CK_DDR,      /* "DDR5-4800"; value: millions of transfers a second */
    CK_STREAMS,  /* "batch 64"; value, 0: several */
    CK_DRAFT,    /* speculative decoding */
    CK_DEPTH,    /* "at 32k context"; value */
    CK_PROMPT,   /* "prefill", "pp512": what a speed beside it is of */
    CK_DECODE,   /* "generation", "tg128" */
    CK_MIXED,    /* "pp512+tg128" */
    CK_PLUS,     /* between devices of one machine */
    CK_AND,
    CK_COMMA, /* ',' and brackets */
};

struct claim_token {
    enum claim_kind kind;
    size_t from, to;
    double value;
    struct claim_rate rate; /* of CK_SPEED and CK_NUMBER */
    struct device_named named;
    unsigned count;            /* of CK_DEVICE, 0: not said beside it */
    bool is_plural;            /* "3090s" */
    bool implies_unit;         /* "tg128": a number behind it is a speed */
    const struct model *model; /* of CK_MODEL; NULL: a name or class nobody knows */
    bool is_class;
    struct claim_quant quant;
};

enum { CLAIM_TOKENS = 48 };

struct claim_tokens {
    struct str text;
    struct claim_token v[CLAIM_TOKENS];
    size_t n;
    bool has_unit; /* a unit of speed stands in it */
};

/* Reads from `at` on to the end of a sentence, of the line or of the room for tokens, and
 * returns where it stopped.  In a cell of a table (`is_cell`) a full stop ends nothing.
 */
size_t claim_lex(const struct facts *f, struct str text, size_t at, bool is_cell,
                 struct claim_tokens *ret);

/* A format by its name ("Q4_K_M", "4-bit", "fp16", "4.0bpw") at `at`. */
size_t claim_quant_at(struct str s, size_t at, struct claim_quant *ret);
/* What is assumed where none is said. */
struct claim_quant claim_quant_unsaid(const struct model *m);

#endif
