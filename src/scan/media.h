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
/* What the strings of one object have said so far; bits, 0 at its front. */
enum {
    MEDIA_SAYS_SO = 1, /* {"type":"image"}, {"mimeType":"image/png"} */
    MEDIA_MAY_BE = 2,  /* {"type":"document"}: with bytes in it, not with an address */
    MEDIA_IS_TEXT = 4, /* {"mediaType":"text/plain"} */
    MEDIA_HAS_BYTES = 8,
    MEDIA_HAS_ADDRESS = 16
};
/* Notes a member that is a string.  True: it is media by itself. */
bool media_note(unsigned *object, struct str name, struct str text, struct arena *a);
/* At the object's end: all together it is media. */
bool media_is_object(unsigned object);

enum media_type {
    MEDIA_TYPE_NONE, /* it is no media type */
    MEDIA_TYPE_TEXT, /* which is read */
    MEDIA_TYPE_SEEN, /* image, audio, video, font */
    MEDIA_TYPE_FILE
};
/* "image/png;base64,...", or without what is behind it. */
enum media_type media_type_of(struct str type);
/* data:image/png;base64,... but not data:text/plain,hello, which is read. */
bool media_is_data_url(struct str text);
/* The first bytes of a file that shows or says something. */
bool media_is_file(struct str front);

#endif
