/* inside.h -- what the families of notations share; inside read/ only. */
#ifndef WEIR_SCAN_READ_INSIDE_H
#define WEIR_SCAN_READ_INSIDE_H

#include "scan/detect.h"
#include "scan/read/read.h"

struct members;

/* A piece of the text; quote: what stands around it, or 0. */
struct piece {
    size_t start, end;
    char quote;
};

/* Of HTML and XML: the heads of the table that is open, and the label that the next
 * element belongs to. */
enum { MAX_HEADS = 24 };
struct cells {
    struct piece head[MAX_HEADS], label, sibling;
    struct piece text; /* the last between two tags; end 0: none */
    size_t tag_end;    /* of the last tag; 0: none */
    size_t nhead, column;
    bool is_heads; /* the row that is open is the first, so its heads are of columns */
};

/* The columns of the last CREATE TABLE, and its name. */
enum { MAX_CREATED = 32 };
struct created {
    struct piece table, column[MAX_CREATED];
    size_t n;
};

/* The line being read: [start, end) without its end, the first byte that says something
 * (past blanks, list marks, quoting and "export"). */
struct line {
    size_t start, body, end;
};

/* What the words of a line and of the last question speak of: locks.c. */
struct heard {
    uint64_t sentence, recent[4]; /* STEM_*: of the sentence so far, of the last words */
    bool has_label;               /* the first word is "Anna:" */
    bool is_linked, is_with,
        is_port;          /* the word before a number: "is", "with", "porta" */
    struct piece last;    /* word */
    struct piece waiting; /* a number that nothing before it told; end 0: none */
    uint64_t waited, waited_near, behind; /* what was said before it, and is since */
    size_t waits;
    uint64_t line;        /* of all words of this line */
    struct piece earlier; /* the last word of the line that may be a password; end 0 */
    struct piece before;  /* the word before the last */
    size_t rescue_end;    /* so far a list of backup codes may go on */
    struct piece listed; /* digits behind a door's word, an item of a list; end 0: none */
    bool is_lead;        /* the line has said no more than "yes", "no", "still" */
    struct line above[2]; /* the last two lines that say something; end 0: none */
};

/* The paper, account or card that a sentence has named: papers.c. */
struct paper {
    uint64_t roles, sentence; /* STEM_*: of the word for it, of all words */
    size_t words;             /* since it was named */
    struct piece scheme;      /* the last name of schemes.txt; end 0: none */
    size_t scheme_words;
    struct piece before; /* the last word */
    uint64_t line;       /* STEM_*: of all words of the line */
    struct piece paid;   /* a number that may be an account; end 0: none */
};

/* A text while it is read. */
struct reader {
    struct str text;
    void (*found)(void *ctx, const struct pair *p);
    void *ctx;
    struct members *members; /* NULL: the pair made of two is being given */
    struct cells cells;
    struct created created;
    size_t accounts_end; /* so far may reach a list of accounts */
    size_t ssh_end;      /* so far a block of ssh_config(5) may go on */
    bool is_fhir;        /* a member said so */
    bool is_ini;         /* a [section] stands above, and only pairs and comments since */
    struct piece asked;  /* the end of the last question */
    struct heard heard;
    struct paper paper;
    size_t steps, max_steps;
};

static inline char byte_at(const struct reader *r, size_t i)
{
    return i < r->text.n ? r->text.p[i] : '\0';
}
static inline struct str piece_str(const struct reader *r, struct piece p)
{
    return (struct str){r->text.p + p.start, p.end - p.start};
}
static inline bool is_quote(char c)
{
    return c == '"' || c == '\'' || c == '`';
}
static inline bool is_name_char(char c)
{
    return is_alnum(c) || c == '_' || c == '-' || c == '.' || c < 0;
}
size_t skip_blanks(const struct reader *r, size_t i, size_t end);
size_t skip_space(const struct reader *r, size_t i); /* line ends too */
size_t skip_blanks_back(const struct reader *r, size_t i, size_t begin);
/* Counts what is read ahead; false when the text has had its share. */
bool may_read(struct reader *r, size_t bytes);
/* Without blanks at its ends. */
struct piece trimmed(const struct reader *r, struct piece p);
/* The quoted text that begins at i, which is a quote; an empty piece when it does not end
 * on its line and within READ_MAX_VALUE. */
struct piece quoted_at(struct reader *r, size_t i, size_t end);
/* The identifier that ends right before i. */
struct piece word_before(const struct reader *r, size_t i, size_t begin);
/* Letters, digits and _ and then = stand here: another pair begins. */
bool begins_pair(const struct reader *r, size_t i, size_t end);

void emit(struct reader *r, struct piece name, struct piece value, enum notation note);
void emit_told(struct reader *r, struct piece value, enum notation note,
               enum telling says);
void emit_pair(struct reader *r, struct piece name, struct piece value,
               enum notation note, enum telling says);

/* The families.  Those that are shown a byte are shown each that may begin or join one of
 * theirs; the others a line. */
void read_operator(struct reader *r, const struct line *l, size_t op);
void read_directory_name(struct reader *r, const struct line *l, size_t op);
void read_arrow(struct reader *r, const struct line *l, size_t at);
/* The value behind an operator, which begins at i: quoted, or up to where it may end. */
struct piece value_at(struct reader *r, size_t i, size_t end);
/* The name of accounts: auth, CREDENTIALS, users. */
bool names_account(struct str s);
/* namedtuple("Token", "kind text line"): the names of a type and of what it holds. */
bool makes_type(struct str callee);
void read_call(struct reader *r, const struct line *l, size_t at);
void read_element(struct reader *r, const struct line *l, size_t at);
/* What stands before a tag is the label of what stands behind it. */
void read_beside_tag(struct reader *r, const struct line *l, size_t at);
void read_markup(struct reader *r, const struct line *l);
void read_url(struct reader *r, const struct line *l, size_t at);
void read_profiles(struct reader *r, const struct line *l);
void read_directive(struct reader *r, const struct line *l);
/* What the sentence says of a value behind it, from i on: "x is the password". */
void read_said(struct reader *r, const struct line *l, struct piece value, size_t i);
struct str without_marks_at_ends(struct str s);
/* STEM_* of a word without its marks. */
uint64_t spoken_roles(struct str word);
/* What the words of a line speak of, 0 when it has numbers; *ret_asks: it asks. */
uint64_t heard_in(const struct reader *r, struct line l, bool *ret_asks);
/* Letters and digits, and no path, host or name of a variable. */
bool is_password_like(struct str s);
/* A word without quotes and marks around it. */
struct piece password_at(const struct reader *r, struct piece p);
/* A backup code, the key of a network, the second of an old and a new password, what a
 * hint tells: gives it.  `all`: STEM_* of its sentence, `near`: of the words before. */
bool give_kept(struct reader *r, const struct line *l, struct piece p, uint64_t all,
               uint64_t near);
/* The nth word of a line with its roles, and the line's end. */
void hear_word(struct reader *r, const struct line *l, struct piece p, size_t nth,
               uint64_t roles);
void hear_paper(struct reader *r, const struct line *l, struct piece p, size_t nth,
                uint64_t roles);
/* Two digits next to each other, or with a dash between, and on a short line, as answers
 * are, anywhere: a number or password may be told there. */
bool may_hear_value(const struct reader *r, const struct line *l);
void hear_line(struct reader *r, const struct line *l);
void read_form(struct reader *r, const struct line *l);
void read_protocol(struct reader *r, const struct line *l);
void read_commands(struct reader *r, const struct line *l);
/* The words of a command, its name first. */
enum { MAX_ARGV = 64 };
struct argv {
    struct piece v[MAX_ARGV];
    size_t n;
};
bool is_tool(struct str name);
/* Gives what the manual of the tool says of its options and arguments. */
void apply_tool(struct reader *r, const struct argv *w);
/* A word of a shell at *i, which is moved behind it: quotes hold blanks; "\\" at a line's
 * end goes on. */
struct piece shell_word(struct reader *r, size_t *i, size_t end);
/* Cut at the first of the marks: "bob:x"; whole when none is in it. */
void emit_at(struct reader *r, struct piece v, const char *marks, enum telling first,
             enum telling second);
/* command_fed.c: what is fed to a command, to an option, to a variable. */
void read_fed(struct reader *r, const struct line *l, const struct argv *w);
void read_printed(struct reader *r, struct piece option, struct piece word, size_t end);
void read_read(struct reader *r, const struct line *l, const struct argv *w);
void read_env_item(struct reader *r, const struct line *l, size_t at);
void read_argv(struct reader *r, const struct line *l);
void read_config_row(struct reader *r, const struct line *l);
/* Several names and values with one equals sign, at op; at a brace: "by lazy { x }". */
void read_several(struct reader *r, const struct line *l, size_t op);
void read_lazy(struct reader *r, const struct line *l, size_t brace);
void read_segment(struct reader *r, const struct line *l);
void read_chat(struct reader *r, const struct line *l);
void read_document(struct reader *r, const struct line *l);
void read_log(struct reader *r, const struct line *l);
void read_device(struct reader *r, const struct line *l);
void read_dump(struct reader *r, const struct line *l);
void read_sql(struct reader *r, const struct line *l);
/* Rows under heads from this line on; returns where they end, l->start when none do. */
size_t read_table(struct reader *r, const struct line *l);
/* Two pairs that are name and value of one: {"name": "x", "value": "y"}. */
struct members {
    struct pair key, kind, value; /* the last ones; name_end 0: none */
    enum telling code;            /* what a code of FHIR said, up to code_end */
    size_t code_end;
};
void note_member(struct reader *r, struct members *m, const struct pair *p);

#endif
