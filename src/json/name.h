/* name.h -- which names of members may be printed.
 *
 * Clients put values where names belong ({"4539 1488 0343 6467": true}), and what weir
 * says about a request is kept and shown in more places than the request.  So a name is
 * printed only when it looks like one that a program gives. */
#ifndef WEIR_JSON_NAME_H
#define WEIR_JSON_NAME_H

#include "core/str.h"

enum { NAME_SHOWN_BYTES = 64 };

/* Words of letters, in small letters or one behind the other as in maxOutputTokens, with
 * `_ - . : $` between, and at most three digits, all in one place. */
bool json_name_is_plain(struct str raw);
/* The name, cut, or "(a name)". */
struct str json_name_shown(struct str raw);

#endif
