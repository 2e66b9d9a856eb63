/* test_scan_said.c -- kinds of notation and of sentence in which a value stands under its
 * name: each in several languages and forms, and what only looks like them. */
#include "rows.h"

/* clang-format off */
static const struct row numbers[] = {
    {"CCCD của mẹ 001099012345 nhé", "001099012345", ACTION_LOCAL},
    {"mã thẻ BHYT cũ HS4010123456789, đi khám mai", "HS4010123456789", ACTION_LOCAL},
    {"chuyển vào STK 19034567812345 Vietcombank nhé", "19034567812345", ACTION_LOCAL},
    {"통관번호는 P120045678901 입니다", "P120045678901", ACTION_LOCAL},
    {"개인통관부호 P123456789012", "P123456789012", ACTION_LOCAL},
    {"My passport number, in case you need it, is 533401287.", "533401287", ACTION_LOCAL},
    {"Her SSN on file is 219-09-9998 I think", "219-09-9998", ACTION_LOCAL},
    {"le numéro de sécu de ma mère: 2 69 05 49 588 157 80", "2 69 05 49 588 157 80", ACTION_LOCAL},
    {"numéro de passeport de Paul : 09AB12345", "09AB12345", ACTION_LOCAL},
    {"el DNI de mi padre es 12345678Z", "12345678Z", ACTION_LOCAL},
    {"Número de historia clínica del paciente 448812", "448812", ACTION_LOCAL},
    {"Die Versichertennummer meiner Mutter ist A123456780", "A123456780", ACTION_LOCAL},
    {"Vers.-Nr. A482913305", "A482913305", ACTION_LOCAL},
    {"Vers-Nr: K402931187, Kasse TK", "K402931187", ACTION_LOCAL},
    {"KV-Nr. meiner Frau: M402931187", "M402931187", ACTION_LOCAL},
    {"Kontonummer 0532013000 bei der Sparkasse", "0532013000", ACTION_LOCAL},
    {"Kto. 0532013000, BLZ 37040044", "0532013000", ACTION_LOCAL},
    {"s/c 60 16 13 a/c 31926819", "31926819", ACTION_LOCAL},
    {"sort code 20-11-43 acc 73920184", "73920184", ACTION_LOCAL},
    {"paid by direct debit from 60-16-13 / 41827365", "41827365", ACTION_LOCAL},
    {"Barclays 20-11-43 73920184 please", "73920184", ACTION_LOCAL},
    {"a/c no 50100234981122 IFSC HDFC0001234", "50100234981122", ACTION_LOCAL},
    {"A# A204817395, TPS pending", "A204817395", ACTION_LOCAL},
    {"EBT card 5076 8012 3344 9176", "5076 8012 3344 9176", ACTION_LOCAL},
    {"r.č.: 805521/0417, ZP 111", "805521/0417", ACTION_LOCAL},
    {"rodné číslo 7902150322", "7902150322", ACTION_LOCAL},
    {"číslo pojištěnce 7902150322", "7902150322", ACTION_LOCAL},
    {"ИНН 500100732259 и СНИЛС 112-233-445 95", "112-233-445 95", ACTION_LOCAL},
    {"паспорт 4509 123456 выдан ОВД", "4509 123456", ACTION_LOCAL},
    {"полис ОМС мамы 7755320889000123", "7755320889000123", ACTION_LOCAL},
    {"护照号码是 E12345678", "E12345678", ACTION_LOCAL},
    {"他的身份证号是 11010519491231002X", "11010519491231002X", ACTION_LOCAL},
    {"マイナンバーは 1234 5678 9018 です", "1234 5678 9018", ACTION_LOCAL},
    {"Aadhaar of my father 2345 6789 0124", "2345 6789 0124", ACTION_LOCAL},
    {"NHS no 943 476 5919", "943 476 5919", ACTION_LOCAL},
    {"hospital number for Ms Ade: K4481920", "K4481920", ACTION_LOCAL},
    {"MRN# 00482913", "00482913", ACTION_LOCAL},
    {"Medicare ID is 1EG4-TE5-MK73", "1EG4-TE5-MK73", ACTION_LOCAL},
    {"member # W1234 56789", "W1234 56789", ACTION_LOCAL},
    {"her driver's licence is MORGA657054SM9IJ", "MORGA657054SM9IJ", ACTION_LOCAL},
    {"driving licence no. of the hirer MORGA657054SM9IJ", "MORGA657054SM9IJ", ACTION_LOCAL},
};

static const struct row sentences[] = {
    {"Is tq8vRm2xLd7Bw a strong password?", "tq8vRm2xLd7Bw", ACTION_LOCAL},
    {"est-ce que BrassLantern62 est un bon mot de passe ?", "BrassLantern62", ACTION_LOCAL},
    {"Ist BrassLantern62 ein gutes Passwort?", "BrassLantern62", ACTION_LOCAL},
    {"convert e7Kf92bXqLr4TnWv81ZcPd0s to base64, it is my API key", "e7Kf92bXqLr4TnWv81ZcPd0s", ACTION_LOCAL},
    {"Use kim and BrassLantern62 to log in.", "BrassLantern62", ACTION_LOCAL},
    {"Connecte-toi avec kim et BrassLantern62", "BrassLantern62", ACTION_LOCAL},
    {"please set the secret to tq8vRm2xLd7Bw", "tq8vRm2xLd7Bw", ACTION_LOCAL},
    {"creds kim BrassLantern62", "BrassLantern62", ACTION_LOCAL},
    {"用户名kim，密码BrassLantern62", "BrassLantern62", ACTION_LOCAL},
    {"пароль от роутера BrassLantern62", "BrassLantern62", ACTION_LOCAL},
    {"U07: mot de passe admin ?\nU08: BrassLantern62", "BrassLantern62", ACTION_LOCAL},
    {"<kim> root pass?\n<bea> tq8vRm2xLd7Bw", "tq8vRm2xLd7Bw", ACTION_LOCAL},
    {"kim: what is the nas password?\nbea: tq8vRm2xLd7Bw", "tq8vRm2xLd7Bw", ACTION_LOCAL},
    {"i tried password Maple-river.stone and it says locked", "Maple-river.stone", ACTION_LOCAL},
    {"I have reset it to Marble600, please change after login.", "Marble600", ACTION_LOCAL},
    {"the code for the alarm is 4711, don't tell", "4711", ACTION_LOCAL},
    {"alarm code? 4711#", "4711#", ACTION_LOCAL},
    {"the gate opens with 2580#", "2580#", ACTION_LOCAL},
    {"공동현관 #2916* 누르세요", "#2916*", ACTION_LOCAL},
    {"공동현관 비번 2916# 입니다", "2916#", ACTION_LOCAL},
    {"домофон 12к8841, этаж 4", "12к8841", ACTION_LOCAL},
    {"код домофона 45к2580", "45к2580", ACTION_LOCAL},
    {"Tür-Code lautet 4471#", "4471#", ACTION_LOCAL},
    {"digicode 45A78 puis 2e étage", "45A78", ACTION_LOCAL},
    {"The wifi is called Birke5 and the password underneath is honigbrot-21", "honigbrot-21", ACTION_LOCAL},
    {"WLAN: Birke5 / honigbrot-21", "honigbrot-21", ACTION_LOCAL},
    {"SSID Birke5, key honigbrot-21", "honigbrot-21", ACTION_LOCAL},
    {"login: plan@post.example / Walnut2468?", "Walnut2468?", ACTION_LOCAL},
    {"portaal: plan@post.example / Walnut2468?", "Walnut2468?", ACTION_LOCAL},
    {"acceso jperez@acme.example clave: Girasol_88", "Girasol_88", ACTION_LOCAL},
    {"usuario jperez y contraseña Girasol_88", "Girasol_88", ACTION_LOCAL},
    {"Girasol_88 is the password of the finance mailbox", "Girasol_88", ACTION_LOCAL},
    {"\"Girasol_88\" ist das Passwort vom Postfach", "Girasol_88", ACTION_LOCAL},
    {"Girasol_88 est le mot de passe du serveur", "Girasol_88", ACTION_LOCAL},
    {"use Girasol_88 as the password", "Girasol_88", ACTION_LOCAL},
    {"log in as root with Girasol_88", "Girasol_88", ACTION_LOCAL},
    {"creds are root:Girasol_88", "Girasol_88", ACTION_LOCAL},
    {"u: jperez p: Girasol_88", "Girasol_88", ACTION_LOCAL},
    {"un/pw jperez / Girasol_88", "Girasol_88", ACTION_LOCAL},
    {"username jperez, pw Girasol_88!", "Girasol_88!", ACTION_LOCAL},
    {"user=jperez pass=Girasol_88", "Girasol_88", ACTION_LOCAL},
    {"jperez:Girasol_88@ftp.acme.example", "Girasol_88", ACTION_LOCAL},
    {"passwd for jperez -> Girasol_88", "Girasol_88", ACTION_LOCAL},
    {"the new one is Girasol_88, old password was Tulipan_77", "Tulipan_77", ACTION_LOCAL},
    {"My PIN's 7351 and the card is in the drawer", "7351", ACTION_LOCAL},
    {"card pin 7351", "7351", ACTION_LOCAL},
    {"wrote the PIN on the back (7351)", "7351", ACTION_LOCAL},
    {"PIN on the back of the card: 7351", "7351", ACTION_LOCAL},
    {"CVV on back 481", "481", ACTION_LOCAL},
    {"exp 09/27 cvc 481", "481", ACTION_LOCAL},
    {"OTP is 493021", "493021", ACTION_LOCAL},
    {"493021 is your verification code", "493021", ACTION_LOCAL},
    {"G-493021 is your Google verification code.", "493021", ACTION_LOCAL},
    {"Ihr Bestätigungscode lautet 493021", "493021", ACTION_LOCAL},
    {"ваш код 493021 никому не говорите", "493021", ACTION_LOCAL},
    {"otp: 49 30 21 do not share", "49 30 21", ACTION_LOCAL},
    {"imap.login(\"a.bell@gmail.com\", \"qzvt bnrk xwpd ghsf\")", "qzvt bnrk xwpd ghsf", ACTION_LOCAL},
    {"app password qzvt bnrk xwpd ghsf", "qzvt bnrk xwpd ghsf", ACTION_LOCAL},
    {"smtp.login('a@b.example', 'qzvtbnrkxwpdghsf')", "qzvtbnrkxwpdghsf", ACTION_LOCAL},
};

static const struct row commands[] = {
    {"net use \\\\fs-01.x.internal\\drop /user:CORP\\svc_batch Otter2217QX", "Otter2217QX", ACTION_LOCAL},
    {"D:\\jenkins>net use Z: \\\\srv\\share Otter2217QX /user:bob", "Otter2217QX", ACTION_LOCAL},
    {"D:\\jenkins\\ws>sqlplus etl_load/orbit_40817@//10.1.2.3:1521/CLMPRD @load.sql", "orbit_40817", ACTION_LOCAL},
    {"C:\\> psexec \\\\srv -u admin -p Heron1068 cmd", "Heron1068", ACTION_LOCAL},
    {"PS C:\\> net user bob Otter2217QX /add", "Otter2217QX", ACTION_LOCAL},
    {"rman target sys/Otter2217QX@orcl", "Otter2217QX", ACTION_LOCAL},
    {"expdp system/Otter2217QX@orcl schemas=hr", "Otter2217QX", ACTION_LOCAL},
    {"impdp hr/Heron1068 directory=D", "Heron1068", ACTION_LOCAL},
    {"sqlldr userid=hr/Heron1068 control=a.ctl", "Heron1068", ACTION_LOCAL},
    {"player1 issued server command: /login 9kWmQz4RtYb7LpXc2VnA", "9kWmQz4RtYb7LpXc2VnA", ACTION_LOCAL},
    {"/msg NickServ IDENTIFY Heron1068", "Heron1068", ACTION_LOCAL},
    {"/register Heron1068 Heron1068", "Heron1068", ACTION_LOCAL},
    {"PRIVMSG NickServ :IDENTIFY bob Heron1068", "Heron1068", ACTION_LOCAL},
    {"a1 LOGIN bob@x.example Heron1068", "Heron1068", ACTION_LOCAL},
    {"USER bob\r\nPASS Heron1068", "Heron1068", ACTION_LOCAL},
};

static const struct row tokens[] = {
    {"<input type=\"hidden\" name=\"csrf_token\" value=\"kT9s8Qm2LxPz4Vw7Rb1N\">", "kT9s8Qm2LxPz4Vw7Rb1N", ACTION_LOCAL},
    {"X-CSRF-Token: kT9s8Qm2LxPz4Vw7Rb1NcD3e", "kT9s8Qm2LxPz4Vw7Rb1NcD3e", ACTION_LOCAL},
    {"authenticity_token=kT9s8Qm2LxPz4Vw7Rb1NcD3eQ%3D%3D&user=1", "kT9s8Qm2LxPz4Vw7Rb1NcD3eQ", ACTION_LOCAL},
    {"<meta name=\"csrf-token\" content=\"kT9s8Qm2LxPz4Vw7Rb1NcD3e\">", "kT9s8Qm2LxPz4Vw7Rb1NcD3e", ACTION_LOCAL},
    {"{\"csrfToken\": \"kT9s8Qm2LxPz4Vw7Rb1NcD3e\"}", "kT9s8Qm2LxPz4Vw7Rb1NcD3e", ACTION_LOCAL},
    {"curl -H 'Cookie: XSRF-TOKEN=kT9s8Qm2LxPz4Vw7Rb1NcD3e' x.test", "kT9s8Qm2LxPz4Vw7Rb1NcD3e", ACTION_LOCAL},
    {"__Host-session=s%3AkT9s8Qm2LxPz4Vw7Rb1N.abc123DEF456ghi", "kT9s8Qm2LxPz4Vw7Rb1N", ACTION_LOCAL},
    {".AspNetCore.Cookies=CfDJ8kT9s8Qm2LxPz4Vw7Rb1NcD3e", "CfDJ8kT9s8Qm2LxPz4Vw7Rb1NcD3e", ACTION_LOCAL},
    {"document.cookie = \"remember_me=kT9s8Qm2LxPz4Vw7Rb1NcD3e\"", "kT9s8Qm2LxPz4Vw7Rb1NcD3e", ACTION_LOCAL},
    {"CREATE TABLE users (id int, login text, pwd text);\nINSERT INTO users VALUES (1, 'bob', 'Heron1068');", "Heron1068", ACTION_LOCAL},
    {"UPDATE users SET passwd='Heron1068' WHERE id=1;", "Heron1068", ACTION_LOCAL},
    {"SELECT * FROM u WHERE login='bob' AND pw='Heron1068'", "Heron1068", ACTION_LOCAL},
    {"create user bob with encrypted password 'Heron1068';", "Heron1068", ACTION_LOCAL},
    {"ALTER USER bob IDENTIFIED BY Heron1068;", "Heron1068", ACTION_LOCAL},
};

static const struct row forms[] = {
    {"<b>Password:</b> Heron1068", "Heron1068", ACTION_LOCAL},
    {"**Password:** `Heron1068`", "Heron1068", ACTION_LOCAL},
    {"| Password | Heron1068 |", "Heron1068", ACTION_LOCAL},
    {"<td>Password</td><td>Heron1068</td>", "Heron1068", ACTION_LOCAL},
    {"<dt>PIN</dt><dd>4711</dd>", "4711", ACTION_LOCAL},
    {"Password&nbsp;:&nbsp;Heron1068", "Heron1068", ACTION_LOCAL},
    {"Password ........ Heron1068", "Heron1068", ACTION_LOCAL},
    {"b-day ...... Oct 12 1988\nName ...... Ann Bell\nSSN ...... 219-09-9998", "219-09-9998", ACTION_LOCAL},
    {"b-day       ......  Oct 12 1988", "Oct 12 1988", ACTION_MASK},
    {"Password\tHeron1068", "Heron1068", ACTION_LOCAL},
    {"Password -> Heron1068", "Heron1068", ACTION_LOCAL},
    {"Password → Heron1068", "Heron1068", ACTION_LOCAL},
    {"Password => Heron1068", "Heron1068", ACTION_LOCAL},
    {"Password | Heron1068", "Heron1068", ACTION_LOCAL},
    {"Password ~ Heron1068", "Heron1068", ACTION_LOCAL},
    {"Password – Heron1068", "Heron1068", ACTION_LOCAL},
    {"(password Heron1068)", "Heron1068", ACTION_LOCAL},
    {"[password: Heron1068]", "Heron1068", ACTION_LOCAL},
    {"password＝Heron1068", "Heron1068", ACTION_LOCAL},
    {"connect(\"db.example\", \"bob\", \"Heron1068\")", "Heron1068", ACTION_LOCAL},
    {"new SqlConnection($\"Server=h;User={u};Pwd=Heron1068\")", "Heron1068", ACTION_LOCAL},
    {"ftp.login(user=\"bob\", passwd=\"Heron1068\")", "Heron1068", ACTION_LOCAL},
    {"ssh.connect('h', 22, 'bob', 'Heron1068')", "Heron1068", ACTION_LOCAL},
    {"DriverManager.getConnection(url, \"bob\", \"Heron1068\")", "Heron1068", ACTION_LOCAL},
    {"mysql_connect('h', 'bob', 'Heron1068');", "Heron1068", ACTION_LOCAL},
    {"new mysqli(\"h\",\"bob\",\"Heron1068\",\"db\")", "Heron1068", ACTION_LOCAL},
    {"$cred = New-Object PSCredential(\"bob\", (ConvertTo-SecureString \"Heron1068\" -AsPlainText -Force))", "Heron1068", ACTION_LOCAL},
};

static const struct row births[] = {
    {"履歴書\n氏名 河合 沙織\n生年月日 1991年10月25日\n", "1991年10月25日", ACTION_MASK},
    {"this is Ann Bell (04/17/1979). I saw my biopsy", "04/17/1979", ACTION_MASK},
    {"1st tenant (d.o.b. 12.05.1968, tel 01632 960123)", "12.05.1968", ACTION_MASK},
    {"Name: Ann Bell (*03.02.1971)", "03.02.1971", ACTION_MASK},
    {"Ann Bell, b. 3 Feb 1971, lives alone", "3 Feb 1971", ACTION_MASK},
    {"Pat. Bell, Anna, geb. 12.05.1968, wohnh. Mühlweg 2", "12.05.1968", ACTION_MASK},
    {"Иванова Анна;89161234567;ДР 12.05.1968, скидка", "12.05.1968", ACTION_MASK},
    {"д.р. 12.05.1968", "12.05.1968", ACTION_MASK},
    {"12.05.1968 г.р.", "12.05.1968", ACTION_MASK},
    {"née le 3 février 1971 à Lyon", "3 février 1971", ACTION_MASK},
    {"nacido el 3 de febrero de 1971", "3 de febrero de 1971", ACTION_MASK},
    {"ur. 03.02.1971", "03.02.1971", ACTION_MASK},
    {"D.O.B 03/02/71", "03/02/71", ACTION_MASK},
    {"her birthday is on 3 Feb 1971", "3 Feb 1971", ACTION_MASK},
    {"1971年2月3日生まれ", "1971年2月3日", ACTION_MASK},
    {"생년월일 1971.02.03", "1971.02.03", ACTION_MASK},
    {"born 03-02-71", "03-02-71", ACTION_MASK},
    {"Geburtsdatum 3.2.71", "3.2.71", ACTION_MASK},
};

static const struct row marks[] = {
    {"机密★10年\n132/23", "机密★10年", ACTION_LOCAL},
    {"ΑΠΟΡΡΗΤΟ\nOffer price", "ΑΠΟΡΡΗΤΟ", ACTION_LOCAL},
    {"ΕΜΠΙΣΤΕΥΤΙΚΟ\n\nΠρος: ΓΕΣ", "ΕΜΠΙΣΤΕΥΤΙΚΟ", ACTION_LOCAL},
    {"绝密\n\n关于...", "绝密", ACTION_LOCAL},
    {"TAJNE\n\nNotatka", "TAJNE", ACTION_LOCAL},
    {"Совершенно секретно\nЭкз. № 1", "Совершенно секретно", ACTION_LOCAL},
    {"GEHEIM – amtlich geheimgehalten", "GEHEIM", ACTION_LOCAL},
    {"DIFUSIÓN LIMITADA\n\nInforme", "DIFUSIÓN LIMITADA", ACTION_LOCAL},
    {"RISERVATISSIMO\n\nOggetto", "RISERVATISSIMO", ACTION_LOCAL},
    {"極秘\n会議資料", "極秘", ACTION_LOCAL},
    {"대외비\n\n회의자료", "대외비", ACTION_LOCAL},
    {"CONFIDENTIEL DÉFENSE\nNote", "CONFIDENTIEL DÉFENSE", ACTION_LOCAL},
    {"ÇOK GİZLİ\n\nKonu", "ÇOK GİZLİ", ACTION_LOCAL},
};

static const struct row illnesses[] = {
    {"Daniel (my 9 yr old) was diagnosed with autism at the hospital on 5/20/24", "Daniel", ACTION_LOCAL},
    {"my daughter Ana Bell has type 1 diabetes and the school wants a letter", "Ana Bell", ACTION_LOCAL},
    {"Anna Bell told HR she is bipolar and takes lithium", "Anna Bell", ACTION_LOCAL},
    {"Mia Bell ist seit Mai wegen Depression krankgeschrieben", "Mia Bell", ACTION_LOCAL},
};

static const char *const ordinary[] = {
    "run the test with 1234567 rows",
    "**Where are passwords stored?** In the keychain of the system.",
    "DATABASE_URL=postgres://USER:PASSWORD@HOST:5432/DBNAME",
    "set `DATABASE_URL=postgres://user:password@localhost:5432/app`, should I commit it?",
    "does `${POSTGRES_PASSWORD:?missing}` expand before .env is read?",
    "the pass takes 250ms on 4 cores",
    "pin 12 is connected to GPIO 4096",
    "PINs are set at 115200 baud",
    "I have reset it to HEAD~3 and pushed again",
    "changed the base image to Ubuntu22 in the Dockerfile",
    "log in with OAuth2Provider and a scope",
    "`token => hash256(token)` in the map",
    "fn token(&self) -> u64 { self.token }",
    "const char *key -> the key, 32 bytes",
    "Table 3 ........ 45",
    "Introduction .......... 12\nPasswords .......... 48\nTokens .......... 104",
    "GET /login 200 1234",
    "POST /login HTTP/1.1",
    "use /login page2 for the second form",
    "exp growth2 is faster than poly3",
    "imp src/module2 dest",
    "a.c: 123456 bytes, b.c: 7890 bytes",
    "git reset --hard v1.2.3 is the key step",
    "8080 is the default port and 443 the other",
    "4096 is the key size we use",
    "v2 is the token format",
    "The table has 12 columns (2019) and the PIN header has 40",
    "csrf_token = get_token(request)",
    "{% csrf_token %} must be in the form",
    "<input name=\"csrf\" value=\"{{ csrf }}\">",
    "X-CSRF-Token: <token>",
    "CREATE TABLE users (id int, pwd text);\nINSERT INTO users VALUES (1, NULL), (2, ?), (3, 'changeme');",
    "| Password | string |",
    "| Option | Default |\n|---|---|\n| password | none |",
    "<td>Password</td><td>required</td>",
    "conn.open(\"file1\", \"rb\", \"utf8\")",
    "open(\"data/2021.csv\", \"r\", \"latin1\")",
    "f.open(\"a.txt\", \"w\", \"utf-8\")",
    "Release 20-11-23 build 12345678",
    "2024-20-11-43 73920184 rows read",
    "The word \"password\" has 8 letters",
    "Password -> the field where users type, at most 64 characters",
    "Password → required",
    "the secret is in the vault, see section 12",
    "the code for error 4711 is in errors.c",
    "exit code 137 means killed",
    "issue #2580# is closed",
    "Copyright (C) 1998 Example Inc.",
    "секретно ли это? нет",
    "这是机密计算的介绍",
    "机密计算（Confidential Computing）是一种技术",
    "World War II (1939-1945) was long",
    "Battle of Hastings (14 October 1066)",
    "Diabetes is a disease; insulin helps.",
    "How is depression treated with sertraline?",
    "the Hodgkin lymphoma has stages",
    "Did Freddie Mercury have AIDS?",
    "What did Alan Turing take on hormones?",
    "Explain what insulin does for Type 1 diabetes",
    "x: y; p: 12px; u: 3px",
    "SSID scan took 12s, key frames 24",
    "build 12 34 56 78 90 done",
    "1 2 3 4 5 6 7 8 9 10",
    "the chart 2024 with 123456 points",
    "account for 123456 rows",
    "Apple (AAPL) 2010-05-06 fell",
    "passport.js version 0.6.0 with 123456 downloads",
    "number of lines 123456",
    "matrix number 1234567",
    "the member function 1234567",
    "form key = 3 -> value 12",
    "DR 20.10.2020 failover test",
    "rate 12.5 -> 13.75",
    "key -> value1, key2 -> value2",
    "license -> MIT2",
    "the alarm code path runs 3# times",
    "reset the counter to Counter2Max",
    "sets the token to Token2Kind",
    "with_password(Foo2Bar)",
    "Adam Smith (1723-1790) wrote it",
    "Is SHA256 a strong password hash?",
    "Is ISO27001 a password standard?",
    "I use KeePass2 as my password manager",
    "Use kim1 and bea2 to log in the changes.",
    "hash this password with sha256",
    "u1: is the password reset?\nu2: yes, 10:30",
    "Kraftwerk (2003) Tour de France",
    "p.in and p.out and r.c are files: r.c 790215",
};
/* clang-format on */

static void numbers_are_found_though_words_stand_between(void **state)
{
    CHECK_ROWS(numbers);
}

static void sentences_say_what_a_value_is(void **state)
{
    CHECK_ROWS(sentences);
}

static void commands_and_protocols_take_passwords_by_their_place(void **state)
{
    CHECK_ROWS(commands);
}

static void tokens_of_forms_and_columns_of_tables_are_read(void **state)
{
    CHECK_ROWS(tokens);
}

static void forms_have_marks_of_many_kinds(void **state)
{
    CHECK_ROWS(forms);
}

static void dates_of_birth_are_told_by_what_stands_beside(void **state)
{
    CHECK_ROWS(births);
}

static void markings_of_other_scripts_count_on_lines_of_their_own(void **state)
{
    CHECK_ROWS(marks);
}

static void illness_of_somebody_named_is_clinical(void **state)
{
    CHECK_ROWS(illnesses);
}

static void what_only_looks_like_it_leaves_as_it_is(void **state)
{
    CHECK_CLEAR(ordinary);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_found_though_words_stand_between),
        cmocka_unit_test(sentences_say_what_a_value_is),
        cmocka_unit_test(commands_and_protocols_take_passwords_by_their_place),
        cmocka_unit_test(tokens_of_forms_and_columns_of_tables_are_read),
        cmocka_unit_test(forms_have_marks_of_many_kinds),
        cmocka_unit_test(dates_of_birth_are_told_by_what_stands_beside),
        cmocka_unit_test(markings_of_other_scripts_count_on_lines_of_their_own),
        cmocka_unit_test(illness_of_somebody_named_is_clinical),
        cmocka_unit_test(what_only_looks_like_it_leaves_as_it_is),
    };
    return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
