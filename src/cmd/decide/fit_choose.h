/* fit_choose.h -- which machine, quantisation and context weir fit reckons with. */
#ifndef WEIR_CMD_DECIDE_FIT_CHOOSE_H
#define WEIR_CMD_DECIDE_FIT_CHOOSE_H

#include "cmd/lib/options.h"
#include "estimate/run.h"
#include "facts/facts.h"
#include "report/report.h"

struct fitting {
    const struct options *o;
    const struct facts *f;
    struct report *r;
    struct run_machine machine;            /* its devices point into `devices` */
    struct device devices[MEMORY_DEVICES]; /* copies: of this machine they are measured */
    struct speed_coefficients others;      /* of other models, after --measured */
    enum truth device_truth;
    double free_gb;          /* of all cards, now; 0: unknown, or not this machine */
    unsigned other_cards;    /* of this machine that are left out */
    const char *device_name; /* "2x RTX 3090 and RTX 3060 12GB" */
    const char *seen_by; /* where this machine's card was found: "nvidia-smi"; NULL: it
                            has none, or --device names one */
    bool quant_is_given;
    struct run_ask ask; /* all but the model */
    bool context_is_given;
    struct run_draft draft;  /* of --draft; no model: none */
    const char *named_quant; /* that the model's name says; "" or NULL: none */
};

/* Fills all from the options, or from this machine when no device is named.  The
 * report's memory holds the names. */
int fit_choose(struct fitting *x, struct err *err);

/* --draft and --draft-accept of `o` (which is weir plan's for a plan) into x->draft, for
 * the model m. */
int fit_choose_draft(struct fitting *x, const struct options *o, const struct model *m,
                     struct err *err);

/* What `weir bench` measured here of any model corrects the estimates of the others; of a
 * machine that was named nothing is known.  A figure that this machine cannot reach is
 * another machine's: it changes nothing.  Where it does, the speed's source says by which
 * run.  state_dir: NULL: the usual one. */
bool fit_learn_from_bench(struct fitting *x, const char *state_dir);

/* Of all devices together, in bytes. */
uint64_t fit_usable(const struct fitting *x);

#endif
