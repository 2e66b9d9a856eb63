/* pieces.h -- a window cut for the reader of names, and what each piece looks like, in
 * numbers; inside scan/ only.
 *
 * A piece is a word, a number or a sign; a letter of a script without blanks between
 * words is a piece by itself.  Its looks are rows of the net's table (net.h): some rows
 * stand for one thing each (a case and a width, a fact of facts.h), the rest are found by
 * hash (the word, its first and last letters).  A word that no list holds has no row of
 * its own: it is known by its letters, by what lists say, and by what stands around it.
 *
 * One code makes rows for the trainer and for the scan.  What changes here changes the
 * meaning of data/guard/names.bin: raise PIECES_VERSION and train again. */
#ifndef WEIR_SCAN_NER_PIECES_H
#define WEIR_SCAN_NER_PIECES_H

#include "scan/detect.h"
#include "scan/text/usage.h"

enum { PIECES_VERSION = 4, PIECE_ROWS = 40, PIECE_FIXED_ROWS = 4224 };

/* Without its ending, or in Latin letters, the word is a listed name. */
enum { STEM_FIRST = 1, STEM_LAST = 2, STEM_PLACE = 4 };

struct piece {
    uint32_t start, end; /* bytes of the normalised text */
    uint32_t hash;       /* of the folded word; 0 for signs and numbers */
    uint32_t lex;        /* LEX_* of the token that it is, or 0 */
    uint32_t cp;         /* its first code point */
    uint32_t first3, last2, last3, last4; /* hashes of letters of the folded word */
    struct usage usage;                   /* of a Latin word */
    uint16_t facts;                       /* FACT_* */
    uint16_t inside; /* FACT_* of listed names of several letters that it is part of */
    uint8_t kind;    /* enum letter_kind of its first character */
    uint8_t letter;  /* enum token_case */
    uint8_t width;   /* characters */
    uint8_t gap;     /* GAP_* */
    uint8_t names;   /* NAME_* */
    uint8_t cls;     /* class of the word, CLS_NONE when it announces nothing */
    uint8_t field;   /* 1 + class of the key or column it stands under, or 0 */
    uint8_t place;   /* of a listed name that begins here or goes on: bits */
    uint8_t line;    /* how its line is written: capitals, length, signs */
    uint8_t english; /* how much of its line is common English: 0, 1, 2 */
    uint8_t stem;    /* STEM_* of a word that is no listed name itself */
    uint8_t code;    /* how much its lines look like code: 0 .. 3 */
    bool is_seen;    /* with a capital here, in lower case elsewhere in the window */
    bool is_plain;   /* no word of its lines has a capital */
    bool is_worth;   /* may be part of a name */
};

struct pieces {
    struct piece *v;
    size_t n;
};

/* A hash of two numbers: letters make words of it. */
static inline uint32_t piece_mix(uint32_t a, uint32_t b)
{
    uint32_t h = (a + b * 0x9E3779B1u) * 0x85EBCA6Bu;
    return h ^ h >> 15;
}

/* All of a window, in its arena.  False when memory is out. */
bool pieces_read(const struct window *w, struct pieces *ret);

/* What the lines around them say: the last part of pieces_read. */
void pieces_look_around(struct pieces *p);

/* Pieces in [first, end) that are read together: lines in which something may be a
 * name. */
struct passage {
    size_t first, end;
};
/* The next one at or after `at`; false when there is none.  At most `most` pieces. */
bool passage_next(const struct pieces *p, size_t at, size_t most, struct passage *ret);

/* What the trainer leaves out at times, so that nothing is leant on too much: the word
 * itself; all letters, as of a language it does not learn; capitals, as of a script
 * without; how common words are, as of a language without a list. */
enum { HIDE_WORD = 1, HIDE_LETTERS = 2, HIDE_CASE = 4, HIDE_COMMON = 8 };

/* The rows of piece i, for a table of nrows; returns how many.  A scan hides nothing. */
size_t piece_rows(const struct pieces *p, size_t i, uint32_t nrows, unsigned hide,
                  uint32_t ret[PIECE_ROWS]);

#endif
