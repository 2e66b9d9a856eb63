/* serve_pages.h -- every page that weir answers by itself. */
#ifndef WEIR_CMD_SERVE_SERVE_PAGES_H
#define WEIR_CMD_SERVE_SERVE_PAGES_H

#include "gateway/page.h"

extern const struct page_table serve_pages;

#endif
