/* pilot_place.h -- what the parts of `weir pilot` share: where a pilot's files are, and
 * what they say. */
#ifndef WEIR_CMD_DECIDE_PILOT_PLACE_H
#define WEIR_CMD_DECIDE_PILOT_PLACE_H

#include "cmd/lib/options.h"
#include "cmd/lib/state_dir.h"
#include "pilot/records.h"

#define PILOT_PLACE_OPTIONS                                                              \
    {"-c", "FILE",                                                                       \
     "The configuration of the weir that runs the pilot, for its state_dir; default "    \
     "weir.yaml, if it is here."},                                                       \
    {                                                                                    \
        "--state-dir", "DIR", STATE_DIR_HELP                                             \
    }

extern const struct command pilot_plan_part, pilot_start_part, pilot_label_part,
    pilot_report_part, pilot_stop_part;

/* By -c or --state-dir.  EXIT_USAGE: the fault is printed. */
int pilot_place_find(const struct options *o, char ret[STATE_DIR_BYTES]);

struct pilot_place {
    char dir[STATE_DIR_BYTES];
    struct pilot_terms terms;
    struct pilot_story story;
    bool is_stopped; /* `weir pilot stop` has been said */
};

/* Reads all files.  EXIT_NO: there is no pilot, or it cannot be read; that is printed. */
int pilot_place_open(const struct options *o, struct pilot_place *ret);
void pilot_place_close(struct pilot_place *p);
/* A file of it as text; false: it is printed why not. */
bool pilot_place_read(const char *dir, const char *name, struct buf *out);
/* Does it still compare, as far as the files say? */
bool pilot_place_runs(const struct pilot_place *p, uint64_t now_ms);

#endif
