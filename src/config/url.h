/* url.h -- an engine's URL taken apart, and what its host says about where it is. */
#ifndef WEIR_CONFIG_URL_H
#define WEIR_CONFIG_URL_H

#include "config/read.h"

/* Fills host, port, is_tls and base_path of *e from e->url; faults at n. */
void url_read(struct reading *rd, const struct ynode *n, struct config_engine *e);

/* Does the engine's url lead to where weir listens?  By what is written: names are not
 * looked up. */
bool url_is_own(const struct config_engine *e, const struct config *c);
bool url_is_at(const struct config_engine *e, const struct config_listen *l);

/* What an engine at this url speaks when nobody says it: a provider's own form at his own
 * address, unless the path is that of his OpenAI-compatible one. */
enum engine_speech url_speech(const struct config_engine *e);

bool url_host_is_loopback(struct str host); /* localhost, 127.0.0.0/8, ::1 */
/* Loopback, RFC 1918, RFC 4193, link-local, single-label names, and .local, .lan,
 * .internal, .home.arpa. */
bool url_host_is_private(struct str host);

#endif
