/* responses_error.c -- errors as clients of Responses expect them.
 *
 * The same object as in chat, with the name of the member at fault in `param`: clients
 * act on `code`, and on `param` where it is one that they can leave out.  In a stream the
 * error stands inside the response, where Codex and the SDKs look for OpenAI's own codes.
 */
#include "dialect/openai.h"
#include "dialect/responses.h"
#include "json/write.h"

/* What a message about a member begins with: 'input[3].type'. */
static struct str param_of(const struct err *err)
{
    struct str msg = str_of(err->msg), none = {NULL, 0};
    if (err->kind != ERR_BAD_REQUEST || msg.n < 2 || msg.p[0] != '\'')
        return none;
    struct str rest = str_sub(msg, 1, msg.n);
    ptrdiff_t end = str_index(rest, '\'');
    return end > 0 ? str_sub(rest, 0, (size_t)end) : none;
}

void responses_encode_error(const struct err *err, struct buf *out)
{
    openai_encode_error_about(err, param_of(err), out);
}

const char *responses_error_code(const struct err *err)
{
    static const struct {
        const char *own, *code;
    } rows[] = {
        {"context_length_exceeded", "context_length_exceeded"},
        {"upstream_rate_limit", "rate_limit_exceeded"},
        {"upstream_quota", "insufficient_quota"},
        {"upstream_payment", "insufficient_quota"},
    };
    for (size_t i = 0; err->code && i < ARRAY_LEN(rows); i++)
        if (strcmp(err->code, rows[i].own) == 0)
            return rows[i].code;
    return err->kind == ERR_RATE_LIMIT    ? "rate_limit_exceeded"
           : err->kind == ERR_BAD_REQUEST ? "invalid_prompt"
                                          : "server_error";
}
