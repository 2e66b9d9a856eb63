/* price_offers.h -- one model, several sellers.
 *
 * Sellers write the same model in their own way: "gpt-oss-120b", "openai/gpt-oss-120b",
 * "accounts/fireworks/models/gpt-oss-120b", "openai.gpt-oss-120b-1:0".  What is left
 * without folders, without a maker before a dot and without a version behind it is the
 * same name. */
#ifndef WEIR_FACTS_PRICE_OFFERS_H
#define WEIR_FACTS_PRICE_OFFERS_H

#include "facts/prices.h"

enum { PRICE_OFFERS = 32 };

struct price_offers {
    const struct price *row[PRICE_OFFERS]; /* one of each seller, in the file's order */
    size_t n;
};

/* A model's name without what its seller puts around it. */
struct str price_plain_name(struct str model);

/* Everybody who sells the model on a day (0: by the list). */
void prices_offers(const struct prices *p, struct str model, int64_t date_days,
                   struct price_offers *ret);

/* The first day of which weir knows a price: the day a row begins or the model came
 * out, else the day a source was read.  DATE_UNKNOWN when the model is not known. */
int64_t prices_since(const struct prices *p, struct str provider, struct str model);

/* Sets err: no price is known for the model, or only from other sellers, who are named.
 * Returns -1. */
int prices_explain(const struct prices *p, struct str provider, struct str model,
                   struct err *err);

#endif
