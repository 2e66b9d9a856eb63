/* advise_security.h -- weir advise security: what can be read on this machine. */
#ifndef WEIR_CMD_DECIDE_ADVISE_SECURITY_H
#define WEIR_CMD_DECIDE_ADVISE_SECURITY_H

#include "cmd/lib/options.h"
#include "core/str.h"

/* Fills port and whether the address is beyond loopback from one line of
 * /proc/net/tcp or tcp6; false for lines that are not listening sockets. */
bool security_parse_listener(struct str line, unsigned *ret_port, bool *ret_open);

/* Exit 1 when something should be closed. */
int advise_security(const struct options *o);

#endif
