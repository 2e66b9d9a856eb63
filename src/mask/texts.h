/* texts.h -- inside mask/: where the texts of an answer's JSON are. */
#ifndef WEIR_MASK_TEXTS_H
#define WEIR_MASK_TEXTS_H

#include "mask/channel.h"
#include "json/scan.h"

/* One string of one choice. */
struct text {
    struct json_string string;
    uint32_t choice, tool;
    uint8_t kind; /* enum channel_kind */
};

struct texts {
    struct text *items; /* in the order of the bytes */
    size_t n, cap;
    bool failed; /* memory */
};
void texts_release(struct texts *t);

/* Reads the choices of a chunk or an answer, a delta or a message alike, and the lists
 * and objects beside them.  False when
 * it is not JSON. */
bool texts_read(struct str data, struct texts *ret);

#endif
