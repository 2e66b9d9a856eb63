/* halves.h -- inside mask/: strings of JSON in which half of a surrogate pair may stand.
 *
 * An engine that cuts its text anywhere writes \ud83d at the end of one event and \ude00
 * at the beginning of the next; a client that joins both has the character.  So a half
 * must go out as it came.  Inside of weir it is the three bytes that UTF-8 would have for
 * it, which no valid text has. */
#ifndef WEIR_MASK_HALVES_H
#define WEIR_MASK_HALVES_H

#include "core/buf.h"
#include "json/scan.h"

/* As json_unescape(), with halves kept. */
struct str halves_read(struct arena *a, struct json_string s);
/* Appends the text as the inside of a JSON string, its halves written as escapes. */
void halves_write(struct buf *out, struct str text);

#endif
