/* whole.c -- the paths that the simulator serves, and answers that come in one piece.
 *
 * A request for an answer takes three steps: it is read and checked at once (a bad one
 * needs no slot), it is started when it has a slot, and it begins to answer when the
 * profile says that the first token, or for a plain answer the last, would be there.
 * llama-server says nothing while a request waits for a slot, not even a head; so does
 * this.
 *
 * Not here: streams (stream.c), and what is said (answer.c). */
#include "sim/peer.h"

#include "http/write.h"
#include "sim/embed.h"

enum { HEADER_VALUE_MAX = 64, EXTRA_BYTES = 10 };

/* -- heads and bodies ------------------------------------------------------- */

void peer_write_head(struct peer *p, int status, struct str content_type,
                     int64_t content_length, struct str extra_fields)
{
    struct buf *b = &p->sim->head;
    bool closes = !p->keeps_alive || p->asked.fault.kind == SIM_CLOSE_AFTER;
    buf_clear(b);
    http_write_status_line(b, status);
    buf_lit(b, "server: weir-sim\r\ncontent-type: ");
    buf_append(b, content_type);
    if (content_length >= 0) {
        buf_lit(b, "\r\ncontent-length: ");
        buf_u64(b, (uint64_t)content_length);
    } else {
        buf_lit(b, "\r\ntransfer-encoding: chunked\r\ncache-control: no-cache");
    }
    buf_append(b, closes ? STR("\r\nconnection: close\r\n") : STR("\r\n"));
    buf_append(b, extra_fields);
    buf_lit(b, "\r\n");
}

static struct iovec vec(struct str s)
{
    union {
        const char *from;
        void *to;
    } base = {.from = s.p};
    return (struct iovec){base.to, s.n};
}

static enum peer_end end_of(const struct peer *p)
{
    switch (p->asked.fault.kind) {
    case SIM_KEEPALIVE_CLOSE:
    case SIM_CLOSE_AFTER:
    case SIM_WRONG_CONTENT_LENGTH:
        return PEER_CLOSE;
    default:
        return PEER_NEXT;
    }
}

static void send_whole(struct peer *p, int status, struct str type, struct str body,
                       struct str extra_fields)
{
    bool lies = p->asked.fault.kind == SIM_WRONG_CONTENT_LENGTH;
    peer_write_head(p, status, type, (int64_t)body.n + (lies ? EXTRA_BYTES : 0),
                    extra_fields);
    struct iovec iov[] = {vec(buf_view(&p->sim->head)), vec(body)};
    peer_send(p, iov, 2);
    p->is_head_sent = true;
    peer_finish(p, end_of(p));
}

void peer_fail(struct peer *p, int status, const char *type, const char *message,
               struct str extra_fields)
{
    struct buf *out = &p->sim->out;
    buf_clear(out);
    sim_write_error(out, status, type, message);
    send_whole(p, status, STR("application/json"), buf_view(out), extra_fields);
}

/* -- the small paths -------------------------------------------------------- */

static void answer_health(struct peer *p)
{
    send_whole(p, 200, STR("application/json"), STR("{\"status\":\"ok\"}"), STR(""));
}

static void answer_models(struct peer *p)
{
    struct sim *s = p->sim;
    if (!p->is_authorised) {
        peer_fail(p, 401, "invalid_api_key", "the bearer key is not the one", STR(""));
        return;
    }
    buf_clear(&s->out);
    buf_lit(&s->out, "{\"object\":\"list\",\"data\":[");
    for (size_t i = 0; i < s->nmodels; i++) {
        buf_append(&s->out, i ? STR(",{\"id\":\"") : STR("{\"id\":\""));
        buf_append(&s->out, s->models[i]);
        buf_lit(&s->out, "\",\"object\":\"model\",\"created\":1767225600,"
                         "\"owned_by\":\"weir-sim\"}");
    }
    buf_lit(&s->out, "]}");
    send_whole(p, 200, STR("application/json"), buf_view(&s->out), STR(""));
}

static void answer_stats(struct peer *p)
{
    buf_clear(&p->sim->out);
    sim_stats_write(p->sim, &p->sim->out);
    send_whole(p, 200, STR("application/json"), buf_view(&p->sim->out), STR(""));
}

static void answer_last(struct peer *p)
{
    struct sim *s = p->sim;
    if (!s->is_recording) {
        peer_fail(p, 404, "not_found_error", "not recording: start with --record",
                  STR(""));
        return;
    }
    buf_clear(&s->out);
    buf_append(&s->out, buf_view(&s->last_head));
    buf_append(&s->out, buf_view(&s->last_body));
    send_whole(p, 200, STR("text/plain"), buf_view(&s->out), STR(""));
}

const struct sim_route sim_routes[] = {
    {"/v1/chat/completions", "POST", SIM_CHAT, peer_generate},
    {"/v1/completions", "POST", SIM_COMPLETIONS, peer_generate},
    {"/v1/embeddings", "POST", SIM_EMBEDDINGS, peer_generate},
    {.path = "/v1/models", .method = "GET", .run = answer_models},
    {.path = "/health", .method = "GET", .run = answer_health},
    {.path = "/sim/stats", .method = "GET", .run = answer_stats},
    {.path = "/sim/last", .method = "GET", .run = answer_last},
};
const size_t sim_nroutes = ARRAY_LEN(sim_routes);

/* -- faults instead of an answer -------------------------------------------- */

static void fail_with_retry_after(struct peer *p, int status, const char *type,
                                  const char *message)
{
    char line[HEADER_VALUE_MAX];
    int n = snprintf(line, sizeof line, "retry-after: %llu\r\n",
                     (unsigned long long)p->asked.fault.arg);
    peer_fail(p, status, type, message, (struct str){line, (size_t)n});
}

static void send_overflow(struct peer *p)
{
    send_whole(p, 400, STR("application/json"),
               STR("{\"error\":{\"code\":400,\"message\":\"request (9020 tokens) exceeds "
                   "the available context size (1024 tokens), try increasing it\","
                   "\"type\":\"exceed_context_size_error\",\"n_prompt_tokens\":9020,"
                   "\"n_ctx\":1024}}"),
               STR(""));
}

/* A 400 or 422 names a mistake of the request: one that names none is no fault of the
 * client, and another engine is asked. */
static void fail_with(struct peer *p, int status)
{
    if (status == 400 || status == 422)
        peer_fail(p, status, "invalid_request_error",
                  "simulated: 'temperature' must be between 0 and 2", STR(""));
    else
        peer_fail(p, status, "simulated_error", "simulated status", STR(""));
}

/* True when the fault was the whole answer. */
static bool fails_outright(struct peer *p)
{
    switch (p->asked.fault.kind) {
    case SIM_REFUSE: /* asked for in the message: the head was already taken */
        peer_finish(p, PEER_RESET);
        return true;
    case SIM_STALL:
        peer_finish(p, PEER_HOLD);
        return true;
    case SIM_429:
        fail_with_retry_after(p, 429, "rate_limit_exceeded", "simulated rate limit");
        return true;
    case SIM_503:
        fail_with_retry_after(p, 503, "unavailable_error", "simulated overload");
        return true;
    case SIM_500:
        peer_fail(p, 500, "server_error", "simulated failure", STR(""));
        return true;
    case SIM_STATUS:
        fail_with(p, p->asked.fault.arg < 400 ? 400 : (int)p->asked.fault.arg);
        return true;
    case SIM_HTML_502:
        send_whole(p, 502, STR("text/html"),
                   STR("<html><head><title>502 Bad Gateway</title></head>"
                       "<body><h1>502 Bad Gateway</h1></body></html>\n"),
                   STR(""));
        return true;
    case SIM_OVERFLOW:
        send_overflow(p);
        return true;
    default:
        return false;
    }
}

/* -- an answer -------------------------------------------------------------- */

/* The flag's word is in p->asked; the message's replaces it, the header's both. */
static int read_directives(struct peer *p, struct err *err)
{
    if (p->fault_err.kind != ERR_NONE) {
        *err = p->fault_err;
        return -1;
    }
    if (sim_directives_find(&p->asked, p->request.prompt.raw, err) < 0)
        return -1;
    if (p->header_asked.fault.kind != SIM_NO_FAULT)
        p->asked.fault = p->header_asked.fault;
    if (p->header_asked.words)
        p->asked.words = p->header_asked.words;
    return 0;
}

static void wait_for_slot(struct peer *p)
{
    struct sim *s = p->sim;
    if (s->slots && s->nbusy >= s->slots) {
        p->state = PEER_WAIT;
        list_append(&s->queue, &p->waiting);
        return;
    }
    peer_start(p);
}

void peer_generate(struct peer *p)
{
    struct err err = {0};
    if (!p->is_authorised) {
        peer_fail(p, 401, "invalid_api_key", "the bearer key is not the one", STR(""));
        return;
    }
    if (sim_request_read(&p->request, p->route->surface, buf_view(&p->body),
                         p->sim->models[0], &err) < 0 ||
        read_directives(p, &err) < 0) {
        p->asked.fault.kind = SIM_NO_FAULT;
        peer_fail(p, 400, "invalid_request_error", err.msg, STR(""));
        return;
    }
    wait_for_slot(p);
}

/* Milliseconds until the first token: the profile's, plus or minus its jitter by the
 * request's digest, so that the same request always waits as long. */
static double first_token_ms(const struct peer *p)
{
    const struct sim_profile *profile = p->sim->profile;
    double share = (double)(p->request.digest >> 20 & 0xFFFF) / 0x8000 - 1;
    double ms = ((double)profile->ttft_ms + share * profile->jitter_ms) / p->sim->speed;
    if (p->asked.fault.kind == SIM_SLOW_FIRST_BYTE)
        ms += (double)p->asked.fault.arg;
    return ms;
}

/* How long after the first token a plain answer is complete. */
static double talking_ms(const struct peer *p)
{
    uint32_t rate = p->sim->profile->tokps;
    if (rate == 0 || p->request.is_stream || p->request.surface == SIM_EMBEDDINGS)
        return 0;
    return (double)p->answer.longest * 1000 / (rate * p->sim->speed);
}

void peer_start(struct peer *p)
{
    struct sim *s = p->sim;
    struct sim_voice voice = {s->replay, &p->asked};
    struct err err = {0};
    s->nbusy++;
    p->holds_slot = true;
    p->state = PEER_SEND;
    if (fails_outright(p))
        return;
    if (p->request.surface != SIM_EMBEDDINGS &&
        sim_answer_make(&p->answer, &p->request, &voice, &p->arena, &err) < 0) {
        peer_fail(p, 500, "server_error", err.msg, STR(""));
        return;
    }
    double wait_ms = first_token_ms(p);
    p->first_ms = loop_now_ms(s->loop) + (uint64_t)wait_ms;
    wait_ms += talking_ms(p);
    if (wait_ms < 1) {
        peer_begin(p);
        return;
    }
    p->state = PEER_PAUSE;
    loop_timer_at(&p->due, loop_now_ms(s->loop) + (uint64_t)wait_ms);
}

/* Half of the body, and the end that the fault wants. */
static void break_off(struct peer *p, struct str body)
{
    static const enum peer_end ends[SIM_FAULT_KINDS] = {
        [SIM_RESET_MID_STREAM] = PEER_RESET,
        [SIM_CUT_MID_STREAM] = PEER_CLOSE,
        [SIM_STALL_MID_STREAM] = PEER_HOLD,
    };
    peer_write_head(p, 200, STR("application/json"), (int64_t)body.n, STR(""));
    struct iovec iov[] = {vec(buf_view(&p->sim->head)),
                          vec(str_sub(body, 0, body.n / 2))};
    peer_send(p, iov, 2);
    p->is_head_sent = true;
    peer_finish(p, ends[p->asked.fault.kind]);
}

static void send_answer(struct peer *p, struct str body)
{
    char extra[HEADER_VALUE_MAX];
    int n = snprintf(extra, sizeof extra, "x-request-id: sim-%016llx\r\n",
                     (unsigned long long)p->request.digest);
    switch (p->asked.fault.kind) {
    case SIM_RESET_MID_STREAM:
    case SIM_CUT_MID_STREAM:
    case SIM_STALL_MID_STREAM:
        break_off(p, body);
        return;
    case SIM_ERROR_IN_200:
    case SIM_ERROR_MID_STREAM:
        peer_fail(p, 200, "server_error", "the simulated engine gave up", STR(""));
        return;
    case SIM_BAD_JSON:
        body = str_sub(body, 0, body.n - body.n / 3);
        break;
    case SIM_GARBAGE_SSE:
        body = STR("<html>not JSON at all");
        break;
    case SIM_EMPTY_STREAM:
        body = STR("");
        break;
    default:
        break;
    }
    send_whole(p, 200, STR("application/json"), body, (struct str){extra, (size_t)n});
}

void peer_begin(struct peer *p)
{
    struct buf *out = &p->sim->out;
    struct err err = {0};
    p->state = PEER_SEND;
    if (p->request.is_stream && p->request.surface != SIM_EMBEDDINGS) {
        stream_begin(p);
        return;
    }
    buf_clear(out);
    if (p->request.surface != SIM_EMBEDDINGS)
        sim_answer_write(&p->answer, p->asked.fault, out);
    else if (sim_embeddings(&p->request, out, &p->arena, &err) < 0)
        out->failed = true;
    if (out->failed)
        peer_fail(p, 500, "server_error", "the answer is too large", STR(""));
    else
        send_answer(p, buf_view(out));
}
