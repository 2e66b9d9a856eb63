/* fail.c -- the faults that are the whole answer: no answer, an error, a proxy's page. */
#include "sim/peer.h"

enum { OVERFLOW_TOKENS = 9020, OVERFLOW_MOST = 1024 };

static void send_overflow(struct peer *p)
{
    char room[SIM_MESSAGE_BYTES];
    struct sim_trouble t;
    if (p->dialect->id != DIALECT_OPENAI) {
        sim_trouble_overflow(&t, p->dialect->id, OVERFLOW_TOKENS, OVERFLOW_MOST, room);
        peer_trouble(p, &t);
        return;
    }
    peer_send_whole(
        p, 400, STR("application/json"),
        STR("{\"error\":{\"code\":400,\"message\":\"request (9020 tokens) exceeds "
            "the available context size (1024 tokens), try increasing it\","
            "\"type\":\"exceed_context_size_error\",\"n_prompt_tokens\":9020,"
            "\"n_ctx\":1024}}"),
        STR(""));
}

static void send_limited(struct peer *p)
{
    char room[SIM_MESSAGE_BYTES];
    struct sim_trouble t;
    sim_trouble_limited(&t, p->dialect->id, p->asked.fault.arg, room);
    peer_trouble(p, &t);
}

static void send_overload(struct peer *p)
{
    bool is_chat = p->dialect->id == DIALECT_OPENAI;
    const struct sim_trouble t = {.dialect = p->dialect->id,
                                  .status = 503,
                                  .type = is_chat ? "unavailable_error" : NULL,
                                  .retry_s = p->asked.fault.arg,
                                  .message = "simulated overload"};
    peer_trouble(p, &t);
}

/* A 400 or 422 names a mistake of the request: one that names none is no fault of the
 * client, and another engine is asked. */
static void send_status(struct peer *p, int status)
{
    if (status == 400 || status == 422)
        peer_fail(p, status, "invalid_request_error",
                  "simulated: 'temperature' must be between 0 and 2");
    else if (status == 529)
        peer_fail(p, status, "simulated_error", "Overloaded");
    else
        peer_fail(p, status, "simulated_error", "simulated status");
}

bool peer_fails_outright(struct peer *p)
{
    switch (p->asked.fault.kind) {
    case SIM_REFUSE: /* asked for in the message: the head was already taken */
        peer_finish(p, PEER_RESET);
        return true;
    case SIM_STALL:
        peer_finish(p, PEER_HOLD);
        return true;
    case SIM_429:
        send_limited(p);
        return true;
    case SIM_503:
        send_overload(p);
        return true;
    case SIM_500:
        peer_fail(p, 500, "server_error", "simulated failure");
        return true;
    case SIM_STATUS:
        send_status(p, p->asked.fault.arg < 400 ? 400 : (int)p->asked.fault.arg);
        return true;
    case SIM_HTML_502:
        peer_send_whole(p, 502, STR("text/html"),
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
