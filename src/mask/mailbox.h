/* mailbox.h -- inside mask/: is the tag of an e-mail address all of an address?
 *
 * A model may write more around such a tag: news.mailq7k2m@example.com,
 * mailq7k2m@example.com.au, mailq7k2m@gmail.com.  With the value in the tag's place that
 * would be the address of nobody, or of somebody else; such a text stays as the model
 * wrote it.  One addition has a meaning of its own: mailq7k2m+news@example.com is the
 * same mailbox, and comes back with the value's own domain.
 *
 * What is read may be written as escapes (escapes.h).  Pure. */
#ifndef WEIR_MASK_MAILBOX_H
#define WEIR_MASK_MAILBOX_H

#include "mask/escapes.h"

enum mailbox {
    MAILBOX_OPEN,  /* the text ends too early to say */
    MAILBOX_WHOLE, /* nothing more belongs to the address */
    MAILBOX_PLUS,  /* behind a name: "+news@example.com" */
    MAILBOX_OTHER  /* it is another address */
};

/* "+news" as the model wrote it; the bytes with the domain; how its signs were written.
 */
struct mailbox_plus {
    struct str part;
    size_t bytes;
    struct escape escape;
};

/* More of a name than this is not looked through for its @. */
enum { MAILBOX_NAME_BYTES = 64 };

/* What stands behind the name of a tag that no @example.com follows; `room` bytes of it
 * at most are read.  *ret is set for MAILBOX_PLUS. */
enum mailbox mailbox_behind_name(struct str text, size_t room, bool is_end,
                                 struct mailbox_plus *ret);
/* What stands behind a whole tag. */
enum mailbox mailbox_behind(struct str text, bool is_end);
/* The text in front of a tag ends in the beginning of an address.  Its last eight bytes
 * are enough. */
bool mailbox_begins_before(struct str text);

#endif
