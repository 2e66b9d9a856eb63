/* halves.h -- strings of JSON in which half of a surrogate pair may stand.
 *
 * An engine that cuts its text anywhere writes \ud83d at the end of one event and \ude00
 * at the beginning of the next; a client that joins both has the character.  So a half
 * must go out as it came, or meet its other half.  Inside of weir it is the three bytes
 * that UTF-8 would have for it, which no valid text has. */
#ifndef WEIR_JSON_HALVES_H
#define WEIR_JSON_HALVES_H

#include "core/buf.h"
#include "json/scan.h"

enum { HALF_BYTES = 3 };

/* As json_unescape(), with halves kept. */
struct str halves_read(struct arena *a, struct json_string s);
/* Appends the text as the inside of a JSON string, its halves written as escapes. */
void halves_write(struct buf *out, struct str text);

/* Where the next half stands, from the byte `at` on; text.n: there is none. */
size_t halves_find(struct str text, size_t at);
/* The half that stands there: 0xD800 to 0xDFFF; 0: none does. */
unsigned halves_at(struct str text, size_t at);
static inline bool half_is_second(unsigned half)
{
    return half >= 0xDC00;
}
/* The character that two halves are; returns its bytes. */
unsigned halves_join(unsigned first, unsigned second, char out[4]);

#endif
