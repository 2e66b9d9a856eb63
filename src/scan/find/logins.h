/* logins.h -- user:password@host in a URL: where it ends, and which ones are nobody's.
 * Inside find/ only; pure. */
#ifndef WEIR_SCAN_FIND_LOGINS_H
#define WEIR_SCAN_FIND_LOGINS_H

#include "core/str.h"

/* user:password@localhost, u:p@host, postgres://foo:bar@example.com: what manuals write.
 * The password says nothing where a word for one stands, and a short one nothing at a
 * host that nobody has; a masked one neither. */
bool is_documented_login(struct str user, struct str password, struct str server);
/* "user:a/b@host": where the @ stands of a URL whose password has a slash or a question
 * mark (as %2F, decoded); 0: nowhere.  Not of "host:8080/@user". */
size_t sign_behind_slash(struct str url, size_t colon);

#endif
