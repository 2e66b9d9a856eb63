/* fit_choose.h -- which machine, quantisation and context weir fit reckons with. */
#ifndef WEIR_CMD_DECIDE_FIT_CHOOSE_H
#define WEIR_CMD_DECIDE_FIT_CHOOSE_H

#include "cmd/lib/options.h"
#include "estimate/memory.h"
#include "estimate/speed.h"
#include "facts/facts.h"
#include "report/report.h"

struct fitting {
    const struct options *o;
    const struct facts *f;
    struct report *r;
    struct device device; /* a copy: memory and bandwidth may be this machine's */
    unsigned cards;       /* of this kind, in one machine */
    double memory_gb;     /* of one card */
    double ram_gb;
    double free_gb;       /* of one, now; 0: unknown, or not this machine */
    unsigned other_cards; /* of this machine that are left out */
    enum truth device_truth;
    enum quant quant;
    uint64_t context;
    unsigned kv_x2;
    struct speed_coefficients speed;
    const char *device_name;
    const struct model *model; /* that is asked about, or NULL */
    const char *named_quant;   /* that the model's name says; "" or NULL: none */
};

/* Fills all from the options, or from this machine when no device is named.  The
 * report's memory holds the names. */
int fit_choose(struct fitting *x, struct err *err);

#endif
