/* files.h -- the files that a command line names, compared before one of them is opened.
 *
 * Two names are one file when device and inode are the same: so also by a link, by
 * another path, and when "-" is standard input and that is the file. */
#ifndef WEIR_CMD_LIB_FILES_H
#define WEIR_CMD_LIB_FILES_H

#include "cmd/lib/options.h"

/* The words of o are files that are read, and so are the values of the options named in
 * `reads`; the value of the option `out` is a file that is written.  An option that was
 * not given is no file, and `out` may be NULL.
 *
 * EXIT_YES; EXIT_USAGE after options_fault() when a word is given twice, or when what is
 * written is a regular file that is also read.  A file that is not there is not compared:
 * who opens it says so. */
int files_check(const struct options *o, const char *out, const char *const *reads,
                size_t nreads);

#endif
