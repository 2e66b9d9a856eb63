/* cues.h -- words that tell what kind of work a prompt asks for.
 *
 * Written from knowledge of how people put questions, not taken from any set of prompts:
 * what they are worth is learnt, and what does not help gets no weight. */
#ifndef WEIR_ROUTE_LEARNED_CUES_H
#define WEIR_ROUTE_LEARNED_CUES_H

#include "core/str.h"

enum cue {
    CUE_NONE,
    CUE_PLAIN,      /* articles, prepositions, auxiliaries */
    CUE_FACT,       /* who, when, where */
    CUE_WHICH,      /* what, which */
    CUE_WHY,        /* why, how */
    CUE_MANY,       /* many, much: of "how many" */
    CUE_WRITE,      /* write, compose, draft */
    CUE_FICTION,    /* story, poem, character */
    CUE_EXPLAIN,    /* explain, compare, discuss */
    CUE_REASON,     /* prove, therefore, suppose */
    CUE_CALCULATE,  /* calculate, solve, evaluate */
    CUE_QUANTITY,   /* each, half, percent, remaining */
    CUE_CONSTRAINT, /* must, exactly, at least */
    CUE_NEGATION,   /* not, except, never */
    CUE_CODE,       /* function, return, algorithm */
    CUE_MATHS,      /* equation, triangle, probability */
    CUE_SCIENCE,    /* voltage, enzyme, equilibrium */
    CUE_LAW,        /* court, defendant, contract */
    CUE_MEDICINE,   /* patient, symptoms, diagnosis */
    CUE_SELF,       /* i, my, we */
    CUE_YOU,        /* you, your */
    CUE_FORM,       /* json, table, bullet, paragraph */
    CUE_STEP,       /* first, then, after, finally */
    CUE_JUDGE,      /* true, false, statement, correct */
    CUE_TIME,       /* hours, days, week, year */
    CUE_MONEY,      /* cost, price, dollars, paid */
    CUE_COUNT
};

enum { CUE_HASH_BASIS = (int)0x811c9dc5, CUE_HASH_PRIME = 0x01000193 }; /* FNV-1a */

/* FNV-1a, 32 bits, of a word in lower case. */
uint32_t cue_hash(struct str lower);

enum { CUE_SLOTS = 2048 };
struct cue_table {
    uint32_t hash[CUE_SLOTS]; /* 0: free */
    uint8_t cls[CUE_SLOTS];
    uint8_t fold[256]; /* a letter in lower case; 0: no letter. Bytes beyond ASCII are */
};
/* Fills the table; the same on every machine. */
void cue_table_fill(struct cue_table *t);

static inline enum cue cue_find(const struct cue_table *t, uint32_t hash)
{
    uint32_t i = hash & (CUE_SLOTS - 1);
    while (t->hash[i] != 0 && t->hash[i] != hash)
        i = (i + 1) & (CUE_SLOTS - 1);
    return t->hash[i] ? (enum cue)t->cls[i] : CUE_NONE;
}

/* The class's list, words parted by blanks; for tests and the documents. */
const char *cue_list(enum cue c);

#endif
