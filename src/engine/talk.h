/* talk.h -- inside engine/: the list of what was said, for forms whose entries are a role
 * and a list of pieces: neighbours of one role are one entry. */
#ifndef WEIR_ENGINE_TALK_H
#define WEIR_ENGINE_TALK_H

#include "dialect/conversation.h"
#include "json/write.h"

struct talk_form {
    const char *type; /* of each entry; NULL: it has none */
    const char *list; /* the member with the pieces */
};

/* An entry of this role is open behind it, up to its pieces.  *open: the role of the
 * entry that was open, NULL: none was. */
void talk_begin(struct json_writer *w, const struct talk_form *form, const char *role,
                const char **open);
/* None is open behind it. */
void talk_end(struct json_writer *w, const char **open);

/* {"type": ..., up to its other members. */
void talk_open_typed(struct json_writer *w, const char *type);
/* Does it say anything?  For those that refuse a text of blanks alone. */
bool talk_is_said(const struct piece *p);

#endif
