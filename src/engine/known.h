/* known.h -- inside engine/: events of another form that are like the one before them.
 *
 * Most events of a stream differ from the one before in one text, and in what changes
 * with every event and says nothing: a number that goes up, a time.  What is made of such
 * an event differs in the text alone.  So the bytes around those places are kept, and the
 * bytes around the text in what was made; an event that begins and ends with them is not
 * read, and what the translator keeps of it is noted by its row (note).
 *
 * A translator that reads an event says where its text stands, in the event and in what
 * it made, and what else may change.  It says so only where the same event with another
 * text would have made the same with that text, and all that it kept of the event besides
 * is what note() does, or is the same when it is kept twice.  One event that is read by
 * itself, of whatever kind, ends what is known: so nothing can have happened between. */
#ifndef WEIR_ENGINE_KNOWN_H
#define WEIR_ENGINE_KNOWN_H

#include "core/buf.h"
#include "dialect/event.h"

enum { KNOWN_HOLES = 12 };

enum hole_kind {
    HOLE_TEXT,  /* the inside of a string, the text */
    HOLE_WORD,  /* the inside of a string, or the end of one, without escapes */
    HOLE_DIGITS /* of a number */
};

struct hole {
    struct str at; /* in the event; while it is read */
    enum hole_kind kind;
};

struct known {
    struct buf bytes; /* of an event the pieces around its holes */
    struct buf made;  /* of the newest such event */
    uint32_t lengths[KNOWN_HOLES + 1];
    struct hole holes[KNOWN_HOLES];
    uint32_t nholes; /* of the event that is read, or of the one that is known */
    uint32_t ntexts; /* that were said of the event that is read */
    bool is_known;
    /* What is noted: */
    enum sole_kind kind;
    uint32_t choice;
    size_t made_at, made_text; /* in what was made: where the text begins, its bytes */
    size_t place;              /* the translator's own: of the block, the item */
    /* An object whose numbers are holes: itself while it is read, the first and the last
     * of them (from 1; 0: none), and its bytes before and behind them. */
    struct str counts;
    uint32_t first_count, last_count, count_lead, count_trail;
};

/* What an event that is known says. */
struct known_said {
    struct str text;   /* the inside of its string */
    bool is_plain;     /* of ASCII without escapes: a character each byte */
    struct str counts; /* the object of known_counts(), or p == NULL */
};

void known_init(struct known *k);
void known_release(struct known *k);

/* -- while an event is read ------------------------------------------------------------
 */

void known_begin(struct known *k); /* before: nothing is known any more */
/* The text is this string, with its quotes; its inside was put at `made_at`. */
void known_text(struct known *k, enum sole_kind kind, uint32_t choice, struct str raw,
                size_t made_at);
/* The end of a string, or its inside; it may be p == NULL.  And digits. */
void known_word(struct known *k, struct str inside);
void known_digits(struct known *k, struct str digits);
/* An object of counts, which note() is given. */
void known_counts(struct known *k, struct str object);
/* Behind: `raw` and `end` were its bytes, `made` is what was made from `from` on. */
void known_learn(struct known *k, struct str raw, struct str end, struct str made,
                 size_t from);

/* -- instead of that -------------------------------------------------------------------
 */

/* Bytes of a known event at the start of `in`; 0: there is none. */
size_t known_match(const struct known *k, struct str in, struct known_said *ret);
/* What is made of it, until the next is made; p == NULL: no memory. */
struct str known_make(struct known *k, struct str text);
/* Do these stand before and behind the text in all that is made of such events? */
bool known_makes(const struct known *k, struct str before, struct str behind);
/* Nothing is known any more, nor kept. */
void known_forget(struct known *k);

#endif
