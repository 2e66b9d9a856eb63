/* statefile.h -- files of the state directory that are read and written whole, or that
 * grow by lines.
 *
 * A new one is written beside the old one, synced, and then takes its place.  On the main
 * thread: it waits for the disk. */
#ifndef WEIR_GATEWAY_STATEFILE_H
#define WEIR_GATEWAY_STATEFILE_H

#include "core/buf.h"

#include <stdbool.h>
#include <stddef.h>

enum { STATEFILE_PATH = 1200 };

/* Both set path (STATEFILE_PATH bytes) to DIR/NAME, for messages. */

/* How many bytes of it were read, at most n; -1: there is none. */
long statefile_read(const char *dir, const char *name, char *path, unsigned char *out,
                    size_t n);
/* False: it stays as it was. */
bool statefile_write(const char *dir, const char *name, char *path,
                     const unsigned char *bytes, size_t n);

/* All of a file of text, appended to out.  True also when there is none; false: it cannot
 * be read, or out is full. */
bool statefile_read_all(const char *dir, const char *name, struct buf *out);
/* Appends what `lines` holds, synced, and empties it; the file is the owner's alone.
 * False: it stays as it was, and so does `lines`. */
bool statefile_append(const char *dir, const char *name, struct buf *lines);

#endif
