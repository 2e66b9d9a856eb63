/* test_read.c -- pairs of name and value are read in every notation, and what stands
 * under a telling name is found whatever surrounds it. */
#include "read_notations.h"
#include "scan/read/read.h"
#include "scanning.h"

#include <string.h>

/* -- texts and their pairs ------------------------------------------------------------
 */

struct want {
    const char *text, *name, *value; /* name NULL: its place says what it is */
    enum telling says;
};

struct looking {
    const struct want *want;
    bool found;
};

static void look(void *ctx, const struct pair *p)
{
    struct looking *l = ctx;
    const struct want *w = l->want;
    struct str name = {w->text + p->name, p->name_end - p->name};
    struct str value = {w->text + p->value, p->value_end - p->value};
    /* A label's end counts: "export PASSWORD". */
    bool is_named = w->name ? str_ends(name, str_of(w->name)) : p->says == w->says;
    l->found |= is_named && str_eqz(value, w->value);
}

static void check_pairs(const struct want *rows, size_t n)
{
    size_t missed = 0;
    for (size_t i = 0; i < n; i++) {
        struct looking l = {&rows[i], false};
        assert_true(read_pairs(str_of(rows[i].text), look, &l));
        if (!l.found)
            print_message("no pair (%s, %s) in: %s\n", rows[i].name ? rows[i].name : "-",
                          rows[i].value, rows[i].text);
        missed += !l.found;
    }
    assert_int_equal(missed, 0);
}
#define CHECK_PAIRS(rows) check_pairs(rows, sizeof(rows) / sizeof *(rows))

static const struct want data_rows[] = {
    {"{\"pass\":\"a b\"}", "pass", "a b", 0},
    {"{\"a\": 1, \"pin\": 4711}", "pin", "4711", 0},
    {"{\"names\": [\"Ann\", \"Bo\"]}", "names", "Bo", 0},
    {"{\"name\": \"K\", \"value\": \"v1\"}", "K", "v1", 0},
    {"{\"value\": \"v1\", \"key\": \"K\"}", "K", "v1", 0},
    {"{\"city\": {\"value\": \"v1\"}}", "city", "v1", 0},
    {"- name: K\n  value: v1\n", "K", "v1", 0},
    {"key: plain text # note", "key", "plain text", 0},
    {"key: |\n  below\n", "key", "below", 0},
    {"A_B=x y", "A_B", "x y", 0},
    {"export A_B='x y'", "A_B", "x y", 0},
    {"[s]\na.b = c", "a.b", "c", 0},
    {"GET /p?token=t2&a=1 HTTP/1.1", "token", "t2", 0},
    {"Cookie: a=1; sid=s2; b=3", "sid", "s2", 0},
    {"Server=h;User Id=u;Password=p;X=1", "Password", "p", 0},
    {"X-Api-Key: k1", "X-Api-Key", "k1", 0},
    {"<a><pw>x</pw></a>", "pw", "x", 0},
    {"<a pw=\"x\"/>", "pw", "x", 0},
    {"<s name=\"pw\">x</s>", "pw", "x", 0},
    {"<key>pw</key>\n<string>x</string>", "pw", "x", 0},
    {"<add key=\"pw\" value=\"x\"/>", "pw", "x", 0},
    {"<A Name=\"pw\"><AttributeValue>x</AttributeValue></A>", "pw", "x", 0},
    {"Name: Ann Bo, Born: 1980", "Name", "Ann Bo", 0},
    {"Passwort (WLAN): x1", "Passwort (WLAN)", "x1", 0},
};

static void names_and_values_of_data_are_read(void **state)
{
    (void)state;
    CHECK_PAIRS(data_rows);
}

static const struct want code_rows[] = {
    {"pw = \"x\";", "pw", "x", 0},
    {"pw: str = 'x'", "pw", "x", 0},
    {"f(pw=\"x\", n=1)", "pw", "x", 0},
    {"b.pw(\"x\")", "b.pw", "x", 0},
    {"put(\"pw\", \"x\")", "pw", "x", 0},
    {"if (\"x\" == pw) {", "pw", "x", 0},
    {"if pw != 'x':", "pw", "x", 0},
    {"env[\"PW\"] = \"x\"", "PW", "x", 0},
    {"pw = getenv(\"PW\", \"x\")", "pw", "x", 0},
    {"setopt(c, CURLOPT_PASSWORD, \"x\")", "CURLOPT_PASSWORD", "x", 0},
    {"find(\"#pw\").fill(\"x\")", "#pw", "x", 0},
    {"c.login(\"u\", \"x\")", NULL, "x", TELLS_PASSWORD},
    {"auth=(\"u\", \"x\")", NULL, "x", TELLS_PASSWORD},
    {"USERS = [\n  (\"u\", \"x\"),\n]", NULL, "x", TELLS_PASSWORD},
    {"k.load(open(\"a\"), \"x\".toCharArray())", NULL, "x", TELLS_PASSWORD},
};

static void arguments_and_assignments_are_read(void **state)
{
    (void)state;
    CHECK_PAIRS(code_rows);
}

static const struct want line_rows[] = {
    {"machine h login u password xy99", "password", "xy99", 0},
    {"ENV DB_PASSWORD x", "DB_PASSWORD", "x", 0},
    {"setx API_TOKEN x", "API_TOKEN", "x", 0},
    {"requirepass x", "requirepass", "x", 0},
    {"my password is xy99", "my password", "xy99", 0},
    {"curl -u u:x h", NULL, "x", TELLS_PASSWORD},
    {"mysql -uroot -px9 db", NULL, "x9", TELLS_PASSWORD},
    {"tool --api-key x", "api-key", "x", 0},
    {"sudo sshpass -p x ssh h", NULL, "x", TELLS_PASSWORD},
    {"echo 'x' | docker login --password-stdin", NULL, "x", TELLS_PASSWORD},
    {"kinit u <<< 'x'", NULL, "x", TELLS_PASSWORD},
    {"openssl rsa -passin pass:x", NULL, "x", TELLS_PASSWORD},
    {"xfreerdp /v:h /u:u /p:x", NULL, "x", TELLS_PASSWORD},
    {"htpasswd -b f u x", NULL, "x", TELLS_PASSWORD},
    {"postgres://u:x@h/db", NULL, "x", TELLS_PASSWORD},
    {"https://hooks.slack.com/services/T0/B0/abcdefgh", NULL, "T0/B0/abcdefgh",
     TELLS_CONNECTION},
    {"CREATE USER u IDENTIFIED BY 'x'", "CREATE USER u IDENTIFIED", "x", 0},
    {"sshd[1]: Failed password for u1 from 10.0.0.1", NULL, "u1", TELLS_USER},
    {"10.0.0.1 - u1 [10/Oct/2000:13:55:36 -0700] \"GET /\"", NULL, "u1", TELLS_USER},
    {"u1:$6$abcdefgh$0123456789abcdefghij:1:", NULL, "$6$abcdefgh$0123456789abcdefghij",
     TELLS_PASSWORD},
};

static void directives_commands_and_logs_are_read(void **state)
{
    (void)state;
    CHECK_PAIRS(line_rows);
}

static const struct want place_rows[] = {
    {"user,password\nu,x\n", "password", "x", 0},
    {"user;password\nu;\"x;y\"\n", "password", "x;y", 0},
    {"| user | password |\n|---|---|\n| u | x |\n", "password", "x", 0},
    {"user   password\n----   --------\nu      x\n", "password", "x", 0},
    {"<tr><th>user</th><th>pw</th></tr><tr><td>u</td><td>x</td></tr>", "pw", "x", 0},
    {"INSERT INTO t (a, pw) VALUES (1, 'x'), (2, 'y');", "pw", "y", 0},
    {"COPY t (a, pw) FROM stdin;\n1\tx\n2\ty\n", "pw", "y", 0},
    {"PID|1||77^^^H||BELL^ANN||19800201|F", NULL, "BELL^ANN", TELLS_PERSON},
    {"PID|1||77^^^H||BELL^ANN||19800201|F", NULL, "77", TELLS_MRN},
    {"NM1*IL*1*BELL*ANN****MI*W1~N3*1 MILL LN~", NULL, "W1", TELLS_PLAN},
    {"NM1*IL*1*BELL*ANN****MI*W1~N3*1 MILL LN~", NULL, "1 MILL LN", TELLS_ADDRESS},
    {"NAD+BY+++Ann Bell+Mill Lane 1'", NULL, "Ann Bell", TELLS_PERSON},
    {"FN:Ann Bell", NULL, "Ann Bell", TELLS_PERSON},
    {"1 NAME Ann /Bell/", NULL, "Ann /Bell/", TELLS_PERSON},
    {":59:/DE12\nAnn Bell\nMill Lane 1\n", NULL, "Ann Bell", TELLS_PERSON},
    {"P<UTOBELL<<ANN<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<", NULL, "P<UTOBELL<<ANN",
     TELLS_PERSON},
    {"[12/03/24, 10:11:12] Ann Bell: hi", NULL, "Ann Bell", TELLS_PERSON},
    {"From: Ann Bell <a@b.example>", NULL, "Ann Bell", TELLS_PERSON},
    {"SSR DOCS BA HK1 P/GBR/123456789/GBR/12JUL76/F/23OCT26/BELL/ANN", NULL, "123456789",
     TELLS_PASSPORT},
    {"1.BELL/ANN MS", NULL, "BELL/ANN MS", TELLS_PERSON},
    {"Nov 28 10:00:00 db-01 sshd[7]: ok", NULL, "db-01", TELLS_HOST},
    {"ann@db-01:~$ ls", NULL, "db-01", TELLS_HOST},
    {"core-sw-01#show run", NULL, "core-sw-01", TELLS_HOST},
    {".h.example\tTRUE\t/\tTRUE\t1893456000\tc1\tq8f3k2m9v7b1n4x6", NULL,
     "q8f3k2m9v7b1n4x6", TELLS_SESSION},
    {"{\"type\":{\"coding\":[{\"code\":\"MR\"}]},\"value\":\"A4471029\"}", NULL,
     "A4471029", TELLS_MRN},
    {"1. Bell\n2. Ann\n3. 01.02.1980 Ulm\n4a. x\n5. B07\n", NULL, "B07", TELLS_LICENSE},
};

static void cells_segments_and_fields_are_read_by_their_place(void **state)
{
    (void)state;
    CHECK_PAIRS(place_rows);
}

/* -- names ----------------------------------------------------------------------------
 */

static void names_tell_by_their_head(void **state)
{
    static const struct {
        const char *name;
        enum telling want;
    } rows[] = {
        {"password", TELLS_PASSWORD},
        {"The password is", TELLS_PASSWORD},
        {"Das Passwort lautet", TELLS_PASSWORD},
        {"DB_PASSWORD_2", TELLS_PASSWORD},
        {"userPassword", TELLS_PASSWORD},
        {"wlanpasswort", TELLS_PASSWORD},
        {"Mot de passe", TELLS_PASSWORD},
        {"\xD0\x9F\xD0\xB0\xD1\x80\xD0\xBE\xD0\xBB\xD1\x8C", TELLS_PASSWORD},
        {"\xE5\xAF\x86\xE7\xA0\x81", TELLS_PASSWORD},
        {"Contrase\xC3\xB1"
         "a nueva",
         TELLS_PASSWORD},
        {"aws_secret_access_key", TELLS_TOKEN},
        {"X-Api-Key", TELLS_TOKEN},
        {"Date of birth", TELLS_DOB},
        {"patient.dateOfBirth", TELLS_DOB},
        {"patientName", TELLS_PERSON},
        {"Medical Record Number", TELLS_MRN},
        {"password_file", TELLS_NOTHING},
        {"tokenizer", TELLS_NOTHING},
        {"max_tokens", TELLS_NOTHING},
        {"keyboard", TELLS_NOTHING},
        {"fake_password", TELLS_NOTHING},
        {"csrf_token", TELLS_SESSION},
        {"passwordPolicyUrl", TELLS_NOTHING},
        {"p in", TELLS_NOTHING},
        {"\xE3\x83\x91\xE3\x82\xB9\xE3\x83\xAF\xE3\x83\xBC\xE3\x83\x89\xE3\x81\xAF",
         TELLS_PASSWORD},
        {"the code for the gate", TELLS_PASSWORD},
        {"rootpass", TELLS_PASSWORD},
        {"ADMINPASS", TELLS_PASSWORD},
        {"mailpw", TELLS_PASSWORD},
        {"guestpin", TELLS_PIN},
        {"mdpadmin", TELLS_PASSWORD},
        {"lagerpw", TELLS_PASSWORD},
        {"bypass", TELLS_NOTHING},
        {"compass", TELLS_NOTHING},
        {"trespass", TELLS_NOTHING},
        {"renderpass", TELLS_NOTHING},
        {"lowpass", TELLS_NOTHING},
        {"napkin", TELLS_NOTHING},
        {"resetpin", TELLS_NOTHING},
    };
    size_t wrong = 0;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct told t = telling_of(str_of(rows[i].name));
        if (t.what != rows[i].want)
            print_message("\"%s\" tells %u\n", rows[i].name, t.what);
        wrong += t.what != rows[i].want;
    }
    assert_int_equal(wrong, 0);
}

/* -- canaries -------------------------------------------------------------------------
 */

static const char *const surroundings[][2] = {
    {"", ""},
    {"Why does this fail?\n\n", "\n\nIt worked last week."},
    {"```\n", "\n```\n"},
    {"# settings\nport = 80\nhost: h\n", "\nretries: 3\n"},
    {"a,b\n1,2\n\n", "\n\nx | y\n"},
    {"(see \"below\")\n", "\n\xE2\x80\x94 thanks\n"},
    {"{{ x }} <b> ' \n", "\n ' </b> }}\n"},
};

static const char *const values[] = {"Orange7Harbour", "X7kq9Vz2LmT4wBnQ",
                                     "9f8e7d6c5b4a39281706f5e4d3c2b1a0"};

static void put_value(char *out, size_t size, const char *front, const char *form,
                      const char *value, const char *behind)
{
    size_t n = 0;
    bool is_url = strstr(form, ":@@") != NULL, put = false;
    for (const char *p = front; *p && n + 1 < size; p++)
        out[n++] = *p;
    for (const char *p = form; *p && n + 64 < size; p++) {
        if (*p != '@' || (is_url && put)) {
            out[n++] = *p;
            continue;
        }
        memcpy(out + n, value, strlen(value));
        n += strlen(value);
        put = true;
    }
    for (const char *p = behind; *p && n + 1 < size; p++)
        out[n++] = *p;
    out[n] = '\0';
}

static void a_value_under_a_telling_name_is_found_in_every_notation(void **state)
{
    char text[2048];
    size_t missed = 0;
    for (size_t f = 0; f < sizeof notations / sizeof *notations; f++)
        for (size_t s = 0; s < sizeof surroundings / sizeof *surroundings; s++)
            for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
                put_value(text, sizeof text, surroundings[s][0], notations[f], values[v],
                          surroundings[s][1]);
                struct span_list l = scan(state, text);
                size_t at = (size_t)(strstr(text, values[v]) - text);
                bool found = false;
                bool is_short = v == 0 && (strstr(notations[f], "ession") ||
                                           strstr(notations[f], "sid="));
                for (size_t i = 0; i < l.n; i++)
                    found |=
                        l.v[i].start <= at && l.v[i].end >= at + strlen(values[v]) &&
                        guard_type_group((enum guard_type)l.v[i].type) == GROUP_SECRET &&
                        l.v[i].score >= 55;
                span_list_release(&l);
                if (!found && !is_short)
                    print_message("not found in:\n%s\n", text);
                missed += !found && !is_short;
            }
    assert_int_equal(missed, 0);
}

/* -- what holds nothing ---------------------------------------------------------------
 */

static void code_and_placeholders_are_no_secrets(void **state)
{
    static const char *const rows[] = {
        "if user.password != password:",
        "class PassList(object):",
        "void initializeDeadCodePass(PassRegistry&);",
        "password = getpass()",
        "password = os.environ['DB_PASSWORD']",
        "password: ${DB_PASSWORD}",
        "password: {{ vault.password }}",
        "password: <your password>",
        "const char *pass, int passlen,\n    unsigned flags);",
        "token = self.next_token()",
        "max_tokens: 4096",
        "DB_PASSWORD=$DB_PASSWORD",
        "password: changeme",
        "You can pass the value x2 to it.",
        "curl -u user:password http://localhost/",
        "API_TOKEN=os.environ.get(\"API_TOKEN\")",
        "password: required",
        "{\"type\": \"password\", \"name\": \"field2\"}",
        "def login(user, password):\n    return 1\n",
        "the tokens from step 2 are kept",
        "<h3>Password</h3><p>Your password must have 12 characters.</p>",
        "## Token\nsee section 4.2\n",
        "password:\n  base64\n",
        "<th>Token</th><td>required</td><td>utf8</td>",
        "password: !GetAtt Db.Password1",
        "password: *default_pw",
        "PASS test_login2 (0.02s)",
        "PASS tests/auth2.test.js",
        "[\"docker\", \"run\", \"-d\", \"img2\"]",
        "user, pw = get_creds(\"u1\", \"db2\")",
        "<key value=\"F12\"/>",
        "qpdf --check file1.pdf",
        "docker run -p 8080:80 nginx1",
        "docker run -p 127.0.0.1:8080:80/tcp nginx1",
        "creds file v2Final22",
        "x.yaml sha256:9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a3928",
        "go.sum h1:q83nNf0Kx7Lw2Pz9Tb5Rc1Vd6Ye4Uj8Hm0Sg3Ai7Eo=",
        "main.c:42 line:42abc7",
        ".h.example\tTRUE\t/\tFALSE\t1893456000\ttheme\tdark",
        "Authorization: Basic dXNlcjpwYXNzd29yZA==",
    };
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span_list l = scan(state, rows[i]);
        for (size_t k = 0; k < l.n; k++)
            if (guard_type_group((enum guard_type)l.v[k].type) == GROUP_SECRET) {
                print_message("a secret in: %s\n", rows[i]);
                wrong++;
            }
        span_list_release(&l);
    }
    assert_int_equal(wrong, 0);
}

/* Base64 of letters alone looks like a name: what it decodes to tells. */
static void credentials_of_basic_are_found_whatever_their_letters(void **state)
{
    static const char *const rows[] = {
        "Authorization: Basic YmVhOkJyYXNzTGFudGVybjYy",
        "curl -H 'proxy-authorization: basic YmVhOkJyYXNzTGFudGVybjYy' h",
        "req.Header.Set(\"Authorization\", \"Basic YmVhOkJyYXNzTGFudGVybjYy\")",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span_list l = scan(state, rows[i]);
        assert_int_equal(l.n, 1);
        assert_int_equal(guard_type_group((enum guard_type)l.v[0].type), GROUP_SECRET);
        assert_true(l.v[0].score >= 55);
        span_list_release(&l);
    }
}

static void what_documentation_publishes_holds_nothing(void **state)
{
    static const char *const rows[] = {
        "card 4111 1111 1111 1111",
        "IBAN DE89 3704 0044 0532 0130 00",
        "postgres://user:password@localhost/db",
        "STRIPE_KEY=sk_test_4eC39HqLyjWDarjtT1zdp7dc",
        "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
    };
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span_list l = scan(state, rows[i]);
        for (size_t k = 0; k < l.n; k++) {
            bool held = l.v[k].score >= 55 &&
                        guard_type_group((enum guard_type)l.v[k].type) >= GROUP_SECRET;
            if (held)
                print_message("held: %s\n", rows[i]);
            wrong += held;
        }
        span_list_release(&l);
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_values_of_data_are_read),
        cmocka_unit_test(arguments_and_assignments_are_read),
        cmocka_unit_test(directives_commands_and_logs_are_read),
        cmocka_unit_test(cells_segments_and_fields_are_read_by_their_place),
        cmocka_unit_test(names_tell_by_their_head),
        cmocka_unit_test(a_value_under_a_telling_name_is_found_in_every_notation),
        cmocka_unit_test(code_and_placeholders_are_no_secrets),
        cmocka_unit_test(credentials_of_basic_are_found_whatever_their_letters),
        cmocka_unit_test(what_documentation_publishes_holds_nothing),
    };
    return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
