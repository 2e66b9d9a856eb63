/* file.h -- a file that the simulator is given, read whole. */
#ifndef WEIR_SIM_FILE_H
#define WEIR_SIM_FILE_H

#include "core/buf.h"
#include "core/err.h"

/* Appends it; out's bound is the file's.  A pipe will do.  -1: ERR_CONFIG with this code
 * (static text), naming the file; one that is gzip'd is refused. */
int sim_file_read(struct buf *out, struct str path, const char *code, struct err *err);

#endif
