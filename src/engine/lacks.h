/* lacks.h -- inside engine/: what of a conversation a form has no place for, and which
 * changes nothing of the answer's kind: a column of each translator's row.  Where a
 * client says such a thing it is noted as lost, in one place for all forms. */
#ifndef WEIR_ENGINE_LACKS_H
#define WEIR_ENGINE_LACKS_H

#include "engine/translator.h"
#include "engine/unseal.h"

/* What is said where only the signature of a thought goes, and where all of it does. */
#define LOST_SIGNATURES "signatures of earlier turns"
#define LOST_THOUGHTS   "reasoning of earlier turns"

enum engine_lack {
    LACKS_CACHE = 1 << 0,     /* marks that the prompt is kept up to here */
    LACKS_STRICT = 1 << 1,    /* tools whose arguments fit their schema exactly */
    LACKS_GRAMMAR = 1 << 2,   /* of a tool that takes any text */
    LACKS_FILE_NAME = 1 << 3, /* of a file that is sent along */
    LACKS_SEALED = 1 << 4,    /* thoughts without a text that another engine sealed */
    LACKS_SIGNATURE = 1 << 5  /* another engine's signature of a thought with a text */
};

void lacks_note(const struct engine_asking *q, const struct conversation *c);
/* The same of a body in its client's own words. */
void lacks_note_unsealed(const struct engine_asking *q, const struct unsealed *gone);

#endif
