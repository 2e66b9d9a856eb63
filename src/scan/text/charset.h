/* charset.h -- inside scan/: decoded bytes, read as the text that they most likely are:
 * UTF-8, UTF-16 in either order (what powershell -enc takes), Windows-1252, or one of
 * these in pieces between NULs. */
#ifndef WEIR_SCAN_TEXT_CHARSET_H
#define WEIR_SCAN_TEXT_CHARSET_H

#include "core/str.h"

enum legible {
    LEGIBLE_NOT,    /* no text */
    LEGIBLE_PARTLY, /* mostly text, among bytes that are none: worth a look */
    LEGIBLE_LIKELY, /* all of it could be, in a charset of single bytes */
    LEGIBLE_ALL
};

/* Room that `out` must have for n bytes. */
static inline size_t charset_room(size_t n)
{
    return 2 * n + 4;
}

/* Writes the text as UTF-8; a NUL, and any byte that is no text, is a line end there.
 * *ret_n is set unless it is LEGIBLE_NOT. */
enum legible charset_read(struct str bytes, char *out, size_t *ret_n);

#endif
