/* wordlist.h -- the operator's own words and phrases, looked for in a text as whole ones.
 *
 * Built once, immutable, shared by threads.  A word is whole when no letter or digit goes
 * on at either side of it; at an end that is a sign ("src/acme/"), or written in a script
 * without blanks (Chinese, Japanese, Thai), nothing is asked.  Case is ignored for ASCII
 * letters, in lists that say so.  A blank of a phrase stands for several, for the end of
 * a line, for a dash or an underscore, with or without the marks of emphasis around it.
 * Cost: one look-up for each word of the text, however many words the lists have. */
#ifndef WEIR_SCAN_TEXT_WORDLIST_H
#define WEIR_SCAN_TEXT_WORDLIST_H

#include "core/err.h"
#include "core/str.h"

struct wordlist;

struct wordlist_entry {
    struct str word; /* not empty; borrowed: it must outlive the list */
    uint16_t rule;   /* the caller's */
    bool ignores_case;
};

/* NULL when memory is out. */
struct wordlist *wordlist_create(const struct wordlist_entry *entries, size_t n,
                                 struct err *err);
void wordlist_free(struct wordlist *l); /* NULL is fine */

/* Called for each whole word found, in the order of their beginnings; several may begin
 * at one place. */
typedef void wordlist_hit(void *ctx, size_t start, size_t end, uint16_t rule);
void wordlist_find(const struct wordlist *l, struct str text, wordlist_hit *hit,
                   void *ctx);

#endif
