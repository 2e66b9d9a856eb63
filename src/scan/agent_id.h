/* agent_id.h -- inside scan/: the ids by which a coding agent says whose conversation it
 * is.
 *
 * Claude Code has them in metadata.user_id, as JSON in a string: {"device_id":"af2f...",
 * "account_uuid":"","session_id":"f82f1b47-..."}.  Read as a text the member's name makes
 * it a login and `session_id` a secret, and all that such an agent sends would be held.
 */
#ifndef WEIR_SCAN_AGENT_ID_H
#define WEIR_SCAN_AGENT_ID_H

#include "core/str.h"

/* Is `text`, in a member of that name, such ids and nothing else?  Each is empty, a UUID,
 * or of a device 64 digits of a digest: nothing that lets anybody in. */
bool agent_id_is(struct str name, struct str text);

/* Codex has one in `client_metadata` of each request, as session_id: by itself, and once
 * more in JSON inside a string, beside other things.  There such a UUID is read under a
 * name of as many bytes that says what it is; all else is read as it came.
 *
 * Does this member of the body hold such ids? */
bool agent_ids_are_in(struct str member);
/* The name under which the value of a member in it is read. */
struct str agent_id_name(struct str name, struct str value);
/* The same in JSON inside a string. */
void agent_id_rename(char *json, size_t n);

#endif
