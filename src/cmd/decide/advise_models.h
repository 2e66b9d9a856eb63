/* advise_models.h -- the models that weir advise reckons with and writes down.
 *
 * Nobody's choice stays the same for a year: without --local-model it is what weir fit
 * would try first on the device (fit/pick.h), and the cloud models are rows of
 * data/prices.json that a test holds to be the newest of their maker.
 *
 * Without --device it is the card of this machine, as weir fit finds it.  A machine
 * without a card that the device list knows gets an example, and is told so: of its
 * processor no list says the power, so no money could be computed. */
#ifndef WEIR_CMD_DECIDE_ADVISE_MODELS_H
#define WEIR_CMD_DECIDE_ADVISE_MODELS_H

#include "cmd/lib/options.h"
#include "facts/facts.h"
#include "plan/advise.h"
#include "report/report.h"

#define ADVISE_DEVICE "RTX 4090" /* the example */
/* A cheap and a dear model: what lies between them lies between their answers. */
#define ADVISE_CHEAP "gpt-5.4-mini"
#define ADVISE_DEAR  "gpt-5.5"

/* Strings lie in the report's memory or in the facts.  Fails where the options name a
 * device or a model that is not known. */
int advise_models_choose(const struct options *o, const struct facts *f, struct report *r,
                         struct advice_models *ret, struct err *err);

#endif
