/* web.h -- the page: what a browser on this machine is shown under /weir.
 *
 *   GET  /weir              the page itself, and its files beside it
 *   POST /weir/api/enter    a link for a cookie (gateway/door.h)
 *   GET  /weir/api/...      what the page shows, as JSON; scripts may use it too
 *   GET  /weir/events       what changes, as server-sent events
 *   POST /weir/api/ask      a chat completion, for Compare: an ordinary request, with a
 * row
 *
 * docs/page.md is the contract of the API.  No text of a prompt or an answer is in any of
 * it but the last, which stores none.  A loop only hands out what is ready: whatever
 * reads the ledger is made on a thread of the page's own (later.h). */
#ifndef WEIR_WEB_WEB_H
#define WEIR_WEB_WEB_H

#include "gateway/request.h"
#include "gateway/server.h"

struct web;

/* Before the server starts, which gets it as pages_ctx.  NULL: no memory, or no thread.
 */
struct web *web_create(struct err *err);
void web_free(struct web *w); /* after the server is gone; NULL is fine */
/* Of the request's server. */
struct web *web_of(const struct request *r);

/* For server_options.settled; ctx is the web. row NULL: see ledger_on_row(). */
int web_settled(void *ctx, const struct ledger_row *row);

page_fn web_root; /* GET / of a browser: sends it to /weir/ */
page_fn web_file; /* GET /weir, /weir/NAME */
page_fn web_me, web_events, web_overview, web_rows, web_row, web_records;
page_fn web_models, web_agree;  /* api_compare.c */
page_fn web_decide, web_report; /* api_decide.c */
page_fn web_usage;              /* api_usage.c */
/* What the views of the same names ask for. */
page_fn web_spend, web_chain, web_held, web_routing, web_engines;

#endif
