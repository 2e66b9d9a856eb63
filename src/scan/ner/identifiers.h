/* identifiers.h -- what is no name, whatever the net says; inside scan/ only. */
#ifndef WEIR_SCAN_NER_IDENTIFIERS_H
#define WEIR_SCAN_NER_IDENTIFIERS_H

#include "scan/ner/pieces.h"

/* Pieces [from, end): digits in it, a part of an identifier or a path, a variable of a
 * program, one letter, two capitals, letters as the alphabet has them or with blanks
 * between, an ordinary word of English, or a word with humps that is in no list. */
bool is_identifier(const struct pieces *p, size_t from, size_t end);

#endif
