/* records.h -- what a pilot keeps, as text; whoever reads and writes files is elsewhere.
 *
 * Five files in the state directory, none of them with a word of a request but the one
 * that --keep-pairs asks for, all of them for the owner alone (0600):
 *
 *     pilot          the terms, written once by `weir pilot start`
 *     pilot.pairs    one line for each pair and for each thing that happened, by weir
 *     pilot.kept     the pairs that people may look at, by weir: the only texts
 *     pilot.labels   what they said, by `weir pilot label`
 *     pilot.stop     there when `weir pilot stop` ended it
 *
 * Each line is a JSON object.  A line that a crash cut off, or that is damaged, is
 * stepped over.  Money is integer nano-dollars.  Pure. */
#ifndef WEIR_PILOT_RECORDS_H
#define WEIR_PILOT_RECORDS_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"
#include "pilot/book.h"

#define PILOT_FILE_TERMS  "pilot"
#define PILOT_FILE_PAIRS  "pilot.pairs"
#define PILOT_FILE_KEPT   "pilot.kept"
#define PILOT_FILE_LABELS "pilot.labels"
#define PILOT_FILE_STOP   "pilot.stop"

enum { PILOT_NAME = 257, PILOT_WHY = 32, PILOT_FILE_BYTES = 512 << 20 };

struct pilot_terms {
    uint64_t id;            /* drawn at random: lines of another pilot are not its own */
    uint64_t key0, key1;    /* of the digests of texts */
    uint64_t began_ms;      /* since 1970 */
    char to[PILOT_NAME];    /* the model that is asked beside the one that answers */
    char judge[PILOT_NAME]; /* empty: none */
    bool to_cloud;          /* `to` is a cloud model */
    double margin;          /* 0.05 */
    double kept;            /* the share of pairs that is drawn for people */
    uint64_t keep;          /* at most so many are kept; 0: none */
    uint64_t share_ppm, days;
    int64_t max_nanousd;
};

#define PILOT_ALPHA 0.05

void pilot_terms_write(const struct pilot_terms *t, struct buf *out);
/* -1 with ERR_CONFIG "pilot_file". */
int pilot_terms_read(struct str text, struct pilot_terms *ret, struct err *err);
struct pilot_bar pilot_terms_bar(const struct pilot_terms *t);
/* When its days are over, since 1970. */
uint64_t pilot_terms_end_ms(const struct pilot_terms *t);

/* What the files say together. */
struct pilot_story {
    struct pilot_book book;
    int64_t granted_nanousd; /* may be spent before another line must be written */
    int64_t spent_nanousd;   /* by the newest line that says it */
    uint64_t ended_ms;       /* 0: it has not */
    char ended_why[PILOT_WHY];
    uint64_t nlost; /* mirrors that made no pair */
    uint64_t nkept, nlabels;
    size_t labels_read; /* bytes of the labels that have been read */
};
int pilot_story_init(struct pilot_story *s, const struct pilot_terms *t);
void pilot_story_release(struct pilot_story *s);
/* All lines of pilot.pairs.  -1: no memory. */
int pilot_story_read_pairs(struct pilot_story *s, struct str text);
/* The whole text of pilot.labels; lines that were read before are not read again. */
void pilot_story_read_labels(struct pilot_story *s, struct str text);

/* One line each, for pilot.pairs. */
void pilot_write_pair(const struct pilot_pair *p, struct buf *out);
void pilot_write_lost(uint64_t n, struct buf *out);
/* `granted` may be spent; `spent` has been, or may have been. */
void pilot_write_money(int64_t granted, int64_t spent, struct buf *out);
/* why: "accepted", "rejected", "stopped", "days", "money", "kept". */
void pilot_write_end(uint64_t at_ms, const char *why, struct buf *out);
/* For pilot.labels. */
void pilot_write_label(uint64_t pair, int label, struct buf *out);

/* One line of pilot.kept. */
struct pilot_kept {
    uint64_t pair; /* its number in the book */
    struct str question, local, other;
};
void pilot_write_kept(const struct pilot_kept *k, struct buf *out);
/* Takes a line off *rest.  False: there is no more; lines that cannot be read are stepped
 * over.  The texts are in the arena. */
bool pilot_read_kept(struct str *rest, struct arena *a, struct pilot_kept *ret);

#endif
