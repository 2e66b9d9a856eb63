/* form_words.h -- the word of a form, a help text or a schema where the password would
 * stand: "required", "vergessen?", "string".  Inside read/ only; pure. */
#ifndef WEIR_SCAN_READ_FORM_WORDS_H
#define WEIR_SCAN_READ_FORM_WORDS_H

#include "core/str.h"

/* Does this label say "password", by a word that means nothing else? */
bool names_password(struct str label);
/* Does this word say in some language what a password is or needs? */
bool says_of_password(struct str word);
/* Or may it stand behind such a label for another reason: an everyday word of
 * manuals, the name of a type? */
bool is_form_word(struct str word);
/* "velvet_harbor_tuesday_moss", of which half the words at least are no everyday ones of
 * manuals and none says something of passwords: a phrase, and no path of names. */
bool is_phrase_of_things(struct str s);
/* Capitals, small letters, two digits and no mark that text has: behind "the password for
 * the router" a value, and not whose it is. */
bool can_only_be_password(struct str s);
/* "tiger lily moon 4": words and numbers with one blank between, and no sentence. */
bool is_loose_phrase(struct str s);

#endif
