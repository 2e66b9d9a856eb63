/* feature_names.h -- the values of anthropic-beta and the like: names of features, with
 * the date or the version that makes them one.
 *
 * They go on to a provider and nothing in them is scanned, so no more passes than such
 * names have: "context-1m-2025-08-07", "claude-code-20250219", "2023-06-01",
 * "responses=v1". */
#ifndef WEIR_DIALECT_FEATURE_NAMES_H
#define WEIR_DIALECT_FEATURE_NAMES_H

#include "core/str.h"

#include <stdbool.h>

/* A list of them, with commas and blanks between, and nothing else? */
bool features_are_plain(struct str value);

#endif
