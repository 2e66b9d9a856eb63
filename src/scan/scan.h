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
#ifndef WEIR_SCAN_SCAN_H
#define WEIR_SCAN_SCAN_H

#include "config/guard.h"
#include "core/err.h"
#include "core/str.h"

struct span {
    uint32_t start, end;
    uint16_t type;    /* enum guard_type */
    uint8_t score;    /* 0..100: how sure */
    uint8_t evidence; /* enum guard_evidence: which kind of rule saw it */
    uint16_t rule;    /* SAW_RULE: place among the operator's rules, plus one */
    bool is_alone;    /* TYPE_PERSON: nothing says that it is a private person's name */
    bool is_allowed;  /* a person let this value go, or it is published */
    bool is_checked;  /* its check digits are right, whatever it was taken for */
    bool is_part;     /* TYPE_LOCATION, TYPE_POSTCODE: of the address beside it */
    uint32_t who;     /* TYPE_PERSON: a hash of its last word; 0: none */
};

/* Which of the operator's rules were hit, by place. */
struct rule_set {
    uint8_t bits[(GUARD_MAX_RULES + 7) / 8];
};

static inline void rule_set_add(struct rule_set *s, unsigned rule)
{
    s->bits[rule / 8] |= (uint8_t)(1u << rule % 8);
}

static inline bool rule_set_has(const struct rule_set *s, unsigned rule)
{
    return s->bits[rule / 8] >> rule % 8 & 1;
}

void rule_set_join(struct rule_set *s, const struct rule_set *more);

enum guard_evidence {
    SAW_SHAPE,    /* a frame that is strong by itself */
    SAW_CHECKSUM, /* check digits are right */
    SAW_WORD,     /* a word near it, a key, or a column's head */
    SAW_LEXICON,  /* lists of names and places */
    SAW_DECODED,  /* inside base64 */
    SAW_RULE      /* a word or pattern of the operator's */
};

struct span_list {
    struct span *v; /* owned */
    size_t n, cap;
    bool is_clinical; /* the text talks of diagnoses and treatment */
    bool is_unsure;   /* a rule of the operator's ran into its limits */
    bool has_blob;    /* base64 of what is no text, or of too much */
    struct rule_set rules;
};

struct scanner;

/* NULL when memory is out. */
struct scanner *scanner_create(struct err *err);
/* Without the reader of names: it cuts texts for the trainer of a new one, whose pieces
 * may be others than those of the weights built in.  It scans nothing. */
struct scanner *scanner_create_nameless(struct err *err);
void scanner_free(struct scanner *s); /* NULL is fine */
/* Host names ending in this zone (".corp.example") are internal.  Only before the
 * scanner is shared; -1 past 64 of them or when memory is out. */
int scanner_add_zone(struct scanner *s, struct str zone, struct err *err);
/* Other weights than the built-in ones (tagger.h), borrowed for the scanner's life.
 * Only before the scanner is shared; -1 for bytes that are no whole set of weights. */
int scanner_use_weights(struct scanner *s, struct str weights, struct err *err);

/* 1/256 more for a person, in all scripts: it sees more of them, and more that are none.
 */
void scanner_lean_to_people(struct scanner *s, unsigned more);

/* The operator's rules, which must outlive the scanner; once, before it is shared.  -1:
 * ERR_CONFIG "bad_pattern" naming its place, or no memory. */
int scanner_add_rules(struct scanner *s, const struct config_guard_rule *rules, size_t n,
                      struct err *err);

/* Bodies then remember their strings (scan_cache.h): once, before it is shared. */
int scanner_add_cache(struct scanner *s, size_t max_bytes, struct err *err);

/* Texts past this are refused with ERR_TOO_LARGE: they may not leave unscanned. */
enum { GUARD_MAX_TEXT_BYTES = 64 * 1024 * 1024 };

/* Appends to *ret, which starts zeroed; the caller releases it in any case. */
int guard_scan_text(const struct scanner *s, struct str text, struct span_list *ret,
                    struct err *err) NODISCARD;
bool span_list_add(struct span_list *l, struct span s); /* false: no memory */
void span_list_release(struct span_list *l);
/* Nothing was found, and nothing is to be said of the text. */
bool span_list_is_clean(const struct span_list *l);
/* The same, of persons alone, as the reader of names (ner/net.h) sees them: before any
 * rule, and before anybody asks whether a name must be hidden. */
int guard_scan_names(const struct scanner *s, struct str text, struct span_list *ret,
                     struct err *err) NODISCARD;

/* What was seen, without the values: counts and the highest score per type. */
struct findings {
    uint32_t count[GUARD_NTYPES];
    uint8_t score[GUARD_NTYPES];
    uint32_t persons_alone; /* of the persons, those whose name is alone */
    uint8_t person_score;   /* the highest of the others */
    uint8_t key_hits;       /* member names that hold sensitive values: not maskable */
    struct rule_set rules;
    bool is_clinical;
    bool is_unsure;      /* something could not be looked at to its end */
    bool is_undecodable; /* not JSON, or not UTF-8: nothing may be assumed */
    bool has_token_ids;  /* ... because it holds token ids in the place of text */
    bool has_half_pair;  /* ... because half of a surrogate pair stands in it */
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

/* Asked before each window of a scan; `steps` are what it has cost so far and what the
 * window will cost by its size, about two for each byte of prose.  NULL: go on; else it
 * stops and fails with this code (static).  A thread that others wait for gives a scan
 * SCAN_STEPS_OF_LOOP: about a tenth of a millisecond. */
enum { SCAN_STEPS_OF_LOOP = 700 };
struct scan_watch {
    const char *(*stop)(void *ctx, uint64_t steps);
    void *ctx;
};

struct body_scan {
    const struct scan_watch *watch; /* set before, or NULL */
    const uint32_t *names;          /* set before: names that are private, span.who */
    size_t nnames;
    bool is_every_name; /* set before: no name is alone */
    struct findings found;
    struct span_list spans;
    struct located *at; /* owned */
    size_t nat, cap_at;
    struct {
        uint32_t media, odd, unsure; /* bytes of the body; 0: none */
    } first;                         /* of what cannot be read, the first */
    struct str *refers; /* owned; what it refers to that is kept elsewhere: its bytes */
    size_t nrefers, cap_refers;
};

/* Scans every string of a JSON body: values and member names at any depth, with
 * escapes decoded, JSON inside strings, base64 to depth one; numbers too.  A body
 * that is not JSON, has half a surrogate pair, or has numbers where a model reads token
 * ids, is reported in found.is_undecodable, which is not an error.
 * *ret starts zeroed but for what is set before; the caller releases it in any case. */
int guard_scan_body(const struct scanner *s, struct str body, struct body_scan *ret,
                    struct err *err) NODISCARD;
void body_scan_release(struct body_scan *b);

/* Adds the spans of a text to the counts. */
void findings_add(struct findings *f, const struct span_list *l);
/* Of all spans of a body, after some of them were let go. */
void findings_recount(struct findings *f, const struct span_list *l);

/* What to do about each type, and from which score on.  Borrowed parts may be NULL. */
struct act_rules {
    uint8_t type[GUARD_NTYPES];       /* enum action */
    uint8_t clinical;                 /* ... of a person in clinical text */
    int8_t custom, source_code;       /* GUARD_UNSAID, or before what each rule says */
    uint8_t min_score[GUARD_NGROUPS]; /* below: at most mask */
    const uint32_t *max_count, *max_in_group; /* more of them: local; 0: any number */
    const struct config_guard_rule *rules;    /* the operator's own */
    const char *const *rule_reasons;          /* nrules */
    size_t nrules;
    uint32_t accepted_groups; /* bits: a person let them go masked */
    bool is_every_name;       /* a name alone counts as any other */
    bool is_media_public;
};

void act_rules_init(struct act_rules *r); /* the defaults */
/* What an operator says of groups and types, over what was there. */
void act_rules_apply(struct act_rules *r, const struct config_guard_actions *a);
/* The action of one of the operator's own rules. */
enum action act_rules_own(const struct act_rules *r, size_t rule);

struct verdict {
    enum action action;
    enum guard_group group; /* that decided; GROUP_LOW when clear */
    const char *reason;     /* static: "secret", "undecodable", ... */
    bool is_unread;         /* nothing was found: it could not be read */
};

/* Whether a person may say of this value that it is nothing: never of one whose check
 * digits are right.  All who let a value go ask here. */
bool guard_may_let_go(const struct span *s);
/* What is done about one span, if the text as a whole may leave. */
enum action guard_act_span(const struct act_rules *r, const struct span *s);
struct verdict guard_act(const struct findings *f, const struct act_rules *rules);
/* The label an action stands for, in the words of sensitivity. */
const char *action_label(enum action a);

#endif
