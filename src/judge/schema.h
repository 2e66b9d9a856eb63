/* schema.h -- does a JSON value fit a JSON Schema?  A subset, read in place.
 *
 * Understood: type (one or several), enum, const, required, properties,
 * additionalProperties (false or a schema), items (one schema), prefixItems, minItems,
 * maxItems, minLength, maxLength (in characters), minimum, maximum, exclusiveMinimum and
 * exclusiveMaximum (as numbers), anyOf, oneOf (read as anyOf), allOf, and $ref within the
 * same schema ("#", "#/$defs/x").  Anything else that would restrict the value counts as
 * fitting, and the result says so.  (json-schema.org, draft 2020-12) */
#ifndef WEIR_JUDGE_SCHEMA_H
#define WEIR_JUDGE_SCHEMA_H

#include "core/arena.h"

struct schema_result {
    bool fits;
    bool has_unread; /* a keyword was not understood, or the schema is no object */
    struct str why;  /* when it does not fit: "$.total: a number is wanted, not a
                      * string"; in the arena */
};

/* Both are valid JSON values; a schema that is none counts as fitting. */
struct schema_result schema_check(struct str schema, struct str value,
                                  struct arena *arena);
/* The same value: numbers by what they are, strings by their characters, objects in any
 * order of their members. */
bool json_same_value(struct str a, struct str b);

#endif
