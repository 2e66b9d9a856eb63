/* values.h -- values that hold a client's requests, and those that a person let go.
 *
 * With `hold: value` a value that must stay holds every later request of its client that
 * contains it, wherever it stands and without its label; a request without it is free.
 * Only a value that tells by itself what it is can do that: one of HOLD_BITS and more, or
 * with check digits.  A shorter one (a PIN, a word) holds where its name stands beside
 * it, which the scan sees each time.
 *
 * Nothing of a value is kept but keyed digests of its letters and digits (lower case,
 * without what stands between them).  A client's values are its own.  Bounded: a value
 * that finds no room holds its session instead.  Forgotten after SESSION_IDLE_MS without
 * a request that has it, and with the process.
 *
 * What a person let go ("this was nothing") neither holds nor is masked any more, for
 * this client and as long as this process lives.
 *
 * Thread safe; a search holds no lock. */
#ifndef WEIR_GUARD_VALUES_H
#define WEIR_GUARD_VALUES_H

#include "core/err.h"
#include "core/str.h"

enum {
    HOLD_BITS = 40,
    VALUE_MIN_CHARS = 8, /* letters and digits of a value that holds by itself */
    VALUE_MAX_CHARS = 512,
    VALUES_OF_OWNER = 1024,
    VALUES_MAX = 16384,
    VALUE_MEMBER_BYTES = 96,
    VALUE_TEXT_BYTES = 19 /* "v-" and 16 hexadecimal digits, with NUL */
};

/* Of the text as it was found: how many bits somebody who guesses would need, at most. */
unsigned value_bits(struct str text);
/* It can hold without its label. */
bool value_can_hold(struct str text, bool has_check);

/* SHA-256 of its letters and digits: how an allow-list names it.  False: it has none. */
bool value_sha256(struct str text, unsigned char ret[32]);

struct values;
struct values *values_create(struct err *err); /* NULL: no memory or no random source */
void values_free(struct values *v);            /* wipes; NULL is fine */

struct value_seen {
    struct str text; /* as it was found */
    uint16_t type;   /* enum guard_type */
    bool has_check;  /* check digits are right: nobody may let it go */
    uint64_t request, session;
};

/* Its name, by which an operator lets it go; never 0. */
uint64_t value_id(const struct values *v, struct str owner, struct str text);
void value_format(uint64_t id, char ret[VALUE_TEXT_BYTES]);
bool value_parse(struct str text, uint64_t *ret);

/* From now on requests of this client that have it are held.  False: there is no room,
 * or it cannot hold by itself. */
bool values_hold(struct values *v, struct str owner, const struct value_seen *seen,
                 uint64_t now_ms);
/* What was found and held by another way, for the review alone. */
void values_note(struct values *v, struct str owner, const struct value_seen *seen,
                 uint64_t now_ms);
/* Where it stood when it was held last: the member, cut, and line and column in what that
 * means; 0: of a number or a name there are none. */
void values_note_place(struct values *v, uint64_t id, struct str member, uint32_t line,
                       uint32_t column);
/* Of this client something was let go. */
bool values_has_allowed(struct values *v, struct str owner);
/* Was let go by a person. */
bool values_is_allowed(struct values *v, struct str owner, struct str text);
/* 0; or -1: ERR_NOT_FOUND "unknown_value", or ERR_BAD_REQUEST "value_checked": it has
 * valid check digits. */
int values_check_allow(struct values *v, uint64_t id, uint64_t now_ms, struct err *err);
void values_allow(struct values *v, uint64_t id, uint64_t now_ms);

struct value_hit {
    uint16_t type;
    bool has_check;
    uint64_t id;
    size_t raw_start;  /* of its string in the body */
    size_t start, end; /* of what that means */
};
struct value_search;
/* NULL: this client has no values that hold. */
struct value_search *value_search_begin(struct values *v, struct str owner,
                                        uint64_t now_ms);
/* The first value in the text. */
bool value_search_in(const struct value_search *s, struct str text,
                     struct value_hit *ret);
void value_search_end(struct values *v, struct value_search *s, uint64_t hit_id,
                      uint64_t now_ms);

struct value_row {
    uint64_t id, request, session, first_ms, last_ms;
    uint32_t times, line, column;
    uint16_t type;
    bool has_check, is_allowed, holds;
    char owner[64], member[VALUE_MEMBER_BYTES]; /* ... "": not known */
};
/* Copies of the rows last seen at `since_ms` or later, newest first; how many. */
size_t values_list(struct values *v, uint64_t since_ms, uint64_t now_ms,
                   struct value_row *ret, size_t max);
size_t values_count(struct values *v);

#endif
