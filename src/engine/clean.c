/* clean.c -- keys, paths and control bytes out, the rest as it is. */
#include "engine/clean.h"

enum { MIN_KEY_BYTES = 6, ELLIPSIS_BYTES = 3, MAX_CUT_WORD = 40 };

static bool is_alnum(char ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
           (ch >= '0' && ch <= '9');
}

static bool is_key_char(char ch)
{
    return is_alnum(ch) || ch == '-' || ch == '_' || ch == '*' || ch == '.';
}

/* Length of the prefix at s that announces a key, or 0. */
static size_t key_prefix(struct str s)
{
    static const char *const prefixes[] = {"sk-", "gsk_", "AIza",   "xai-",
                                           "hf_", "wk_",  "Bearer "};
    for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
        if (str_starts(s, str_of(prefixes[i])))
            return strlen(prefixes[i]);
    return 0;
}

/* Length of the key at `at`, or 0. */
static size_t key_length(struct str s, size_t at)
{
    size_t prefix = key_prefix(str_sub(s, at, s.n));
    size_t end = at + prefix;
    while (prefix && end < s.n && is_key_char(s.p[end]))
        end++;
    return prefix && end - at - prefix >= MIN_KEY_BYTES ? end - at : 0;
}

static bool is_path_char(char ch)
{
    return is_alnum(ch) || (ch && strchr("/\\._-+@~", ch) != NULL);
}

/* A folder at the root of a machine's tree: what a URL's path hardly begins with. */
static bool is_root_folder(struct str path)
{
    static const char *const roots[] = {
        "home/",    "usr/",       "opt/",  "var/",  "etc/",  "tmp/",     "srv/",
        "mnt/",     "media/",     "data/", "app/",  "venv/", "private/", "Users/",
        "Library/", "workspace/", "nix/",  "snap/", "proc/", "dev/",     "root/"};
    for (size_t i = 0; i < ARRAY_LEN(roots); i++)
        if (str_starts(path, str_of(roots[i])))
            return true;
    return false;
}

/* How much of the path at `at` is folders, or 0 when none stands there. */
static size_t folders_length(struct str s, size_t at)
{
    bool is_inside = at && (is_path_char(s.p[at - 1]) || s.p[at - 1] == ':');
    bool is_drive =
        at + 2 < s.n && is_alnum(s.p[at]) && s.p[at + 1] == ':' && s.p[at + 2] == '\\';
    bool is_rooted = s.p[at] == '/' && is_root_folder(str_sub(s, at + 1, s.n));
    if (is_inside || (!is_drive && !is_rooted))
        return 0;
    size_t last = at;
    for (size_t i = is_drive ? at + 2 : at; i < s.n && is_path_char(s.p[i]); i++)
        if (s.p[i] == '/' || s.p[i] == '\\')
            last = i;
    return last + 1 - at;
}

/* n, less the bytes of a character at the end that is not whole. */
static size_t whole_chars(const char *p, size_t n)
{
    size_t start = n;
    while (start && ((unsigned char)p[start - 1] & 0xC0) == 0x80)
        start--;
    if (start == 0)
        return 0;
    unsigned char lead = (unsigned char)p[--start];
    size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    return n - start < need ? start : n;
}

/* `to` is full and something is left: ends at the last blank, if one is near. */
static size_t cut(char *to, size_t n)
{
    size_t end = n - ELLIPSIS_BYTES;
    size_t blank = end;
    while (blank && end - blank < MAX_CUT_WORD && to[blank - 1] != ' ')
        blank--;
    if (blank && to[blank - 1] == ' ')
        end = blank - 1;
    end = whole_chars(to, end);
    memset(to + end, '.', ELLIPSIS_BYTES);
    return end + ELLIPSIS_BYTES;
}

static char clean_byte(char ch, bool is_text)
{
    unsigned char u = (unsigned char)ch;
    if (u < 0x20 || u == 0x7F)
        return ' ';
    return is_text && u >= 0x80 ? '?' : ch;
}

void clean_message(struct str from, bool is_text, char to[CLEAN_BYTES])
{
    size_t n = 0, i = 0;
    while (i < from.n && n + 1 < CLEAN_BYTES) {
        size_t key = key_length(from, i);
        for (size_t j = 0; key && j < 3 && n + 1 < CLEAN_BYTES; j++)
            to[n++] = '*';
        i += key ? key : folders_length(from, i);
        if (!key && i < from.n)
            to[n++] = clean_byte(from.p[i++], is_text);
    }
    n = i < from.n ? cut(to, n) : whole_chars(to, n);
    to[n] = '\0';
}
