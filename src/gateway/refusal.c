/* refusal.c -- answers to heads that are not served, and the lines about them. */
#include "gateway/refusal.h"

#include "core/log.h"
#include "core/mem.h"

#include <stdio.h>

enum { FIELDS_BYTES = 4096, LINES_A_MINUTE = 60, MINUTE_MS = 60 * 1000 };

/* "claude-cli/2.1.197" of a longer User-Agent: its first word names the program. */
static struct str program_of(const struct http_head *head)
{
    struct str agent = http_head_get(head, STR("user-agent"));
    ptrdiff_t blank = str_index(agent, ' ');
    struct str word = blank < 0 ? agent : str_sub(agent, 0, (size_t)blank);
    return str_sub(word, 0, 40);
}

struct refusal *refusal_create(const struct worker *w, const struct http_head *head,
                               const struct err *err)
{
    struct refusal *f = mem_new(struct refusal);
    struct str program = program_of(head);
    if (!f)
        return NULL;
    f->err = *err;
    f->dialect = path_dialect(head);
    buf_init(&f->fields, FIELDS_BYTES);
    request_refusal_fields(w, head, err, &f->fields);
    ptrdiff_t query = str_index(head->target, '?'); /* may hold a key */
    struct str path =
        str_sub(head->target, 0, query < 0 || query > 80 ? 80 : (size_t)query);
    snprintf(f->subject, sizeof f->subject, "%.*s %.*s%s%.*s%s",
             STR_ARG(str_sub(head->method, 0, 16)), STR_ARG(path), program.n ? " (" : "",
             STR_ARG(program), program.n ? ")" : "");
    return f;
}

void refusal_free(struct refusal *f)
{
    if (f)
        buf_release(&f->fields);
    mem_free(f);
}

void refusal_tell(struct worker *w, const struct err *err, const char *subject)
{
    uint64_t now = loop_now_ms(w->loop);
    if (w->setup->config->access_log == ACCESS_LOG_OFF)
        return;
    if (now - w->refusals_since_ms >= MINUTE_MS || w->refusals_since_ms == 0) {
        if (w->nrefusals > LINES_A_MINUTE)
            log_info("%u more requests were refused in the same minute",
                     w->nrefusals - LINES_A_MINUTE);
        w->refusals_since_ms = now;
        w->nrefusals = 0;
    }
    if (w->nrefusals++ < LINES_A_MINUTE)
        log_info("%d %s: %s", err_http_status(err->kind), subject, err->msg);
}
