/* vault.h -- which value has which tag, for one session of one client.
 *
 * A tag is a keyed digest of the value (HMAC-SHA-256 under the client's key), so it is
 * the same in every turn and says nothing to whoever has no key; the vault keeps the
 * way back.  It lives in memory alone: the process's random key dies with it, and a
 * client always holds its own values, so nothing is lost at a restart but the
 * provider's prompt cache.  Values are in sealed pages and wiped at the end.
 *
 * Bounded: a value past the bounds gets no tag, and the request may not leave.
 *
 * Thread safe: a session's requests may run on several workers at once.  What is in a
 * vault is never moved or changed, so all that looks at it takes no lock and never
 * waits.  Adding takes one for the few lines that link a value in; what may be long
 * (digests, is_taken, memory from the system) is done before, without it. */
#ifndef WEIR_MASK_VAULT_H
#define WEIR_MASK_VAULT_H

#include "core/buf.h"
#include "core/err.h"
#include "mask/allowance.h"
#include "mask/tags.h"

enum { VAULT_KEY_BYTES = 32, VAULT_VALUE_BYTES = 16 * 1024, VAULT_ALARM_MIN = 6 };

/* The key of one client, from the process's own random key. */
bool vault_key_derive(const unsigned char process_key[VAULT_KEY_BYTES], struct str tenant,
                      unsigned char ret[VAULT_KEY_BYTES]);

struct vault;
struct vault_limits {
    uint32_t max_entries; /* tags */
    size_t max_bytes;     /* of values, together */
};
extern const struct vault_limits vault_default_limits; /* 4,096 and 512 KB */

/* With one reference; NULL when memory or the allowance is out.  limits: NULL for the
 * default ones.  allowance: retained, and all pages of the vault are taken from it; NULL
 * for none.  The key is copied into sealed pages. */
struct vault *vault_create(const unsigned char key[VAULT_KEY_BYTES],
                           const struct vault_limits *limits,
                           struct allowance *allowance);
struct vault *vault_retain(struct vault *v);
void vault_release(struct vault *v); /* the last one wipes; NULL is fine */

struct vault_stats {
    uint32_t entries;
    size_t value_bytes, memory_bytes;
};
struct vault_stats vault_stats(struct vault *v);

/* Says whether a tag occurs in the text it is about to go into.  It may take its time:
 * no lock is held. */
typedef bool vault_is_taken(void *ctx, struct str tag);

/* The value's tag, a new one if it has none; a new one never occurs in the text by
 * is_taken (may be NULL).  0, or -1: ERR_OVERLOAD "vault_full" past a bound or when the
 * allowance is used up. */
int vault_tag(struct vault *v, const char *type, struct str value, bool is_number,
              vault_is_taken *is_taken, void *ctx, struct tag *ret, struct err *err);

/* Which persons' names were masked, by hashes (struct span, who), so that later turns
 * mask them too.  When there are more than VAULT_NAMES it is as if every name were among
 * them. */
enum { VAULT_NAMES = 512 };
void vault_remember_name(struct vault *v, uint32_t who); /* 0 is none */
/* Copies them; true: there were more than it keeps. */
bool vault_names(const struct vault *v, uint32_t ret[VAULT_NAMES], size_t *ret_n);

/* -- for the restorer ------------------------------------------------------------ */

struct vault_found {
    struct str value;     /* in the vault, and as long as it lives */
    struct escape escape; /* how the tag was written, and so must the value be */
    bool is_secret, is_number;
    bool is_exact;   /* the tag was written as it was given */
    struct str mark; /* "**" from the middle of the tag; in the text */
    bool is_mark_after;
    bool is_digits;  /* of a telephone the digits alone are written */
    struct str plus; /* what was added to the name of an address; in the text */
};

struct vault_look {
    enum tag_match match;
    size_t bytes;  /* of the tag, damaged or not, for TAG_FULL */
    bool is_known; /* found is set */
    bool is_word;  /* the shape is one that nobody writes by accident */
    bool is_email;
    struct vault_found found;
};
/* True when a tag may begin with this byte. */
bool vault_may_begin(const struct vault *v, unsigned char c);
/* What stands at text[at]: of several shapes the longest known one. */
void vault_look_at(const struct vault *v, struct str text, size_t at, char before,
                   bool is_end, struct vault_look *ret);

/* How many values end in clear in text[from..]; text before `from` is the context.
 * ASCII case does not matter; values shorter than VAULT_ALARM_MIN are not looked for,
 * and of long ones the last VAULT_WINDOW bytes are. */
enum { VAULT_WINDOW = 48 };
uint32_t vault_count_clear(const struct vault *v, struct str text, size_t from);

#endif
