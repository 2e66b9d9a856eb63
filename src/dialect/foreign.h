/* foreign.h -- inside dialect/: the rows of dialects whose requests are not served yet.
 *
 * Their clients read in the first error what to change, in the form in which they show
 * errors.  A dialect that comes to be served moves out of here into files of its own. */
#ifndef WEIR_DIALECT_FOREIGN_H
#define WEIR_DIALECT_FOREIGN_H

#include "dialect/dialect.h"

extern const struct dialect dialect_openai_responses;

#endif
