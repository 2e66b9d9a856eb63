/* openai_error.c -- errors as OpenAI clients expect them.
 *
 * The SDKs choose their exception class by HTTP status and show `message`; programs
 * match on `code`, which is weir's own word.  `type` follows OpenAI's published list. */
#include "dialect/openai.h"
#include "json/write.h"

static const char *error_type(enum err_kind kind)
{
    switch (kind) {
    case ERR_BAD_REQUEST:
    case ERR_METHOD:
    case ERR_MISDIRECTED:
    case ERR_UPGRADE:
    case ERR_CLIENT_SLOW:
    case ERR_TOO_LARGE:
    case ERR_UNSUPPORTED:
    case ERR_HEAD_TOO_LARGE:
        return "invalid_request_error";
    case ERR_AUTH:
        return "authentication_error";
    case ERR_FORBIDDEN:
        return "permission_error";
    case ERR_NOT_FOUND:
        return "not_found_error";
    case ERR_RATE_LIMIT:
        return "rate_limit_error";
    case ERR_UPSTREAM:
    case ERR_TIMEOUT:
    case ERR_LOOP:
        return "api_error";
    default:
        return "server_error";
    }
}

void openai_encode_error_about(const struct err *err, struct str param, struct buf *out)
{
    buf_lit(out, "{\"error\":{\"message\":");
    json_write_string(out, str_of(err->msg));
    buf_lit(out, ",\"type\":");
    json_write_string(out, str_of(error_type(err->kind)));
    buf_lit(out, ",\"param\":");
    if (param.p)
        json_write_string(out, param);
    else
        buf_lit(out, "null");
    buf_lit(out, ",\"code\":");
    if (err->code)
        json_write_string(out, str_of(err->code));
    else
        buf_lit(out, "null");
    buf_lit(out, "}}");
}

void openai_encode_error(const struct err *err, struct buf *out)
{
    openai_encode_error_about(err, (struct str){NULL, 0}, out);
}
