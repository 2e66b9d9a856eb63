/* statement.h -- what an error says, put together from its parts; inside this folder
 * only.
 *
 * The wordings of blame.c are those that engines are known to use.  Others say the same
 * in words of their own, but always of something ("balance", "model", "prompt") that
 * something is wrong with it ("used up", "is starting", "does not fit"). */
#ifndef WEIR_ENGINE_STATEMENT_H
#define WEIR_ENGINE_STATEMENT_H

#include "engine/blame.h"

/* `text`: the words of a struct said.  BLAME_NOBODY when no two parts fit together. */
enum blame statement_of_context(struct str text);
enum blame statement_of_account(struct str text);
enum blame statement_of_model(struct str text);
/* Is anything in it that a request can have: a member, a value, a role, a rule of what
 * may be said?  Without, the client can mend nothing by it. */
bool statement_is_of_request(struct str text);
/* Does a validator say it, or a chat template: that the request has not the form it
 * should have? */
bool statement_is_of_form(struct str text);

#endif
