/* test_scan_unread.c -- what is written so that a reader must undo it first: base64 of
 * text in several charsets, JSON in JSON; and what nobody here can read: pictures, sounds
 * and files in all forms in use. */
#include "scan/text/charset.h"
#include "scanning.h"

#include <stdlib.h>

enum { ROOM = 8 * 1024 };

#define SSN "My SSN is 536-22-8726 and more"

static void put_base64(char *out, struct str bytes)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < bytes.n; i += 3) {
        uint32_t v = 0;
        for (size_t k = 0; k < 3; k++)
            v = v << 8 | (i + k < bytes.n ? (unsigned char)bytes.p[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            *out++ = i + k > bytes.n ? '=' : digits[v >> (18 - 6 * k) & 63];
    }
    *out = '\0';
}

/* ASCII as UTF-16 in either order, behind a mark or not. */
static struct str as_utf16(const char *ascii, bool is_big, bool has_mark, char *out)
{
    size_t n = 0;
    if (has_mark) {
        out[n++] = is_big ? '\xFE' : '\xFF';
        out[n++] = is_big ? '\xFF' : '\xFE';
    }
    for (; *ascii; ascii++) {
        out[n + is_big] = *ascii;
        out[n + !is_big] = '\0';
        n += 2;
    }
    return (struct str){out, n};
}

static struct findings found_in_base64(void **state, struct str bytes)
{
    char encoded[ROOM], json[ROOM + 256];
    put_base64(encoded, bytes);
    snprintf(json, sizeof json, "{\"messages\":[{\"content\":\"powershell -enc %s\"}]}",
             encoded);
    return found_in(state, json);
}

static void text_in_base64_is_read_in_its_charset(void **state)
{
    static const struct str bytes[] = {
        STR_INIT(SSN),
        STR_INIT("M\xFCller: " SSN " f\xFCr"),
        STR_INIT("\x93" SSN "\x94 \x80"),
        STR_INIT("name\0ssn 536-22-8726\0more of it"),
        STR_INIT("\x0A\x15My SSN is 536-22-8726\x12\x03 and the rest"),
        STR_INIT("\xEF\xBB\xBF" SSN),
    };
    char room[ROOM];
    for (size_t i = 0; i < ARRAY_LEN(bytes); i++)
        assert_int_equal(found_in_base64(state, bytes[i]).count[TYPE_US_SSN], 1);
    for (unsigned i = 0; i < 4; i++) {
        struct str text = as_utf16(SSN, i & 1, i & 2, room);
        assert_int_equal(found_in_base64(state, text).count[TYPE_US_SSN], 1);
        text.n--; /* its last byte got lost */
        assert_int_equal(found_in_base64(state, text).count[TYPE_US_SSN], 1);
    }
}

/* ops_eyJ...: behind four letters that decode to other bytes stands a JSON.  The mail in
 * it is not surer than the token is. */
static void a_token_is_no_mail_for_what_is_in_it(void **state)
{
    struct findings f = found_in(
        state, "{\"content\":\"OP_SERVICE_ACCOUNT_TOKEN=ops_"
               "eyJzaWduSW5BZGRyZXNzIjoiYS4xcGFzc3dvcmQuY29tIiwiZW1haWwiOiJhYmNkZWZnaEAx"
               "cGFzc3dvcmRzZXJ2aWNlYWNjb3VudHMuY29tIiwic3JwWCI6IjkyODczNDY1OTgyMzc0NjUi"
               "LCJtdWsiOnsiYWxnIjoiQTI1NkdDTSIsImV4dCI6dHJ1ZSwiayI6Imt0eSJ9fQ\"}");
    assert_int_equal(f.count[TYPE_EMAIL], 0);
    assert_true(f.count[TYPE_API_KEY] + f.count[TYPE_SECRET] > 0);
}

/* The state of a generator of bytes that are no text. */
static unsigned char noise(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return (unsigned char)(*seed >> 24);
}

static void random_bytes_are_no_text(void **state)
{
    (void)state;
    enum { ROUNDS = 20000 };
    char bytes[48], out[2 * sizeof bytes + 4];
    uint32_t seed = 7;
    size_t n, taken = 0;
    for (size_t round = 0; round < ROUNDS; round++) {
        size_t len = 16 + round % 32;
        for (size_t i = 0; i < len; i++)
            bytes[i] = (char)noise(&seed);
        taken += charset_read((struct str){bytes, len}, out, &n) != LEGIBLE_NOT;
    }
    assert_true(taken * 200 < ROUNDS);
}

/* A number in escapes, in JSON in JSON: each layer doubles the backslashes. */
static void escapes_are_undone_under_any_number_of_layers(void **state)
{
    char json[ROOM];
    for (size_t slashes = 1; slashes <= 256; slashes *= 2) {
        size_t n = (size_t)snprintf(json, sizeof json, "{\"content\":\"ssn ");
        for (const char *c = "536-22-8726"; *c; c++) {
            for (size_t i = 0; i < 2 * slashes; i++)
                json[n++] = '\\';
            n += (size_t)snprintf(json + n, sizeof json - n, "u%04x", (unsigned)*c);
        }
        snprintf(json + n, sizeof json - n, "\"}");
        assert_int_equal(found_in(state, json).count[TYPE_US_SSN], 1);
    }
}

/* -- media ------------------------------------------------------------------------------
 */

#define PNG                                                                              \
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
#define BYTES                                                                            \
    "8p3Gk0vRz2QwL5yTn7Xh1JmCuA9bEoVdSfKi4ZtPgHqUWxrNlBcMjOaDYe6IsF+3kT8vQz5LmWn2"
#define URL "https://x.test/a.png"

static const char *const media[] = {
    "{\"type\":\"image\",\"image\":\"" BYTES "\"}",
    "{\"type\":\"image\",\"image\":\"" URL "\"}",
    "{\"type\":\"image\",\"url\":\"" URL "\"}",
    "{\"type\":\"image\",\"base64\":\"" BYTES "\"}",
    "{\"type\":\"audio\",\"data\":\"" BYTES "\",\"mimeType\":\"audio/wav\"}",
    "{\"mimeType\":\"image/png\",\"data\":\"" BYTES "\"}",
    "{\"data\":\"" BYTES "\",\"mediaType\":\"application/pdf\",\"type\":\"file\"}",
    "{\"type\":\"resource\",\"resource\":{\"uri\":\"file:///a\",\"blob\":\"" BYTES "\"}}",
    "{\"type\":\"document\",\"document\":\"" BYTES "\"}",
    "{\"type\":\"image_embeds\",\"image_embeds\":\"AAAA\"}",
    "{\"audio_embeds\":\"AAAA\"}",
    "{\"prompt_embeds\":[\"AAAA\"]}",
    "{\"image_data\":[{\"data\":\"AAAA\",\"id\":1}]}",
    "{\"images\":\"" URL "\"}",
    "{\"images\":\"" BYTES "\"}",
    "{\"image\":\"" BYTES "\"}",
    "{\"image_urls\":[\"" URL "\"]}",
    "{\"picture\":\"" BYTES "\"}",
    "{\"image\":{\"format\":\"png\",\"source\":{\"bytes\":\"" BYTES "\"}}}",
    "\"{\\\"input_audio\\\":{\\\"data\\\":\\\"" BYTES "\\\"}}\"",
    "{\"attachments\":[{\"contentType\":\"image/png\",\"url\":\"blob:x\"}]}",
    "{\"attachments\":[{\"name\":\"a.png\",\"contentType\":\"image/"
    "png\",\"content\":\"" BYTES "\"}]}",
    "\"<img src='data:image/gif;base64,R0lGODlhAQABAIAAAAAA'>\"",
    "\"![x](data:image/png;base64," PNG ")\"",
    "\"![x](DATA:image/png;charset=x;BASE64," BYTES ")\"",
    "\"url(data:application/pdf;base64," BYTES ")\"",
    "\"url(data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcv)\"",
    "\"see " PNG " there\"",
    "\"[{\\\"type\\\":\\\"image\\\",\\\"data\\\":\\\"" BYTES
    "\\\",\\\"mimeType\\\":\\\"image/png\\\"}]\"",
    "\"{\\\"blob\\\": \\\"" BYTES "\\\"}\"",
};

static const char *const no_media[] = {
    "{\"type\":\"file\",\"name\":\"a.txt\"}",
    "{\"type\":\"document\",\"url\":\"" URL "\",\"text\":\"hello\"}",
    "{\"source\":\"" URL "\"}",
    "{\"image\":\"registry.example.com/a-team/an-app-with-a-rather-long-name/that-goes-"
    "on-and-on:v1.2.3\"}",
    "{\"file\":\"/usr/share/doc/Abc1Abc1Abc1Abc1Abc1Abc1Abc1Abc1Abc1Abc1Abc1Abc1Abc1\"}",
    "{\"type\":\"file\",\"mediaType\":\"text/plain\",\"data\":"
    "\"aGVsbG8gdGhlcmUgbXkgZnJpZW5kLCBob3cgYXJlIHlvdT8gSSBob3BlIHRoYXQgeW91IGFyZSB3\"}",
    "{\"properties\":{\"image_data\":{\"type\":\"string\"},\"attachments\":{\"type\":"
    "\"array\",\"items\":{\"type\":\"string\"}}}}",
    "{\"attachments\":[],\"images\":null,\"image\":\"\"}",
    "\"integrity sha512-" BYTES "8p3Gk0vRz2==\"",
    "\"see data:application/json;base64,eyJhIjoiaGVsbG8gd29ybGQsIG15IGZyaWVuZCJ9 ok\"",
    "\"data:text/plain;base64,aGVsbG8gdGhlcmUgbXkgZnJpZW5k\"",
};

static bool is_media(void **state, const char *value)
{
    char json[ROOM];
    snprintf(json, sizeof json, "{\"messages\":[{\"content\":[%s]}]}", value);
    return found_in(state, json).has_media;
}

static void media_are_known_in_all_forms_in_use(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(media); i++)
        if (!is_media(state, media[i]))
            fail_msg("not seen: %s", media[i]);
    for (size_t i = 0; i < ARRAY_LEN(no_media); i++)
        if (is_media(state, no_media[i]))
            fail_msg("taken for media: %s", no_media[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(text_in_base64_is_read_in_its_charset,
                                        open_scanner, close_scanner),
        cmocka_unit_test_setup_teardown(a_token_is_no_mail_for_what_is_in_it,
                                        open_scanner, close_scanner),
        cmocka_unit_test(random_bytes_are_no_text),
        cmocka_unit_test_setup_teardown(escapes_are_undone_under_any_number_of_layers,
                                        open_scanner, close_scanner),
        cmocka_unit_test_setup_teardown(media_are_known_in_all_forms_in_use, open_scanner,
                                        close_scanner),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
