/* telling.h -- names that tell what a value is: password, Geburtsdatum, patient_id.
 *
 * The words are data/guard/telling.txt, in many languages, compiled into telling.bin by
 * tools/guard_telling.py.  A name is cut where its case changes and at underscores,
 * dashes, dots and blanks, folded (lower case, Latin letters without their marks), and
 * judged by its head: the last part that means something ("db_password_2", but not
 * "password_file"), or in a label of several words also the first ("Passwort (WLAN)"). */
#ifndef WEIR_SCAN_READ_TELLING_H
#define WEIR_SCAN_READ_TELLING_H

#include "core/str.h"

/* The order is that of tools/guard_telling.py. */
/* clang-format off */
#define TELLINGS(X)                                                                      \
    X(NEUTER)    /* names a property of something: file, length, url */                  \
    X(FILLER)    /* adds nothing: new, old, my, value, confirm */                        \
    X(FAKE)      /* makes what follows no real one: fake, invalid, public */             \
    X(PASSWORD) X(PIN) X(TOKEN) X(KEY) X(SESSION) X(CVC) X(CONNECTION) X(HASH)           \
    X(USER) X(PERSON) X(FIRST) X(LAST) X(DOB) X(ADDRESS) X(POSTCODE) X(CITY)             \
    X(PHONE) X(EMAIL) X(MRN) X(PLAN) X(NATIONAL) X(TAX) X(PASSPORT) X(LICENSE)           \
    X(ACCOUNT) X(ROUTING) X(BIC) X(IBAN) X(CARD) X(PLATE) X(VIN) X(EMPLOYEE) X(HOST)     \
    X(DEVICE)    /* a serial number */                                                    \
    X(NAME)      /* a name, of whom is open: of a person only in a record of one */      \
    X(MAKER)     /* makes a "key" behind it one of a service: api, access, stripe */     \
    X(PARTY)     /* who a name, an address, a number belongs to: patient, customer */
/* clang-format on */

enum telling {
    TELLS_NOTHING,
#define TELLING_ENUM(name) TELLS_##name,
    TELLINGS(TELLING_ENUM)
#undef TELLING_ENUM
        TELLING_COUNT /* sentinel */
};

struct told {
    uint8_t what;   /* enum telling; TELLS_NOTHING for neuter names too */
    bool is_inner;  /* not the head: "token_bucket": the value must be sure by itself */
    bool is_front;  /* the first words of a label: "Passwort (WLAN)" */
    bool is_neuter; /* names a property of something: "passport_count" */
};

struct told telling_of(struct str name);

#endif
