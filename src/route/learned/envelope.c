/* envelope.c -- elements that agents put around what a user wrote. */
#include "route/learned/envelope.h"

/* The names in use, as agents' own sources have them: Claude Code, Codex, Cline, Roo,
 * Cursor, Continue, Copilot. */
static const struct str names[] = {
    STR_INIT("system-reminder"),      STR_INIT("environment_context"),
    STR_INIT("environment_details"),  STR_INIT("environment_info"),
    STR_INIT("user_instructions"),    STR_INIT("user_info"),
    STR_INIT("project_layout"),       STR_INIT("additional_data"),
    STR_INIT("attached_files"),       STR_INIT("open_files"),
    STR_INIT("workspace_info"),       STR_INIT("git_status"),
    STR_INIT("command-message"),      STR_INIT("command-name"),
    STR_INIT("local-command-stdout"), STR_INIT("ide_opened_file"),
    STR_INIT("ide_selection"),        STR_INIT("rules"),
    STR_INIT("attachments"),          STR_INIT("editor_context"),
};

/* At '<': the length of the whole element, or 0. */
static size_t element_length(struct str s)
{
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct str name = names[i], rest = str_sub(s, 1, s.n);
        if (!str_starts(rest, name))
            continue;
        rest = str_sub(rest, name.n, rest.n);
        if (rest.n == 0 || (rest.p[0] != '>' && rest.p[0] != ' '))
            continue;
        for (ptrdiff_t at; (at = str_find(rest, STR("</"))) >= 0;) {
            rest = str_sub(rest, (size_t)at + 2, rest.n);
            if (str_starts(rest, name) && rest.n > name.n && rest.p[name.n] == '>')
                return (size_t)(rest.p - s.p) + name.n + 1;
        }
        return 0;
    }
    return 0;
}

static bool is_blank(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] > ' ')
            return false;
    return true;
}

size_t envelope_strip(struct str text, struct str ret[ENVELOPE_PIECES])
{
    size_t n = 0, from = 0, at = 0;
    while (n < ENVELOPE_PIECES - 1 && at < text.n) {
        ptrdiff_t open = str_index(str_sub(text, at, text.n), '<');
        if (open < 0)
            break;
        at += (size_t)open;
        size_t length = element_length(str_sub(text, at, text.n));
        if (length == 0) {
            at++;
            continue;
        }
        if (!is_blank(str_sub(text, from, at)))
            ret[n++] = str_sub(text, from, at);
        from = at += length;
    }
    if (!is_blank(str_sub(text, from, text.n)))
        ret[n++] = str_sub(text, from, text.n);
    if (n == 0)
        ret[n++] = text;
    return n;
}
