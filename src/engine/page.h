/* page.h -- a page of HTML or XML where an engine's words were expected; inside this
 * folder only.
 *
 * Proxies and gateways in front of engines answer with such pages.  Of a page its title
 * is told, or its first heading; the rest is layout. */
#ifndef WEIR_ENGINE_PAGE_H
#define WEIR_ENGINE_PAGE_H

#include "engine/clean.h"

/* "a page of HTML", "a document of XML"; NULL: the text is neither. */
const char *page_kind(struct str text);
/* Its title in one line, without entities and made fit for a client; empty: it has none.
 */
void page_title(struct str text, char to[CLEAN_BYTES]);

#endif
