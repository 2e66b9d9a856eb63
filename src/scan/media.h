/* media.h -- inside scan/: where a body holds images, audio or files.
 *
 * Asked along the walk over a body, a member and an element at a time: nothing is read
 * ahead, for objects in objects would then be read as often as they are deep. */
#ifndef WEIR_SCAN_MEDIA_H
#define WEIR_SCAN_MEDIA_H

#include "json/scan.h"

/* What a value may be, by the name of its member. */
enum media {
    MEDIA_NONE,
    MEDIA_PART,   /* media when it is an object that says where the bytes are */
    MEDIA_LIST,   /* ... or a list of such, of addresses, or of bytes in base64 */
    MEDIA_OF_NAME /* ... or any string: the name of the member is enough */
};

/* What a value of this type may be in the member of this name. */
enum media media_of_member(struct str name, enum json_type type);
/* A member, in an object that may be media, which makes it so. */
bool media_is_holder(struct str name);
/* An element of a list that may be of media makes it so. */
bool media_is_element(struct str raw, enum media list);
/* data:image/png;base64,... but not data:text/plain,hello, which is read. */
bool media_is_data_url(struct str text);

#endif
