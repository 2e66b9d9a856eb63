/* cues.h -- words that say what a name near them means; inside scan/ only. */
#ifndef WEIR_SCAN_NAMES_CUES_H
#define WEIR_SCAN_NAMES_CUES_H

#include <stdint.h>

enum {
    CUE_ASK = 1 << 0,   /* who, why: a question of general knowledge */
    CUE_KIN = 1 << 1,   /* wife, colleague, tenant: somebody of somebody's */
    CUE_MINE = 1 << 2,  /* my, our */
    CUE_GREET = 1 << 3, /* dear, hello: at a letter's head */
    CUE_BYE = 1 << 4,   /* regards: at its end */
    CUE_FORM = 1 << 5,  /* invoice, salary, claim: what offices keep records of */
    CUE_FAME = 1 << 6,  /* novel, physicist, emperor: what is told of known people */
    CUE_HEAD = 1 << 7,  /* from, subject: before a colon, the head of a mail */
    CUE_SELF = 1 << 8,  /* i, me */
    CUE_TELL = 1 << 9   /* explain, compare: the same without a question mark */
};

struct cue_table;
/* CUE_* of a token's hash. */
uint16_t cue_find(const struct cue_table *t, uint32_t hash);

enum { CUE_SLOTS = 2048 };
struct cue_table {
    uint32_t hash[CUE_SLOTS]; /* 0: empty */
    uint16_t cues[CUE_SLOTS];
};
void cue_table_init(struct cue_table *t);

#endif
