/* output.h -- a report to the terminal, to --json or to --html FILE. */
#ifndef WEIR_CMD_LIB_OUTPUT_H
#define WEIR_CMD_LIB_OUTPUT_H

#include "cmd/lib/options.h"
#include "core/err.h"
#include "report/report.h"

/* The options every reporting command has; put them at the end of its table. */
#define OUTPUT_FORMS                                                                     \
    {"--json", NULL, "Print JSON: every value with its truth, source and dates."},       \
    {                                                                                    \
        "--html", "FILE", "Also write one self-contained page with charts."              \
    }
/* ... and those of one that reads fact files itself. */
#define OUTPUT_OPTIONS                                                                   \
    OUTPUT_FORMS,                                                                        \
    {                                                                                    \
        "--facts", "DIR", "Read fact files from DIR before the built-in ones."           \
    }

/* Prints the report as asked and frees it; returns exit_code, or EXIT_NO when writing
 * failed. */
int output_report(const struct options *o, struct report *r, int exit_code);

/* Flushes stdout.  0, or the errno of the first time that something of what was printed
 * did not come out. */
int output_finish(void);

/* Writes a file whole, beside the old one, and then in its place; false: it could not,
 * and errno says why. */
bool output_write(const char *path, struct str s);

#endif
