/* media.c -- see media.h. */
#include "scan/media.h"

#include "scan/detect.h"

enum { BYTES_LEAST = 64 };

/* Members that hold media, or the address or the number of some. */
static bool is_media_key(struct str key)
{
    static const char *const media[] = {
        "image_url",   "input_image", "image_file",  "input_audio", "audio_url",
        "video_url",   "file_data",   "file_url",    "file_id",     "input_file",
        "input_video", "inline_data", "inlineData",  "fileData",    "file_uri",
        "fileUri",     "imageUrl",    "document_url"};
    for (size_t i = 0; i < ARRAY_LEN(media); i++)
        if (str_eqz(key, media[i]))
            return true;
    return false;
}

/* Members that do so only when they are objects: as strings they are words. */
static bool is_media_part(struct str key)
{
    static const char *const parts[] = {"file",  "source", "image",
                                        "audio", "video",  "document"};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (str_eqz(key, parts[i]))
            return true;
    return false;
}

bool media_is_holder(struct str name)
{
    static const char *const holders[] = {"url",      "data",     "file_data", "file_id",
                                          "file_url", "file_uri", "fileUri"};
    for (size_t i = 0; i < ARRAY_LEN(holders); i++)
        if (str_eqz(name, holders[i]))
            return true;
    return false;
}

static bool is_media_list(struct str key)
{
    static const struct str lists[] = {STR_INIT("image"), STR_INIT("images"),
                                       STR_INIT("audio"), STR_INIT("video")};
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        if (str_eq(key, lists[i]))
            return true;
    return false;
}

enum media media_of_member(struct str name, enum json_type type)
{
    switch (type) {
    case JSON_STRING:
        return is_media_key(name) ? MEDIA_OF_NAME : MEDIA_NONE;
    case JSON_OBJECT:
        return is_media_key(name) || is_media_part(name) ? MEDIA_PART : MEDIA_NONE;
    case JSON_ARRAY:
        return is_media_key(name)    ? MEDIA_OF_NAME
               : is_media_list(name) ? MEDIA_LIST
                                     : MEDIA_NONE;
    default:
        return MEDIA_NONE;
    }
}

bool media_is_element(struct str raw, enum media list)
{
    return list == MEDIA_OF_NAME || str_starts_nocase(raw, STR("http")) ||
           (raw.n >= BYTES_LEAST && !memchr(raw.p, ' ', raw.n));
}

static bool is_media_type_char(char c)
{
    return is_alnum(c) || c == '.' || c == '+' || c == '-' || c == '_';
}

/* data:image/png;base64,... but not data:text/plain,hello, which is read.  Of the types
 * that everybody uses the beginning is enough; of others there must be the parameters
 * or the comma of RFC 2397, because "data:either/or" is talk. */
bool media_is_data_url(struct str text)
{
    static const char *const known[] = {"image/", "audio/", "video/", "font/",
                                        "application/"};
    if (!str_starts_nocase(text, STR("data:")))
        return false;
    struct str type = str_sub(text, 5, text.n);
    size_t slash = 0, end;
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (str_starts_nocase(type, str_of(known[i])))
            return true;
    while (slash < type.n && is_media_type_char(type.p[slash]))
        slash++;
    if (slash == 0 || slash == type.n || type.p[slash] != '/')
        return false;
    for (end = slash + 1; end < type.n && is_media_type_char(type.p[end]);)
        end++;
    return end < type.n && (type.p[end] == ';' || type.p[end] == ',') &&
           !str_eq_nocase(str_sub(type, 0, slash), STR("text"));
}
