/* elements.c -- XML and HTML: <name>value</name>, <string name="x">value</string>,
 * <key>name</key><string>value</string>, tables with <th>, and a person before an
 * address in angle brackets: "Anna Bell <anna@bell.example>".
 *
 * Attributes are pairs with an equals sign (assign.c). */
#include "scan/read/inside.h"

enum { MAX_TAG = 300 };

static struct piece tag_name(const struct reader *r, size_t at)
{
    size_t from = at + 1, i = from;
    while (i < r->text.n && i - from < READ_MAX_NAME &&
           (is_name_char(r->text.p[i]) || r->text.p[i] == ':'))
        i++;
    for (size_t k = from; k < i; k++)
        if (r->text.p[k] == ':')
            from = k + 1; /* past the name space */
    return (struct piece){from, i, 0};
}

/* What the tag says of itself: name="x", key='x', id="x". */
static struct piece name_attribute(struct reader *r, size_t from, size_t to)
{
    static const char *const words[] = {" name=",  " key=",  " id=",  " for=",
                                        " field=", " Name=", " Key=", " FriendlyName="};
    for (size_t k = 0; k < ARRAY_LEN(words); k++) {
        ptrdiff_t at = str_find(str_sub(r->text, from, to), str_of(words[k]));
        if (at >= 0 && is_quote(byte_at(r, from + (size_t)at + strlen(words[k]))))
            return quoted_at(r, from + (size_t)at + strlen(words[k]), to);
    }
    return (struct piece){0};
}

/* <pwd value = "x" />, over lines' ends, too. */
static struct piece value_attribute(struct reader *r, size_t from, size_t to)
{
    const struct str word = STR("value");
    for (size_t i = from; i + word.n < to; i++) {
        if ((unsigned char)r->text.p[i] > ' ' ||
            !str_starts_nocase(str_sub(r->text, i + 1, to), word))
            continue;
        size_t at = skip_space(r, i + 1 + word.n);
        if (byte_at(r, at) != '=')
            continue;
        at = skip_space(r, at + 1);
        return at < to && is_quote(r->text.p[at]) ? quoted_at(r, at, to)
                                                  : (struct piece){0};
    }
    return (struct piece){0};
}

/* The text between a tag's end and the next tag. */
static struct piece content_of(struct reader *r, size_t i)
{
    if (str_starts(str_sub(r->text, i, r->text.n), STR("<![CDATA[")))
        i += 9;
    size_t most = r->text.n - i > READ_MAX_VALUE ? i + READ_MAX_VALUE : r->text.n;
    const char *lt = memchr(r->text.p + i, '<', most - i);
    if (!lt || !may_read(r, (size_t)(lt - r->text.p) - i))
        return (struct piece){0};
    struct piece v = trimmed(r, (struct piece){i, (size_t)(lt - r->text.p), 0});
    if (str_ends(piece_str(r, v), STR("]]>")))
        v.end -= 3;
    while (v.start < v.end && (unsigned char)r->text.p[v.start] <= ' ')
        v.start++;
    return v;
}

static bool is_tag(struct str name, const char *a, const char *b)
{
    return equal_to(name, a) || equal_to(name, b);
}

/* Cells of an HTML table, under the heads of its first row. */
static void read_cell(struct reader *r, struct str tag, struct piece v)
{
    struct cells *c = &r->cells;
    if (is_tag(tag, "table", "thead")) {
        c->nhead = c->column = 0;
    } else if (is_tag(tag, "tr", "row")) {
        c->column = 0;
        c->is_heads = c->nhead == 0;
    } else if (equal_to(tag, "th") && c->is_heads && c->nhead < MAX_HEADS) {
        c->head[c->nhead++] = v;
        c->column++;
    } else if (is_tag(tag, "td", "th")) {
        if (c->is_heads)
            c->nhead = 0; /* <tr><th>Name</th><td>x</td>: a head of its row alone */
        if (c->column < c->nhead && v.end > v.start)
            emit(r, c->head[c->column], v, NOTE_TABLE);
        if (c->label.end > c->label.start && c->column == 1)
            emit(r, c->label, v, NOTE_TABLE); /* <td>Name</td><td>x</td> */
        c->label = c->column == 0 ? v : (struct piece){0};
        c->column++;
    }
}

/* <key>a</key><string>b</string>, <dt>a</dt><dd>b</dd>, <name>a</name><value>b</value> */
static void read_sibling(struct reader *r, struct str tag, struct piece v)
{
    if (is_tag(tag, "key", "dt") || is_tag(tag, "name", "label") ||
        is_tag(tag, "parametername", "strong") || equal_to(tag, "b")) {
        r->cells.sibling = v;
    } else if (r->cells.sibling.end &&
               (is_tag(tag, "string", "dd") || is_tag(tag, "value", "span") ||
                is_tag(tag, "attributevalue", "parametervalue") ||
                equal_to(tag, "data") || is_tag(tag, "p", "integer"))) {
        emit(r, r->cells.sibling, v, NOTE_DATA);
        r->cells.sibling = (struct piece){0};
    }
}

/* Anna Bell <anna@bell.example> */
static void read_mailbox(struct reader *r, const struct line *l, size_t at)
{
    size_t end = at + 1, ats = 0;
    while (end < l->end && end - at < 120 && r->text.p[end] != '>' &&
           r->text.p[end] != ' ')
        ats += r->text.p[end++] == '@';
    if (ats != 1 || byte_at(r, end) != '>')
        return;
    size_t to = skip_blanks_back(r, at, l->start), from = to;
    if (to > l->start && is_quote(r->text.p[to - 1]))
        from = --to;
    while (from > l->start && to - from < READ_MAX_NAME &&
           !strchr(":,;\"<>([|", r->text.p[from - 1]))
        from--;
    struct piece name = trimmed(r, (struct piece){from, to, 0});
    emit_told(r, name, NOTE_FORM, TELLS_PERSON);
}

/* "ArrayRef<Pass *> x", "C<pass>": between the marks stands what belongs to the word
 * before them, and no tag, which would be closed. */
static bool is_parameter(const struct reader *r, size_t at, size_t content_end)
{
    return at > 0 && is_alnum(r->text.p[at - 1]) && byte_at(r, content_end + 1) != '/';
}

void read_element(struct reader *r, const struct line *l, size_t at)
{
    char next = byte_at(r, at + 1);
    if (!is_alpha(next)) {
        if (next == '/')
            return;
        if (is_alnum(next) || next < 0)
            read_mailbox(r, l, at);
        return;
    }
    struct piece tag = tag_name(r, at);
    size_t most = r->text.n - at > MAX_TAG ? at + MAX_TAG : r->text.n;
    const char *gt = memchr(r->text.p + at, '>', most - at);
    if (!gt || !may_read(r, (size_t)(gt - r->text.p) - at)) {
        return;
    }
    size_t close = (size_t)(gt - r->text.p);
    if (memchr(r->text.p + at, '@', close - at) &&
        !memchr(r->text.p + at, '=', close - at)) {
        read_mailbox(r, l, at);
        return;
    }
    struct piece v = {0};
    if (r->text.p[close - 1] != '/')
        v = content_of(r, close + 1);
    struct str name = piece_str(r, tag);
    read_cell(r, name, v);
    struct piece own = name_attribute(r, tag.end, close);
    if (own.end <= own.start)
        emit(r, tag, value_attribute(r, tag.end, close), NOTE_DATA);
    if (v.end <= v.start && own.end > own.start)
        r->cells.sibling = own; /* <Attribute Name="x"><AttributeValue>y */
    if (v.end <= v.start)
        return;
    read_sibling(r, name, v);
    if (own.end > own.start)
        emit(r, own, v, NOTE_DATA);
    if (!is_parameter(r, at, v.end))
        emit(r, tag, v, NOTE_DATA);
}
