/* state_dir.c -- see state_dir.h. */
#include "cmd/state_dir.h"

#include <stdio.h>
#include <stdlib.h>

bool state_dir_find(const char *given, char ret[STATE_DIR_BYTES])
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    int n = -1;
    if (given)
        n = snprintf(ret, STATE_DIR_BYTES, "%s", given);
    else if (state && state[0] == '/')
        n = snprintf(ret, STATE_DIR_BYTES, "%s/weir", state);
    else if (home && home[0])
        n = snprintf(ret, STATE_DIR_BYTES, "%s/.local/state/weir", home);
    return n > 0 && n < STATE_DIR_BYTES;
}
