/* value.h -- a JSON value that satisfies a JSON schema: what the simulated model
 * passes to a tool, or answers when a format is asked for. */
#ifndef WEIR_SIM_VALUE_H
#define WEIR_SIM_VALUE_H

#include "core/buf.h"

/* Appends a value for the schema (raw JSON; p == NULL: an object with one text).
 * Understands const, enum, type, properties, required, items, minimum, maximum,
 * minLength, minItems, anyOf and oneOf (the first); $ref is answered with a text.
 * With a blank after ':' and ',', so that it has words to be streamed in. */
void sim_value(struct buf *out, struct str schema, uint64_t seed);

#endif
