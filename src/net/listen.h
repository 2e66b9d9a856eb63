/* listen.h -- accepting connections on one address.
 *
 * "127.0.0.1:4141", "[::1]:4141", "localhost:0".  Port 0 picks one; ask for it with
 * listener_port().  With is_shared several loops listen on the same port
 * (SO_REUSEPORT); a port that somebody else holds is an error either way.
 *
 * Clients must not take all file descriptors that the process may have: files and engines
 * need some (core/descriptors.h).  With listener_keep_reserve(), when a new connection
 * would reach into their part, the owner is asked to close one that can go.  When
 * none can, accepting pauses for 100 ms (new connections wait in the kernel) and is tried
 * again; so it does when there are no descriptors at all. */
#ifndef WEIR_NET_LISTEN_H
#define WEIR_NET_LISTEN_H

#include "core/err.h"
#include "core/str.h"
#include "loop/loop.h"

struct listener;
/* fd is non-blocking, close-on-exec, TCP_NODELAY; the callee owns it. */
typedef void listener_fn(void *arg, int fd);

/* NULL with ERR_CONFIG "bad_listen", or this where somebody else has the port. */
#define LISTEN_IN_USE "listen_in_use"
struct listener *listener_create(struct loop *l, struct str address, bool is_shared,
                                 listener_fn *fn, void *arg, struct err *err);
/* Closes one connection to make room, at once; false: all of them have work to do. */
typedef bool listener_room_fn(void *arg);
void listener_keep_reserve(struct listener *ln, listener_room_fn *fn);
void listener_close(struct listener *ln); /* stops accepting; frees at turn end */
uint16_t listener_port(const struct listener *ln);
/* True when the address can be reached from another machine. */
bool listen_address_is_public(struct str address);

#endif
