/* lacks.h -- inside engine/: what of a conversation a form has no place for, and which
 * changes nothing of the answer's kind: a column of each translator's row.  Where a
 * client says such a thing it is noted as lost, in one place for all forms. */
#ifndef WEIR_ENGINE_LACKS_H
#define WEIR_ENGINE_LACKS_H

#include "engine/translator.h"

enum engine_lack {
    LACKS_CACHE = 1 << 0,     /* marks that the prompt is kept up to here */
    LACKS_STRICT = 1 << 1,    /* tools whose arguments fit their schema exactly */
    LACKS_GRAMMAR = 1 << 2,   /* of a tool that takes any text */
    LACKS_FILE_NAME = 1 << 3, /* of a file that is sent along */
    LACKS_SEALED = 1 << 4     /* thoughts without a text that another engine sealed */
};

void lacks_note(const struct engine_asking *q, const struct conversation *c);

#endif
