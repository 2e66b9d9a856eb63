/* files.h -- the files of the page, carried inside the program, compressed. */
#ifndef WEIR_WEB_FILES_H
#define WEIR_WEB_FILES_H

#include "core/compiler.h"

struct web_file {
    const char *name, *type;
    const unsigned char *gzip;
    size_t n;
};

extern const struct web_file web_files[];
extern const size_t web_nfiles;

#endif
