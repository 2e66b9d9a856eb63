/* type_words.h -- what types of values and their groups are called where people read it:
 * on the page, in `weir top` and in `weir prove`. Configuration and `weir scan` have
 * their names (types.h). */
#ifndef WEIR_CONFIG_TYPE_WORDS_H
#define WEIR_CONFIG_TYPE_WORDS_H

#include "config/types.h"

enum { GUARD_WORDS = 64 };

/* "EMAIL", 2: "e-mail addresses". A name that no table has is itself, in small letters.
 */
void guard_type_words(struct str name, uint64_t n, char ret[GUARD_WORDS]);
/* "national_id", 1: "national identity number". */
void guard_group_words(struct str name, uint64_t n, char ret[GUARD_WORDS]);

#endif
