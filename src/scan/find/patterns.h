/* patterns.h -- the operator's own patterns (PCRE2), with limits.
 *
 * Compiled once, immutable, shared by threads; JIT where the library has it.  A match
 * that runs into a limit is no answer: patterns_find() then says so, and the text counts
 * as one that may not leave. */
#ifndef WEIR_SCAN_FIND_PATTERNS_H
#define WEIR_SCAN_FIND_PATTERNS_H

#include "config/guard.h"
#include "core/err.h"

struct patterns;

/* Of the rules, those that have a pattern.  NULL: ERR_CONFIG "bad_pattern" with line and
 * column of the one that cannot be compiled or matches the empty text, or no memory. */
struct patterns *patterns_create(const struct config_guard_rule *rules, size_t n,
                                 struct err *err);
void patterns_free(struct patterns *p); /* NULL is fine */

/* The same for one rule's pattern, without keeping it. */
int pattern_check(const struct config_guard_rule *rule, struct err *err);

/* rule: its place among the rules given. */
typedef void patterns_hit(void *ctx, size_t start, size_t end, uint16_t rule);
/* 0, or -1 when a limit was met or memory is out.  Bytes that are not UTF-8 match
 * nothing. */
int patterns_find(const struct patterns *p, struct str text, patterns_hit *hit,
                  void *ctx);

#endif
