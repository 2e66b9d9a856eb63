/* name_words.h -- what the words of a name (a key, a head, a label) say of the value
 * under it, in the languages of data/guard/stems.txt and by the schemes of schemes.txt,
 * where no row of telling.txt has the whole name.  Inside of the scanner's readers; pure.
 */
#ifndef WEIR_SCAN_READ_NAME_WORDS_H
#define WEIR_SCAN_READ_NAME_WORDS_H

#include "scan/read/telling.h"

#include <stdint.h>

/* STEM_* of its words together; 0: no word says anything. */
uint64_t name_roles(struct str name);
/* Whether they say by themselves that a number of a paper or an account follows. */
bool names_paper(uint64_t roles);
/* Whether they say that a password or a code follows. */
bool names_secret(uint64_t roles);

/* The paper, account or card that words name, or TELLS_NOTHING. */
enum telling telling_of_stem(uint64_t roles);
/* Whether a number may be one of such a paper; is_vague: its word means other things,
 * too. */
bool fits_paper(struct str number, enum telling what, bool is_vague);

/* What the number is, or TELLS_NOTHING.  *ret_in_form: it has the form of a scheme that
 * the name has. */
enum telling paper_of(struct str name, uint64_t roles, struct str value,
                      bool *ret_in_form);
/* TELLS_PASSWORD, TELLS_PIN or TELLS_NOTHING. */
enum telling secret_of(uint64_t roles, struct str value);

#endif
