/* media.c -- see media.h. */
#include "scan/media.h"

#include "scan/detect.h"

enum { BYTES_LEAST = 64 };

static bool is_one_of(struct str name, const struct str *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(name, list[i]))
            return true;
    return false;
}

/* Members that hold media, or the address or the number of some. */
static bool is_media_key(struct str key)
{
    static const struct str media[] = {STR_INIT("image_url"),
                                       STR_INIT("input_image"),
                                       STR_INIT("image_file"),
                                       STR_INIT("input_audio"),
                                       STR_INIT("audio_url"),
                                       STR_INIT("video_url"),
                                       STR_INIT("file_data"),
                                       STR_INIT("file_url"),
                                       STR_INIT("file_id"),
                                       STR_INIT("input_file"),
                                       STR_INIT("input_video"),
                                       STR_INIT("inline_data"),
                                       STR_INIT("inlineData"),
                                       STR_INIT("fileData"),
                                       STR_INIT("file_uri"),
                                       STR_INIT("fileUri"),
                                       STR_INIT("imageUrl"),
                                       STR_INIT("document_url"),
                                       STR_INIT("image_embeds"),
                                       STR_INIT("audio_embeds"),
                                       STR_INIT("video_embeds"),
                                       STR_INIT("prompt_embeds"),
                                       STR_INIT("input_embeds"),
                                       STR_INIT("inputs_embeds"),
                                       STR_INIT("image_data"),
                                       STR_INIT("audio_data"),
                                       STR_INIT("video_data"),
                                       STR_INIT("image_base64"),
                                       STR_INIT("audio_base64"),
                                       STR_INIT("video_base64"),
                                       STR_INIT("document_base64"),
                                       STR_INIT("image_bytes"),
                                       STR_INIT("image_urls"),
                                       STR_INIT("video_urls"),
                                       STR_INIT("audio_urls"),
                                       STR_INIT("file_ids"),
                                       STR_INIT("image_uri"),
                                       STR_INIT("multimodal_data"),
                                       STR_INIT("multi_modal_data"),
                                       STR_INIT("attachments"),
                                       STR_INIT("experimental_attachments")};
    return key.n >= 7 && strchr("iavfdpme", key.p[0]) &&
           is_one_of(key, media, ARRAY_LEN(media));
}

/* Members that do so only when they are objects: as strings they may be words. */
static bool is_media_part(struct str key)
{
    static const struct str parts[] = {STR_INIT("file"),  STR_INIT("source"),
                                       STR_INIT("image"), STR_INIT("audio"),
                                       STR_INIT("video"), STR_INIT("document")};
    return is_one_of(key, parts, ARRAY_LEN(parts));
}

bool media_is_holder(struct str name)
{
    static const struct str holders[] = {STR_INIT("url"),       STR_INIT("data"),
                                         STR_INIT("file_data"), STR_INIT("file_id"),
                                         STR_INIT("file_url"),  STR_INIT("file_uri"),
                                         STR_INIT("fileUri"),   STR_INIT("base64"),
                                         STR_INIT("blob"),      STR_INIT("bytes")};
    return is_one_of(name, holders, ARRAY_LEN(holders));
}

static bool is_media_list(struct str key)
{
    static const struct str lists[] = {STR_INIT("image"), STR_INIT("images"),
                                       STR_INIT("audio"), STR_INIT("audios"),
                                       STR_INIT("video"), STR_INIT("videos")};
    return is_one_of(key, lists, ARRAY_LEN(lists));
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

/* -- objects that say what they are ----------------------------------------------------
 */

static bool is_address(struct str text)
{
    static const struct str schemes[] = {STR_INIT("http://"), STR_INIT("https://"),
                                         STR_INIT("file://"), STR_INIT("gs://"),
                                         STR_INIT("s3://"),   STR_INIT("data:")};
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
        if (str_starts_nocase(text, schemes[i]))
            return true;
    return false;
}

static bool is_type_name(struct str name)
{
    static const struct str names[] = {STR_INIT("mimeType"),    STR_INIT("mediaType"),
                                       STR_INIT("mime_type"),   STR_INIT("media_type"),
                                       STR_INIT("contentType"), STR_INIT("content_type")};
    return name.n >= 8 && is_one_of(name, names, ARRAY_LEN(names));
}

/* {"type":"image"}: an address in it is one of a picture, too. */
static unsigned object_of_type(struct str type)
{
    static const struct str seen[] = {
        STR_INIT("image"),       STR_INIT("audio"),        STR_INIT("video"),
        STR_INIT("file"),        STR_INIT("media"),        STR_INIT("picture"),
        STR_INIT("input_image"), STR_INIT("input_audio"),  STR_INIT("input_video"),
        STR_INIT("input_file"),  STR_INIT("image_base64"), STR_INIT("pdf")};
    if (is_one_of(type, seen, ARRAY_LEN(seen)))
        return MEDIA_SAYS_SO;
    return str_eqz(type, "document") || str_eqz(type, "resource") ? MEDIA_MAY_BE : 0;
}

/* Members of such an object that say where the bytes are, or are them. */
static bool is_bytes_name(struct str name)
{
    static const struct str names[] = {STR_INIT("content"), STR_INIT("picture"),
                                       STR_INIT("photo"),   STR_INIT("screenshot"),
                                       STR_INIT("uri"),     STR_INIT("b64_json")};
    return media_is_holder(name) || is_media_part(name) || is_media_list(name) ||
           is_one_of(name, names, ARRAY_LEN(names));
}

/* Bytes in a member of this name are media, whatever stands beside them. */
static bool is_sure_name(struct str name)
{
    return (is_media_part(name) && !str_eqz(name, "source")) || is_media_list(name) ||
           str_eqz(name, "blob") || str_eqz(name, "b64_json") ||
           str_eqz(name, "picture") || str_eqz(name, "photo") ||
           str_eqz(name, "screenshot");
}

/* Members of every message, of which nothing is to be noted. */
static bool is_plain_member(struct str name, struct str text)
{
    switch (name.n) {
    case 4:
        return name.p[0] == 'r' || (name.p[0] == 't' && name.p[1] == 'e');
    case 5:
        return name.p[0] == 'm';
    case 7: /* content: words */
        return name.p[0] == 'c' && text.n &&
               memchr(text.p, ' ', text.n < BYTES_LEAST ? text.n : BYTES_LEAST);
    default:
        return false;
    }
}

bool media_note(unsigned *object, struct str name, struct str text, struct arena *a)
{
    if (LIKELY(is_plain_member(name, text)))
        return false;
    if (str_eqz(name, "type")) {
        *object |= object_of_type(text);
    } else if (is_type_name(name)) {
        enum media_type type = media_type_of(text);
        *object |= type == MEDIA_TYPE_NONE   ? 0
                   : type == MEDIA_TYPE_TEXT ? MEDIA_IS_TEXT
                                             : MEDIA_SAYS_SO;
    } else if (is_bytes_name(name)) {
        bool is_sure = is_sure_name(name);
        if (is_address(text)) {
            *object |= MEDIA_HAS_ADDRESS;
            return is_sure &&
                   !is_one_of(
                       name, (const struct str[]){STR_INIT("document"), STR_INIT("file")},
                       2);
        }
        if (text_is_bytes(text, a)) {
            *object |= MEDIA_HAS_BYTES;
            return is_sure;
        }
    }
    return false;
}

bool media_is_object(unsigned object)
{
    if (object & MEDIA_IS_TEXT)
        return false;
    return (object & MEDIA_SAYS_SO && object & (MEDIA_HAS_BYTES | MEDIA_HAS_ADDRESS)) ||
           (object & MEDIA_MAY_BE && object & MEDIA_HAS_BYTES);
}

/* -- types and bytes --------------------------------------------------------------------
 */

static bool is_media_type_char(char c)
{
    return is_alnum(c) || c == '.' || c == '+' || c == '-' || c == '_';
}

/* Of the types that everybody uses the beginning is enough; of others there must be the
 * end, the parameters or the comma of RFC 2397, because "data:either/or" is talk. */
enum media_type media_type_of(struct str type)
{
    static const struct str seen[] = {STR_INIT("image/"), STR_INIT("audio/"),
                                      STR_INIT("video/"), STR_INIT("font/")};
    static const struct str text[] = {
        STR_INIT("text/"), STR_INIT("application/json"), STR_INIT("application/xml"),
        STR_INIT("application/yaml"), STR_INIT("application/javascript")};
    size_t slash = 0, end;
    for (size_t i = 0; i < ARRAY_LEN(seen); i++)
        if (str_starts_nocase(type, seen[i]))
            return MEDIA_TYPE_SEEN;
    for (size_t i = 0; i < ARRAY_LEN(text); i++)
        if (str_starts_nocase(type, text[i]))
            return MEDIA_TYPE_TEXT;
    if (str_starts_nocase(type, STR("application/")))
        return MEDIA_TYPE_FILE;
    while (slash < type.n && is_media_type_char(type.p[slash]))
        slash++;
    if (slash == 0 || slash == type.n || type.p[slash] != '/')
        return MEDIA_TYPE_NONE;
    for (end = slash + 1; end < type.n && is_media_type_char(type.p[end]);)
        end++;
    return end < type.n && (type.p[end] == ';' || type.p[end] == ',') ? MEDIA_TYPE_FILE
                                                                      : MEDIA_TYPE_NONE;
}

bool media_is_data_url(struct str text)
{
    if (!str_starts_nocase(text, STR("data:")))
        return false;
    struct str type = str_sub(text, 5, text.n);
    enum media_type is = media_type_of(type);
    return is == MEDIA_TYPE_SEEN || is == MEDIA_TYPE_FILE ||
           str_starts_nocase(type, STR("application/"));
}

bool media_is_file(struct str front)
{
    static const struct str fronts[] = {STR_INIT("\x89PNG\r\n"),
                                        STR_INIT("\xFF\xD8\xFF"),
                                        STR_INIT("GIF8"),
                                        STR_INIT("%PDF-"),
                                        STR_INIT("PK\x03\x04"),
                                        STR_INIT("OggS"),
                                        STR_INIT("ID3"),
                                        STR_INIT("fLaC"),
                                        STR_INIT("II*\0"),
                                        STR_INIT("MM\0*"),
                                        STR_INIT("\x1A\x45\xDF\xA3"),
                                        STR_INIT("\xD0\xCF\x11\xE0"),
                                        STR_INIT("wOFF"),
                                        STR_INIT("wOF2"),
                                        STR_INIT("7z\xBC\xAF"),
                                        STR_INIT("Rar!\x1A"),
                                        STR_INIT("\x76\x2F\x31\x01")};
    for (size_t i = 0; i < ARRAY_LEN(fronts); i++)
        if (str_starts(front, fronts[i]))
            return true;
    struct str from4 = str_sub(front, 4, front.n), from8 = str_sub(front, 8, front.n);
    return str_starts(from4, STR("ftyp")) ||
           (str_starts(front, STR("RIFF")) &&
            (str_starts(from8, STR("WEBP")) || str_starts(from8, STR("WAVE")) ||
             str_starts(from8, STR("AVI ")))) ||
           (str_starts(front, STR("BM")) &&
            str_starts(str_sub(front, 6, 10), (struct str){"\0\0\0\0", 4}));
}
