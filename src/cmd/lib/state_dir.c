/* state_dir.c -- see state_dir.h. */
#include "cmd/lib/state_dir.h"

#include "config/config.h"

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

bool state_dir_of_config(const char *path, char ret[STATE_DIR_BYTES])
{
    struct config_faults faults;
    struct buf text;
    config_faults_init(&faults);
    struct config *c = config_load(path, NULL, &faults);
    if (c)
        snprintf(ret, STATE_DIR_BYTES, "%.*s", STR_ARG(c->state_dir));
    buf_init(&text, 1 << 20);
    if (!c)
        config_faults_print(&faults, path, &text);
    fprintf(stderr, "%.*s", STR_ARG(buf_view(&text)));
    buf_release(&text);
    config_unref(c);
    config_faults_release(&faults);
    return c != NULL;
}
