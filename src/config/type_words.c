/* type_words.c -- see type_words.h. The page has this table too: tools/type_words.py
 * reads it from here. */
#include "config/type_words.h"

#include <stdio.h>

/* One and many stand around a bar; or the "s" of many has its place at the star. */
static const char *const of_type[GUARD_NTYPES] = {
    [TYPE_LOCATION] = "place*",
    [TYPE_ORG] = "name of a company|names of companies",
    [TYPE_TITLE] = "title of a person|titles of persons",
    [TYPE_AGE] = "age*",
    [TYPE_NRP] = "nationality or belief|nationalities or beliefs",
    [TYPE_URL] = "web address|web addresses",
    [TYPE_POSTCODE] = "postcode*",
    [TYPE_DATE_TIME] = "date*",
    [TYPE_PERSON] = "name of a person|names of persons",
    [TYPE_ADDRESS] = "postal address|postal addresses",
    [TYPE_EMAIL] = "e-mail address|e-mail addresses",
    [TYPE_PHONE] = "phone number*",
    [TYPE_DOB] = "date* of birth",
    [TYPE_IP] = "IP address|IP addresses",
    [TYPE_MAC] = "MAC address|MAC addresses",
    [TYPE_HOSTNAME] = "name of a machine|names of machines",
    [TYPE_DEVICE_ID] = "device number*",
    [TYPE_GEO] = "place* on the map",
    [TYPE_VIN] = "vehicle number*",
    [TYPE_LICENSE_PLATE] = "number plate*",
    [TYPE_UK_VEHICLE_REGISTRATION] = "number plate* (UK)",
    [TYPE_TR_LICENSE_PLATE] = "number plate* (Turkey)",
    [TYPE_USERNAME] = "user name*",
    [TYPE_EMPLOYEE_ID] = "employee number*",
    [TYPE_CRYPTO] = "wallet address|wallet addresses",
    [TYPE_API_KEY] = "API key*",
    [TYPE_PRIVATE_KEY] = "private key*",
    [TYPE_JWT] = "token* (JWT)",
    [TYPE_CONN_STRING] = "connection string*",
    [TYPE_PASSWORD] = "password*",
    [TYPE_SECRET] = "secret*",
    [TYPE_MRN] = "patient number*",
    [TYPE_HEALTH_PLAN_ID] = "health insurance number*",
    [TYPE_UK_NHS] = "NHS number* (UK)",
    [TYPE_US_MBI] = "Medicare number* (US)",
    [TYPE_US_NPI] = "doctor's number* (US)",
    [TYPE_US_DEA] = "DEA number* (US)",
    [TYPE_AU_MEDICARE] = "Medicare number* (Australia)",
    [TYPE_DE_HEALTH_INSURANCE] = "health insurance number* (Germany)",
    [TYPE_CLASSIFICATION] = "marking* of secrecy",
    [TYPE_CREDIT_CARD] = "card number*",
    [TYPE_IBAN] = "IBAN*",
    [TYPE_SWIFT_BIC] = "bank code* (BIC)",
    [TYPE_US_ABA_ROUTING] = "routing number* (US)",
    [TYPE_US_BANK_ACCOUNT] = "bank account* (US)",
    [TYPE_US_SSN] = "social security number* (US)",
    [TYPE_US_ITIN] = "tax number* (US)",
    [TYPE_US_EIN] = "employer number* (US)",
    [TYPE_UK_NINO] = "national insurance number* (UK)",
    [TYPE_DE_TAX_ID] = "tax number* (Germany)",
    [TYPE_DE_SOCIAL_SECURITY] = "social security number* (Germany)",
    [TYPE_DE_VAT_ID] = "VAT number* (Germany)",
    [TYPE_FR_NIR] = "social security number* (France)",
    [TYPE_ES_NIF] = "tax number* (Spain)",
    [TYPE_ES_NIE] = "foreigner's number* (Spain)",
    [TYPE_IT_FISCAL_CODE] = "tax code* (Italy)",
    [TYPE_IT_VAT_CODE] = "VAT number* (Italy)",
    [TYPE_NL_BSN] = "citizen number* (Netherlands)",
    [TYPE_BE_NRN] = "national number* (Belgium)",
    [TYPE_PT_NIF] = "tax number* (Portugal)",
    [TYPE_PL_PESEL] = "PESEL number* (Poland)",
    [TYPE_SE_PERSONNUMMER] = "personal number* (Sweden)",
    [TYPE_SE_ORGANISATIONSNUMMER] = "company number* (Sweden)",
    [TYPE_FI_PERSONAL_IDENTITY_CODE] = "identity code* (Finland)",
    [TYPE_NO_FNR] = "birth number* (Norway)",
    [TYPE_DK_CPR] = "CPR number* (Denmark)",
    [TYPE_CH_AHV] = "AHV number* (Switzerland)",
    [TYPE_TR_NATIONAL_ID] = "identity number* (Turkey)",
    [TYPE_ZA_ID_NUMBER] = "identity number* (South Africa)",
    [TYPE_BR_CPF] = "CPF number* (Brazil)",
    [TYPE_BR_CNPJ] = "company number* (Brazil)",
    [TYPE_MX_CURP] = "CURP code* (Mexico)",
    [TYPE_CL_RUT] = "RUT number* (Chile)",
    [TYPE_IN_AADHAAR] = "Aadhaar number* (India)",
    [TYPE_IN_PAN] = "tax number* (India)",
    [TYPE_IN_GSTIN] = "GST number* (India)",
    [TYPE_SG_NRIC_FIN] = "identity number* (Singapore)",
    [TYPE_SG_UEN] = "company number* (Singapore)",
    [TYPE_KR_RRN] = "resident number* (Korea)",
    [TYPE_KR_FRN] = "foreigner's number* (Korea)",
    [TYPE_KR_BRN] = "company number* (Korea)",
    [TYPE_CN_RIC] = "identity number* (China)",
    [TYPE_JP_MYNUMBER] = "My Number* (Japan)",
    [TYPE_AU_TFN] = "tax number* (Australia)",
    [TYPE_AU_ABN] = "business number* (Australia)",
    [TYPE_AU_ACN] = "company number* (Australia)",
    [TYPE_CA_SIN] = "social insurance number* (Canada)",
    [TYPE_TH_TNIN] = "identity number* (Thailand)",
    [TYPE_PH_TIN] = "tax number* (Philippines)",
    [TYPE_ID_NUMBER] = "identity number*",
    [TYPE_US_PASSPORT] = "passport number* (US)",
    [TYPE_PASSPORT] = "passport number*",
    [TYPE_US_DRIVER_LICENSE] = "driving licence* (US)",
    [TYPE_DRIVER_LICENSE] = "driving licence*",
    [TYPE_UK_DRIVING_LICENCE] = "driving licence* (UK)",
    [TYPE_DE_ID_CARD] = "identity card* (Germany)",
    [TYPE_CUSTOM] = "term* of your own list",
    [TYPE_SOURCE_CODE] = "piece* of source code",
};

static const char *const of_group[GUARD_NGROUPS] = {
    [GROUP_LOW] = "detail that says little|details that say little",
    [GROUP_PERSON] = "name of a person|names of persons",
    [GROUP_CONTACT] = "contact detail*",
    [GROUP_NETWORK] = "address of a machine|addresses of machines",
    [GROUP_DEVICE] = "device, vehicle or place|devices, vehicles or places",
    [GROUP_WORK] = "user name or employee number|user names or employee numbers",
    [GROUP_CRYPTO] = "wallet address|wallet addresses",
    [GROUP_SECRET] = "secret*",
    [GROUP_HEALTH_ID] = "health number*",
    [GROUP_CLASSIFICATION] = "marking* of secrecy",
    [GROUP_CREDIT_CARD] = "card number*",
    [GROUP_IBAN] = "IBAN*",
    [GROUP_BANK] = "bank number*",
    [GROUP_NATIONAL_ID] = "national identity number*",
    [GROUP_GOV_DOC] = "identity document*",
    [GROUP_CUSTOM] = "term* of your own list",
    [GROUP_SOURCE_CODE] = "piece* of source code",
    [GROUP_CLINICAL] = "clinical text about a person|clinical texts about persons",
};

static void write_words(const char *words, uint64_t n, char ret[GUARD_WORDS])
{
    struct str all = str_of(words), one;
    (void)str_split(&all, '|', &one);
    struct str rest = all.n && n != 1 ? all : one, before;
    bool has_star = memchr(rest.p, '*', rest.n) != NULL;
    (void)str_split(&rest, '*', &before);
    snprintf(ret, GUARD_WORDS, "%.*s%s%.*s", STR_ARG(before),
             has_star && n != 1 ? "s" : "", STR_ARG(rest));
}

/* What a newer weir knows is itself, in small letters. */
static void write_name(struct str name, char ret[GUARD_WORDS])
{
    size_t n = name.n < GUARD_WORDS ? name.n : GUARD_WORDS - 1;
    for (size_t i = 0; i < n; i++) {
        char c = name.p[i];
        ret[i] = c == '_' ? ' ' : c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    ret[n] = '\0';
}

void guard_type_words(struct str name, uint64_t n, char ret[GUARD_WORDS])
{
    enum guard_type t;
    if (guard_type_find(name, &t))
        write_words(of_type[t], n, ret);
    else
        guard_group_words(name, n, ret);
}

void guard_group_words(struct str name, uint64_t n, char ret[GUARD_WORDS])
{
    enum guard_group g;
    if (guard_group_find(name, &g))
        write_words(of_group[g], n, ret);
    else
        write_name(name, ret);
}
