/* operator.h -- what only the operator may do to a running weir.
 *
 * Whoever can read the state directory is the operator: at the start a random token is
 * written there (state_dir/operator, 0600: a line with the address, a line with the
 * token), and a call must show it as its bearer.  It dies with the process. */
#ifndef WEIR_GATEWAY_OPERATOR_H
#define WEIR_GATEWAY_OPERATOR_H

#include "gateway/request.h"
#include "json/write.h"

/* Draws the token and writes the file. */
int operator_open(struct server *s, struct err *err);
/* Now and then, on the main thread: writes the file again when somebody removed it. */
void operator_tend(struct server *s);
void operator_close(struct server *s); /* removes the file */

/* "127.0.0.1:4141": where this machine reaches it. */
int operator_address(const struct server *s, char *ret, size_t size);

/* -1: ERR_AUTH "operator_only". */
int operator_check(const struct server *s, struct str authorization, struct err *err);

/* A person's reason, trimmed: one printable line of at most so many bytes. */
enum { OPERATOR_WHY_MAX = 200 };
int operator_check_why(struct str *why, struct err *err);

/* POST /v1/label {"session","why"}: lowers a session's label. */
void page_label(struct request *r);
/* GET /v1/label: what was held in the last 24 hours, newest first, at most 500 values,
 * and since when that is known: when this weir began. */
void page_held(struct request *r);
/* The same as a member `held` of an open object.  Any thread. */
void operator_write_held(struct json_writer *w, struct server *s);

#endif
