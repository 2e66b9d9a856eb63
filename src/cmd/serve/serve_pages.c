/* serve_pages.c -- see serve_pages.h: a new page is a row here. */
#include "cmd/serve/serve_pages.h"

#include "gateway/feedback.h"
#include "gateway/operator.h"
#include "gateway/pages.h"

static const struct page pages[] = {
    {"POST", "/v1/decision", page_decision, ACCESS_KEY},
    {"POST", "/v1/feedback", page_feedback, ACCESS_KEY},
    {"POST", "/v1/label", page_label, ACCESS_OPERATOR},
    {"GET", "/v1/label", page_held, ACCESS_OPERATOR},
    {"GET", "/metrics", page_metrics, ACCESS_KEY},
    {"GET", "/health", page_health, ACCESS_OPEN},
    {"GET", "/ready", page_ready, ACCESS_OPEN},
};

const struct page_table serve_pages = {pages, ARRAY_LEN(pages)};
