/* private_inside.h -- what the readers of texts about private people share; inside names/
 * only.
 *
 * A reader is shown a token that nobody else has taken.  It proposes the value that
 * begins there and returns the first token past it, or the token itself. */
#ifndef WEIR_SCAN_NAMES_PRIVATE_INSIDE_H
#define WEIR_SCAN_NAMES_PRIVATE_INSIDE_H

#include "scan/detect.h"
#include "scan/text/lexicon.h"

enum {
    PRIVATE_SURE = 55,       /* a name or a contact of at least this score is one */
    PRIVATE_NAME_SCORE = 46, /* of a name that only its place tells */
    PRIVATE_FORM_SCORE = 60  /* of a value that its form tells */
};

static inline const struct token *private_token(const struct window *w, size_t i)
{
    static const struct token none = {.kind = TOK_PUNCT, .letter = CASE_NONE};
    return i < w->ntok ? &w->tok[i] : &none;
}
static inline size_t token_width(const struct token *t)
{
    return t->end - t->start;
}
static inline struct str token_str(const struct window *w, const struct token *t)
{
    return (struct str){w->p + t->start, t->end - t->start};
}
/* STEM_* of the word that token i is. */
static inline uint64_t private_stems(const struct window *w, size_t i)
{
    return i < w->ntok ? w->stems[i] : 0;
}
static inline bool is_on_line(const struct token *t)
{
    return !(t->gap & GAP_LINE);
}
/* A letter of a script other than Latin, Greek and Cyrillic. */
static inline bool is_far_script(const struct token *t)
{
    return t->kind == TOK_WORD && (unsigned char)t->c >= 0xD6;
}
/* The first token that begins at or behind this byte. */
static inline size_t skip_to(const struct window *w, size_t i, size_t end)
{
    while (i < w->ntok && w->tok[i].start < end)
        i++;
    return i;
}
/* Part of an identifier, an address or a path. */
bool is_glued(const struct window *w, size_t start, size_t end);
/* Spans and tokens go forward together: does one of the first n spans lie on these bytes?
 * `next` begins at 0. */
struct taken {
    size_t next, n;
};
bool is_taken(const struct window *w, struct taken *t, size_t start, size_t end);

/* private_people.c: FACT_* that the lists of all languages say of a word. */
uint16_t facts_of_token(const struct window *w, const struct token *t);

/* private_numbers.c */
size_t read_private_national(struct window *w, size_t i);
size_t read_private_phone(struct window *w, size_t i);
size_t read_private_plate(struct window *w, size_t i);
size_t read_private_postcode(struct window *w, size_t i);
size_t read_private_serial(struct window *w, size_t i);
size_t read_private_staff(struct window *w, size_t i);
/* private_address.c */
size_t read_private_address(struct window *w, size_t i);
/* private_chain.c: of the whole window, behind the readers. */
void find_address_chains(struct window *w);
/* private_handles.c: the same. */
void find_private_handles(struct window *w);
/* private_people.c: of the whole window, behind the readers. */
size_t read_private_initials(struct window *w, size_t i);
size_t read_private_name(struct window *w, size_t i);
void find_private_accounts(struct window *w);
void find_speakers(struct window *w);
void find_first_names_again(struct window *w);
void find_far_names_again(struct window *w);

#endif
