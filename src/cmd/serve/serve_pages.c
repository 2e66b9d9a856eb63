/* serve_pages.c -- see serve_pages.h: a new page is a row here. */
#include "cmd/serve/serve_pages.h"

#include "gateway/cloud.h"
#include "gateway/door.h"
#include "gateway/feedback.h"
#include "gateway/kept.h"
#include "gateway/operator.h"
#include "gateway/pages.h"
#include "web/web.h"

static const struct page pages[] = {
    {"POST", "/v1/decision", page_decision, ACCESS_KEY},
    {"POST", "/v1/feedback", page_feedback, ACCESS_KEY},
    {"POST", "/v1/label", page_label, ACCESS_OPERATOR},
    {"GET", "/v1/label", page_held, ACCESS_OPERATOR},
    {"GET", "/v1/cloud", page_cloud, ACCESS_OPERATOR},
    {"POST", "/v1/cloud", page_cloud_change, ACCESS_OPERATOR},
    {"GET", "/v1/engines", page_kept, ACCESS_OPERATOR},
    {"POST", "/v1/engines/*", page_kept_order, ACCESS_OPERATOR},
    {"POST", "/v1/page", page_link, ACCESS_OPERATOR},
    {"GET", "/metrics", page_metrics, ACCESS_KEY},
    {"GET", "/health", page_health, ACCESS_OPEN},
    {"GET", "/ready", page_ready, ACCESS_OPEN},
    /* For browsers: web/web.h. */
    {"GET", "/", web_root, ACCESS_SHELL},
    {"GET", "/weir", web_file, ACCESS_SHELL},
    {"POST", "/weir/api/enter", page_enter, ACCESS_SHELL},
    {"POST", "/weir/api/ask", NULL, ACCESS_OPERATE},
    {"GET", "/weir/api/me", web_me, ACCESS_VIEW},
    {"GET", "/weir/api/overview", web_overview, ACCESS_VIEW},
    {"GET", "/weir/api/cloud", page_cloud, ACCESS_VIEW},
    {"POST", "/weir/api/cloud", page_cloud_change, ACCESS_OPERATE},
    {"GET", "/weir/api/rows", web_rows, ACCESS_VIEW},
    {"GET", "/weir/api/rows/*", web_row, ACCESS_VIEW},
    {"GET", "/weir/api/records/*", web_records, ACCESS_VIEW},
    {"GET", "/weir/api/models", web_models, ACCESS_VIEW},
    {"GET", "/weir/api/usage", web_usage, ACCESS_VIEW},
    {"GET", "/weir/api/decide/*", web_decide, ACCESS_VIEW},
    {"POST", "/weir/api/decide/*", web_decide, ACCESS_VIEW},
    {"GET", "/weir/report/*", web_report, ACCESS_VIEW},
    {"POST", "/weir/api/agree", web_agree, ACCESS_OPERATE},
    {"GET", "/weir/api/spend", web_spend, ACCESS_VIEW},
    {"GET", "/weir/api/routing", web_routing, ACCESS_VIEW},
    {"GET", "/weir/api/engines", web_engines, ACCESS_VIEW},
    {"POST", "/weir/api/engines/*", page_kept_order, ACCESS_OPERATE},
    {"GET", "/weir/api/held", web_held, ACCESS_VIEW},
    {"POST", "/weir/api/label", page_label, ACCESS_OPERATE},
    {"GET", "/weir/api/chain", web_chain, ACCESS_VIEW},
    {"GET", "/weir/events", web_events, ACCESS_VIEW},
    {"GET", "/weir/*", web_file, ACCESS_SHELL},
};

const struct page_table serve_pages = {pages, ARRAY_LEN(pages)};
