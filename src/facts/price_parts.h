/* price_parts.h -- prices that belong to a row and are not written in it: a long-context
 * tier that the source keeps as a row of its own, and what a tier leaves out. */
#ifndef WEIR_FACTS_PRICE_PARTS_H
#define WEIR_FACTS_PRICE_PARTS_H

#include "facts/prices.h"

/* "model-200k", of the same provider, kind and days as "model": its prices hold above
 * 200,000 input tokens of "model".  The row itself stays and may be asked for. */
void price_join_tiers(struct price *rows, size_t n);

/* A dated row says input and output; what else the list has for the same model moves with
 * these: a cached token that costs a tenth of an input token goes on to do so. */
void price_fill_dated(struct price *rows, size_t n);

/* What a tier leaves out follows what it gives: prices of cached and written input move
 * as its input does, that of reasoning as its output does. */
void price_fill_tiers(struct price *p);

#endif
