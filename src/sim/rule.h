/* rule.h -- one rule of a script: when it holds, and what is answered then.
 *
 * The form of a rule is told in docs/sim.md. */
#ifndef WEIR_SIM_RULE_H
#define WEIR_SIM_RULE_H

#include "core/arena.h"
#include "sim/faults.h"
#include "sim/heard.h"
#include "sim/pattern.h"

enum { SIM_MAX_SIZES = 32 };

/* The texts that a rule may ask for. */
enum sim_asked_text {
    SIM_ON_USER,
    SIM_ON_RESULT,
    SIM_ON_SYSTEM,
    SIM_ON_MODEL,
    SIM_ON_COUNT
};

/* p == NULL, 0 and -1: not said. */
struct sim_rule {
    struct sim_pattern on[SIM_ON_COUNT];
    struct str offers;     /* one of these tools must be offered: "A|B" */
    int64_t results, turn; /* so many, exactly */
    bool is_last;          /* `turn` or more */
    struct str think, say; /* templates */
    struct str calls;      /* raw: an object, or an array of them */
    uint32_t sizes[SIM_MAX_SIZES];
    size_t nsizes;
    const char *finish;
    int64_t input, output, cached, reasoning; /* tokens of the usage */
    struct sim_directives asked;
    struct sim_rule *next;
};

/* Reads the raw JSON object; appends its rules (one, or one a step) at *tail, in the
 * arena.  sim_rule_release() frees the rest, also after -1: ERR_BAD_REQUEST
 * "bad_script", with what is wrong. */
int sim_rule_read(struct str raw, struct arena *a, struct sim_rule ***tail,
                  struct err *err);
void sim_rules_release(struct sim_rule *first);

/* Does it hold?  1, 0, or -1: no memory, or a pattern that takes too long. */
int sim_rule_holds(const struct sim_rule *r, const struct sim_heard *h,
                   struct sim_caught *ret, struct err *err);

/* A tool of this name is among the names "A|B|C". */
bool sim_names_have(struct str names, struct str name);

#endif
