/* replay.h -- recorded answers, found by their prompt.
 *
 * A JSONL file with one object a line: "prompt" and "answer", and "model" where
 * several models answered the same prompt.  Other members are ignored. */
#ifndef WEIR_SIM_REPLAY_H
#define WEIR_SIM_REPLAY_H

#include "json/scan.h"

struct replay;

/* Reads the whole file (at most 256 MiB; a pipe will do).  NULL with *err naming the
 * line that is at fault. */
struct replay *replay_open(struct str path, struct err *err);
void replay_free(struct replay *r); /* NULL is fine */
size_t replay_count(const struct replay *r);

/* The recorded answer to exactly this prompt: of this model if it is among those that
 * answered (compared without case), else the first in the file.  Raw, valid while the
 * replay lives; raw.p == NULL when there is none. */
struct json_string replay_find(const struct replay *r, struct str prompt,
                               struct str model, struct arena *scratch);

#endif
