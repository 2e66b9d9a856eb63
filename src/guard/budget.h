/* budget.h -- a ceiling over memory that several owners take, and its parts.
 *
 * A budget may be a part of another: what is taken from the part is taken from the whole
 * as well, and either may refuse.  So the vaults of all clients have one ceiling, and
 * those of one client a lower one.  Lock free; counted by reference, because a vault may
 * outlive the session that it was made for. */
#ifndef WEIR_GUARD_BUDGET_H
#define WEIR_GUARD_BUDGET_H

#include "core/compiler.h"

struct budget;

/* With one reference.  `whole` may be NULL; else it is retained.  NULL: no memory. */
struct budget *budget_create(struct budget *whole, size_t max_bytes);
struct budget *budget_retain(struct budget *b);
void budget_release(struct budget *b); /* NULL is fine */

/* False when `bytes` more would pass the ceiling of b or of its whole; nothing is then
 * taken.  Without a budget (NULL) there is no ceiling. */
bool budget_take(struct budget *b, size_t bytes);
void budget_give_back(struct budget *b, size_t bytes);

void budget_set_max(struct budget *b, size_t max_bytes);
size_t budget_max(const struct budget *b);
size_t budget_used(const struct budget *b);

#endif
