/* chat.c -- who speaks in an export of a chat, and who writes in the head of a letter.
 *
 *     [12/03/24, 10:11:12] Anna Bell: text      12.03.24, 10:11 - Anna Bell: text
 *     [10:11] Anna Bell: text      <Anna> text      Anna Bell  10:11 AM
 *     From: Anna Bell <anna@bell.example>; Ben Dale <...> */
#include "scan/read/inside.h"

enum { MAX_SPEAKER = 48 };

/* Digits, dots, slashes, colons, commas, blanks, AM: a date and a time, with a colon.
 * Returns where it ends; `from` when there is none. */
static size_t past_time(const struct reader *r, size_t from, size_t end)
{
    size_t i = from, colons = 0, digits = 0;
    for (; i < end && i - from < 32; i++) {
        char c = r->text.p[i];
        bool mark = c == ' ' || c == '/' || c == '.' || c == ',' || c == '-' ||
                    c == 'T' || c == 'Z';
        bool half = (c == 'A' || c == 'P' || c == 'a' || c == 'p') &&
                    (byte_at(r, i + 1) == 'M' || byte_at(r, i + 1) == 'm');
        digits += is_digit(c);
        colons += c == ':' && is_digit(byte_at(r, i + 1));
        if (half)
            i++;
        else if (!is_digit(c) && !mark && !(c == ':' && is_digit(byte_at(r, i + 1))))
            break;
    }
    return colons && digits >= 3 ? i : from;
}

static void emit_speaker(struct reader *r, size_t from, size_t end)
{
    size_t i = skip_blanks(r, from, end);
    if (i < end && r->text.p[i] == '~')
        i = skip_blanks(r, i + 1, end);
    size_t to = i;
    while (to < end && to - i < MAX_SPEAKER && r->text.p[to] != ':' &&
           r->text.p[to] != '\t')
        to++;
    if (to < end && r->text.p[to] == ':' &&
        (to + 1 == end || byte_at(r, to + 1) == ' ') && to > i)
        emit_told(r, trimmed(r, (struct piece){i, to, 0}), NOTE_FORM, TELLS_PERSON);
}

/* Anna Bell  10:11 AM */
static void read_heading(struct reader *r, const struct line *l)
{
    size_t i = l->body, words = 0;
    while (i < l->end && i - l->body < MAX_SPEAKER && !is_digit(r->text.p[i]) &&
           r->text.p[i] != '[' && r->text.p[i] != ':') {
        words += r->text.p[i] == ' ' && i > l->body && r->text.p[i - 1] != ' ';
        i++;
    }
    size_t name_end = skip_blanks_back(r, i, l->body);
    size_t at = i < l->end && r->text.p[i] == '[' ? i + 1 : i;
    size_t end = past_time(r, at, l->end);
    if (end == at || words > 4 || name_end < l->body + 3 || l->end - end > 2)
        return;
    emit_told(r, (struct piece){l->body, name_end, 0}, NOTE_FORM, TELLS_PERSON);
}

/* The heads of letters: what stands behind is a person or several. */
static bool is_letter_head(struct str s)
{
    static const char *const heads[] = {"from",
                                        "to",
                                        "cc",
                                        "bcc",
                                        "sender",
                                        "reply-to",
                                        "von",
                                        "an",
                                        "de",
                                        "para",
                                        "\xC3\xA0",
                                        "da",
                                        "a",
                                        "till",
                                        "fra",
                                        "til",
                                        "van",
                                        "aan",
                                        "od",
                                        "do",
                                        "kopie",
                                        "\xD0\xBE\xD1\x82",
                                        "\xD0\xBA\xD0\xBE\xD0\xBC\xD1\x83",
                                        "attendees",
                                        "required",
                                        "organizer",
                                        "organiser",
                                        "author",
                                        "committer",
                                        "signed-off-by",
                                        "reviewed-by",
                                        "co-authored-by",
                                        "acked-by",
                                        "tested-by",
                                        "reported-by",
                                        "attn",
                                        "cc'd",
                                        "\xE5\x8F\x91\xE4\xBB\xB6\xE4\xBA\xBA",
                                        "\xE6\x94\xB6\xE4\xBB\xB6\xE4\xBA\xBA",
                                        "\xE5\xB7\xAE\xE5\x87\xBA\xE4\xBA\xBA",
                                        "\xE5\xAE\x9B\xE5\x85\x88",
                                        "lähettäjä",
                                        "kime",
                                        "kimden",
                                        "from name"};
    return is_word_of(s, heads, ARRAY_LEN(heads));
}

static void read_letter(struct reader *r, const struct line *l)
{
    size_t colon = l->body;
    while (colon < l->end && colon - l->body < 20 && r->text.p[colon] != ':')
        colon++;
    if (colon == l->end || r->text.p[colon] != ':' || !is_upper(r->text.p[l->body]) ||
        !is_letter_head(str_trim(str_sub(r->text, l->body, colon))))
        return;
    for (size_t i = colon + 1; i < l->end && i - colon < READ_MAX_VALUE;) {
        size_t to = i;
        while (to < l->end && !strchr(";,<(", r->text.p[to]))
            to++;
        emit_told(r, trimmed(r, (struct piece){i, to, 0}), NOTE_FORM, TELLS_PERSON);
        while (to < l->end && r->text.p[to] != ';' && r->text.p[to] != ',')
            to++;
        i = to + 1;
    }
    may_read(r, l->end - colon);
}

/* "[11:02] bob_k: text", "11:02 <bob_k> text": an account in small letters, behind a time
 * without seconds, as people's chats have it and logs have not. */
static void emit_nick(struct reader *r, size_t time, size_t from, size_t end)
{
    static const char *const others[] = {
        "info",  "error",  "warn",      "warning", "debug",  "trace", "notice",
        "fatal", "server", "client",    "system",  "worker", "main",  "kernel",
        "note",  "user",   "assistant", "bot",     "todo",   "done",  "start",
        "stop",  "end",    "agent",     "step"};
    size_t colons = 0, i = skip_blanks(r, from, end);
    bool is_angled = byte_at(r, i) == '<';
    struct piece v = {i + is_angled, i + is_angled, 0};
    for (size_t k = time; k < from; k++)
        colons += r->text.p[k] == ':';
    while (v.end < end &&
           (is_lower(r->text.p[v.end]) || is_digit(r->text.p[v.end]) ||
            strchr("._-", r->text.p[v.end])) &&
           r->text.p[v.end])
        v.end++;
    char close = byte_at(r, v.end), behind = byte_at(r, v.end + 1);
    if (colons == 1 && v.end >= v.start + 4 && v.end - v.start <= MAX_SPEAKER &&
        is_lower(r->text.p[v.start]) && behind == ' ' &&
        close == (is_angled ? '>' : ':') &&
        !is_word_of(piece_str(r, v), others, ARRAY_LEN(others)))
        emit_told(r, v, NOTE_SEGMENT, TELLS_USER);
}

void read_chat(struct reader *r, const struct line *l)
{
    char c = r->text.p[l->body];
    size_t at = l->body + (c == '[' || c == '(');
    if (is_digit(byte_at(r, at))) {
        size_t end = past_time(r, at, l->end);
        if (end > at && may_read(r, end - at)) {
            while (end < l->end && (r->text.p[end] == ']' || r->text.p[end] == ')' ||
                                    r->text.p[end] == '-' || r->text.p[end] == ' ' ||
                                    r->text.p[end] == '\xE2' ||
                                    r->text.p[end] == '\x80' || r->text.p[end] == '\x93'))
                end++;
            emit_nick(r, at, end, l->end);
            if (end < l->end && r->text.p[end] == '<') {
                size_t to = end + 1;
                while (to < l->end && to - end < MAX_SPEAKER && r->text.p[to] != '>')
                    to++;
                emit_told(r, (struct piece){end + 1, to, 0}, NOTE_FORM, TELLS_PERSON);
            } else if (!memchr(r->text.p + at, 'T', end - at)) {
                emit_speaker(r, end, l->end);
            }
        }
        return;
    }
    if (is_upper(c) || c < 0) {
        if (l->end - l->body < 80)
            read_heading(r, l);
        read_letter(r, l);
    }
}
