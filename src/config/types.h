/* types.h -- the kinds of sensitive values weir knows, and the group of each.
 *
 * The names are the words users write in configuration and see in `weir scan`.  A
 * group is what the default actions hang on (actions.c).  LOW values are reported,
 * because a reader wants to see them, and count as nothing to hide. */
#ifndef WEIR_CONFIG_TYPES_H
#define WEIR_CONFIG_TYPES_H

#include "core/str.h"

enum guard_group {
    GROUP_LOW,
    GROUP_PERSON,
    GROUP_CONTACT, /* address, e-mail, phone, date of birth */
    GROUP_NETWORK, /* addresses of machines and their names */
    GROUP_DEVICE,  /* vehicles, devices, places on the map */
    GROUP_WORK,    /* user names, employee numbers */
    GROUP_CRYPTO,
    GROUP_SECRET,
    GROUP_HEALTH_ID,
    GROUP_CLASSIFICATION,
    GROUP_CREDIT_CARD,
    GROUP_IBAN,
    GROUP_BANK,
    GROUP_NATIONAL_ID,
    GROUP_GOV_DOC,
    GROUP_CUSTOM,      /* the operator's own words and patterns */
    GROUP_SOURCE_CODE, /* ... and what marks source code as private */
    GROUP_CLINICAL,    /* not a span: a person together with clinical text */
    GUARD_NGROUPS      /* sentinel */
};

#define GUARD_TYPES(X)                                                                   \
    X(LOCATION, LOW)                                                                     \
    X(ORG, LOW)                                                                          \
    X(TITLE, LOW)                                                                        \
    X(AGE, LOW)                                                                          \
    X(NRP, LOW)                                                                          \
    X(URL, LOW)                                                                          \
    X(POSTCODE, LOW)                                                                     \
    X(DATE_TIME, LOW)                                                                    \
    X(PERSON, PERSON)                                                                    \
    X(ADDRESS, CONTACT)                                                                  \
    X(EMAIL, CONTACT)                                                                    \
    X(PHONE, CONTACT)                                                                    \
    X(DOB, CONTACT)                                                                      \
    X(IP, NETWORK)                                                                       \
    X(MAC, NETWORK)                                                                      \
    X(HOSTNAME, NETWORK)                                                                 \
    X(DEVICE_ID, DEVICE)                                                                 \
    X(GEO, DEVICE)                                                                       \
    X(VIN, DEVICE)                                                                       \
    X(LICENSE_PLATE, DEVICE)                                                             \
    X(UK_VEHICLE_REGISTRATION, DEVICE)                                                   \
    X(TR_LICENSE_PLATE, DEVICE)                                                          \
    X(USERNAME, WORK)                                                                    \
    X(EMPLOYEE_ID, WORK)                                                                 \
    X(CRYPTO, CRYPTO)                                                                    \
    X(API_KEY, SECRET)                                                                   \
    X(PRIVATE_KEY, SECRET)                                                               \
    X(JWT, SECRET)                                                                       \
    X(CONN_STRING, SECRET)                                                               \
    X(PASSWORD, SECRET)                                                                  \
    X(SECRET, SECRET)                                                                    \
    X(MRN, HEALTH_ID)                                                                    \
    X(HEALTH_PLAN_ID, HEALTH_ID)                                                         \
    X(UK_NHS, HEALTH_ID)                                                                 \
    X(US_MBI, HEALTH_ID)                                                                 \
    X(US_NPI, HEALTH_ID)                                                                 \
    X(US_DEA, HEALTH_ID)                                                                 \
    X(AU_MEDICARE, HEALTH_ID)                                                            \
    X(DE_HEALTH_INSURANCE, HEALTH_ID)                                                    \
    X(CLASSIFICATION, CLASSIFICATION)                                                    \
    X(CREDIT_CARD, CREDIT_CARD)                                                          \
    X(IBAN, IBAN)                                                                        \
    X(SWIFT_BIC, BANK)                                                                   \
    X(US_ABA_ROUTING, BANK)                                                              \
    X(US_BANK_ACCOUNT, BANK)                                                             \
    X(US_SSN, NATIONAL_ID)                                                               \
    X(US_ITIN, NATIONAL_ID)                                                              \
    X(US_EIN, NATIONAL_ID)                                                               \
    X(UK_NINO, NATIONAL_ID)                                                              \
    X(DE_TAX_ID, NATIONAL_ID)                                                            \
    X(DE_SOCIAL_SECURITY, NATIONAL_ID)                                                   \
    X(DE_VAT_ID, NATIONAL_ID)                                                            \
    X(FR_NIR, NATIONAL_ID)                                                               \
    X(ES_NIF, NATIONAL_ID)                                                               \
    X(ES_NIE, NATIONAL_ID)                                                               \
    X(IT_FISCAL_CODE, NATIONAL_ID)                                                       \
    X(IT_VAT_CODE, NATIONAL_ID)                                                          \
    X(NL_BSN, NATIONAL_ID)                                                               \
    X(BE_NRN, NATIONAL_ID)                                                               \
    X(PT_NIF, NATIONAL_ID)                                                               \
    X(PL_PESEL, NATIONAL_ID)                                                             \
    X(SE_PERSONNUMMER, NATIONAL_ID)                                                      \
    X(SE_ORGANISATIONSNUMMER, NATIONAL_ID)                                               \
    X(FI_PERSONAL_IDENTITY_CODE, NATIONAL_ID)                                            \
    X(NO_FNR, NATIONAL_ID)                                                               \
    X(DK_CPR, NATIONAL_ID)                                                               \
    X(CH_AHV, NATIONAL_ID)                                                               \
    X(TR_NATIONAL_ID, NATIONAL_ID)                                                       \
    X(ZA_ID_NUMBER, NATIONAL_ID)                                                         \
    X(BR_CPF, NATIONAL_ID)                                                               \
    X(BR_CNPJ, NATIONAL_ID)                                                              \
    X(MX_CURP, NATIONAL_ID)                                                              \
    X(CL_RUT, NATIONAL_ID)                                                               \
    X(IN_AADHAAR, NATIONAL_ID)                                                           \
    X(IN_PAN, NATIONAL_ID)                                                               \
    X(IN_GSTIN, NATIONAL_ID)                                                             \
    X(SG_NRIC_FIN, NATIONAL_ID)                                                          \
    X(SG_UEN, NATIONAL_ID)                                                               \
    X(KR_RRN, NATIONAL_ID)                                                               \
    X(KR_FRN, NATIONAL_ID)                                                               \
    X(KR_BRN, NATIONAL_ID)                                                               \
    X(CN_RIC, NATIONAL_ID)                                                               \
    X(JP_MYNUMBER, NATIONAL_ID)                                                          \
    X(AU_TFN, NATIONAL_ID)                                                               \
    X(AU_ABN, NATIONAL_ID)                                                               \
    X(AU_ACN, NATIONAL_ID)                                                               \
    X(CA_SIN, NATIONAL_ID)                                                               \
    X(TH_TNIN, NATIONAL_ID)                                                              \
    X(PH_TIN, NATIONAL_ID)                                                               \
    X(ID_NUMBER, NATIONAL_ID)                                                            \
    X(US_PASSPORT, GOV_DOC)                                                              \
    X(PASSPORT, GOV_DOC)                                                                 \
    X(US_DRIVER_LICENSE, GOV_DOC)                                                        \
    X(DRIVER_LICENSE, GOV_DOC)                                                           \
    X(UK_DRIVING_LICENCE, GOV_DOC)                                                       \
    X(DE_ID_CARD, GOV_DOC)                                                               \
    X(CUSTOM, CUSTOM)                                                                    \
    X(SOURCE_CODE, SOURCE_CODE)

enum guard_type {
#define GUARD_TYPE_ENUM(name, group) TYPE_##name,
    GUARD_TYPES(GUARD_TYPE_ENUM)
#undef GUARD_TYPE_ENUM
        GUARD_NTYPES /* sentinel */
};

const char *guard_type_name(enum guard_type t);
enum guard_group guard_type_group(enum guard_type t);
const char *guard_group_name(enum guard_group g);
/* False when there is no such type, or group. */
bool guard_type_find(struct str name, enum guard_type *ret);
bool guard_group_find(struct str name, enum guard_group *ret);

/* What is done about a value; the highest of a request's decides about the request. */
enum action { ACTION_CLEAR, ACTION_MASK, ACTION_LOCAL, ACTION_BLOCK, ACTIONS };
const char *action_name(enum action a); /* "clear", "mask", "local", "block" */
bool action_parse(struct str word, enum action *ret);

#endif
