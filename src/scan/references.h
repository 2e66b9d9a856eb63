/* references.h -- what a body refers to that an engine or a server keeps: earlier
 * answers, conversations, files, caches, stores.  Such a request does not show all that
 * it says. */
#ifndef WEIR_SCAN_REFERENCES_H
#define WEIR_SCAN_REFERENCES_H

#include "core/str.h"

/* May what this member names be kept elsewhere?  By its words, whatever its case and with
 * or without `_` and `-`: thread_id, cachedContent, vector_store_ids. */
bool reference_is_name(struct str name);
/* The string is the name of something that is kept: no switch ("auto"), and not empty. */
bool reference_is_value(struct str raw);

#endif
