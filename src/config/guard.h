/* guard.h -- the guard: section: what the operator says of confidential values.
 *
 *     guard:
 *       preset: balanced                 # or strict
 *       hold: session                    # or value
 *       mode: enforce                    # or shadow
 *       media: local                     # or public
 *       actions: {person: local, US_SSN: block}
 *       thresholds: {secret: 70}
 *       max_count: {EMAIL: 20}
 *       zones: [corp.example]
 *       allow: .weir-allow               # a file: sha256:... a line
 *       dictionaries: [{name: projects, words: [Bluebird], action: local}]
 *       rules: [{name: ticket, pattern: 'ACME-\d{6}', near: [case], action: mask}]
 *       source_code: {paths: [src/acme/], licences: [...], markers: [...]}
 *
 * What it leaves unsaid is the scanner's default (scan/actions.c). */
#ifndef WEIR_CONFIG_GUARD_H
#define WEIR_CONFIG_GUARD_H

#include "config/types.h"

enum { GUARD_MAX_RULES = 255, GUARD_MAX_WORDS = 100000, GUARD_UNSAID = -1 };

/* Actions by group and by type, GUARD_UNSAID where none is given; a type's goes before
 * its group's. */
struct config_guard_actions {
    int8_t group[GUARD_NGROUPS];
    int8_t type[GUARD_NTYPES];
};

/* Words and phrases, or one pattern: exactly one of them. */
struct config_guard_rule {
    struct str name;
    enum guard_type type; /* TYPE_CUSTOM or TYPE_SOURCE_CODE */
    enum action action;
    bool ignores_case;
    const struct str *words;
    size_t nwords;
    struct str pattern;     /* PCRE2; p is NULL: words */
    const struct str *near; /* of a pattern: one of them must stand near it */
    size_t nnear;
    unsigned line, column; /* of the pattern, for what the compiler of patterns says */
};

/* A value that is nothing: SHA-256 of its letters and digits in lower case. */
struct config_allowed {
    unsigned char digest[32];
};

struct config_guard {
    bool is_shadow, is_media_public;
    bool is_strict;    /* preset: every name is somebody's */
    bool holds_values; /* hold: a found value holds what has it, not its session */
    struct config_guard_actions actions;
    int8_t min_score[GUARD_NGROUPS];  /* 0..100, or GUARD_UNSAID */
    uint32_t max_count[GUARD_NTYPES]; /* more of them in one request: local; 0: unsaid */
    uint32_t max_in_group[GUARD_NGROUPS];
    const struct str *zones; /* each with a dot before it */
    size_t nzones;
    const struct config_guard_rule *rules;
    size_t nrules;
    const struct config_allowed *allowed; /* sorted by their bytes */
    size_t nallowed;
};

#endif
