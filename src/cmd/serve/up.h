/* up.h -- what the files of `weir up` share. */
#ifndef WEIR_CMD_SERVE_UP_H
#define WEIR_CMD_SERVE_UP_H

#include "cmd/lib/options.h"
#include "cmd/serve/serving.h"
#include "discover/discover.h"
#include "supervise/child.h"

struct up {
    const struct options *options;
    struct serving serving;
    struct discover_options look;
    struct discovery *found;
    struct buf yaml; /* of what is served now */
    struct str listen;
    struct child child;
    bool has_child;
    bool child_was_healthy;
    uint64_t next_look_ms;
};

/* up_engine.c: the engine of --model.  0 and u->has_child when it was asked for and is
 * healthy; an exit code otherwise. */
int up_engine_start(struct up *u);
void up_engine_stop(struct up *u);
/* Once a second: true when it came back, so that its models are looked for. */
bool up_engine_watch(struct up *u);
/* Appends what `found` is as a weir.yaml; the model of --model FILE can also be asked for
 * by the file's name. */
void up_write_yaml(const struct up *u, const struct discovery *found, struct buf *out);

/* up_table.c */
void up_print_table(const struct discovery *d, FILE *out);
void up_print_hints(const struct up *u, const char *url, FILE *out);
void up_print_install(FILE *out);

/* up_watch.c: serves until a signal says stop, looking again now and then. */
void up_watch(struct up *u);
/* What is served now as state_dir/up.yaml, for verbs beside it (cmd/lib/usual_config.h);
 * a secret is in it by the name of its variable alone.  Until weir stops. */
void up_keep_yaml(const struct up *u);
void up_forget_yaml(const struct up *u);

#endif
