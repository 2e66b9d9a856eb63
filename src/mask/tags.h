/* tags.h -- what stands in the place of a confidential value, and how it is known
 * again in an answer.
 *
 * A word tag is a type word and five symbols, letter digit letter digit letter, of
 * Crockford's base 32: PersonQ7K2M.  Letters and digits alone survive JSON, URLs, SQL,
 * Markdown and identifiers; the digits keep ordinary words from looking like one.  The
 * first four symbols are the value, folded; the last is its spelling: JOHN SMITH and
 * John Smith share a stem, and each comes back as it was written.
 *
 * Where a program is likely to check the format, the tag keeps it, in a range that is
 * nobody's:
 *   e-mail  mailq7k2m@example.com    RFC 2606
 *   phone   +1-NXX-555-01XX          set aside for fiction by NANPA
 *   IPv4    198.18/15                RFC 2544; models write the three small nets of
 *                                    RFC 5737 in examples of their own
 *   IPv6    2001:db8::/32            RFC 3849
 *   MAC     02:00:5e:...             locally administered: never sold
 *   card    9999...                  no issuer, and never valid by Luhn
 *   IBAN    ZZ00...                  ISO 3166 user-assigned, check digits never valid
 *   SSN     000-XX-XXXX              area 000 is never issued
 *   date    18YY-MM-DD               a valid date that nobody living was born on
 *   UUID    5eedf00d-... version 8   RFC 9562
 *   number  9900..., as long as the number it stands for, 9 to 15 digits
 *
 * Pure: no state, no memory.  Not here: which value has which tag (vault.h). */
#ifndef WEIR_MASK_TAGS_H
#define WEIR_MASK_TAGS_H

#include "mask/escapes.h"

enum tag_form {
    TAG_WORD,
    TAG_EMAIL,
    TAG_PHONE,
    TAG_IPV4,
    TAG_IPV6,
    TAG_MAC,
    TAG_CARD,
    TAG_IBAN,
    TAG_SSN,
    TAG_DATE,
    TAG_UUID,
    TAG_NUMBER, /* an unquoted JSON number */
    TAG_FORMS   /* sentinel */
};

enum {
    TAG_BYTES = 40,   /* no tag is longer */
    TAG_SPREAD = 200, /* nor is one with characters inserted or written as escapes */
    TAG_DIGEST_BYTES = 32,
    TAG_NUMBER_MIN = 9,
    TAG_NUMBER_MAX = 15
};

struct tag_kind {
    const char *type; /* as the scanner names it */
    const char *word;
    enum tag_form form;
    bool is_secret; /* comes back in tool-call arguments only */
};

/* Never NULL: types without a row are numbers that somebody issued ("Ident"). */
const struct tag_kind *tag_kind_of(const char *type);
/* The form for this value: dates and addresses keep theirs only when written so. */
enum tag_form tag_form_of(const struct tag_kind *k, struct str value, bool is_number);

/* The shape of the tags of one kind: text in which TAG_LETTER, TAG_DIGIT and TAG_HEX
 * stand for any one such character. */
enum { TAG_LETTER = 1, TAG_DIGIT = 2, TAG_HEX = 3 };
struct tag_shape {
    char text[TAG_BYTES + 1];
    uint8_t n;
    uint8_t form; /* enum tag_form */
    char lead[3]; /* what the tag begins with and this writing leaves out: "+1" */
};
/* digits: how many the number has, for TAG_NUMBER alone. */
void tag_shape_of(const struct tag_kind *k, enum tag_form form, size_t digits,
                  struct tag_shape *ret);
/* The other ways in which an answer may write such a tag, each with its `lead`:
 * telephones without their "+" or country code.  How many. */
enum { TAG_WRITINGS = 3 };
size_t tag_shape_writings(const struct tag_shape *s, struct tag_shape ret[TAG_WRITINGS]);
/* The first byte of such a tag, and the same letter in the other case. */
void tag_shape_first(const struct tag_shape *s, unsigned char ret[2]);

/* A tag of this shape made of a digest's bytes; the spelling decides the last symbol
 * of word tags and of e-mail names. */
struct tag {
    char text[TAG_BYTES + 1];
    uint8_t n;
};
void tag_make(const struct tag_shape *s, const unsigned char digest[TAG_DIGEST_BYTES],
              unsigned char spelling, struct tag *ret);
/* How many bytes at its front two spellings of one value share; 0: they share none. */
size_t tag_stem(const struct tag_shape *s);

/* How many bytes of an e-mail tag stand before its @; 0: it is of another kind. */
size_t tag_name_bytes(const struct tag_shape *s);

/* The tag as it is looked up: lower case, without what may be lost or inserted. */
void tag_fold(const struct tag_shape *s, struct str tag, struct tag *ret);

enum tag_match {
    TAG_NO,
    TAG_PART, /* so far yes; the text ends */
    TAG_FULL
};
/* What was found: the tag as it is looked up, and how it was written. */
struct tag_seen {
    size_t bytes;
    struct tag folded;
    struct escape escape; /* kind ESCAPE_NONE: none of it was */
    bool is_name;         /* of an e-mail tag, without @example.com */
    bool is_spelt;        /* ... for that is spelt out behind it */
    bool is_altered;      /* of another address, of which no value is known */
    struct str plus;      /* what the model added to the name: mailbox.h */
    struct str mark;      /* of Markdown or HTML, in the middle of the tag: "**", "<b>" */
    bool is_mark_after;   /* it ends what began before the tag */
    bool is_digits;       /* of a telephone the digits alone, without "+" */
};

/* Is there a tag of this shape at text[at]?  Case, and up to three characters inserted
 * between two symbols (blanks, * ` - _ ~ \, soft hyphens, zero-width), do not matter, nor
 * whether symbols are written as escapes (escapes.h).  before: the character in
 * front of text[at].  is_end: nothing follows it.  *ret is set for TAG_FULL.
 * What stands in front of the tag of an e-mail address is not looked at (mailbox.h). */
enum tag_match tag_match_at(const struct tag_shape *s, struct str text, size_t at,
                            char before, bool is_end, struct tag_seen *ret);

#endif
