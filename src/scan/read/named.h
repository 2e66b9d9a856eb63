/* named.h -- names that programs give to things, and what they calculate: no values,
 * though they have letters and digits as passwords have.  Inside read/ only; pure. */
#ifndef WEIR_SCAN_READ_NAMED_H
#define WEIR_SCAN_READ_NAMED_H

#include "core/str.h"

/* "EncapsulationKeySize768", "testEd25519PrivateKey", "PayloadU8": words in one, with the
 * sizes of keys and of whole numbers between.  With `needs_word` one of the words is of
 * those that programs name things with: key, private, size, payload. */
bool is_name_of_thing(struct str s, bool needs_word);
/* "SCRAM-SHA-256-PLUS", "AES128-GCM-SHA256" */
bool is_algorithm(struct str s);
/* "1<<8" */
bool is_calculation(struct str s);
/* "2024-01-15T10:30:00Z" */
bool is_moment(struct str s);
/* "django.contrib.auth.hashers.Argon2PasswordHasher": a thing in a module. */
bool is_in_module(struct str s);
/* "Option<P>", ":from_secs(30", "undefined>(true": a type, the half of a call. */
bool is_half_of_code(struct str s);
/* "defaultToConfig2": words with humps and one digit, as variables are numbered. */
bool is_numbered_variable(struct str s);
/* "prices2.json" */
bool is_file_name(struct str s);
/* ":py:data:`bytes`", "C<%options>", "@samp{NULL}", "timeout=...": of texts about
 * programs. */
bool is_markup(struct str s);
/* "sqlpass", "dbpassword": a word for a secret and whose it would be. */
bool is_glued_stand_in(struct str s);
/* "2147483648", "18446744073709551615": where whole numbers of a machine end. */
bool is_machine_limit(struct str s);
/* "123", "4321", "000": digits in a row, or the same ones. */
bool is_counted_off(struct str s);

#endif
