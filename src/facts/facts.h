/* facts.h -- all fact files at once, from wherever the operator keeps them.
 *
 * For each file NAME.json the first of these that exists is read:
 *   1. DIR/NAME.json, when a folder was named (--facts DIR);
 *   2. $XDG_DATA_HOME/weir/facts/NAME.json, else ~/.local/share/weir/facts/NAME.json
 *      (written by `weir facts update`);
 *   3. the copy inside the program.
 * A file that exists and is faulty is a fault; weir never falls back silently. */
#ifndef WEIR_FACTS_FACTS_H
#define WEIR_FACTS_FACTS_H

#include "core/buf.h"
#include "facts/costs.h"
#include "facts/devices.h"
#include "facts/models.h"
#include "facts/prices.h"
#include "facts/speeds.h"

#include <stdio.h>

/* A larger file is refused: read as JSON it takes up to thirty times its size in memory.
 */
enum { FACTS_FILE_MAX = 1 << 20 };

struct facts {
    struct prices *prices;
    struct devices *devices;
    struct models *models;
    struct speeds *speeds;
    struct costs *costs;
};

/* dir may be NULL.  On a fault nothing is left to release. */
int facts_load(struct facts *f, const char *dir, struct err *err) NODISCARD;
void facts_release(struct facts *f);

/* The text of one fact file, by the rule above, into out (initialised by the caller
 * with a maximum).  Used for the rule tables too. */
int facts_read(const char *name, const char *dir, struct buf *out, struct err *err);

/* Opens for reading, without waiting for somebody to write to a named pipe: such a one is
 * empty.  NULL with errno.  fclose() it. */
FILE *facts_open(const char *path);

/* Reads a whole file; the fault names the path.  "-" is standard input. */
int facts_read_file(const char *path, struct buf *out, struct err *err);

/* Checks the file at `path` as the fact file `name` and writes it to (2) above; the
 * old one is replaced in one step.  The path written is put into where. */
int facts_install(const char *name, const char *path, char where[512], struct err *err);

#endif
