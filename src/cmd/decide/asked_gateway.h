/* asked_gateway.h -- the weir that a command asks: the one that runs, or one of its own
 * for the time being.
 *
 * What `weir compare` and `weir bench` send goes through a gateway as any client's
 * request does: screened, labelled, recorded in the ledger and the audit chain. */
#ifndef WEIR_CMD_DECIDE_ASKED_GATEWAY_H
#define WEIR_CMD_DECIDE_ASKED_GATEWAY_H

#include "cmd/serve/serving.h"
#include "core/arena.h"
#include "upstream/endpoint.h"

enum { COMPARE_MODELS = 32, ASKED_FIELDS_BYTES = 512 };

struct asked_gateway {
    struct endpoint endpoint;
    char host[64], fields[ASKED_FIELDS_BYTES];
    const char *key; /* of a client; NULL: none */
    struct serving serving;
    bool is_own; /* it was started here, and ends with the command */
    struct arena arena;
    struct str models[COMPARE_MODELS]; /* that it serves, without its own names */
    size_t nmodels;
};

/* path: of the configuration, or NULL: the weir that runs, else what answers on this
 * machine.  key: of a client, or NULL.  -1 with the remedy; close it also then. */
int asked_gateway_open(struct asked_gateway *g, const char *path, const char *key,
                       struct err *err);
void asked_gateway_close(struct asked_gateway *g);

/* "127.0.0.1:4141": where the weir of this configuration listens, or with NULL the one
 * that runs on this machine, else the usual place.  -1: the configuration has faults. */
enum { ASKED_ADDRESS = 300 };
int asked_gateway_address(const char *path, char ret[ASKED_ADDRESS], struct err *err);
/* Its host, one that can be asked, and its port. */
int asked_gateway_split(struct str address, struct str *ret_host, uint16_t *ret_port,
                        struct err *err);
/* Does weir answer at this host and port? */
bool asked_gateway_answers(struct str host, uint16_t port);

#endif
