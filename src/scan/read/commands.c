/* commands.c -- options and arguments of programs that take credentials.
 *
 * Long options with a telling name need no table: --password x.  The table has the short
 * and the odd ones and the arguments that count by their place, out of the manuals of the
 * tools.  A spec: an option, "*" when its value may be glued to it (-pSecret), "=", and
 * what its value is: U user, P password, T token, C user:password, M user%password,
 * E pass:password, D password password, S a word and a password, A user/password@db, O
 * the same and not a user alone, K user,password; or a digit for the argument of that
 * place, options not counted, maybe with what the first must be ("3:user=P"). */
#include "scan/read/inside.h"
#include "scan/read/no_value.h"

enum { MAX_COMMAND = 2048, COST_OF_WORD = 16 };

struct tool {
    const char *name, *specs;
};

static const struct tool tools[] = {
    {"7z", "-p*=P"},
    {"7za", "-p*=P"},
    {"ConvertTo-SecureString", "1=P -String=P"},
    {"ab", "-A=C -P=C"},
    {"ansible", "-u=U"},
    {"ansible-vault", "2:encrypt_string=P"},
    {"aria2c", "--http-passwd=P --ftp-passwd=P"},
    {"autossh", "-l=U"},
    {"az", "-u=U -p=P"},
    {"bcp", "-U*=U -P*=P"},
    {"beeline", "-n=U -p=P"},
    {"borg", ""},
    {"bw", "2:unlock=P 2:login=U 3:login=P"},
    {"cadaver", ""},
    {"cargo", "--token=T 2:login=T"},
    {"cf", "-u=U -p=P"},
    {"chpasswd", ""},
    {"cifs", ""},
    {"clickhouse-client", "-u=U --user=U"},
    {"cmdkey", "/user:*=U /pass:*=P"},
    {"consul", "-token=T"},
    {"cqlsh", "-u=U -p=P"},
    {"crackmapexec", "-u=U -p=P -H=P"},
    {"crane", "-u=U -p=P"},
    {"cryptsetup", ""},
    {"curl",
     "-u*=C --user=C -U*=C --proxy-user=C --pass=P --ftp-account=P -E*=C --cert=C"},
    {"cypher-shell", "-u=U -p=P"},
    {"docker", "-u=U -p*=P"},
    {"doctl", "-t=T"},
    {"drill", "-y=T"},
    {"dscl", "-passwd=S"},
    {"dsmadmc", "-id=U -pa=P"},
    {"etcdctl", "--user=C"},
    {"evil-winrm", "-u=U -p=P -H=P"},
    {"expdp", "1=O userid=O"},
    {"ffuf", "-b=T"},
    {"firefox-cli", ""},
    {"flyway", "-user=U -password=P"},
    {"ftp", "-u=C"},
    {"gem", "-k=T"},
    {"gh", "-t=T"},
    {"glab", "-t=T"},
    {"gpg", "--passphrase=P"},
    {"helm", "-u=U -p=P"},
    {"htpasswd", "2=U 3=P -nb=U -nbB=U -bn=U 2=P"},
    {"http", "-a=C --auth=C"},
    {"https", "-a=C --auth=C"},
    {"hydra", "-l=U -p=P"},
    {"ibmcloud", "-u=U -p=P --apikey=T"},
    {"impacket-psexec", "1=A"},
    {"impacket-secretsdump", "1=A"},
    {"impdp", "1=O"},
    {"influx", "-username=U -password=P -t=T"},
    {"ipmitool", "-U=U -P=P"},
    {"isql", "2=U 3=P"},
    {"iwconfig", "key=E"},
    {"jarsigner", "-storepass=P -keypass=P"},
    {"jenkins-cli", "-auth=C"},
    {"kadmin", "-p=U -w=P"},
    {"kcat", ""},
    {"keepassxc-cli", ""},
    {"keytool", "-storepass=P -keypass=P -srcstorepass=P -deststorepass=P"},
    {"kinit", "1=U"},
    {"ldapadd", "-w=P"},
    {"ldapdelete", "-w=P"},
    {"ldapmodify", "-w=P"},
    {"ldappasswd", "-w=P -s=P -a=P"},
    {"ldapsearch", "-w=P"},
    {"ldapwhoami", "-w=P"},
    {"lftp", "-u=K"},
    {"mariadb", "-u*=U -p*=P"},
    {"mariadb-dump", "-u*=U -p*=P"},
    {"mc", "5:alias=U 6:alias=P 3:admin=P 4:admin=P"},
    {"medusa", "-u=U -p=P"},
    {"mkpasswd", "1=P"},
    {"mongo", "-u=U -p=P"},
    {"mongodump", "-u=U -p=P"},
    {"mongoexport", "-u=U -p=P"},
    {"mongoimport", "-u=U -p=P"},
    {"mongorestore", "-u=U -p=P"},
    {"mongosh", "-u=U -p=P"},
    {"mosquitto_pub", "-u=U -P=P"},
    {"mosquitto_sub", "-u=U -P=P"},
    {"mysql", "-u*=U -p*=P"},
    {"mysqladmin", "-u*=U -p*=P password=P"},
    {"mysqlcheck", "-u*=U -p*=P"},
    {"mysqldump", "-u*=U -p*=P"},
    {"mysqlimport", "-u*=U -p*=P"},
    {"mysqlsh", "-u*=U -p*=P"},
    {"ncftp", "-u=U -p=P"},
    {"neo4j-admin", "2:set-initial-password=P 3:dbms=P"},
    {"nerdctl", "-u=U -p=P"},
    {"net", "/user:*=U 2:user=U 3:user=P 4:use=P 5:use=P"},
    {"netexec", "-u=U -p=P -H=P"},
    {"ngrok", "2:authtoken=T 3:config=T"},
    {"nikto", "-id=C"},
    {"nmcli", "password=P"},
    {"nomad", "-token=T"},
    {"nsupdate", "-y=T"},
    {"nxc", "-u=U -p=P -H=P"},
    {"oc", "-u=U -p=P"},
    {"openssl", "-passin=E -passout=E -pass=E -k=P -K=T -hmac=T -password=E"},
    {"oras", "-u=U -p=P"},
    {"osql", "-U*=U -P*=P"},
    {"passwd", ""},
    {"pdftk", "user_pw=P owner_pw=P input_pw=P"},
    {"pg_dump", "-U*=U"},
    {"pg_restore", "-U*=U"},
    {"plink", "-l=U -pw=P"},
    {"podman", "-u=U -p*=P --creds=C"},
    {"poetry", "-u=U -p=P"},
    {"pscp", "-l=U -pw=P"},
    {"psexec", "-u=U -p=P"},
    {"psftp", "-l=U -pw=P"},
    {"psql", "-U*=U"},
    {"putty", "-l=U -pw=P"},
    {"qpdf", "--encrypt=D"},
    {"rabbitmqadmin", "-u=U -p=P"},
    {"rabbitmqctl", "2:add_user=U 3:add_user=P 2:change_password=U 3:change_password=P "
                    "3:authenticate_user=P"},
    {"racadm", "-u=U -p=P"},
    {"radtest", "1=U 2=P 5=P"},
    {"rar", "-p*=P -hp*=P"},
    {"rclone", "2:obscure=P"},
    {"rdesktop", "-u=U -p=P"},
    {"redis-cli", "-a=P --user=U"},
    {"rman", "2:target=O 4:target=O"},
    {"rpcclient", "-U=M"},
    {"s3cmd", ""},
    {"schtasks", "/u=U /p=P /ru=U /rp=P"},
    {"security", "-w=P"},
    {"sendemail", "-xu=U -xp=P"},
    {"skopeo", "--creds=C --src-creds=C --dest-creds=C -u=U -p=P"},
    {"smbclient", "-U=M"},
    {"smbmap", "-u=U -p=P"},
    {"snmpbulkwalk", "-c=P -u=U -A=P -X=P"},
    {"snmpget", "-c=P -u=U -A=P -X=P"},
    {"snmpset", "-c=P -u=U -A=P -X=P"},
    {"snmptrap", "-c=P -u=U -A=P -X=P"},
    {"snmpwalk", "-c=P -u=U -A=P -X=P"},
    {"snowsql", "-u=U"},
    {"sqlcl", "1=A"},
    {"sqlcmd", "-U*=U -P*=P"},
    {"sqlldr", "1=O userid=O"},
    {"sqlplus", "1=A"},
    {"sshfs", ""},
    {"sshpass", "-p*=P"},
    {"su", ""},
    {"sudo", ""},
    {"svn", "--username=U --password=P"},
    {"swaks", "-au=U -ap=P --auth-user=U --auth-password=P"},
    {"tsql", "-U=U -P=P"},
    {"tunnelblick", ""},
    {"twine", "-u=U -p=P"},
    {"unrar", "-p*=P"},
    {"unzip", "-P*=P"},
    {"useradd", "-p=P"},
    {"usermod", "-p=P"},
    {"vault", "2:login=T 3:operator=P"},
    {"vncpasswd", ""},
    {"wbinfo", "-a=M"},
    {"winexe", "-U=M"},
    {"wmic", "/user:*=U /password:*=P"},
    {"wpa_passphrase", "2=P"},
    {"xfreerdp", "/u:*=U /p:*=P -u=U -p=P"},
    {"xh", "-a=C --auth=C"},
    {"zip", "-P*=P"},
};

static bool ends_command(struct str s)
{
    static const char *const marks[] = {"|", "||", "&&",   ";", "&",
                                        ">", ">>", "2>&1", "#"};
    return is_word_of(s, marks, ARRAY_LEN(marks));
}

/* A word of a shell at i: quotes hold blanks; "\" at a line's end goes on. */
struct piece shell_word(struct reader *r, size_t *i, size_t end)
{
    size_t at = *i;
    for (;;) {
        at = skip_blanks(r, at, end);
        bool joins = at < end && (r->text.p[at] == '\\' || r->text.p[at] == '^') &&
                     (byte_at(r, at + 1) == '\n' || byte_at(r, at + 1) == '\r');
        if (joins)
            at += byte_at(r, at + 1) == '\r' && byte_at(r, at + 2) == '\n' ? 2 : 1;
        else if (!(at < end && r->text.p[at] == '\n' && at > 0 &&
                   r->text.p[at - 1] == '\\'))
            break;
        at++;
    }
    struct piece w = {at, at, 0};
    if (at < end && is_quote(r->text.p[at])) {
        w = quoted_at(r, at, end);
        if (w.quote) {
            *i = w.end + 1;
            return w;
        }
    }
    while (w.end < end && (unsigned char)r->text.p[w.end] > ' ' &&
           !(r->text.p[w.end] == '`' && w.end > at))
        w.end++;
    while (w.end > w.start &&
           (r->text.p[w.end - 1] == ';' || r->text.p[w.end - 1] == ','))
        w.end--;
    *i = w.end == at ? at + 1 : w.end;
    return w;
}

static void split_words(struct reader *r, size_t i, size_t end, struct argv *w)
{
    w->n = 0;
    while (i < end && r->text.p[i] != '\n' && w->n < MAX_ARGV) {
        struct piece p = shell_word(r, &i, end);
        if (p.end <= p.start || (!p.quote && ends_command(piece_str(r, p))))
            return;
        w->v[w->n++] = p;
    }
}

void emit_at(struct reader *r, struct piece v, const char *marks, enum telling first,
             enum telling second)
{
    size_t cut = v.start;
    while (cut < v.end && !strchr(marks, r->text.p[cut]))
        cut++;
    struct piece rest = {cut + 1, v.end, v.quote};
    if (cut == v.end) {
        emit_told(r, v, NOTE_COMMAND, first);
        return;
    }
    if (marks[0] == '/')
        for (size_t i = rest.start; i < rest.end; i++)
            if (r->text.p[i] == '@') {
                rest.end = i;
                break;
            }
    emit_told(r, (struct piece){v.start, cut, v.quote}, NOTE_COMMAND, first);
    emit_told(r, rest, NOTE_COMMAND, second);
}

/* "8080:80", "127.0.0.1:8080:80/tcp": the ports that docker run -p opens. */
static bool is_port_list(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_digit(s.p[i]) && !strchr(":./-", s.p[i]) &&
            !str_eqz(str_sub(s, i, s.n), "tcp") && !str_eqz(str_sub(s, i, s.n), "udp"))
            return false;
        else if (is_alpha(s.p[i]))
            break;
    return memchr(s.p, ':', s.n) != NULL;
}

static void emit_kind(struct reader *r, char kind, struct piece v)
{
    switch (kind) {
    case 'U':
        emit_told(r, v, NOTE_COMMAND, TELLS_USER);
        break;
    case 'P':
        if (!is_port_list(piece_str(r, v)))
            emit_told(r, v, NOTE_COMMAND, TELLS_PASSWORD);
        break;
    case 'T':
        emit_told(r, v, NOTE_COMMAND, TELLS_TOKEN);
        break;
    case 'C':
        emit_at(r, v, ":", TELLS_USER, TELLS_PASSWORD);
        break;
    case 'M':
        emit_at(r, v, "%", TELLS_USER, TELLS_PASSWORD);
        break;
    case 'K':
        emit_at(r, v, ",", TELLS_USER, TELLS_PASSWORD);
        break;
    case 'A':
        emit_at(r, v, "/:", TELLS_USER, TELLS_PASSWORD);
        break;
    case 'O':
        if (memchr(r->text.p + v.start, '/', v.end - v.start))
            emit_at(r, v, "/", TELLS_USER, TELLS_PASSWORD);
        break;
    case 'E':
        emit_at(r, v, ":", TELLS_NOTHING, TELLS_PASSWORD);
        break;
    default:
        break;
    }
}

/* One spec over the words: "-p*=P", "2=U". */
static void apply_option(struct reader *r, const struct argv *w, struct str option,
                         bool is_glued, char kind)
{
    for (size_t i = 1; i < w->n; i++) {
        struct str s = piece_str(r, w->v[i]);
        if (w->v[i].quote)
            continue;
        if (str_eq(s, option) && i + 1 < w->n) {
            bool is_second = kind == 'S' || kind == 'D';
            if (kind != 'S')
                emit_kind(r, kind == 'D' ? 'P' : kind, w->v[i + 1]);
            if (is_second && i + 2 < w->n)
                emit_kind(r, 'P', w->v[i + 2]);
        } else if (s.n > option.n && str_starts(s, option) &&
                   (is_glued || s.p[option.n] == '=')) {
            size_t from = w->v[i].start + option.n + (s.p[option.n] == '=');
            struct piece v = {from, w->v[i].end, 0};
            if (is_quote(byte_at(r, from)) && v.end > from + 2)
                v = (struct piece){from + 1, v.end - 1, r->text.p[from]};
            emit_kind(r, kind, v);
        }
    }
}

static void apply_place(struct reader *r, const struct argv *w, struct str place,
                        char kind)
{
    int seen = 0;
    for (size_t i = 1; i < w->n; i++) {
        if (r->text.p[w->v[i].start] == '-' && !w->v[i].quote)
            continue;
        if (++seen == 1 && place.n > 2 &&
            !str_eq(piece_str(r, w->v[i]), str_sub(place, 2, place.n)))
            return;
        if (seen == place.p[0] - '0')
            emit_kind(r, kind, w->v[i]);
    }
}

static void apply(struct reader *r, const struct tool *t, const struct argv *w)
{
    for (const char *s = t->specs; *s;) {
        size_t n = strcspn(s, "=");
        char kind = s[n + 1];
        bool is_glued = n > 1 && s[n - 1] == '*';
        if (is_digit(s[0]))
            apply_place(r, w, (struct str){s, n}, kind);
        else
            apply_option(r, w, (struct str){s, n - is_glued}, is_glued, kind);
        s += n + 2;
        s += *s == ' ';
    }
}

static const struct tool *tool_of(struct str s)
{
    size_t lo = 0, hi = ARRAY_LEN(tools);
    for (size_t i = s.n; i > 0; i--)
        if (s.p[i - 1] == '/' || s.p[i - 1] == '\\') {
            s = str_sub(s, i, s.n);
            break;
        }
    if (str_ends(s, STR(".exe")))
        s.n -= 4;
    if (s.n < 2 || s.n > 24)
        return NULL;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        struct str name = str_of(tools[mid].name);
        int d = memcmp(name.p, s.p, name.n < s.n ? name.n : s.n);
        if (d == 0 && name.n == s.n)
            return &tools[mid];
        if (d < 0 || (d == 0 && name.n < s.n))
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

bool is_tool(struct str name)
{
    return tool_of(name) != NULL;
}

void apply_tool(struct reader *r, const struct argv *w)
{
    const struct tool *t = w->n > 1 ? tool_of(piece_str(r, w->v[0])) : NULL;
    if (t && may_read(r, COST_OF_WORD * w->n))
        apply(r, t, w);
}

static bool is_letters(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_alpha(s.p[i]))
            return false;
    return true;
}

/* "the --user and --password options": a sentence speaks of the option. */
static bool is_spoken_of(const struct reader *r, const struct line *l, size_t at,
                         struct piece word)
{
    size_t i = at;
    while (i > l->start && (r->text.p[i - 1] == '`' || r->text.p[i - 1] == '\''))
        i--;
    struct piece before = word_before(r, skip_blanks_back(r, i, l->start), l->start);
    return !word.quote && is_function_word(piece_str(r, before)) &&
           is_letters(piece_str(r, password_at(r, word)));
}

/* --password x, -password x, -storepass x: long options of whatever tool. */
static void read_long_option(struct reader *r, const struct line *l, size_t at)
{
    size_t name = at + 1 + (byte_at(r, at + 1) == '-'), end = name;
    while (end < l->end && (is_alnum(r->text.p[end]) || r->text.p[end] == '-' ||
                            r->text.p[end] == '_' || r->text.p[end] == '.'))
        end++;
    size_t v = skip_blanks(r, end, l->end);
    if (end - name < 3 || v == end || v >= l->end || r->text.p[v] == '-' ||
        !may_read(r, v - at))
        return;
    struct piece word = shell_word(r, &v, l->end);
    if (is_spoken_of(r, l, at, word))
        return;
    emit(r, (struct piece){name, end, 0}, word, NOTE_COMMAND);
    read_printed(r, (struct piece){name, end, 0}, word, l->end);
}

void read_commands(struct reader *r, const struct line *l)
{
    size_t most = l->start + MAX_COMMAND < r->text.n ? l->start + MAX_COMMAND : r->text.n;
    bool begins = true;
    for (size_t i = l->body; i < l->end; i++) {
        char c = r->text.p[i];
        if (begins && c == '-' &&
            (is_alpha(byte_at(r, i + 1)) || byte_at(r, i + 1) == '-'))
            read_long_option(r, l, i);
        if (begins && is_alnum(c)) {
            size_t end = i;
            while (end < l->end && end - i < 64 &&
                   (is_alnum(r->text.p[end]) || strchr("_-./", r->text.p[end])) &&
                   r->text.p[end])
                end++;
            if (str_eq_nocase(str_sub(r->text, i, end), STR("env")) &&
                byte_at(r, end) == ':')
                read_env_item(r, l, i);
            const struct tool *t =
                byte_at(r, end) == ' ' ? tool_of(str_sub(r->text, i, end)) : NULL;
            bool feeds = byte_at(r, end) == ' ' &&
                         (equal_to(str_sub(r->text, i, end), "echo") ||
                          equal_to(str_sub(r->text, i, end), "cat") ||
                          equal_to(str_sub(r->text, i, end), "printf") ||
                          equal_to(str_sub(r->text, i, end), "read") || t);
            struct argv w;
            if ((t || feeds) && may_read(r, 4 * (end - i) + 64)) {
                size_t bound = most > i ? most : l->end;
                split_words(r, i, bound, &w);
                if (w.n && !may_read(r, COST_OF_WORD * w.n + w.v[w.n - 1].end - i))
                    return;
                if (t && w.n > 1)
                    apply(r, t, &w);
                if (feeds && w.n > 0)
                    read_fed(r, l, &w);
                read_read(r, l, &w);
            }
            i = end > i ? end - 1 : i;
            c = r->text.p[i];
        }
        begins = c == ' ' || c == '\t' || c == '`' || c == '(' || c == '"' || c == '\'' ||
                 c == '/' || c == '|' || c == '>' || c == ';' || c == '$' || c == '[' ||
                 c == ',';
    }
}
