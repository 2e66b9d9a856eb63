/* script.h -- rules that say what the simulated model answers, and which tools it calls.
 *
 * A file of JSON objects, one after another (rule.h); the first rule that holds is
 * played.  Rules may stand in the last user text as well, "[[sim:{...}]]": these come
 * first. */
#ifndef WEIR_SIM_SCRIPT_H
#define WEIR_SIM_SCRIPT_H

#include "sim/play.h"

struct sim_script;

/* NULL with *err naming the line that is at fault. */
struct sim_script *sim_script_open(struct str path, struct err *err);
void sim_script_free(struct sim_script *s); /* NULL is fine */

/* ret->parts == NULL: no rule holds.  `s` may be NULL.  Strings are in the arena, in the
 * script or in the conversation. -1: ERR_BAD_REQUEST "bad_script" (of a rule in the
 * message) or "script_tool" (a tool that is to be called is not offered), or no memory.
 */
int sim_script_play(const struct sim_script *s, const struct sim_heard *h,
                    struct arena *a, struct sim_turn *ret, struct err *err);
/* The text has a rule in it. */
bool sim_script_in(struct str text);

#endif
