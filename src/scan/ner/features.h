/* features.h -- what a token of a window looks like, in numbers; inside scan/ only.
 *
 * One code makes features for the trainer and for the scan, so that a weight means the
 * same in both.  A feature is the hash of a template's number and of what the template
 * looked at: a folded word, the roles of words.h, the bits of lexicon.h, letters, gaps,
 * the line.  Anything that changes here changes the meaning of data/guard/tagger.bin:
 * raise FEATURES_VERSION and retrain. */
#ifndef WEIR_SCAN_NER_FEATURES_H
#define WEIR_SCAN_NER_FEATURES_H

#include "scan/detect.h"

enum { FEATURES_VERSION = 1, FEATURES_MAX = 48, FEATURES_SIDE = 3, STRETCH_MAX = 320 };

/* A stretch of tokens worth a look, end exclusive. */
struct stretch {
    size_t first, end;
};

/* Walks the stretches of a window from its start. */
struct stretches {
    const struct window *w;
    size_t at;       /* tokens before it are done */
    size_t line_end; /* of the line whose kind is known */
    bool is_low;     /* that line and what leads to it are without capitals */
};

/* The next stretch; false when there is none.  Deterministic, and the same whether
 * the window is trained on or scanned. */
bool stretches_next(struct stretches *it, struct stretch *ret);

/* What is known of each token of a stretch and its neighbours. */
struct look {
    uint32_t word; /* hash of the folded word, of a number's shape, of a mark */
    uint32_t kin;  /* hash of lists, roles and class */
    uint32_t form; /* case, width and gap */
    uint32_t head, tail2, tail3;
    uint32_t line;  /* place in the line, and the line's case */
    uint32_t near;  /* streets, numbers and titles around */
    uint32_t field; /* the key or column it stands under */
    bool is_name;   /* a word that features may forget while they train */
};

/* Lines in capitals, without any, or with each word capital look alike all along. */
struct line {
    size_t first, end;
    uint32_t kind;
};

/* Looks at the tokens of a stretch; ret has room for its length + 2 * FEATURES_SIDE,
 * and ret[FEATURES_SIDE] is its first token.  The line is the one read last: zeroed
 * before the first stretch of a window. */
void features_look(const struct window *w, struct stretch s, struct line *line,
                   struct look *ret);

/* The hashes of the token at `at` (a look with FEATURES_SIDE valid neighbours on each
 * side).  `forget` leaves out the words themselves.  Returns how many. */
size_t features_of(const struct look *at, bool forget, uint32_t ret[FEATURES_MAX]);

#endif
