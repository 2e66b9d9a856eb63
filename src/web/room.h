/* room.h -- what the files of this room share; nobody else includes it. */
#ifndef WEIR_WEB_ROOM_H
#define WEIR_WEB_ROOM_H

#include "web/feed.h"
#include "web/places.h"
#include "web/web.h"

#include "ledger/audit/audit_tally.h"
#include "ledger/index/sums.h"
#include "ledger/log/uid.h"
#include "json/write.h"

/* A text that several subscribers and threads hold at once. */
struct web_text {
    atomic_uint refs;
    uint64_t version; /* grows with each that is made */
    struct str text;  /* behind the struct */
};
struct web_text *web_text_create(struct str text, uint64_t version); /* NULL: no memory */
struct web_text *web_text_ref(struct web_text *t);
void web_text_unref(struct web_text *t); /* NULL is fine */

struct web {
    struct pool *pool;   /* one thread: it reads the ledger */
    struct pool *asking; /* one thread: it waits for engines */
    struct feed *feed;
    struct places streams, waiting; /* answers that wait for the pool */
    pthread_mutex_t mutex;          /* of overview; held for microseconds */
    struct web_text *overview;      /* the newest; NULL: none yet */
    atomic_bool is_adding_up;       /* somebody makes the next one */
    /* Of the page's thread alone; NULL: nobody has asked yet. */
    struct web_past *past;
    struct audit_tally *tally;
    struct web_proof *proof;                        /* api_chain.c */
    struct web_memory *memory;                      /* memory.c */
    struct web_worker *workers[LEDGER_MAX_WORKERS]; /* each its worker's own; NULL: nobody
                                                       there has asked yet */
};

struct web_text *web_take_overview(struct web *w); /* a reference, or NULL */
void web_put_overview(struct web *w, struct str text);
struct web_worker; /* events.c */
void web_worker_free(struct web_worker *v);
/* On the page's thread: adds up the ledger, in the form of docs/page.md. */
int web_write_overview(struct server *s, const struct setup *setup, struct buf *out,
                       struct err *err);
/* Members of the overview, on the page's thread.  Sums of today and of this month; price
 * NULL: there is nothing to hold them against. */
int web_write_spans(struct web *web, const struct server *s, uint64_t today_ms,
                    uint64_t month_ms, const struct price *price, struct json_writer *w,
                    struct err *err);
void web_past_free(struct web_past *past); /* NULL is fine */
/* What the chain says left and was held. */
int web_write_held(struct web *web, const struct server *s, uint64_t today_ms,
                   uint64_t month_ms, struct json_writer *w, struct err *err);
/* How fast each model was in the newest rows. */
int web_write_speeds(struct json_writer *w, const struct server *s, struct err *err);
/* Member `versus`: the model that all is held against, the strongest of the cloud. NULL:
 * there is none, or no price is known of it. */
const struct price *web_write_versus_model(struct json_writer *w,
                                           const struct setup *setup, uint64_t now_ms);
/* The engines as they are now: an array.  Any thread. */
void web_write_engines(struct json_writer *w, const struct server *s,
                       const struct setup *setup, uint64_t now_ms);

/* Which models local engines have in memory.  Somebody watches: they are asked when that
 * was not done of late, and nobody waits for it.  On worker's loop. */
void web_memory_tend(struct web *web, struct worker *worker, uint64_t now_ms);
/* Member `memory` of an open object: what the engine said of late, or null; e NULL: it
 * does not run.  Any thread. */
void web_memory_write(struct json_writer *w, const struct web *web,
                      const struct config_engine *e, uint64_t now_ms);
struct web_memory *web_memory_create(void); /* NULL: no memory */
void web_memory_free(struct web_memory *m); /* NULL is fine */

/* How far weir's own zone is from UTC at this moment, in minutes. */
int web_utc_offset_min(uint64_t wall_ms);
/* Whether the cloud is paused. */
void web_write_cloud(struct json_writer *w, struct server *s);

/* -- writing --------------------------------------------------------------------------
 */
void web_key_str(struct json_writer *w, const char *key, struct str s); /* n 0: null */
void web_key_u64(struct json_writer *w, const char *key, uint64_t v);
void web_key_i64(struct json_writer *w, const char *key, int64_t v);
/* Below 0: null. */
void web_key_known(struct json_writer *w, const char *key, int64_t v);
void web_key_bool(struct json_writer *w, const char *key, bool v);
/* What figures made of rows cover: `rows`, the newest of all `requests`; since when,
 * where these are not all of them. */
void web_write_reach(struct json_writer *w, uint64_t rows, uint64_t requests,
                     uint64_t first_ms);
/* A row as a line of the list: no leg, no reason but the words of the choice. */
void web_write_row(struct json_writer *w, const struct ledger_row *row);
void web_write_sums(struct json_writer *w, const struct ledger_sums *s);
/* The members of an open object that a line of many has. */
void web_write_few_sums(struct json_writer *w, const struct ledger_sums *s);

/* A parameter of the query, %XX resolved, in a; p NULL: it is not there. */
struct str web_parameter(struct str query, const char *name, struct arena *a);
/* Answers with this error, in the form of all of weir's errors. */
void web_fail(struct request *r, const struct err *err);
/* The same; it may ask again after so many seconds. */
void web_fail_for(struct request *r, const struct err *err, unsigned seconds);

#endif
