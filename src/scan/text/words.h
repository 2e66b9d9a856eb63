/* words.h -- the words that say what stands next to them, in a dozen languages.
 *
 * They are kept in data/guard/words.txt, folded: lower case, Latin letters without
 * their marks.  A word has at most one class (what kind of value it announces) and any
 * number of roles. */
#ifndef WEIR_SCAN_TEXT_WORDS_H
#define WEIR_SCAN_TEXT_WORDS_H

#include "core/err.h"
#include "core/str.h"

/* clang-format 14 does not keep its own layout of such a table. */
/* clang-format off */
#define WORD_CLASSES(X)                                                                  \
    X(SSN) X(TAX) X(EIN) X(PASSPORT) X(LICENSE) X(MRN) X(PLAN) X(NHS) X(MBI) X(NPI)      \
    X(DEA) X(ACCOUNT) X(ROUTING) X(SWIFT) X(IBAN) X(CARD) X(PHONE) X(EMAIL) X(DOB)       \
    X(NINO) X(BSN) X(PESEL) X(NIF) X(CPF) X(CNPJ) X(AADHAAR) X(PAN) X(SE) X(FI) X(NO)    \
    X(DK) X(KR) X(CN) X(JP) X(ZA) X(TR) X(CL) X(MX) X(TFN) X(MEDICARE) X(ABN) X(ACN)     \
    X(SIN) X(NRIC) X(NIR) X(CF) X(VIN) X(PLATE) X(IMEI) X(EMPLOYEE) X(USER)              \
    X(PASSWORD) X(NAME) X(ADDRESS) X(GEO) X(IP) X(BE) X(AHV) X(TH) X(PH) X(ORDER)        \
    X(TEST) X(SV) X(KVNR) X(UEN) X(GST) X(PLZ) X(CITY) X(ORG) X(MAC) X(HOST)             \
    X(SENSITIVE) X(IDENTITY) X(COMPANY_NO) X(FIRST) X(LAST) X(CRYPTO)
/* clang-format on */

enum word_class {
    CLS_NONE,
#define WORD_CLASS_ENUM(name) CLS_##name,
    WORD_CLASSES(WORD_CLASS_ENUM)
#undef WORD_CLASS_ENUM
        CLS_COUNT /* sentinel */
};

enum {
    LEX_STREET = 1 << 0,        /* street, road, strasse: after a name */
    LEX_PREFIX_STREET = 1 << 1, /* rue, calle, via: before one */
    LEX_UNIT = 1 << 2,          /* apt, suite, floor */
    LEX_MONTH = 1 << 3,
    LEX_TITLE = 1 << 4,    /* Mr, Dr, Herr: a person follows */
    LEX_CUE = 1 << 5,      /* "Dear", "named": a person may follow */
    LEX_PARTICLE = 1 << 6, /* van, de, bin: inside a name */
    LEX_CLINICAL = 1 << 7,
    LEX_COMPANY = 1 << 8, /* Inc, GmbH: what stands before is no person */
    LEX_COUNTRY = 1 << 9,
    LEX_STATE = 1 << 10, /* a US state in two letters (capitals only) */
    LEX_WEEKDAY = 1 << 11,
    LEX_STOP = 1 << 12,   /* function words */
    LEX_BOX = 1 << 13,    /* PSC, APO: military and box addresses */
    LEX_JOB = 1 << 14,    /* a trade: never part of a name */
    LEX_SUFFIX = 1 << 15, /* Jr, III, MD */
    LEX_VERB = 1 << 16,   /* what follows a name: said, lives */
    LEX_DIRECTION = 1 << 17,
    LEX_EVERYDAY = 1 << 18, /* a common word that lists of names hold too */
    LEX_NATION = 1 << 19,   /* Dutch, Chilean: of a people or its language */
    LEX_ILLNESS = 1 << 20,  /* an illness or its medicine: clinical, and counts twice */
};

struct word_entry {
    uint64_t hash; /* 0: empty */
    uint32_t lex;
    uint8_t cls;
    uint8_t names; /* NAME_* of lexicon.h: in the lists as well */
    uint8_t known; /* AT_* of detect.h: families that know the word by its name */
};

/* Immutable once built; shared by all threads. */
struct word_table {
    struct word_entry *slot; /* owned */
    size_t mask;
};

int word_table_init(struct word_table *t, struct err *err);
void word_table_release(struct word_table *t);
/* While the table is built: the family is shown this word (folded). */
void word_table_know(struct word_table *t, struct str folded, uint8_t family);
/* NULL when the word says nothing. */
const struct word_entry *word_table_find(const struct word_table *t, uint64_t hash);
/* Of folded bytes; the same everywhere and for ever: the data files depend on it. */
uint64_t word_hash(const char *folded, size_t n);

/* The same a byte at a time: FNV-1a, then mixed. */
#define WORD_HASH_SEED UINT64_C(0xcbf29ce484222325)
static inline uint64_t word_hash_step(uint64_t h, char c)
{
    return (h ^ (unsigned char)c) * UINT64_C(0x100000001b3);
}
static inline uint64_t word_hash_end(uint64_t h)
{
    h ^= h >> 32;
    h *= UINT64_C(0x9E3779B97F4A7C15);
    h ^= h >> 29;
    return h ? h : 1;
}

#endif
