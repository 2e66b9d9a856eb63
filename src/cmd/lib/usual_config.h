/* usual_config.h -- the configuration that a verb means when nobody names one.
 *
 * -c FILE; else weir.yaml in this folder; else what the `weir up` that runs on this
 * machine serves, which it writes into its state directory. */
#ifndef WEIR_CMD_LIB_USUAL_CONFIG_H
#define WEIR_CMD_LIB_USUAL_CONFIG_H

#include "cmd/lib/options.h"
#include "cmd/lib/state_dir.h"
#include "core/err.h"

/* state_dir/up.yaml: of a `weir up`, while it runs. */
#define USUAL_CONFIG_UP   "up.yaml"
#define USUAL_CONFIG_FILE "weir.yaml"

/* Is weir.yaml in this folder? */
bool usual_config_is_here(void);

/* The path of it.  -1: there is none; *err says what to do. */
int usual_config(const struct options *o, char ret[STATE_DIR_BYTES], struct err *err);

#endif
