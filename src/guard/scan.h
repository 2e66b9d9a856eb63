/* scan.h -- what in these bytes is sensitive, and what must be done about it.
 *
 * A scanner is built once, never changes, and is shared by every thread.  A scan
 * reads a text in windows, so its memory is bounded whatever the text's size; it is
 * deterministic: the same bytes give the same spans.  It never reads past the text
 * and never fails for what the text contains.  It fails when memory is out, and a
 * caller without a result must treat the text as one that may not leave.
 *
 * Offsets are bytes into the text that was given, end exclusive; spans are sorted
 * and do not overlap.  Patterns that are checksummed or framed are found anywhere;
 * the others need a word near them that says what they are (words.c). */
#ifndef WEIR_GUARD_SCAN_H
#define WEIR_GUARD_SCAN_H

#include "core/err.h"
#include "core/str.h"
#include "guard/types.h"

enum action { ACTION_CLEAR, ACTION_MASK, ACTION_LOCAL, ACTION_BLOCK };

struct span {
    uint32_t start, end;
    uint16_t type;    /* enum guard_type */
    uint8_t score;    /* 0..100: how sure */
    uint8_t evidence; /* enum guard_evidence: which kind of rule saw it */
};

enum guard_evidence {
    SAW_SHAPE,    /* a frame that is strong by itself */
    SAW_CHECKSUM, /* check digits are right */
    SAW_WORD,     /* a word near it, a key, or a column's head */
    SAW_LEXICON,  /* lists of names and places */
    SAW_DECODED   /* inside base64 */
};

struct span_list {
    struct span *v; /* owned */
    size_t n, cap;
    bool is_clinical; /* the text talks of diagnoses and treatment */
};

struct scanner;

/* NULL when memory is out. */
struct scanner *scanner_create(struct err *err);
void scanner_free(struct scanner *s); /* NULL is fine */
/* Host names ending in this zone (".corp.example") are internal.  Only before the
 * scanner is shared; -1 past 64 of them or when memory is out. */
int scanner_add_zone(struct scanner *s, struct str zone, struct err *err);

/* Texts past this are refused with ERR_TOO_LARGE: they may not leave unscanned. */
enum { GUARD_MAX_TEXT_BYTES = 64 * 1024 * 1024 };

/* Appends to *ret, which starts zeroed; the caller releases it in any case. */
int guard_scan_text(const struct scanner *s, struct str text, struct span_list *ret,
                    struct err *err) NODISCARD;
void span_list_release(struct span_list *l);

/* What was seen, without the values: counts and the highest score per type. */
struct findings {
    uint32_t count[GUARD_NTYPES];
    uint8_t score[GUARD_NTYPES];
    uint8_t key_hits; /* member names that hold sensitive values: not maskable */
    bool is_clinical;
    bool is_undecodable; /* not JSON, or not UTF-8: nothing may be assumed */
    bool has_media;      /* images, audio or files that no rule here can read */
    uint64_t bytes_scanned;
};

/* One string of a JSON body that holds spans: where its raw characters lie (between
 * the quotes) and the spans within the decoded characters. */
struct located {
    uint32_t raw_start, raw_end;
    uint32_t first, n; /* spans of body_scan.spans */
    bool is_key;
};

struct body_scan {
    struct findings found;
    struct span_list spans;
    struct located *at; /* owned */
    size_t nat, cap_at;
};

/* Scans every string of a JSON body: values and member names at any depth, with
 * escapes decoded, JSON inside strings, base64 to depth one; numbers too.  A body
 * that is not JSON is reported in found.is_undecodable, which is not an error.
 * *ret starts zeroed; the caller releases it in any case. */
int guard_scan_body(const struct scanner *s, struct str body, struct body_scan *ret,
                    struct err *err) NODISCARD;
void body_scan_release(struct body_scan *b);

/* Adds the spans of a text to the counts. */
void findings_add(struct findings *f, const struct span_list *l);

/* What to do about each group and from which score on.  Zeroed rules clear all. */
struct act_rules {
    enum action action[GUARD_NGROUPS];
    uint8_t min_score[GUARD_NGROUPS]; /* below: at most mask */
    bool is_media_public;
};

extern const struct act_rules act_defaults;

struct verdict {
    enum action action;
    enum guard_group group; /* that decided; GROUP_LOW when clear */
    const char *reason;     /* static: "secret", "undecodable", ... */
};

struct verdict guard_act(const struct findings *f, const struct act_rules *rules);
/* "clear", "mask", "local", "block". */
const char *action_name(enum action a);
/* The label an action stands for, in the words of sensitivity. */
const char *action_label(enum action a);

#endif
