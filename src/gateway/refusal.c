/* refusal.c -- answers to heads that are not served, and the lines about them. */
#include "gateway/refusal.h"

#include "core/log.h"
#include "core/mem.h"
#include "json/write.h"

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

struct refusal *refusal_create(const struct config *cfg, const struct http_head *head,
                               const struct err *err)
{
    struct refusal *f = mem_new(struct refusal);
    struct str program = program_of(head);
    if (!f)
        return NULL;
    f->err = *err;
    f->shape = path_error_shape(head);
    buf_init(&f->fields, FIELDS_BYTES);
    request_refusal_fields(cfg, head, err, &f->fields);
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

static const char *anthropic_type(enum err_kind kind)
{
    switch (kind) {
    case ERR_AUTH:
        return "authentication_error";
    case ERR_FORBIDDEN:
        return "permission_error";
    case ERR_NOT_FOUND:
        return "not_found_error";
    case ERR_TOO_LARGE:
        return "request_too_large";
    default:
        return "invalid_request_error";
    }
}

static const char *google_status(enum err_kind kind)
{
    switch (kind) {
    case ERR_AUTH:
        return "UNAUTHENTICATED";
    case ERR_FORBIDDEN:
        return "PERMISSION_DENIED";
    case ERR_NOT_FOUND:
        return "NOT_FOUND";
    default:
        return "INVALID_ARGUMENT";
    }
}

void refusal_write(const struct err *err, enum error_shape shape, struct buf *out)
{
    struct str msg = str_of(err->msg);
    switch (shape) {
    case SHAPE_OPENAI:
        dialect_get(DIALECT_OPENAI)->encode_error(err, out);
        return;
    case SHAPE_ANTHROPIC:
        buf_printf(out, "{\"type\":\"error\",\"error\":{\"type\":\"%s\",\"message\":",
                   anthropic_type(err->kind));
        json_write_string(out, msg);
        buf_lit(out, "}}");
        return;
    case SHAPE_OLLAMA:
        buf_lit(out, "{\"error\":");
        json_write_string(out, msg);
        buf_lit(out, "}");
        return;
    case SHAPE_GOOGLE:
        buf_printf(out, "{\"error\":{\"code\":%d,\"status\":\"%s\",\"message\":",
                   err_http_status(err->kind), google_status(err->kind));
        json_write_string(out, msg);
        buf_lit(out, "}}");
        return;
    }
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
