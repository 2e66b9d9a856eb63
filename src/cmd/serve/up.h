/* up.h -- what the files of `weir up` share. */
#ifndef WEIR_CMD_SERVE_UP_H
#define WEIR_CMD_SERVE_UP_H

#include "cmd/lib/options.h"
#include "cmd/serve/serving.h"
#include "discover/discover.h"
#include "gateway/kept.h"
#include "supervise/child.h"

/* What whoever operates weir wants of the engine of --model, and is told of it. */
struct up_keeper {
    pthread_mutex_t mutex; /* of the next three; held for microseconds */
    struct kept_look now;
    bool is_wanted;
    char start_why[KEPT_WHY_MAX + 1]; /* of an order to start, until the engine answers */
    uint64_t cut_at_ms; /* of the main thread: when a stop waits no longer; 0: no stop */
};

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
    struct up_keeper keeper;
    uint64_t next_look_ms;
};

/* up_engine.c: the engine of --model.  0 and u->has_child when it was asked for and is
 * healthy; an exit code otherwise. */
int up_engine_start(struct up *u);
void up_engine_stop(struct up *u);
/* Once a second: does what was ordered, starts it again when it died.  True when it came
 * back, so that its models are looked for. */
bool up_engine_watch(struct up *u);
/* Before looking again: while it does not run nobody else is taken for it, and its models
 * stay. */
void up_engine_spare(struct up *u);
/* Appends what `found` is as a weir.yaml; the model of --model FILE can also be asked for
 * by the file's name. */
void up_write_yaml(const struct up *u, struct discovery *found, struct buf *out);

/* up_keeper.c: the orders. */
extern const struct kept_engines up_kept; /* ctx: the struct up */
void up_keeper_init(struct up_keeper *k);
void up_keeper_release(struct up_keeper *k);
struct kept_look up_keeper_look(struct up *u, bool *ret_is_wanted);
/* What became of it; nothing when another order has come meanwhile.  RUNNING lets go of
 * the gate, FAILED holds it: what listens on its port now is not it. */
void up_keeper_tell(struct up *u, bool was_wanted, enum kept_state state,
                    const char *why);
/* Of the engine as it is served; NULL: it is not.  On the main thread. */
struct gate *up_keeper_gate(const struct up *u);

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
