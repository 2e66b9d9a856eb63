/* text.h -- texts that go from one JSON text into another as they are written.
 *
 * Nearly all of a chat is long texts.  Taking their escapes off and putting them on again
 * costs more than all else that is done to a request, and changes nothing. */
#ifndef WEIR_JSON_TEXT_H
#define WEIR_JSON_TEXT_H

#include "core/arena.h"

/* A text as a JSON string has it between its quotes: valid, its escapes as they were
 * written, and no half of a surrogate pair among them, for which some readers refuse the
 * whole.  So it goes from one JSON text into another without being read.  raw.p == NULL:
 * there is none. */
struct json_text {
    struct str raw;
};
#define JSON_TEXT(lit) ((struct json_text){STR(lit)}) /* nothing in it to be escaped */
/* What stands between the quotes of a valid string; in the arena where half a surrogate
 * pair becomes U+FFFD.  raw.p == NULL at the ceiling. */
struct json_text json_text_of(struct arena *a, struct str inside);
/* The text that stands for these bytes.  raw.p == NULL at the ceiling. */
struct json_text json_text_saying(struct arena *a, struct str plain);
/* The bytes that it stands for.  p == NULL at the ceiling. */
struct str json_text_plain(struct arena *a, struct json_text t);
bool json_text_is_blank(struct json_text t); /* nothing but blanks and line ends */

#endif
