/* calls.c -- arguments: by the name of what is called, by an argument before, by place.
 *
 *     setPassword("x")    put("password", "x")    login("bob", "x")    auth=("bob", "x")
 *
 * Which place holds what is a fact of each library's manual (`signatures`). */
#include "scan/read/inside.h"

enum { MAX_ARGS = 6 };

/* For each argument a letter: u user, p password, t token, - nothing. */
struct signature {
    const char *callee; /* its last part, lower case */
    const char *args;
};

static const struct signature signatures[] = {
    {"getconnection", "-up"},
    {"mysqli_connect", "-up"},
    {"mysqli", "-up"},
    {"mysql_connect", "-up"},
    {"mysql_real_connect", "--up"},
    {"pdo", "-up"},
    {"odbc_connect", "-up"},
    {"oci_connect", "up"},
    {"ftp", "-up"},
    {"ftp_login", "-up"},
    {"ldap_bind", "--p"},
    {"ldap_bind_s", "--p"},
    {"imap_open", "-up"},
    {"mssql_connect", "-up"},
    {"ssh2_auth_password", "-up"},
    {"userauth_password", "up"},
    {"auth_password", "up"},
    {"login", "up"},
    {"signin", "up"},
    {"sign_in", "up"},
    {"authenticate", "up"},
    {"logon", "up"},
    {"passwordauthentication", "up"},
    {"usernamepasswordcredentials", "up"},
    {"usernamepasswordcredential", "up"},
    {"usernamepasswordauthenticationtoken", "up"},
    {"plainauthprovider", "up"},
    {"plaintextauthprovider", "up"},
    {"networkcredential", "up"},
    {"pscredential", "up"},
    {"httpbasicauth", "up"},
    {"httpdigestauth", "up"},
    {"httpproxyauth", "up"},
    {"basicauth", "up"},
    {"basic_auth", "up"},
    {"basicauthentication", "up"},
    {"basicauthorization", "up"},
    {"httpbasicauthentication", "up"},
    {"digest_auth", "up"},
    {"setbasicauth", "up"},
    {"basiccredentials", "up"},
    {"httpbasiccredentials", "up"},
    {"basicawscredentials", "tt"},
    {"basicsessioncredentials", "ttt"},
    {"awsbasiccredentials", "tt"},
    {"newstaticcredentials", "ttt"},
    {"newstaticcredentialsprovider", "ttt"},
    {"newstaticv4", "ttt"},
    {"credentials", "up"},
    {"withcredentials", "up"},
    {"setcredentials", "up"},
    {"withbasicauth", "up"},
    {"addcredentials", "-up"},
    {"add_password", "--up"},
    {"auth", "up"},
    {"plainauth", "-up"},
    {"plaincredentials", "up"},
    {"simple_bind_s", "-p"},
    {"simple_bind", "-p"},
    {"bind_s", "-p"},
    {"bind", "-p"},
    {"createuser", "up"},
    {"adduser", "up"},
    {"create_user", "u-p"},
    {"create_superuser", "u-p"},
    {"create_account", "u-p"},
    {"setauth", "up"},
    {"setauthentication", "up"},
    {"begin", "-p"}, /* of a wireless network */
    {"softap", "-p"},
    {"createhmac", "-t"},
    {"sign", "-t"}, /* of a web token */
    {"encode", "-t"},
    {"createcipheriv", "-tt"},
    {"createcipher", "-t"},
    {"secretkeyspec", "t"},
    {"pbekeyspec", "p"},
    {"fernet", "t"},
    {"aesgcm", "t"},
    {"sharedkeycredential", "-t"},
    {"azurekeycredential", "t"},
    {"apikeyauth", "t"},
    {"bearerauth", "t"},
    {"bearer_auth", "t"},
    {"bearerauthtoken", "t"},
    {"withapikey", "t"},
    {"withtoken", "t"},
    {"personalaccesstokencredentials", "t"},
    {"openai", "t"},
    {"anthropic", "t"},
    {"sendgridapiclient", "t"},
    {"webclient", "t"},
    {"slackclient", "t"},
    {"telebot", "t"},
    {"octokit", "t"},
    {"tokencredentials", "t"},
    {"oauth1session", "tttt"},
    {"oauth1", "tttt"},
    {"oauthhandler", "tt"},
    {"redisauth", "p"},
    {"extractall", "-p"},
    {"setpassword", "p"},
    {"connectwithcredentials", "up"},
    {"connect", "-up"},
    {"dbconnect", "-up"},
    {"load", "-p"}, /* of a key store; a path is no password */
    {"getkey", "-p"},
    {"setkeyentry", "--p"},
};

/* Those that type into a field named by a string before: find("password").fill("x"). */
static bool types_into(struct str callee)
{
    static const char *const ends[] = {"send_keys", "sendkeys", "fill",    "type",
                                       "setvalue",  "val",      "fill_in", "typetext",
                                       "set",       "entertext"};
    return is_word_of(callee, ends, ARRAY_LEN(ends));
}

static struct str last_part(struct str s)
{
    for (size_t i = s.n; i > 0; i--)
        if (s.p[i - 1] == '.' || s.p[i - 1] == '\\')
            return str_sub(s, i, s.n);
    return s;
}

static const struct signature *signature_of(struct str callee)
{
    for (size_t i = 0; callee.n && i < ARRAY_LEN(signatures); i++)
        if (equal_to(callee, signatures[i].callee))
            return &signatures[i];
    return NULL;
}

static enum telling telling_of_letter(char c)
{
    return c == 'u'   ? TELLS_USER
           : c == 'p' ? TELLS_PASSWORD
           : c == 't' ? TELLS_TOKEN
                      : TELLS_NOTHING;
}

/* The arguments from i on, quoted ones given by their place. */
static void read_places(struct reader *r, size_t i, size_t end, const char *args)
{
    size_t last = end - i > READ_MAX_VALUE ? i + READ_MAX_VALUE : end;
    for (size_t k = 0; k < MAX_ARGS && args[k] && i < last; k++) {
        size_t at = skip_blanks(r, i, last);
        while (at < last && r->text.p[at] && strchr("rbBuU@$&*", r->text.p[at]))
            at++;
        struct piece v = {0};
        if (at < last && is_quote(r->text.p[at]))
            v = quoted_at(r, at, last);
        enum telling says = telling_of_letter(args[k]);
        if (says == TELLS_USER && k > 0 && is_digit(byte_at(r, at)))
            k--; /* a port comes first */
        if (v.quote && says)
            emit_told(r, v, NOTE_CODE, says);
        i = v.quote ? v.end + 1 : at;
        for (int depth = 0; i < last; i++) {
            char c = r->text.p[i];
            depth += (c == '(') - (c == ')');
            if (depth < 0 || (depth == 0 && c == ','))
                break;
        }
        may_read(r, i - at);
        if (i >= last || r->text.p[i] == ')')
            return;
        i++;
    }
}

static struct piece string_before(const struct reader *r, size_t i, size_t begin)
{
    size_t least = i - begin > 200 ? i - 200 : begin;
    for (size_t end = i; end > least; end--)
        if (is_quote(r->text.p[end - 1]))
            for (size_t from = end - 1; from > least && end - from < READ_MAX_NAME;
                 from--)
                if (r->text.p[from - 1] == r->text.p[end - 1])
                    return (struct piece){from, end - 1, r->text.p[from - 1]};
    return (struct piece){0};
}

bool names_account(struct str s)
{
    static const char *const ends[] = {"auth",       "credentials", "creds",    "login",
                                       "credential", "users",       "accounts", "logins"};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        size_t n = strlen(ends[i]);
        if (s.n >= n && str_eq_nocase(str_sub(s, s.n - n, s.n), str_of(ends[i])))
            return true;
    }
    return false;
}

/* auth = ("bob", "x"), and each tuple of a list under such a name. */
static void read_tuple(struct reader *r, const struct line *l, size_t at, size_t arg)
{
    size_t eq = skip_blanks_back(r, at, l->start);
    bool is_listed = at < r->accounts_end && byte_at(r, arg) != '(';
    char before = eq > l->start ? r->text.p[eq - 1] : ' ';
    if (before != '=' && before != ':') {
        if (is_listed &&
            (eq == l->start || before == ',' || before == '[' || before == '{'))
            read_places(r, arg, l->end, "up");
        return;
    }
    size_t end = skip_blanks_back(r, eq - 1, l->start);
    end -= end > l->start && is_quote(r->text.p[end - 1]);
    if (names_account(last_part(piece_str(r, word_before(r, end, l->start)))))
        read_places(r, arg, l->end, "up");
}

/* get_password("service", user): it gives a password, and is given where that lies. */
static bool only_fetches(struct str callee)
{
    static const char *const fronts[] = {"get",  "fetch",  "read",  "lookup",
                                         "find", "delete", "remove"};
    for (size_t i = 0; i < ARRAY_LEN(fronts); i++) {
        size_t n = strlen(fronts[i]);
        if (callee.n > n && str_starts_nocase(callee, str_of(fronts[i])) &&
            (callee.p[n] == '_' || is_upper(callee.p[n])))
            return true;
    }
    return false;
}

static void read_open(struct reader *r, const struct line *l, size_t at)
{
    size_t arg = skip_blanks(r, at + 1, l->end);
    struct piece callee = word_before(r, at, l->start);
    if (callee.end == callee.start) {
        read_tuple(r, l, at, arg);
        return;
    }
    struct str name = last_part(piece_str(r, callee));
    const struct signature *s = signature_of(name);
    if (s)
        read_places(r, arg, l->end, s->args);
    while (arg < l->end && r->text.p[arg] && strchr("rbBuU@$", r->text.p[arg]))
        arg++;
    if (arg >= l->end || !is_quote(r->text.p[arg]))
        return;
    struct piece v = quoted_at(r, arg, l->end);
    if (only_fetches(name))
        return;
    emit(r, types_into(name) ? string_before(r, callee.start, l->start) : callee, v,
         NOTE_CODE);
}

bool makes_type(struct str callee)
{
    static const char *const makers[] = {
        "namedtuple",     "enum",      "intenum",    "strenum", "flag",  "intflag",
        "make_dataclass", "typeddict", "recordtype", "newtype", "struct"};
    return is_word_of(last_part(callee), makers, ARRAY_LEN(makers));
}

/* "password", "x" */
static void read_comma(struct reader *r, const struct line *l, size_t at)
{
    size_t left = skip_blanks_back(r, at, l->start), i = skip_blanks(r, at + 1, l->end);
    if (left == l->start)
        return;
    while (i < l->end && r->text.p[i] && strchr("rbBuU@$", r->text.p[i]))
        i++;
    if (i >= l->end || !is_quote(r->text.p[i]))
        return;
    if (!is_quote(r->text.p[left - 1])) { /* CURLOPT_PASSWORD, "x" */
        struct piece name = word_before(r, left, l->start);
        if (name.end > name.start && is_upper(r->text.p[name.start]) &&
            is_upper(r->text.p[name.end - 1]))
            emit(r, name, quoted_at(r, i, l->end), NOTE_CODE);
        return;
    }
    size_t from = left - 1;
    while (from > l->start && left - from < READ_MAX_NAME &&
           r->text.p[from - 1] != r->text.p[left - 1])
        from--;
    if (from == l->start || r->text.p[from - 1] != r->text.p[left - 1] ||
        from == left - 1)
        return;
    size_t before = skip_blanks_back(r, from - 1, l->start);
    char c = before > l->start ? r->text.p[before - 1] : ' ';
    struct piece v = quoted_at(r, i, l->end);
    char after = byte_at(r, skip_blanks(r, v.end + 1, l->end));
    bool is_pair = (c == '[' || c == '{') && (after == ']' || after == '}');
    if (c == '(' && makes_type(piece_str(r, word_before(r, before - 1, l->start))))
        return;
    if (!v.quote || !(c == '(' || is_pair))
        return; /* members of an object or a list, one behind the other */
    emit(r, (struct piece){from, left - 1, r->text.p[from - 1]}, v, NOTE_CODE);
}

void read_call(struct reader *r, const struct line *l, size_t at)
{
    if (r->text.p[at] == ',')
        read_comma(r, l, at);
    else
        read_open(r, l, at);
}
