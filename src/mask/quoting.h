/* quoting.h -- inside mask/: how a value must be written at a place of a text, so that
 * whoever parses the text there reads that value.
 *
 * A text is for people, or is JSON, or has JSON in it: behind some words, in a Markdown
 * fence, in a string of other JSON.  Inside of such a string a quote, a backslash or a
 * line end must be escaped, once for each string around it.  The same holds for strings
 * of code, YAML, SQL and CSV in a fence that says so, by the rules of each; but a
 * value that has such escapes already may have been cut out of one, and stays. Everywhere
 * else, in XML, HTML, the shell or prose, a value is written as it is: as the client
 * wrote it there.
 *
 * Pure; follows a text byte by byte, in pieces of any size. */
#ifndef WEIR_MASK_QUOTING_H
#define WEIR_MASK_QUOTING_H

#include "core/buf.h"

/* Strings within strings; what lies deeper is text to us. */
enum { QUOTING_LEVELS = 4, QUOTING_LANGUAGE = 11 };

/* A text, or the meaning of the string that the level before is in. */
struct quoting_level {
    uint8_t mode;      /* enum mode in quoting.c */
    uint8_t mode_then; /* when what looks like a fence is none */
    char quote;        /* inside a string that this ends; 0: outside */
    uint8_t escape;  /* inside an escape: 1 behind its backslash, else digits left + 1 */
    uint8_t code;    /* of \u, its last two digits */
    bool is_wide;    /* ... and there are others than 0 before them */
    bool is_lasting; /* JSON until the text or its fence ends */
    bool is_strict;  /* all of it is JSON, by contract */
    bool is_fenced, is_line_start;
    char opener;       /* { or [ that may begin JSON */
    char last;         /* of this line, but blanks */
    char fence;        /* ` or ~ */
    uint8_t nticks;    /* of them so far */
    uint8_t nlanguage; /* bytes of the fence's first word */
    bool has_language; /* that word has ended */
    uint32_t braces;
    char language[QUOTING_LANGUAGE + 1];
};

struct quoting {
    struct quoting_level levels[QUOTING_LEVELS];
    uint8_t n; /* at least one; all but the last are inside a string */
};

/* is_json: all of the text is JSON, whatever it looks like. */
void quoting_init(struct quoting *q, bool is_json);
/* Inside a string of JSON, at its beginning. */
void quoting_init_string(struct quoting *q);
void quoting_follow(struct quoting *q, struct str text);
/* A value was written here: what seemed to open JSON just before it did not. */
void quoting_step_over_value(struct quoting *q);
/* How many strings of JSON the place is in, counted from the outermost. */
unsigned quoting_depth(const struct quoting *q);

/* The place is in JSON, in a string of it or between them. */
bool quoting_is_json(const struct quoting *q);

/* What the characters of one value go through. */
struct quoting_pen {
    uint8_t n;
    char quotes[QUOTING_LEVELS];
    uint8_t rules[QUOTING_LEVELS]; /* enum rule in quoting.c */
};
void quoting_take_pen(const struct quoting *q, struct str value, struct quoting_pen *ret);
void quoting_write(const struct quoting_pen *p, char c, struct buf *out);

#endif
