/* segments.c -- formats that name a field by its place in a line: HL7 v2, X12, EDIFACT,
 * vCard, GEDCOM, SWIFT MT, passwd and shadow files, and the hashes of crypt(3).
 *
 * What stands in which place is a fact of each standard. */
#include "scan/read/inside.h"

enum { MAX_FIELDS = 64 };

struct place {
    const char *segment;
    uint8_t field, what;
};

/* HL7 v2: segment and number of its field (chapter 3 and 6 of the standard). */
static const struct place hl7[] = {
    {"PID", 2, TELLS_MRN},       {"PID", 3, TELLS_MRN},      {"PID", 4, TELLS_MRN},
    {"PID", 5, TELLS_PERSON},    {"PID", 6, TELLS_PERSON},   {"PID", 7, TELLS_DOB},
    {"PID", 9, TELLS_PERSON},    {"PID", 11, TELLS_ADDRESS}, {"PID", 13, TELLS_PHONE},
    {"PID", 14, TELLS_PHONE},    {"PID", 18, TELLS_MRN},     {"PID", 19, TELLS_NATIONAL},
    {"PID", 20, TELLS_LICENSE},  {"PD1", 4, TELLS_PERSON},   {"NK1", 2, TELLS_PERSON},
    {"NK1", 4, TELLS_ADDRESS},   {"NK1", 5, TELLS_PHONE},    {"NK1", 6, TELLS_PHONE},
    {"GT1", 2, TELLS_MRN},       {"GT1", 3, TELLS_PERSON},   {"GT1", 5, TELLS_ADDRESS},
    {"GT1", 6, TELLS_PHONE},     {"GT1", 7, TELLS_PHONE},    {"GT1", 8, TELLS_DOB},
    {"GT1", 12, TELLS_NATIONAL}, {"IN1", 16, TELLS_PERSON},  {"IN1", 18, TELLS_DOB},
    {"IN1", 19, TELLS_ADDRESS},  {"IN1", 36, TELLS_PLAN},    {"IN1", 49, TELLS_PLAN},
    {"IN2", 1, TELLS_EMPLOYEE},  {"IN2", 2, TELLS_NATIONAL}, {"IN2", 6, TELLS_PLAN},
    {"IN2", 8, TELLS_PLAN},      {"IN2", 61, TELLS_PLAN},    {"MRG", 1, TELLS_MRN},
    {"MRG", 4, TELLS_MRN},       {"MRG", 7, TELLS_PERSON},   {"PV1", 7, TELLS_PERSON},
    {"PV1", 8, TELLS_PERSON},    {"PV1", 9, TELLS_PERSON},   {"PV1", 17, TELLS_PERSON},
    {"PV1", 19, TELLS_MRN},      {"PV1", 52, TELLS_PERSON},  {"ORC", 10, TELLS_PERSON},
    {"ORC", 12, TELLS_PERSON},   {"OBR", 16, TELLS_PERSON},  {"OBR", 28, TELLS_PERSON},
    {"OBR", 32, TELLS_PERSON},   {"OBX", 16, TELLS_PERSON},  {"STF", 3, TELLS_PERSON},
    {"PRD", 2, TELLS_PERSON},    {"AIP", 3, TELLS_PERSON},   {"EVN", 5, TELLS_PERSON},
    {"ROL", 4, TELLS_PERSON},    {"TXA", 9, TELLS_PERSON},   {"ACC", 7, TELLS_PERSON},
    {"ZPD", 5, TELLS_PERSON},    {"FT1", 20, TELLS_PERSON},  {"DG1", 16, TELLS_PERSON},
};

struct fields {
    struct piece v[MAX_FIELDS];
    size_t n;
};

static void split(struct reader *r, size_t from, size_t end, char sep, struct fields *f)
{
    size_t begin = from;
    f->n = 0;
    for (size_t i = from; i <= end && f->n < MAX_FIELDS; i++)
        if (i == end || r->text.p[i] == sep) {
            f->v[f->n++] = (struct piece){begin, i, 0};
            begin = i + 1;
        }
    may_read(r, end - from);
}

/* Of a field that repeats, each; of what has parts, as many as say whose it is. */
static void emit_field(struct reader *r, struct piece v, enum telling what)
{
    for (size_t from = v.start; from < v.end;) {
        size_t to = from;
        while (to < v.end && r->text.p[to] != '~')
            to++;
        struct piece one = {from, to, 0};
        size_t parts = what == TELLS_PERSON || what == TELLS_ADDRESS ? 6 : 1;
        for (size_t i = from; i < to; i++)
            if (r->text.p[i] == '^' && --parts == 0) {
                one.end = i;
                break;
            }
        if (what == TELLS_PERSON && one.start < one.end && is_digit(r->text.p[one.start]))
            while (one.start < one.end && r->text.p[one.start++] != '^')
                ; /* a number before the name of a doctor */
        while (one.end > one.start && r->text.p[one.end - 1] == '^')
            one.end--;
        emit_told(r, one, NOTE_SEGMENT, what);
        from = to + 1;
    }
}

static void read_hl7(struct reader *r, size_t from, size_t end)
{
    struct fields f;
    struct str name = str_sub(r->text, from, from + 3);
    split(r, from, end, '|', &f);
    for (size_t i = 0; i < ARRAY_LEN(hl7); i++)
        if (hl7[i].field < f.n && str_eq(name, str_of(hl7[i].segment)))
            emit_field(r, f.v[hl7[i].field], (enum telling)hl7[i].what);
}

/* An address whose parts have their places, from the street to the postcode: all of it
 * when one of them is a street. */
static void emit_address(struct reader *r, const struct fields *f, size_t street,
                         size_t last)
{
    if (street >= f->n)
        return;
    last = last < f->n ? last : f->n - 1;
    while (last > street && f->v[last].end == f->v[last].start)
        last--;
    emit_told(r, (struct piece){f->v[street].start, f->v[last].end, 0}, NOTE_SEGMENT,
              TELLS_ADDRESS);
}

/* -- X12 and EDIFACT --------------------------------------------------------------- */

static struct str field(const struct reader *r, const struct fields *f, size_t i)
{
    return i < f->n ? piece_str(r, f->v[i]) : STR("");
}

static enum telling id_of_x12(struct str qualifier)
{
    static const struct {
        const char *code;
        enum telling what;
    } rows[] = {{"MI", TELLS_PLAN},    {"34", TELLS_NATIONAL}, {"SY", TELLS_NATIONAL},
                {"XX", TELLS_LICENSE}, {"24", TELLS_TAX},      {"EI", TELLS_TAX},
                {"TJ", TELLS_TAX},     {"0F", TELLS_PLAN},     {"1L", TELLS_PLAN},
                {"IG", TELLS_PLAN},    {"18", TELLS_PLAN},     {"1W", TELLS_PLAN},
                {"6P", TELLS_PLAN},    {"EJ", TELLS_MRN},      {"EA", TELLS_MRN},
                {"23", TELLS_PLAN},    {"F8", TELLS_PLAN},     {"II", TELLS_PLAN},
                {"G1", TELLS_PLAN},    {"D9", TELLS_PLAN},     {"1C", TELLS_LICENSE},
                {"0B", TELLS_LICENSE}, {"1G", TELLS_LICENSE},  {"HN", TELLS_PLAN},
                {"3H", TELLS_MRN},     {"ABB", TELLS_PLAN},    {"Y4", TELLS_PLAN}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (str_eqz(qualifier, rows[i].code))
            return rows[i].what;
    return TELLS_NOTHING;
}

static void emit_if(struct reader *r, const struct fields *f, size_t i, enum telling what)
{
    if (i < f->n && what)
        emit_told(r, f->v[i], NOTE_SEGMENT, what);
}

static void read_x12(struct reader *r, size_t from, size_t end)
{
    struct fields f;
    split(r, from, end, '*', &f);
    struct str name = field(r, &f, 0);
    if (str_eqz(name, "NM1") && f.n > 3) {
        if (str_eqz(field(r, &f, 2), "1"))
            emit_told(r, (struct piece){f.v[3].start, f.v[f.n > 5 ? 5 : f.n - 1].end, 0},
                      NOTE_SEGMENT, TELLS_PERSON);
        emit_if(r, &f, 9, id_of_x12(field(r, &f, 8)));
    } else if (str_eqz(name, "N3")) {
        emit_if(r, &f, 1, TELLS_ADDRESS);
    } else if (str_eqz(name, "DMG")) {
        emit_if(r, &f, 2, TELLS_DOB);
    } else if (str_eqz(name, "REF")) {
        emit_if(r, &f, 2, id_of_x12(field(r, &f, 1)));
    } else if (str_eqz(name, "PER")) {
        emit_if(r, &f, 2, TELLS_PERSON);
        for (size_t i = 3; i + 1 < f.n; i += 2)
            if (str_eqz(field(r, &f, i), "TE") || str_eqz(field(r, &f, i), "FX"))
                emit_if(r, &f, i + 1, TELLS_PHONE);
    } else if (str_eqz(name, "CLM") || str_eqz(name, "CLP")) {
        emit_if(r, &f, 1, TELLS_MRN);
    } else if (str_eqz(name, "ISA") && str_eqz(field(r, &f, 3), "01")) {
        emit_told(r, trimmed(r, f.v[4]), NOTE_SEGMENT, TELLS_PASSWORD);
    }
}

static void read_edifact(struct reader *r, size_t from, size_t end)
{
    struct fields f;
    split(r, from, end, '+', &f);
    struct str name = field(r, &f, 0);
    if (str_eqz(name, "NAD")) {
        emit_if(r, &f, 4, TELLS_PERSON);
        emit_if(r, &f, 3, TELLS_PERSON);
        emit_address(r, &f, 5, 8);
    } else if (str_eqz(name, "PNA")) {
        emit_if(r, &f, 5, TELLS_PERSON);
        emit_if(r, &f, 6, TELLS_PERSON);
    } else if (str_eqz(name, "UNB") && f.n > 6) {
        struct piece v = f.v[6]; /* of the receiver, and what it is of */
        const char *colon = memchr(r->text.p + v.start, ':', v.end - v.start);
        v.end = colon ? (size_t)(colon - r->text.p) : v.end;
        emit_told(r, v, NOTE_SEGMENT, TELLS_PASSWORD);
    } else if (str_eqz(name, "CTA")) {
        emit_if(r, &f, 2, TELLS_PERSON);
    } else if (str_eqz(name, "COM")) {
        emit_if(r, &f, 1, TELLS_PHONE);
    } else if (str_eqz(name, "RFF") || str_eqz(name, "DTM")) {
        struct str s = field(r, &f, 1);
        ptrdiff_t colon = str_index(s, ':');
        if (f.n < 2 || colon < 0)
            return;
        struct piece v = {f.v[1].start + (size_t)colon + 1, f.v[1].end, 0};
        if (str_starts(s, STR("329:")))
            emit_told(r, v, NOTE_SEGMENT, TELLS_DOB);
        else if (str_starts(s, STR("AHP:")) || str_starts(s, STR("VA:")))
            emit_told(r, v, NOTE_SEGMENT, TELLS_TAX);
    }
}

/* Segments of EDI stand one behind the other, with ~ or ' between. */
static void read_edi(struct reader *r, const struct line *l, char end_mark, char sep)
{
    for (size_t at = l->body; at + 4 < l->end;) {
        const char *stop = memchr(r->text.p + at, end_mark, l->end - at);
        size_t end = stop ? (size_t)(stop - r->text.p) : l->end;
        size_t from = skip_blanks(r, at, end);
        if (sep == '*')
            read_x12(r, from, end);
        else
            read_edifact(r, from, end);
        at = end + 1;
    }
}

static bool is_edi_segment(struct str s, char sep)
{
    static const char *const names[] = {"NM1", "N3",  "N1",  "DMG", "REF", "PER", "CLM",
                                        "CLP", "ISA", "GS",  "ST",  "NAD", "PNA", "CTA",
                                        "COM", "RFF", "DTM", "UNA", "UNB", "UNH", "BGM"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        size_t n = strlen(names[i]);
        if (s.n > n && s.p[n] == sep && str_starts(s, str_of(names[i])))
            return true;
    }
    return false;
}

/* -- vCard, GEDCOM, SWIFT ---------------------------------------------------------- */

static void read_vcard(struct reader *r, const struct line *l, struct str s)
{
    static const struct {
        const char *name;
        enum telling what;
    } rows[] = {{"FN", TELLS_PERSON},     {"N", TELLS_PERSON},
                {"ADR", TELLS_ADDRESS},   {"TEL", TELLS_PHONE},
                {"BDAY", TELLS_DOB},      {"ORGANIZER", TELLS_NOTHING},
                {"NICKNAME", TELLS_USER}, {"ATTENDEE", TELLS_NOTHING}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (!str_startsz(s, rows[i].name))
            continue;
        char behind = byte_at(r, l->body + strlen(rows[i].name));
        if (behind != ';' && behind != ':')
            continue;
        ptrdiff_t cn = str_find(s, STR("CN="));
        ptrdiff_t colon = str_index(s, ':');
        if (rows[i].what == TELLS_NOTHING && cn >= 0)
            emit_told(r, value_at(r, l->body + (size_t)cn + 3, l->end), NOTE_SEGMENT,
                      TELLS_PERSON);
        else if (rows[i].what == TELLS_ADDRESS && colon >= 0) {
            struct fields f;
            split(r, l->body + (size_t)colon + 1, l->end, ';', &f);
            emit_address(r, &f, 2, 5);
        } else if (rows[i].what && colon >= 0)
            emit_told(r, (struct piece){l->body + (size_t)colon + 1, l->end, 0},
                      NOTE_SEGMENT, rows[i].what);
        return;
    }
}

/* "1 NAME Anna /Bell/", "2 GIVN Anna" */
static void read_gedcom(struct reader *r, const struct line *l, struct str s)
{
    struct str rest = str_sub(s, 2, s.n);
    enum telling what = str_starts(rest, STR("NAME "))   ? TELLS_PERSON
                        : str_starts(rest, STR("GIVN ")) ? TELLS_FIRST
                        : str_starts(rest, STR("SURN ")) ? TELLS_LAST
                        : str_starts(rest, STR("ADDR ")) ? TELLS_ADDRESS
                        : str_starts(rest, STR("PHON ")) ? TELLS_PHONE
                                                         : TELLS_NOTHING;
    if (what)
        emit_told(r, (struct piece){l->body + 7, l->end, 0}, NOTE_SEGMENT, what);
}

/* ":59:/account", and the name and the address on the lines below. */
static void read_swift(struct reader *r, const struct line *l, struct str s)
{
    ptrdiff_t colon = str_index(str_sub(s, 1, s.n), ':');
    if (str_starts(s, STR(":25:"))) {
        emit_told(r, (struct piece){l->body + 4, l->end, 0}, NOTE_SEGMENT, TELLS_ACCOUNT);
        return;
    }
    bool is_party = str_starts(s, STR(":50")) || str_starts(s, STR(":59"));
    if (!is_party || colon < 0 || colon > 4)
        return;
    size_t at = l->body + (size_t)colon + 2, k = 0;
    struct piece v = {at, l->end, 0};
    if (byte_at(r, at) == '/') {
        v.start++;
        emit_told(r, v, NOTE_SEGMENT, TELLS_ACCOUNT);
    } else {
        emit_told(r, v, NOTE_SEGMENT, TELLS_PERSON);
        k = 1;
    }
    for (size_t i = l->end + 1; i < r->text.n && k < 4; k++) {
        const char *nl = memchr(r->text.p + i, '\n', r->text.n - i);
        size_t end = nl ? (size_t)(nl - r->text.p) : r->text.n;
        if (end - i > 80 || r->text.p[i] == ':' || r->text.p[i] == '-' ||
            !may_read(r, end - i))
            return;
        emit_told(r, (struct piece){i, end, 0}, NOTE_SEGMENT,
                  k == 0 ? TELLS_PERSON : TELLS_ADDRESS);
        i = end + 1;
    }
}

/* -- files of accounts ------------------------------------------------------------- */

static bool is_account_name(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_alnum(s.p[i]) && !strchr("._-@$\\", s.p[i]))
            return false;
    return s.n >= 2 && s.n <= 64;
}

/* The hash that crypt(3), a directory or a framework keeps: "$6$...", "{SSHA}...",
 * "pbkdf2_sha256$...".  What follows its mark must be long. */
static bool is_crypt(struct str s)
{
    static const char *const marks[] = {"$1$",
                                        "$2a$",
                                        "$2b$",
                                        "$2y$",
                                        "$5$",
                                        "$6$",
                                        "$7$",
                                        "$y$",
                                        "$gy$",
                                        "$apr1$",
                                        "$argon2",
                                        "$scrypt$",
                                        "$pbkdf2",
                                        "$P$",
                                        "$H$",
                                        "{SSHA",
                                        "{SHA",
                                        "{SMD5}",
                                        "{MD5}",
                                        "{CRYPT}",
                                        "{PBKDF2",
                                        "{ARGON2}",
                                        "$krb5",
                                        "$sha1$",
                                        "pbkdf2_sha",
                                        "bcrypt$",
                                        "bcrypt_sha256$",
                                        "argon2$argon2",
                                        "scrypt:",
                                        "pbkdf2:sha",
                                        "$8$",
                                        "$9$",
                                        "SCRAM-SHA-256$",
                                        "$DCC2$",
                                        "$NT$",
                                        "$S$",
                                        "$B$"};
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (str_startsz(s, marks[i]))
            return s.n >= strlen(marks[i]) +
                              (marks[i][1] == '9' || marks[i][1] == '8' ? 12 : 18);
    return false;
}

/* Colons part an account from its hash, and in a passwd file from its person. */
static void read_accounts(struct reader *r, const struct line *l)
{
    struct fields f;
    split(r, l->body, l->end, ':', &f);
    if (f.n < 2 || !is_account_name(field(r, &f, 0)))
        return;
    struct str second = field(r, &f, 1);
    bool is_passwd = f.n == 7 && field(r, &f, 2).n && is_digit(field(r, &f, 2).p[0]) &&
                     field(r, &f, 5).n && field(r, &f, 5).p[0] == '/';
    bool is_ntlm = f.n >= 4 && field(r, &f, 2).n == 32 && field(r, &f, 3).n == 32;
    bool is_plain = str_starts_nocase(second, STR("{plain}")) && second.n > 11;
    if (is_plain) /* of Dovecot */
        emit_told(r, (struct piece){f.v[1].start + 7, f.v[1].end, 0}, NOTE_SEGMENT,
                  TELLS_PASSWORD);
    if (!is_crypt(second) && !is_passwd && !is_ntlm && !is_plain)
        return;
    emit_told(r, f.v[0], NOTE_SEGMENT, TELLS_USER);
    if (is_crypt(second))
        emit_told(r, f.v[1], NOTE_SEGMENT, TELLS_PASSWORD);
    if (is_ntlm)
        emit_told(r, f.v[3], NOTE_SEGMENT, TELLS_PASSWORD);
    if (is_passwd) {
        struct piece gecos = f.v[4];
        const char *comma = memchr(r->text.p + gecos.start, ',', gecos.end - gecos.start);
        if (comma)
            gecos.end = (size_t)(comma - r->text.p);
        emit_told(r, gecos, NOTE_SEGMENT, TELLS_PERSON);
    }
}

static void read_hashes(struct reader *r, const struct line *l)
{
    for (size_t i = l->body; i + 20 < l->end; i++) {
        char c = r->text.p[i];
        if ((c != '$' && c != '{' && c != 'p' && c != 'b' && c != 'a' && c != 's' &&
             c != 'S') ||
            (i > l->body && is_alnum(r->text.p[i - 1])))
            continue;
        size_t end = i;
        if (!is_crypt(str_sub(r->text, i, l->end)))
            continue;
        while (end < l->end &&
               (is_alnum(r->text.p[end]) || strchr("$./+=,{}*_-:", r->text.p[end])) &&
               r->text.p[end])
            end++;
        struct piece v = {i, end, 0};
        if (is_crypt(piece_str(r, v)))
            emit_told(r, v, NOTE_SEGMENT, TELLS_HASH);
        i = end;
    }
}

void read_segment(struct reader *r, const struct line *l)
{
    struct str s = str_sub(r->text, l->body, l->end);
    char a = s.p[0];
    if (is_upper(a) && s.n > 8) {
        if (s.p[3] == '|' && is_upper(s.p[1]) && is_alnum(s.p[2]))
            read_hl7(r, l->body, l->end);
        else if (is_edi_segment(s, '*'))
            read_edi(r, l, '~', '*');
        else if (is_edi_segment(s, '+'))
            read_edi(r, l, '\'', '+');
        else
            read_vcard(r, l, s);
    }
    if (is_digit(a) && s.n > 9 && s.p[1] == ' ' && s.p[6] == ' ')
        read_gedcom(r, l, s);
    if (a == ':' && s.n > 6)
        read_swift(r, l, s);
    if (s.n < 512 && memchr(s.p, ':', s.n) && may_read(r, s.n))
        read_accounts(r, l);
    read_hashes(r, l);
}
