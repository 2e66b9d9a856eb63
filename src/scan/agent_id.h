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

#endif
