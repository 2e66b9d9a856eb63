/* claim_group.h -- the tokens of a sentence or a row become claims.
 *
 * For the reader of claims alone. */
#ifndef WEIR_FIT_CLAIM_GROUP_H
#define WEIR_FIT_CLAIM_GROUP_H

#include "fit/claim_lex.h"

/* What stands around a speed and is lent to it when it says nothing itself. */
struct claim_around {
    const struct model *model;
    bool is_class, has_quant, has_cards, has_streams, is_drafted;
    struct claim_quant quant;
    struct claim_card cards[CLAIM_CARDS];
    size_t ncards;
    unsigned streams;
    uint64_t depth_tokens;
    double ram_gbs;
    bool has_about;
    enum claim_about about;
    size_t model_line, device_line; /* where it stood */
    /* A name was said that nobody knows: nothing stands in for it. */
    bool model_unknown, device_unknown;
};

/* What the tokens say when they are about one thing: the first model, machine, ... */
void claim_around_of(const struct facts *f, const struct claim_tokens *t, size_t line,
                     struct claim_around *ret);
/* Takes from `more` what `to` does not have. */
void claim_around_fill(struct claim_around *to, const struct claim_around *more);

/* A claim of a speed with what is around it. */
void claim_of_speed(const struct claim_rate *rate, const struct claim_around *own,
                    const struct claim_around *lent, struct claim *ret);

/* The claims of a sentence: each speed with the model and the device that belong to it.
 * `lent` is what the text before lends.  Returns how many, at most CLAIM_TOKENS. */
size_t claim_group(const struct facts *f, struct claim_tokens *t, size_t line,
                   const struct claim_around *lent, struct claim *ret);

#endif
