/* read.h -- a text as pairs of a name and a value, whatever notation they stand in.
 *
 *     {"password": "x"}          password = x             --password x
 *     <password>x</password>     ENV PASSWORD x           connect(host, user, "x")
 *     PASSWORD|...\n x |...      {"name": "password", "value": "x"}
 *
 * The reader says what stands under which name and where.  It does not say whether the
 * name tells anything (telling.h) or whether the value is worth hiding (judge.h).  It
 * knows no window, no scanner and no memory: a text in, pairs out, in no special order,
 * and one value may be given under more than one name.  The same text gives the same
 * pairs.  It reads what it can: broken notations and notations in each other are normal.
 *
 * Each family of notations has a file; read.c walks the lines and asks them.  What a
 * family reads ahead is counted, so a text costs at most a fixed number of steps for each
 * of its bytes. */
#ifndef WEIR_SCAN_READ_READ_H
#define WEIR_SCAN_READ_READ_H

#include "core/str.h"
#include "scan/read/telling.h"

/* What the pair was written in: how a value without quotes may be meant. */
enum notation {
    NOTE_DATA,    /* JSON, YAML, TOML, INI, .env, headers, cookies, queries, XML */
    NOTE_CODE,    /* an assignment, argument or comparison: a bare word is a variable */
    NOTE_FORM,    /* "Name: X" in text for people: the value may be a sentence */
    NOTE_COMMAND, /* an option or argument of a program */
    NOTE_TABLE,   /* a cell; its name is the head of the column */
    NOTE_SEGMENT, /* a field whose place says what it is: HL7, X12, vCard */
    NOTE_LINE,    /* a name and a value with a blank between: netrc, ENV, setx */
    NOTE_APART,   /* other words between: "the passport of my father 123456" */
    NOTE_STATED,  /* the same with a colon, a bracket, "is": "PIN on the back: 4711" */
    NOTE_SCHEME   /* a number in the form of the scheme that is named before it */
};

/* Offsets are bytes of the text, end exclusive; of a value without its quotes.  Of a name
 * that is no quoted one the end counts: more words may stand in front ("const char *x").
 */
struct pair {
    uint32_t name, name_end;
    uint32_t value, value_end;
    uint8_t notation; /* enum notation */
    uint8_t says;     /* enum telling: the place says it and the name need not; or 0 */
    char quote;       /* " ' ` around the value; 0: none */
};

/* Calls found() for each pair.  False: the text asked for too much reading ahead, and
 * what stands in it under a name may have been missed. */
bool read_pairs(struct str text, void (*found)(void *ctx, const struct pair *p),
                void *ctx);

/* Walks the lines of a text for what tools print before them: the number of a line of a
 * file, or a place as "src/a.c:12:" where the file's name does not tell what stands in
 * it. The bytes of it that say nothing; `rest`: what follows the line. */
struct hits {
    uint32_t last; /* number of a line */
};
size_t hit_lead(struct hits *h, struct str line, struct str rest);
/* The end of the number of a ticket whose # is at `at`: "(Closes: #1051062, #1051063)";
 * `at`: it is none. */
size_t ticket_end(struct str text, size_t at);

enum {
    READ_MAX_NAME = 80,
    READ_MAX_VALUE = 1024,
    READ_STEPS_PER_BYTE = 24,
    READ_STEPS_LEAST = 16 * 1024
};

#endif
