/* address_parts.h -- the parts of an address, one after the other; inside names/ only.
 *
 *     P.O. Box 242 / Suite 787 / Springfield / , nan / Germany 53113
 *
 * A part stands between commas or fills a line. */
#ifndef WEIR_SCAN_NAMES_ADDRESS_PARTS_H
#define WEIR_SCAN_NAMES_ADDRESS_PARTS_H

#include "scan/names/private_inside.h"

/* What stands before a part, from the weakest on. */
enum parting { PARTED_BY_BLANK, PARTED_BY_COMMA, PARTED_BY_LINE, PARTED_BY_EMPTY_LINE };

enum part_kind {
    PART_NONE,
    PART_STRAY, /* a field with nothing in it, or the letters of a region: "nan", "NS" */
    PART_WORDS, /* may be a town, a quarter, a region */
    PART_PLACE, /* words that are known for a place */
    PART_UNIT,  /* "Apt. 417", "3. tv.", "kv. 9" */
    PART_CODE,  /* with a postcode in it */
    PART_COUNTRY
};

struct address_part {
    size_t first, end; /* tokens */
    size_t code;       /* PART_CODE: its first token */
    size_t code_end;
    bool is_code_sure;  /* of a form that few other things have */
    bool is_code_short; /* three digits: Iceland, Taiwan */
    enum part_kind kind;
    enum parting parting;
};

/* How somebody writes: the town of "12 mill lane" has no capital either. */
struct address_style {
    bool is_small;
};

/* The part behind what ends before token `at`.  PART_NONE: none is there. */
struct address_part next_address_part(const struct window *w, size_t at,
                                      struct address_style style);

/* Of a part with a postcode: its words are known for a place or a country. */
bool is_place_of_code(const struct window *w, const struct address_part *p);

/* The token past a flat, a floor, a suite that begins at i; i: none does. */
size_t past_unit(const struct window *w, size_t i);

/* Tokens [first, end) before a number are everyday words and no place: "Amount 10000". */
bool counts_things(const struct window *w, size_t first, size_t end);

/* Nothing but this line's end, a mark or the text's end stands at token i. */
bool ends_part(const struct window *w, size_t i);

#endif
