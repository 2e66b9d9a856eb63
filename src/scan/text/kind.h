/* kind.h -- what kind of text a window holds: a program, a table of characters; and
 * whether a line is a copyright notice.  Pure; one walk over the text each. */
#ifndef WEIR_SCAN_TEXT_KIND_H
#define WEIR_SCAN_TEXT_KIND_H

#include "core/str.h"

/* Has it two lines that only programs have, or "#!" at its head? */
bool text_is_program(struct str text);
/* Is every fourth line of it, and four at least, a statement of a program, also as tools
 * print a file, with the number of each line before it; or has it brackets as programs
 * have that were made small for browsers? */
bool text_is_source(struct str text);
/* Does it hold "lorem ipsum", the Latin that stands where a text will come? */
bool text_is_filler(struct str text);
/* Do many of its lines begin with the number of a character, "0AA6C"? */
bool text_is_character_table(struct str text);

/* The line of the bytes [start, end): what stands before them, and behind. */
struct line_parts {
    struct str lead, tail;
};
struct line_parts line_around(struct str text, size_t start, size_t end);
/* Is what stands before them a copyright notice, "Copyright (C) 2004, 2012 "? */
bool is_notice(struct str lead);
/* Four digits of a year in it: "2004". */
bool has_year(struct str s);

#endif
