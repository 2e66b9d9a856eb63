/* claim.h -- "14B Q4_K_M on M4: 44 tok/s": read what people write, then judge it.
 *
 * A claim names a model (or a size class), a device and a speed; a quantisation, a memory
 * size, streams at once, a draft model, a depth of context if the writer gave them.
 * Whatever is missing is assumed in the claim's favour and said so: the smallest model of
 * a class, the smallest usual quantisation, an empty context; of a device's variants the
 * fastest.  Where a claim is slow, favour turns round: 16 bits, the slowest variant.
 *
 * The verdict:
 *   impossible         faster than memory bandwidth allows for the bytes that a token
 *                      reads, times the tokens that a step may make (streams, drafts)
 *   implausible        past CLAIM_NEAR_CEILING of that, or CLAIM_FAR_ABOVE of the
 * interval in which four of five measured machines lie below-expectation  under half the
 * estimate: settings, spill, or another bottleneck plausible          anything else
 *   unknown            model or device are not known, the speed is that of reading
 *                      prompts (arithmetic bounds it, not bandwidth), or it is a sum over
 *                      streams of which nobody says how many
 * A range is judged by its upper end; the lower end gets its own word. */
#ifndef WEIR_FIT_CLAIM_H
#define WEIR_FIT_CLAIM_H

#include "core/buf.h"
#include "estimate/memory.h"
#include "estimate/speed.h"
#include "facts/facts.h"

enum claim_word {
    CLAIM_IMPOSSIBLE,
    CLAIM_IMPLAUSIBLE,
    CLAIM_PLAUSIBLE,
    CLAIM_BELOW,
    CLAIM_UNKNOWN,
    CLAIM_WORDS /* sentinel */
};
const char *claim_word(enum claim_word w); /* "impossible", ... */

#define CLAIM_NEAR_CEILING 0.90
#define CLAIM_FAR_ABOVE    1.30

/* The usual best of a draft: 8 tokens proposed, of which each is taken in 9 of 10 cases,
 * make (1 - 0.9^9) / (1 - 0.9) tokens a step. */
#define CLAIM_DRAFT_TOKENS 6.13

/* What the speed is of. */
enum claim_about { CLAIM_DECODE, CLAIM_PROMPT, CLAIM_MIXED /* both in one figure */ };

/* Of what a claim cannot be judged without: what is not there. */
enum claim_missing { CLAIM_WHOLE = 0, CLAIM_NO_SPEED, CLAIM_NO_MODEL, CLAIM_NO_DEVICE };

/* A quantisation as far as it was said: the one that reads least, and the one that reads
 * most, of those that may be meant. */
struct claim_quant {
    enum quant least, most;
    bool is_assumed; /* not said, or only its bits */
};

enum { CLAIM_CARDS = 4 };

struct claim_card {
    const struct device *device; /* of the variants that may be meant the fastest */
    double gbs;                  /* its bandwidth, or what was said of main memory */
    double slowest_gbs;          /* of the variants */
    double memory_gb;            /* of one, the most that may be meant; 0: unknown */
    unsigned count;
    bool memory_given;
};

struct claim {
    const struct model *model; /* NULL: not known */
    bool is_class;             /* "14B", not a named model */
    struct claim_quant quant;
    struct claim_card cards[CLAIM_CARDS];
    size_t ncards; /* 0: no device is known */
    double low_tok_s, high_tok_s;
    enum claim_about about;
    unsigned streams;      /* at once; 0: several, and nobody says how many */
    bool is_drafted;       /* speculative decoding */
    uint64_t depth_tokens; /* in the context, where it was said */
    double ram_gbs;        /* of main memory, where it was said; 0: not */
    enum claim_missing missing;
    size_t line;
    size_t model_line, device_line; /* of the text that lent them; 0: the claim's own */
    struct str text;                /* the sentence or row, printable */
    struct str wrote;               /* of it the speed as it was written */
};

struct claim_verdict {
    enum claim_word word;     /* of the upper end */
    enum claim_word low_word; /* of the lower end */
    struct speed speed;       /* with what streams and a draft make of it */
    double slow_tok_s;        /* estimate for the slowest reading of the claim */
    struct speed_load load;
    enum speed_family family;
    uint64_t weight_bytes; /* of the file */
    double bandwidth_gbs;  /* of all cards */
    double lift;           /* tokens that a step may make at most */
    bool spills;           /* does not fit: part is read from main memory */
    double ram_gbs;        /* taken for that part of the ceiling */
};

/* Fails where the size of the model is unknown; an incomplete claim is CLAIM_UNKNOWN. */
int claim_judge(const struct claim *c, struct claim_verdict *ret, struct err *err);

/* Whether both are about the same but for the speed; then the verdict of the one with
 * claim_rejudge() is that of the other. */
bool claim_same_subject(const struct claim *a, const struct claim *b);
void claim_rejudge(const struct claim *c, struct claim_verdict *v);

/* Reads a text (prose, Markdown, tables with bars, tabs or commas, what llama-bench,
 * Ollama, llama.cpp and vLLM print) and reports every speed in it, in the order of the
 * text.  The claim and its texts are valid during the call.  Fails for want of memory, or
 * where JSON is faulty or too large. */
typedef void claim_found_fn(void *arg, const struct claim *c);
int claim_scan(const struct facts *f, struct str document, claim_found_fn *found,
               void *arg, struct err *err);

/* The largest text, and the largest JSON, that is read. */
enum { CLAIM_FILE_MAX = 5 << 20, CLAIM_JSON_MAX = 1 << 20 };

/* The first whole claim of a text that has one; else a fault that says what is missing.
 * Texts of *ret are empty. */
int claim_parse(const struct facts *f, struct str text, struct claim *ret,
                struct err *err);

/* What to do about `missing`, with the nearest known names, into out. */
void claim_explain(const struct facts *f, const struct claim *c, char *out, size_t size);

#endif
