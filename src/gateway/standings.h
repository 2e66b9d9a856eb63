/* standings.h -- the table of what was learnt of models (route/standing.h).
 *
 * By the identity of the engine and the name it is asked for: another url or key begins
 * anew, a reload that changes neither keeps what is known.  Entries live as long as the
 * table. */
#ifndef WEIR_GATEWAY_STANDINGS_H
#define WEIR_GATEWAY_STANDINGS_H

#include "config/config.h"
#include "route/standing.h"

struct standings;

struct standings *standings_create(void); /* NULL: no memory */
void standings_free(struct standings *t); /* NULL is fine */
/* The model's, made when it is new; NULL: no memory.  Main thread only. */
struct standing *standings_for(struct standings *t, const struct config_model *m);

#endif
