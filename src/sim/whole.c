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

void peer_send_whole(struct peer *p, int status, struct str type, struct str body,
                     struct str extra_fields)
{
    bool lies = p->asked.fault.kind == SIM_WRONG_CONTENT_LENGTH;
    peer_write_head(p, status, type, (int64_t)body.n + (lies ? EXTRA_BYTES : 0),
                    extra_fields);
    struct iovec iov[] = {vec(buf_view(&p->sim->head)), vec(body)};
    peer_send(p, iov, p->is_head_asked ? 1 : 2);
    p->is_head_sent = true;
    peer_finish(p, end_of(p));
}

void peer_trouble(struct peer *p, const struct sim_trouble *t)
{
    struct buf *out = &p->sim->out;
    struct buf fields;
    buf_clear(out);
    buf_init(&fields, HEADER_VALUE_MAX);
    sim_trouble_write(t, out);
    sim_trouble_fields(t, &fields);
    peer_send_whole(p, t->status, STR("application/json"), buf_view(out),
                    buf_view(&fields));
    buf_release(&fields);
}

void peer_fail(struct peer *p, int status, const char *type, const char *message)
{
    const struct sim_trouble t = {.dialect = p->dialect->id,
                                  .status = status,
                                  .type = p->dialect->id == DIALECT_OPENAI ? type : NULL,
                                  .message = message};
    peer_trouble(p, &t);
}

void peer_refuse_key(struct peer *p)
{
    struct sim_trouble t;
    sim_trouble_key(&t, p->dialect->id);
    peer_trouble(p, &t);
}

/* -- the small paths -------------------------------------------------------- */

static void answer_health(struct peer *p)
{
    peer_send_whole(p, 200, STR("application/json"), STR("{\"status\":\"ok\"}"), STR(""));
}

static void answer_stats(struct peer *p)
{
    buf_clear(&p->sim->out);
    sim_stats_write(p->sim, &p->sim->out);
    peer_send_whole(p, 200, STR("application/json"), buf_view(&p->sim->out), STR(""));
}

static void answer_last(struct peer *p)
{
    struct sim *s = p->sim;
    if (!s->is_recording) {
        peer_fail(p, 404, "not_found_error", "not recording: start with --record");
        return;
    }
    buf_clear(&s->out);
    buf_append(&s->out, buf_view(&s->last_head));
    buf_append(&s->out, buf_view(&s->last_body));
    peer_send_whole(p, 200, STR("text/plain"), buf_view(&s->out), STR(""));
}

const struct sim_route sim_routes[] = {
    {"/v1/chat/completions", "POST", SIM_CHAT, peer_generate},
    {"/v1/completions", "POST", SIM_COMPLETIONS, peer_generate},
    {"/v1/embeddings", "POST", SIM_EMBEDDINGS, peer_generate},
    {.path = "/health", .method = "GET", .run = answer_health},
    {.path = "/sim/stats", .method = "GET", .run = answer_stats},
    {.path = "/sim/last", .method = "GET", .run = answer_last},
};
const size_t sim_nroutes = ARRAY_LEN(sim_routes);

/* -- an answer -------------------------------------------------------------- */

/* The flag's word is in p->asked; a rule's replaces it, the message's that, and the
 * header's all of them. */
static int read_directives(struct peer *p, struct err *err)
{
    struct sim_directives said = {0};
    if (p->fault_err.kind != ERR_NONE) {
        *err = p->fault_err;
        return -1;
    }
    if (p->request.prompt.raw.p) {
        struct str prompt = json_unescape(&p->arena, p->request.prompt);
        if (!prompt.p)
            return err_nomem(err);
        if (sim_directives_find(&said, prompt, err) < 0)
            return -1;
    }
    sim_directives_replace(&p->asked, &p->turn.asked);
    sim_directives_replace(&p->asked, &said);
    sim_directives_replace(&p->asked, &p->header_asked);
    return 0;
}

/* What its vendor would refuse in it.  True: it has been refused. */
static bool is_refused(struct peer *p)
{
    char room[SIM_MESSAGE_BYTES];
    struct sim_trouble t;
    const struct sim_checking c = {.dialect = p->dialect,
                                   .surface = p->address.path ? p->address.path->surface
                                              : p->route->surface == SIM_CHAT
                                                  ? SURFACE_CHAT
                                                  : SURFACE_EMBEDDINGS,
                                   .body = buf_view(&p->body),
                                   .version = str_of(p->version),
                                   .asked = &p->asked,
                                   .arena = &p->arena};
    if (!sim_check(&c, &t, room))
        return false;
    p->asked.fault.kind = SIM_NO_FAULT;
    peer_trouble(p, &t);
    return true;
}

static int read_request(struct peer *p, struct err *err)
{
    struct str body = buf_view(&p->body);
    p->turn = (struct sim_turn){.parts = NULL};
    p->request = (struct sim_request){.surface = p->route->surface};
    return sim_ask_read(&p->address, p->route->surface, body, p->sim->models[0],
                        &p->arena, &p->asking, &p->request, err) < 0
               ? -1
               : sim_ask_script(p->sim->script, body, &p->arena, &p->asking, &p->request,
                                &p->turn, err);
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
    struct err err = {0}, why = {0};
    if (!p->is_authorised) {
        peer_refuse_key(p);
        return;
    }
    int rc = read_request(p, &err);
    int directed = read_directives(p, &why);
    if (is_refused(p))
        return;
    if (rc < 0 || directed < 0) {
        p->asked.fault.kind = SIM_NO_FAULT;
        peer_fail(p, 400, "invalid_request_error", rc < 0 ? err.msg : why.msg);
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
    if (p->asked.fault.kind == SIM_SLOW_FIRST_BYTE ||
        (p->asked.fault.kind == SIM_SLOW_FIRST_TOKEN && !p->request.is_stream))
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

static enum sim_signs signs_of(enum dialect_id d)
{
    static const enum sim_signs signs[DIALECT_COUNT] = {
        [DIALECT_OPENAI_RESPONSES] = SIM_SIGNS_THOUGHTS,
        [DIALECT_ANTHROPIC] = SIM_SIGNS_THOUGHTS,
        [DIALECT_GEMINI] = SIM_SIGNS_CALLS,
    };
    return signs[d];
}

void peer_start(struct peer *p)
{
    struct sim *s = p->sim;
    struct sim_voice voice = {s->replay, &p->asked, &p->turn};
    struct err err = {0};
    s->nbusy++;
    p->holds_slot = true;
    p->state = PEER_SEND;
    if (peer_fails_outright(p))
        return;
    if (p->request.surface != SIM_EMBEDDINGS &&
        sim_answer_make(&p->answer, &p->request, &voice, &p->arena, &err) < 0) {
        peer_fail(p, 500, "server_error", err.msg);
        return;
    }
    p->answer.signs = signs_of(p->dialect->id);
    p->answer.tells_stop = p->dialect->id != DIALECT_OPENAI;
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
        [SIM_CUT_MID_EVENT] = PEER_CLOSE,
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
    case SIM_CUT_MID_EVENT:
    case SIM_STALL_MID_STREAM:
        break_off(p, body);
        return;
    case SIM_ERROR_IN_200:
    case SIM_ERROR_MID_STREAM:
        peer_fail(p, 200, "server_error", "the simulated engine gave up");
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
    peer_send_whole(p, 200, STR("application/json"), body,
                    (struct str){extra, (size_t)n});
}

/* sim->out has the answer in weir's form. */
static void send_dressed(struct peer *p)
{
    struct buf dressed;
    struct err err = {0};
    buf_init(&dressed, SIM_OUT_MAX_BYTES);
    if (sim_dress_answer(p->dialect, &p->asking.about, buf_view(&p->sim->out), &dressed,
                         &err) < 0)
        peer_fail(p, 500, "server_error", err.msg);
    else
        send_answer(p, buf_view(&dressed));
    buf_release(&dressed);
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
        peer_fail(p, 500, "server_error", "the answer is too large");
    else if (p->address.path)
        send_dressed(p);
    else
        send_answer(p, buf_view(out));
}
