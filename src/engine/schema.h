/* schema.h -- inside engine/: a JSON schema for a provider that takes less of the
 * language than clients write. */
#ifndef WEIR_ENGINE_SCHEMA_H
#define WEIR_ENGINE_SCHEMA_H

#include "json/write.h"

/* Writes the schema, valid JSON, as Anthropic takes it for the form of an answer: every
 * object is closed (`additionalProperties` is false), `oneOf` is `anyOf`, and bounds of
 * numbers, lengths and counts, and formats that it does not know, are left out: true, if
 * something was.  Source: transform-json-schema in Anthropic's SDK for TypeScript 1.14.
 */
bool write_closed_schema(struct json_writer *w, struct str schema);

#endif
