/* stems.h -- what a word says by its beginning, in many languages.
 *
 * The stems are data/guard/stems.txt, compiled by tools/guard_stems.py.  The exact words
 * that announce a value are in data/guard/words.txt; stems are for languages that put
 * endings behind, and for what sentences say in their own order. */
#ifndef WEIR_SCAN_TEXT_STEMS_H
#define WEIR_SCAN_TEXT_STEMS_H

#include "core/str.h"

#include <stdint.h>

/* The headings of stems.txt. */
enum {
    STEM_ILLNESS = 1 << 0,
    STEM_TREATMENT = 1 << 1,
    STEM_CARE = 1 << 2,
    STEM_CODE = 1 << 3, /* opens something: "code", "combination" */
    STEM_PASS = 1 << 4,
    STEM_LOCK = 1 << 5, /* what is opened: a door, a network */
    STEM_CHANGE = 1 << 6,
    STEM_ASK = 1 << 7,
    STEM_LICENSE = 1 << 8, /* papers, accounts, cards */
    STEM_PASSPORT = 1 << 9,
    STEM_NATIONAL = 1 << 10,
    STEM_TAX = 1 << 11,
    STEM_PLAN = 1 << 12,
    STEM_ACCOUNT = 1 << 13,
    STEM_CARD = 1 << 14,
    STEM_NUMBER = 1 << 15, /* "no.", "number" */
    STEM_SSN = 1 << 16,
    STEM_ENDING = 1 << 17,
    STEM_BORN = 1 << 19,
    STEM_CAR = 1 << 20,        /* cars, their makers, parking */
    STEM_VAGUE = 1 << 18,      /* of a paper, and means other things, too */
    STEM_ENTER = 1 << 21,      /* puts in on a keypad: "punch", "tapez" */
    STEM_OPEN = 1 << 22,       /* "opens", "unlocks", of an alarm "off" */
    STEM_KEYPAD = 1 << 23,     /* what nothing but a code opens: an alarm, a padlock */
    STEM_ONCE = 1 << 24,       /* a number for one time, or kept in the head: "OTP" */
    STEM_CAME = 1 << 25,       /* "arrived", "texted" */
    STEM_NET = 1 << 26,        /* a network that one joins with a word */
    STEM_PLASTIC = 1 << 29,    /* a card, of a bank or any other */
    STEM_SCHEME = 1 << 28,     /* a name of schemes.txt */
    STEM_OTHER_WORD = 1 << 27, /* makes a code one of another kind: "error", "dress" */
    STEM_OTHER = 1 << 30,      /* the reader's own: such a word stands beside a code */
    STEMS_OF_PAPERS = STEM_LICENSE | STEM_PASSPORT | STEM_NATIONAL | STEM_TAX |
                      STEM_PLAN | STEM_ACCOUNT | STEM_CARD,
    STEMS_OF_ILLNESS = STEM_ILLNESS | STEM_TREATMENT | STEM_CARE
};

/* More of them, beyond what an enum holds. */
#define STEM_PROVE   (UINT64_C(1) << 31) /* "verification": a code that is sent */
#define STEM_RESCUE  (UINT64_C(1) << 32) /* "backup", "recovery" */
#define STEM_WEB     (UINT64_C(1) << 33) /* "network", "router" */
#define STEM_KEYNAME (UINT64_C(1) << 34) /* "key", "clave" */
#define STEM_DEVICE  (UINT64_C(1) << 35) /* a telephone, a SIM card */
#define STEM_HINT    (UINT64_C(1) << 36)
#define STEM_TURN    (UINT64_C(1) << 37) /* "old", "now": a word in the place of another */
#define STEM_STILL   (UINT64_C(1) << 42) /* "still", "nadal": it is as it was */
#define STEM_PAY     (UINT64_C(1) << 43) /* money is sent: "transfer", "przelew" */
#define STEM_HOLDER  (UINT64_C(1) << 44) /* whose account it is: "payee", "名義" */
#define STEM_STATE   (UINT64_C(1) << 45) /* what forms say of a password: "expired" */
#define STEM_HOUSE                                                                       \
    (UINT64_C(1) << 38)                 /* of an address, with a number: "flat", "lote"  \
                                         */
#define STEM_AREA   (UINT64_C(1) << 39) /* of an address, or of other things: "near" */
#define STEM_HANDLE (UINT64_C(1) << 40) /* an account, or where one has it: "login" */
#define STEM_STAFF  (UINT64_C(1) << 41) /* who works there: "badge", "legajo" */

/* What only a text about private people is read for (names/private_text.h). */
#define STEMS_OF_PEOPLE (STEM_HOUSE | STEM_AREA | STEM_HANDLE | STEM_STAFF)

enum { STEM_FOLD_BYTES = 96 };

/* Lower case, Latin letters without their marks, in ret[STEM_FOLD_BYTES]; of a longer
 * word the front. */
struct str stem_fold(struct str word, char *ret);
/* STEM_* of a folded word: of the stem it begins with, in a run without blanks of all. */
uint64_t stems_of(struct str folded);

#endif
