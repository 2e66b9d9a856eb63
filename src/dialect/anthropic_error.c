/* anthropic_error.c -- errors as Anthropic's clients expect them.
 *
 * The SDKs choose their exception by HTTP status, and retry 408, 409, 429 and all from
 * 500 on.  `type` follows the published list; weir's own word for it stands in
 * `details.error_code`.  Claude Code makes its history shorter when it reads that the
 * prompt is too long, in the API's words. */
#include "dialect/anthropic.h"
#include "json/write.h"

enum { STATUS_OVERLOADED = 529 };

static const char *error_type(enum err_kind kind)
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
    case ERR_RATE_LIMIT:
        return "rate_limit_error";
    case ERR_TIMEOUT:
    case ERR_CLIENT_SLOW:
        return "timeout_error";
    case ERR_OVERLOAD:
        return "overloaded_error";
    case ERR_BAD_REQUEST:
    case ERR_METHOD:
    case ERR_UNSUPPORTED:
    case ERR_HEAD_TOO_LARGE:
        return "invalid_request_error";
    default:
        return "api_error";
    }
}

void anthropic_encode_error(const struct err *err, struct buf *out)
{
    buf_printf(out, "{\"type\":\"error\",\"error\":{\"type\":\"%s\",\"message\":",
               error_type(err->kind));
    buf_byte(out, '"');
    if (err->code && strcmp(err->code, "context_length_exceeded") == 0)
        buf_lit(out, "prompt is too long: ");
    json_write_inside(out, str_of(err->msg));
    buf_byte(out, '"');
    if (err->code) {
        buf_lit(out, ",\"details\":{\"error_code\":");
        json_write_string(out, str_of(err->code));
        buf_byte(out, '}');
    }
    buf_lit(out, "}}");
}

int anthropic_error_status(const struct err *err)
{
    return err->kind == ERR_OVERLOAD ? STATUS_OVERLOADED : err_http_status(err->kind);
}
