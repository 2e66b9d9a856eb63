/* basic.h -- whether "Basic YmVhOng=" has somebody's credentials.  Inside read/ only;
 * pure. */
#ifndef WEIR_SCAN_READ_BASIC_H
#define WEIR_SCAN_READ_BASIC_H

#include "core/str.h"

enum basic {
    BASIC_NONE,  /* no credentials of this scheme */
    BASIC_EMPTY, /* they say "password" or nothing */
    BASIC_GIVEN
};

/* Of a header's value, its scheme in front. */
enum basic basic_of(struct str header);

#endif
