/* judge.h -- is this value somebody's, or does it only stand where one would?
 *
 * One place for all notations decides what a value is that stands under a telling name: a
 * literal, or a placeholder, a variable, a template's reference, a type, a call, a value
 * that everybody knows from documentation, an ordinary word. */
#ifndef WEIR_SCAN_READ_JUDGE_H
#define WEIR_SCAN_READ_JUDGE_H

#include "scan/read/read.h"

/* A value with what is known of where it stands. */
struct given {
    struct str value;
    enum telling what;
    enum notation note;
    bool is_quoted, is_inner, is_said; /* is_said: by the place, not by a name */
    bool is_explicit;                  /* the name says "password" and nothing else */
};

/* The part of the value that is one: without a scheme before it, a comment or the rest of
 * a sentence behind it.  Empty: none. */
struct str judge_trim(const struct given *g);

/* The number at the value's front: letters, digits and marks, blanks between groups of
 * digits. */
struct str number_at_front(struct str s);

/* "abcd efgh ijkl mnop", no words: what Google makes for one application. */
bool is_app_password(struct str s);

/* "noodle-rabbit-blanket": three words and more with one mark between, as generators make
 * them, and none that describes something ("case-sensitive-only"). */
bool is_passphrase(struct str s);

/* How sure one may be that the value, trimmed, is what its name says: 0..100, 0 for what
 * only stands in for one. */
unsigned judge_secret(const struct given *g);
unsigned judge_user(const struct given *g);
unsigned judge_number(const struct given *g); /* of a person, account, document */
unsigned judge_date(const struct given *g);   /* of birth */
unsigned judge_address(const struct given *g);
unsigned judge_host(const struct given *g);

#endif
