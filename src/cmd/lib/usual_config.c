/* usual_config.c -- see usual_config.h. */
#include "cmd/lib/usual_config.h"

#include <stdio.h>
#include <unistd.h>

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

bool usual_config_is_here(void)
{
    return is_there(USUAL_CONFIG_FILE);
}

int usual_config(const struct options *o, char ret[STATE_DIR_BYTES], struct err *err)
{
    char dir[STATE_DIR_BYTES];
    const char *given = options_get(o, "-c");
    if (given || usual_config_is_here()) {
        int n = snprintf(ret, STATE_DIR_BYTES, "%s", given ? given : USUAL_CONFIG_FILE);
        return n < STATE_DIR_BYTES ? 0
                                   : err_set(err, ERR_BAD_REQUEST, "usual_config",
                                             "the name behind -c is too long");
    }
    if (!state_dir_find(NULL, dir))
        return err_set(err, ERR_BAD_REQUEST, "usual_config",
                       "no weir.yaml is in this folder; name one with -c");
    int n = snprintf(ret, STATE_DIR_BYTES, "%s/" USUAL_CONFIG_UP, dir);
    if (n < STATE_DIR_BYTES && is_there(ret))
        return 0;
    return err_set(
        err, ERR_BAD_REQUEST, "usual_config",
        "no weir.yaml is in this folder, and no `weir up` runs on %s: name the "
        "configuration with -c FILE, or start weir up",
        dir);
}
