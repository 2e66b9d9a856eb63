/* statefile.h -- small files of the state directory that are read and written whole.
 *
 * A new one is written beside the old one, synced, and then takes its place.  On the main
 * thread: it waits for the disk. */
#ifndef WEIR_GATEWAY_STATEFILE_H
#define WEIR_GATEWAY_STATEFILE_H

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

#endif
