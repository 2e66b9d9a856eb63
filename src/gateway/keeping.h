/* keeping.h -- policy learned between the requests of one conversation: where it was, and
 * how its agent's loop is getting on. */
#ifndef WEIR_GATEWAY_KEEPING_H
#define WEIR_GATEWAY_KEEPING_H

#include "gateway/request.h"

/* Fills l->kept and what is needed to explore. */
void keeping_look(struct request *r, struct route_learned *l);
/* r's answer comes from r->model's side. */
void keeping_note(struct request *r);

#endif
