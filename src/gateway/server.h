/* server.h -- the running gateway: workers over shared state.
 *
 * The main thread owns it.  Workers share the ledger, the gates (through the setup)
 * and the counters here; everything else is a worker's own. */
#ifndef WEIR_GATEWAY_SERVER_H
#define WEIR_GATEWAY_SERVER_H

#include "core/hash.h"
#include "gateway/cloud.h"
#include "gateway/feedback.h"
#include "gateway/kept.h"
#include "gateway/key_hashes.h"
#include "gateway/learning.h"
#include "gateway/page.h"
#include "gateway/pilots.h"
#include "gateway/setup.h"
#include "gateway/sides.h"
#include "guard/sessions.h"
#include "ledger/audit/audit.h"
#include "ledger/ledger.h"
#include "loop/pool.h"

#include <stdatomic.h>

struct worker;
struct door;

/* What has happened since start; for /metrics, the drain and the tests. */
struct server_counters {
    atomic_ullong connections, requests, refused_early;
    atomic_ullong closed_for_room; /* connections, when descriptors ran out */
    atomic_ullong buffered_bytes;  /* all workers: see budget.h */
    atomic_ullong short_at_ms;     /* when somebody was last refused for want of room */
    atomic_uint active_requests;
    /* What came of tags: see struct restore_counts. */
    atomic_ullong values_masked, tags_restored, tags_damaged, tags_unknown, tags_withheld;
    atomic_ullong clear_alarms;
};

struct server_address {
    char text[256]; /* "127.0.0.1:4141"; empty: it is not listened on */
};

struct server {
    struct ledger *ledger;
    struct audit *audit; /* NULL: it cannot be written, so nothing goes to the cloud */
    const struct page_table *pages;
    struct setup_parts parts;
    struct siphash_key session_key;
    struct key_hashes key_hashes;
    struct sessions *sessions;
    struct sides *sides;   /* of conversations under policy learned */
    struct recent *recent; /* the last requests, for feedback */
    feedback_fn *heard;
    void *heard_ctx;
    struct pool *pool;    /* scans of large bodies */
    struct pool *readers; /* reading of large bodies */
    struct server_counters counters;
    uint64_t seen_forgotten, seen_refused; /* of sessions; main thread only */
    uint64_t warned_ms;
    struct setup *setup; /* main thread only; workers hold their own reference */
    struct calibration_file calibration;
    struct learning *learning;
    struct pilots pilots;
    uint64_t ask_files_ms; /* when engines are asked next which files they run */
    struct worker **workers;
    uint32_t nworkers;
    uint64_t began_ms; /* wall clock; what is only in memory is known since then */
    uint16_t port;     /* of the first address */
    struct server_address addresses[CONFIG_MAX_LISTENS];
    char state_dir[1024];
    char operator_token[65]; /* see operator.h */
    struct cloud cloud;
    const struct kept_engines *kept; /* see server_options */
    void *kept_ctx;
    pthread_mutex_t kept_mutex; /* one order after the other */
    struct door *door;          /* who may open the page */
    void *pages_ctx;            /* see server_options */
    ledger_row_fn *settled;     /* ... */
    char mark[17]; /* of this process: what it sends carries it (ENGINE_VIA) */
};

struct server_options {
    setup_prices_fn *prices;
    void *prices_ctx;
    setup_sim_port_fn *sim_port;
    void *sim_ctx;
    setup_measured_fn *measured; /* may be NULL */
    void *measured_ctx;
    const struct page_table *pages; /* lives as long as the server */
    void *pages_ctx;                /* for pages that need one; the same */
    ledger_row_fn *settled; /* see ledger_on_row(), with pages_ctx; NULL: nobody asks */
    const struct kept_engines *kept; /* engines that weir itself runs; NULL: none */
    void *kept_ctx;
    feedback_fn *heard; /* NULL: policy learned learns from it */
    void *heard_ctx;
};

/* Opens the ledger, binds, starts the workers.  Takes over the config reference. */
struct server *server_start(struct config *config, const struct server_options *o,
                            struct err *err);
uint16_t server_port(const struct server *s);
/* Swaps the configuration; requests under way finish under the old one.  -1 and
 * nothing changed when `config` needs a restart.  Takes over the reference. */
int server_reload(struct server *s, struct config *config, struct err *err);
/* Now and then, on the main thread: ends sessions that have been idle too long, so that
 * their values are wiped also when no request comes. */
void server_tick(struct server *s);
/* Stops accepting, lets requests finish for at most the configured drain time, then
 * cancels the rest; joins the workers, closes the ledger, frees. */
void server_drain_and_free(struct server *s);

#endif
