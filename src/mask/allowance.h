/* allowance.h -- a ceiling over memory that several owners take, and its parts.
 *
 * An allowance may be a part of another: what is taken from the part is taken from the
 * whole as well, and either may refuse.  So the vaults of all clients have one ceiling,
 * and those of one client a lower one.  Lock free; counted by reference, because a vault
 * may outlive the session that it was made for. */
#ifndef WEIR_MASK_ALLOWANCE_H
#define WEIR_MASK_ALLOWANCE_H

#include "core/compiler.h"

struct allowance;

/* With one reference.  `whole` may be NULL; else it is retained.  NULL: no memory. */
struct allowance *allowance_create(struct allowance *whole, size_t max_bytes);
struct allowance *allowance_retain(struct allowance *b);
void allowance_release(struct allowance *b); /* NULL is fine */

/* False when `bytes` more would pass the ceiling of b or of its whole; nothing is then
 * taken.  Without an allowance (NULL) there is no ceiling. */
bool allowance_take(struct allowance *b, size_t bytes);
void allowance_give_back(struct allowance *b, size_t bytes);

void allowance_set_max(struct allowance *b, size_t max_bytes);
size_t allowance_max(const struct allowance *b);
size_t allowance_used(const struct allowance *b);

#endif
