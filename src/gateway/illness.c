/* illness.c -- see illness.h. */
#include "gateway/illness.h"

#include <stdio.h>

static const struct {
    const char *code, *words;
} known[] = {
    {"upstream_connect", "it takes no connection"},
    {"connect_timeout", "it took no connection in time"},
    {"upstream_dns", "its name was not found"},
    {"upstream_tls", "TLS with it failed"},
    {"upstream_reset", "it broke the connection off"},
    {"upstream_stale", "it broke the connection off"},
    {"first_byte_timeout", "it did not begin to answer in time"},
    {"idle_timeout", "it fell silent"},
    {"total_timeout", "it was not done in time"},
    {"upstream_bad_http", "what it sent was not HTTP"},
    {"upstream_bad_sse", "its stream could not be read"},
    {"upstream_bad_answer", "its answer could not be read"},
    {"upstream_truncated", "its answer ended too early"},
    {"upstream_too_large", "its answer was too large"},
    {"request_loop", "it is this weir itself"},
};

void illness_words(const struct err *err, int http_status, char ret[PAST_WHY])
{
    const char *code = err->code ? err->code : "";
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (strcmp(known[i].code, code) == 0) {
            snprintf(ret, PAST_WHY, "%s", known[i].words);
            return;
        }
    if (http_status >= 400)
        snprintf(ret, PAST_WHY, "it answered HTTP %d", http_status);
    else
        snprintf(ret, PAST_WHY, "it answered with an error");
}
