/* rules.h -- the operator's guard made ready: the scanner, the actions, their digest.
 *
 * Built once from a configuration, immutable, shared by every thread of the setup that
 * owns it.  It answers three questions: what is in these bytes (the scanner), what must
 * be done about a request (a verdict), and what is done about one span (clear or mask,
 * when the request as a whole may leave masked).
 *
 * Shadow mode decides and records, and enforces nothing but what was declared: it shows
 * what would be held, before anything is held.  There is no mode that fails open: without
 * a scan that came to its end a request stays in shadow mode too. */
#ifndef WEIR_GUARD_RULES_H
#define WEIR_GUARD_RULES_H

#include "config/config.h"
#include "scan/scan.h"

struct guard_rules;

/* config NULL: the defaults.  NULL: out of memory, or a rule that cannot be compiled
 * (*err names it). */
struct guard_rules *guard_rules_create(const struct config *c, struct err *err);
void guard_rules_free(struct guard_rules *g); /* NULL is fine */

/* Before they are shared: see scanner_use_weights(). */
int guard_rules_use_weights(struct guard_rules *g, struct str weights, struct err *err);
/* The configuration they were made of, or NULL. */
const struct config *guard_rules_config(const struct guard_rules *g);
const struct scanner *guard_rules_scanner(const struct guard_rules *g);
bool guard_rules_is_shadow(const struct guard_rules *g);
/* hold: value: what is found holds the requests that have it, and not their session. */
bool guard_rules_holds_values(const struct guard_rules *g);
/* 64 hexadecimal digits: SHA-256 of the sources that decide (guard/source.h), the word
 * lists and the operator's rules; equal digests decide equally. */
const char *guard_rules_digest(const struct guard_rules *g);

/* The configuration's allow-list has the value of this span; never one whose check digits
 * are right. */
bool guard_rules_allows(const struct guard_rules *g, const struct span *s,
                        struct str value);
/* Marks all those in a text that was scanned; how many. */
size_t guard_rules_let_go(const struct guard_rules *g, struct str text,
                          struct span_list *l);
bool guard_rules_has_allowed(const struct guard_rules *g);

/* Some request may be refused outright, so that all must be scanned also where nothing
 * can leave. */
bool guard_rules_can_block(const struct config *c);

/* What is to be done about a request.  key may be NULL; a declared "public" clears media
 * and nothing else; accepted_groups: bits of those that a person let go masked.  The
 * verdict's reason lives as long as g. */
struct verdict guard_rules_act(const struct guard_rules *g, const struct findings *f,
                               const struct config_key *key, enum sensitivity declared,
                               uint32_t accepted_groups);
/* What is done about one span of it: ACTION_CLEAR stays as it is, all else is masked. */
enum action guard_rules_span(const struct guard_rules *g, const struct span *s,
                             const struct config_key *key);
/* "rule NAME" for a span that one of the operator's own rules saw, else NULL. */
const char *guard_rules_rule(const struct guard_rules *g, const struct span *s);

#endif
