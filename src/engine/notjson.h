/* notjson.h -- what stands where a JSON object was expected; inside this folder only. */
#ifndef WEIR_ENGINE_NOTJSON_H
#define WEIR_ENGINE_NOTJSON_H

#include "core/err.h"
#include "core/str.h"

/* Fills *ret, an ERR_UPSTREAM, with what is wrong with `text` and, where there is one,
 * the remedy: compressed, NaN among numbers, a page of HTML.  `what` is its name. */
void not_json(struct str text, const char *code, const char *what, struct err *ret);
/* By its first bytes: gzip or zstd. */
bool is_compressed(struct str text);
/* Without JSON's blanks around, line ends among them. */
struct str trim_json(struct str s);
/* Data of an event that says nothing: null, a number, a bare word that names no trouble,
 * words that say that somebody is at work, a time. */
bool is_heartbeat(struct str data);

#endif
