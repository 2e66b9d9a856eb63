/* faults.c -- the table of faults, and reading directives.
 *
 * Each row is something an engine or a middlebox has been seen to do.  What a fault
 * puts on the wire is in whole.c and stream.c, where the answer is written. */
#include "sim/faults.h"

#include "json/scan.h"

static const struct sim_fault_row rows[] = {
    {SIM_REFUSE, "refuse", NULL, 0, 0,
     "resets the connection before any byte (as --fault: as soon as it is accepted)"},
    {SIM_STALL, "stall", NULL, 0, 0, "reads the request and never answers"},
    {SIM_SLOW_FIRST_BYTE, "slow-first-byte", "ms", 1000, 3600000,
     "nothing at all for that long, then a normal answer"},
    {SIM_SLOW_HEAD, "slow-head", "ms", 200, 3600000,
     "half the response head, a pause of that long, then the rest"},
    {SIM_DRIBBLE, "dribble", NULL, 0, 0, "the whole answer in writes of one byte"},
    {SIM_RESET_MID_STREAM, "reset-mid-stream", "deltas", 3, 1000000,
     "resets after so many deltas (plain: after half the body)"},
    {SIM_CUT_MID_STREAM, "cut-mid-stream", "deltas", 3, 1000000,
     "ends the connection in order, without the last chunk, after so many deltas"},
    {SIM_STALL_MID_STREAM, "stall-mid-stream", "deltas", 3, 1000000,
     "falls silent after so many deltas, connection open"},
    {SIM_ERROR_MID_STREAM, "error-mid-stream", "deltas", 3, 1000000,
     "an error event after so many deltas, then the end (plain: as error-in-200)"},
    {SIM_ERROR_IN_200, "error-in-200", NULL, 0, 0,
     "status 200 whose first event, or body, is an error object"},
    {SIM_STATUS, "status", "code", 400, 599, "an error object with that status"},
    {SIM_429, "429", "seconds", 1, 86400, "429 with that Retry-After"},
    {SIM_500, "500", NULL, 0, 0, "500 with an error object"},
    {SIM_503, "503", "seconds", 1, 86400, "503 with that Retry-After"},
    {SIM_HTML_502, "html-502", NULL, 0, 0, "a proxy's 502 page in HTML"},
    {SIM_OVERFLOW, "overflow", NULL, 0, 0,
     "400 as llama-server says that the context is exceeded, also to a stream"},
    {SIM_GARBAGE_SSE, "garbage-sse", NULL, 0, 0,
     "lines that are not server-sent events among the deltas (plain: not JSON)"},
    {SIM_BAD_JSON, "bad-json", NULL, 0, 0,
     "an event, or a body, whose JSON stops in the middle"},
    {SIM_ODD_SSE, "odd-sse", NULL, 0, 0,
     "legal but unusual events: CRLF, comments, no blank after the colon"},
    {SIM_HUGE_EVENT, "huge-event", "bytes", 4194304, 67108864,
     "one delta (plain: one content) of that many bytes"},
    {SIM_EMPTY_STREAM, "empty-stream", NULL, 0, 0,
     "a 200 event stream that ends without an event (plain: an empty body)"},
    {SIM_NO_DONE, "no-done", NULL, 0, 0, "ends without [DONE]"},
    {SIM_FINISH_MISSING, "finish-missing", NULL, 0, 0,
     "no finish chunk (plain: finish_reason null)"},
    {SIM_USAGE_MERGED, "usage-merged", NULL, 0, 0,
     "usage on the finish chunk, asked for or not"},
    {SIM_USAGE_MISSING, "usage-missing", NULL, 0, 0, "no usage, asked for or not"},
    {SIM_USAGE_TWICE, "usage-twice", NULL, 0, 0, "the usage chunk twice"},
    {SIM_USAGE_BEFORE_FINISH, "usage-before-finish", NULL, 0, 0,
     "the usage chunk ahead of the finish chunk"},
    {SIM_WRONG_CONTENT_LENGTH, "wrong-content-length", NULL, 0, 0,
     "promises 10 bytes more than come (stream: in the last chunk), then ends"},
    {SIM_CLOSE_AFTER, "close-after", NULL, 0, 0,
     "says connection: close and ends the connection after the answer"},
    {SIM_KEEPALIVE_CLOSE, "keepalive-close", NULL, 0, 0,
     "promises keep-alive and ends the connection just after the answer"},
    {SIM_CUT_MID_EVENT, "cut-mid-event", "deltas", 3, 1000000,
     "ends the connection in the middle of an event, after so many deltas"},
    {SIM_SLOW_FIRST_TOKEN, "slow-first-token", "ms", 1000, 3600000,
     "the head and the opening of the stream at once, the first token so much later"},
    {SIM_PINGS, "pings", "n", 3, 10000, "so many pings before the first token"},
    {SIM_WORDS, "words", "n", 64, 1000000, "not a fault: an answer of n words"},
    {SIM_STRICT, "strict", NULL, 0, 0,
     "what the vendor refuses is refused, of OpenAI's chats as well"},
    {SIM_LENIENT, "lenient", NULL, 0, 0, "what the vendor refuses is answered"},
    {SIM_SIGNED_CALLS, "signed-calls", NULL, 0, 0,
     "calls of Gemini without their thoughtSignature are refused"},
    {SIM_NO_THINKING, "no-thinking", NULL, 0, 0,
     "the model of Ollama cannot think, and says so when it is asked to"},
};

const struct sim_fault_row *sim_fault_rows(size_t *ret_n)
{
    *ret_n = ARRAY_LEN(rows);
    return rows;
}

static const struct sim_fault_row *find_row(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (str_eqz(name, rows[i].name))
            return &rows[i];
    return NULL;
}

static int add_one(struct sim_directives *d, struct str word, struct err *err)
{
    ptrdiff_t eq = str_index(word, '=');
    struct str name = eq < 0 ? word : str_sub(word, 0, (size_t)eq);
    const struct sim_fault_row *row = find_row(name);
    if (!row)
        return err_set(err, ERR_BAD_REQUEST, "unknown_fault",
                       "the simulator knows no fault %.*s; see weir sim --list",
                       STR_ARG(name));
    uint64_t arg = row->default_arg;
    if (eq >= 0 &&
        (!row->arg_name || !str_to_u64(str_sub(word, (size_t)eq + 1, word.n), &arg) ||
         arg > row->max_arg))
        return err_set(err, ERR_BAD_REQUEST, "unknown_fault",
                       "fault %s: %s must be a number up to %llu", row->name,
                       row->arg_name ? row->arg_name : "its argument (it takes none)",
                       (unsigned long long)row->max_arg);
    switch (row->kind) {
    case SIM_WORDS:
        d->words = arg ? arg : 1;
        break;
    case SIM_STRICT:
    case SIM_LENIENT:
        d->checks = row->kind;
        break;
    case SIM_SIGNED_CALLS:
        d->wants_signed_calls = true;
        break;
    case SIM_NO_THINKING:
        d->cannot_think = true;
        break;
    default:
        d->fault = (struct sim_fault){row->kind, arg};
        break;
    }
    return 0;
}

int sim_directives_add(struct sim_directives *d, struct str list, struct err *err)
{
    struct str word;
    while (str_split(&list, ',', &word))
        if (add_one(d, str_trim(word), err) < 0)
            return -1;
    return 0;
}

/* Where the rules end that stand at the beginning of the text. */
static size_t rules_end(struct str text)
{
    size_t at = 0;
    while (at < text.n && text.p[at] == '{') {
        struct json_cur c;
        json_begin(&c, str_sub(text, at, text.n));
        if (!json_skip(&c, NULL))
            break;
        at += json_offset(&c);
        while (at < text.n && strchr(" \t\r\n", text.p[at]))
            at++;
    }
    return at;
}

bool sim_directive_next(struct str *text, struct str *ret)
{
    ptrdiff_t at = str_find(*text, STR("[[sim:"));
    if (at < 0)
        return false;
    *text = str_sub(*text, (size_t)at + 6, text->n);
    size_t from = rules_end(*text);
    ptrdiff_t end = str_find(str_sub(*text, from, text->n), STR("]]"));
    if (end < 0)
        return false;
    *ret = str_sub(*text, 0, from + (size_t)end);
    *text = str_sub(*text, ret->n, text->n);
    return true;
}

int sim_directives_find(struct sim_directives *d, struct str text, struct err *err)
{
    struct str inside;
    while (sim_directive_next(&text, &inside))
        if (!str_starts(inside, STR("{")) && sim_directives_add(d, inside, err) < 0)
            return -1;
    return 0;
}

void sim_directives_replace(struct sim_directives *d, const struct sim_directives *over)
{
    if (over->fault.kind != SIM_NO_FAULT)
        d->fault = over->fault;
    if (over->words)
        d->words = over->words;
    if (over->checks != SIM_NO_FAULT)
        d->checks = over->checks;
    d->wants_signed_calls |= over->wants_signed_calls;
    d->cannot_think |= over->cannot_think;
}
