/* state_dir.h -- where a weir on this machine keeps its state, as a verb is told or as
 * weir.yaml's default says. */
#ifndef WEIR_CMD_LIB_STATE_DIR_H
#define WEIR_CMD_LIB_STATE_DIR_H

#include "core/compiler.h"

enum { STATE_DIR_BYTES = 4096 };
#define STATE_DIR_HELP                                                                   \
    "Where weir keeps its state; $XDG_STATE_HOME/weir or ~/.local/state/weir."
#define STATE_DIR_FAULT                                                                  \
    "neither HOME nor XDG_STATE_HOME is set; name the place with --state-dir"
/* Behind a fault that says --state-dir, of a command that has -c too. */
#define STATE_DIR_OR_CONFIG ", or weir.yaml with -c"

/* given: of --state-dir, or NULL.  False when nothing says where, or it is too long. */
bool state_dir_find(const char *given, char ret[STATE_DIR_BYTES]);
/* The state_dir of a configuration; false when the file has faults, which are printed. */
bool state_dir_of_config(const char *path, char ret[STATE_DIR_BYTES]);

#endif
