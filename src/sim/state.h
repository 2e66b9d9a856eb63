/* state.h -- what the files of the running simulator share: the server and its stats.
 *
 * All of it belongs to the simulator's own loop thread; nothing here is locked. */
#ifndef WEIR_SIM_STATE_H
#define WEIR_SIM_STATE_H

#include "core/arena.h"
#include "core/buf.h"
#include "loop/loop.h"
#include "net/listen.h"
#include "sim/faults.h"
#include "sim/profile.h"
#include "sim/replay.h"
#include "sim/script.h"

#include <pthread.h>

#include <openssl/evp.h>

enum {
    SIM_SEEN_MAX = 64,
    SIM_BODY_MAX_BYTES = 64 * 1024 * 1024,
    SIM_OUT_MAX_BYTES = 160 * 1024 * 1024
};

/* A request as the engine received it, without its content. */
struct sim_seen {
    char target[64]; /* cut there */
    unsigned char sha256[32];
    uint64_t body_bytes;
    bool has_authorization, has_cookie;
};

struct sim_stats {
    uint64_t accepted;  /* connections */
    uint64_t requests;  /* whole requests, those to /sim/ not counted */
    uint64_t completed; /* answered to the end (also by a fault that has an end) */
    uint64_t cancelled; /* the client left before its answer had ended */
    uint64_t bad;       /* what was not acceptable HTTP */
    struct sim_seen seen[SIM_SEEN_MAX]; /* a ring: requests % SIM_SEEN_MAX is next */
};

struct sim {
    /* what was asked for; set before the thread starts */
    struct arena options; /* copies of the strings below */
    const struct sim_profile *profile;
    struct replay *replay;     /* or NULL */
    struct sim_script *script; /* or NULL */
    struct str address, api_key;
    const struct str *models; /* bodies of JSON strings; at least one */
    size_t nmodels;
    struct sim_directives asked;
    double speed;
    uint32_t slots;
    bool is_recording;

    /* the running server */
    struct loop *loop;
    struct listener *listener;
    uint16_t port;
    pthread_t thread;
    struct loop_task stop, admit;
    bool is_admit_queued;
    struct link peers; /* every connection */
    struct link queue; /* those that wait for a slot */
    uint32_t nbusy, nstreaming, nopen;
    struct buf head, out; /* scratch: filled and sent before anything else runs */
    EVP_MD *sha256;
    EVP_MD_CTX *digest;
    struct sim_stats stats;
    struct buf last_head, last_body; /* when recording */
};

/* stats.c: notes one received request.  target and head_text (what /sim/last repeats,
 * empty when not recording) are copied. */
void sim_stats_note(struct sim *s, struct str target, bool has_authorization,
                    bool has_cookie, struct str head_text, struct str body);
/* Appends the JSON of /sim/stats. */
void sim_stats_write(const struct sim *s, struct buf *out);

#endif
