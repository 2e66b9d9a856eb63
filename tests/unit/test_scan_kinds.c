/* test_scan_kinds.c -- kinds of value that stand behind no name of their own or are said
 * in another way: phrases of words, digits that are spoken, accounts that tools print,
 * what answers a question. */
#include "rows.h"

/* clang-format off */
static const struct row phrases[] = {
    {"password: walnut-copper-basin-tulip", "walnut-copper-basin-tulip", ACTION_LOCAL},
    {"password: pepper-walnut-salt", "pepper-walnut-salt", ACTION_LOCAL},
    {"reset pw for dhollis: walnut-copper-basin", "walnut-copper-basin", ACTION_LOCAL},
    {"I think the passphrase was copper-basin-tulip.", "copper-basin-tulip", ACTION_LOCAL},
    {"User.create!(\n  password: \"walnut-copper-basin\",\n  admin: true)", "walnut-copper-basin", ACTION_LOCAL},
    {"her pickup password \"walnut-copper-basin\" as agreed", "walnut-copper-basin", ACTION_LOCAL},
    {"Passwort für Jana: Walnut-copper-basin7", "Walnut-copper-basin7", ACTION_LOCAL},
    {"ledger says wrong pin. my 12 words: walnut copper basin tulip harbor meadow ladder cactus orbit raven saddle quartz. sent it twice",
     "walnut copper basin tulip harbor meadow ladder cactus orbit raven saddle quartz", ACTION_LOCAL},
    {"meine 12 Wörter: walnut copper basin tulip harbor meadow ladder cactus orbit raven saddle quartz",
     "walnut copper basin tulip harbor meadow ladder cactus orbit raven saddle quartz", ACTION_LOCAL},
};

static const struct row spoken[] = {
    {"my card is four one one one double one one one triple one one double one one one", "four one one one", ACTION_LOCAL},
    {"so the card its three seven eight two eight two two four six three one oh oh oh five ok", "three seven eight", ACTION_LOCAL},
    {"five one oh five one oh five one oh five one oh five one oh oh yes", "five one oh five", ACTION_LOCAL},
    {"or call him on oh two oh seven nine four six double three one two", "oh two oh seven nine four six double three one two", ACTION_MASK},
    {"meine rückrufnummer wäre null eins fünf zwei fünf acht neun sieben drei", "null eins fünf zwei fünf acht neun sieben drei", ACTION_MASK},
    {"mon numéro c'est le zéro six quarante-deux douze trente-huit onze", "zéro six quarante-deux douze trente-huit onze", ACTION_MASK},
    {"mi número es seis uno dos cuatro cinco nueve ocho tres dos", "seis uno dos cuatro cinco nueve ocho tres dos", ACTION_MASK},
    {"мой номер восемь девять один шесть два три пять семь восемь четыре два", "восемь девять один шесть два три пять семь восемь четыре два", ACTION_MASK},
    {"the reg is Lima Kilo 6 2 Tango Papa Victor and it is red", "Lima Kilo 6 2 Tango Papa Victor", ACTION_MASK},
    {"the pin is four seven one one, tell nobody", "four seven one one", ACTION_LOCAL},
    {"my social is five three six two two eight seven two six", "five three six", ACTION_LOCAL},
    {"Vogel, ich buchstabiere V-O-G-E-L-S", "V-O-G-E-L-S", ACTION_MASK},
};

static const struct row accounts_and_cars[] = {
    {"Host jump\n    HostName vpn4.corp.internal\n    User sandovalt\n", "sandovalt", ACTION_MASK},
    {"käyttäjätunnukseni on alaine84, en pääse sisään", "alaine84", ACTION_MASK},
    {"kullanıcı adım eaydin84, giremiyorum", "eaydin84", ACTION_MASK},
    {"username saya dlestari84, tidak bisa masuk", "dlestari84", ACTION_MASK},
    {"मेरा यूज़रनेम asharma84 है", "asharma84", ACTION_MASK},
    {"min bil ABC 12D blev bortforslad", "ABC 12D", ACTION_MASK},
    {"az autóm ABC-123 elvontatták", "ABC-123", ACTION_MASK},
    {"мою машину А123ВС 77 эвакуировали", "А123ВС 77", ACTION_MASK},
    {"제 차 12가 3456 견인됐어요", "12가 3456", ACTION_MASK},
};

static const struct row dumps[] = {
    {"| ftp-brute: Valid: dhollis:e69a1620bebf", "e69a1620bebf", ACTION_LOCAL},
    {"SMB 10.0.0.4 445 DC1 [+] CORP\\dhollis:Tulip88basin (Pwn3d!)", "Tulip88basin", ACTION_LOCAL},
    {"cracked: d.hollis -> walnut-copper-basin", "walnut-copper-basin", ACTION_LOCAL},
    {"CORP.LAN\\d.hollis:1104:aad3b435b51404eeaad3b435b51404ee:5f57bb56e431b84ece584b6f927d52ba:::", "5f57bb56e431b84ece584b6f927d52ba", ACTION_LOCAL},
    {"[smtp.mail.example]:465 d.hollis@mail.example:Y063XzmgVovG", "Y063XzmgVovG", ACTION_LOCAL},
    {"d.hollis@mail.example|Tulip88basin", "Tulip88basin", ACTION_LOCAL},
    {"8846f7eaee8fb117ad06bdd830b7586c:Tulip88basin", "Tulip88basin", ACTION_LOCAL},
    {"login for the demo tenant: demo4/4VhfrxAW75GA", "4VhfrxAW75GA", ACTION_LOCAL},
    {"lip=10.1.1.3, TLS, session=<GWzDXY9gZpi7NURR>", "GWzDXY9gZpi7NURR", ACTION_LOCAL},
    {"   114  dhollis <hollis.dana@mail.example>", "dhollis", ACTION_MASK},
    {"Account Name:\t\td.hollis\n\tAccount Domain:\t\tCORP", "d.hollis", ACTION_MASK},
    {"ls /srv/dana_holl\nsudo: dana_holl : TTY=pts/2 ; PWD=/srv ; USER=root", "dana_holl", ACTION_MASK},
    {"cv of Dana Hollis, dana@mail.example / github.com/dholl_is", "dholl_is", ACTION_MASK},
    {"linkedin.com/in/dana-hollis-8", "dana-hollis-8", ACTION_MASK},
    {"[11:02] dholl01: u there?", "dholl01", ACTION_MASK},
};

static const struct row answers[] = {
    {"- hi, send the password for the till pls\n- Tulip88basin and tell nobody", "Tulip88basin", ACTION_LOCAL},
    {"- скинь пароль от кассы плиз\n- Tulip88basin только никому", "Tulip88basin", ACTION_LOCAL},
    {"nope. sms code now?? got 942031", "942031", ACTION_LOCAL},
    {"код из смс 811871 подошёл", "811871", ACTION_LOCAL},
    {"and the 4 digit thing?\nDana  10:03 AM\n2037", "2037", ACTION_LOCAL},
    {"the tablet unlocks with 524255", "524255", ACTION_LOCAL},
    {"das Tablet wird mit 524255 entsperrt, es entsperrt mit 524255", "524255", ACTION_LOCAL},
    {"shop is d.hollis@mail.example and tulip3083, the rest you know", "tulip3083", ACTION_LOCAL},
    {"facebook same mail but lM4BsGZ2ZbbzKayR", "lM4BsGZ2ZbbzKayR", ACTION_LOCAL},
    {"il veut le code du cloud, je crois que c'est copper-basin-tulip ou tulip44", "copper-basin-tulip", ACTION_LOCAL},
    {"NOTE:door 9938B\\, dog bites", "9938B", ACTION_LOCAL},
    {"NOTE:door C1316Y\\, dog bites", "C1316Y", ACTION_LOCAL},
    {"carta identità CA19663FR", "CA19663FR", ACTION_LOCAL},
    {"保険者番号06807675 記号・番号 42616557", "42616557", ACTION_LOCAL},
    {"口座はひまわり銀行 普通 2000208 です", "2000208", ACTION_LOCAL},
    {"국민은행 123456-04-123456 으로 보내주세요", "123456-04-123456", ACTION_LOCAL},
    {"رقم ملفه 2534199 وجوالي 0510062191", "2534199", ACTION_LOCAL},
    {"ما يرد على ٠٥٠٨٧٧٤٤٣٣ ايش اسوي", "٠٥٠٨٧٧٤٤٣٣", ACTION_MASK},
    {"админ на месте, 8 936 171 14 18", "8 936 171 14 18", ACTION_MASK},
    {"Nom;Prénom;Né(e) le;Moy.\nHollis;Dana;08/05/2019;14,4", "08/05/2019", ACTION_MASK},
    {"ADR;TYPE=HOME:;;65 Old Quarry Drive;Stockport;;SK6 9UR;", "65 Old Quarry Drive;Stockport;;SK6 9UR", ACTION_MASK},
    {"NAD+DP+++Gerrit Brink+Hinter den Höfen 118+Kiel++24172+DE'", "Hinter den Höfen 118+Kiel++24172", ACTION_MASK},
    {"<Line1>65 Old Quarry Drive</Line1>\n<Zip>24172</Zip>", "24172", ACTION_MASK},
    {"{\"street\":\"12 Main Street\",\"city\":\"Ulm\",\"zip\":\"89073\"}", "Ulm", ACTION_MASK},
    {"My colleague Dana Hollis told me she was diagnosed with Crohn's", "Dana Hollis", ACTION_LOCAL},
};

static const struct row devices[] = {
    {"snmp-server user bob grp v3 auth sha Tulip88x priv aes 128 Basin77y", "Tulip88x", ACTION_LOCAL},
    {"username bob privilege 15 secret Tulip88x", "Tulip88x", ACTION_LOCAL},
    {"crypto isakmp key Tulip88x address 10.0.0.1", "Tulip88x", ACTION_LOCAL},
    {"vpn.example bob : EAP \"Tulip88x\"\nbob : EAP \"Basin77y\"", "Basin77y", ACTION_LOCAL},
    {"\"bob\" l2tpd \"Tulip88x\" *", "Tulip88x", ACTION_LOCAL},
    {"config wifi-iface\n\toption key 'Tulip88x'", "Tulip88x", ACTION_LOCAL},
    {"[ldap]\nbind_pw = Tulip88x\n", "Tulip88x", ACTION_LOCAL},
    {"jdbc:oracle:thin:bob/Tulip88x@db:1521/X", "Tulip88x", ACTION_LOCAL},
    {"DB_DSN=\"bob:Tulip88x@tcp(db:3306)/shop\"", "Tulip88x", ACTION_LOCAL},
    {"<!-- admin / Tulip88x -->", "Tulip88x", ACTION_LOCAL},
    {"Content-Disposition: form-data; name=\"password\"\r\n\r\nTulip88x\r\n--x", "Tulip88x", ACTION_LOCAL},
    {"jwt.sign(payload, \"walnut99copper\")", "walnut99copper", ACTION_LOCAL},
    {"\"password_hash\": \"8f4dac3b5aa765d61d8327deb882cf47\"", "8f4dac3b5aa765d61d8327deb882cf47", ACTION_LOCAL},
    {"class X { public $password = 'Tulip88x'; }", "Tulip88x", ACTION_LOCAL},
    {"password <- \"Tulip88x\"", "Tulip88x", ACTION_LOCAL},
    {"WiFi.begin(\"Heron\", \"Tulip88x\");", "Tulip88x", ACTION_LOCAL},
    {"password={AES}Kq0x8JxZk29vQpWl3mTn==", "Kq0x8JxZk29vQpWl3mTn", ACTION_LOCAL},
    {"git remote set-url origin https://4f8a29c1de77b1e0aa3c@git.example/x/y", "4f8a29c1de77b1e0aa3c", ACTION_LOCAL},
    {"bob:{PLAIN}Tulip88x::::::", "Tulip88x", ACTION_LOCAL},
    {"db.example:5432:shop:bob:Tulip88x", "Tulip88x", ACTION_LOCAL},
    {".mail.example\tTRUE\t/\tTRUE\t1760000000\tsessionid\t4f8a29c1de77b1e0aa3c4f8a29c1de77", "4f8a29c1de77b1e0aa3c4f8a29c1de77", ACTION_LOCAL},
    {"<AutoLogon><Password><Value>Tulip88x</Value></Password></AutoLogon>", "Tulip88x", ACTION_LOCAL},
    {"reg add HKLM\\X /v DefaultPassword /t REG_SZ /d Tulip88x /f", "Tulip88x", ACTION_LOCAL},
    {"admin_password = Tulip88x", "Tulip88x", ACTION_LOCAL},
    {"bitlocker: 481203-715286-330946-127413-604285-513909-248061-397815", "481203-715286", ACTION_LOCAL},
    {"Recovery key: EsTb 9aQk 2mLp 77Xc", "EsTb 9aQk 2mLp 77Xc", ACTION_LOCAL},
};

static const struct row codes[] = {
    {"son code de carte bleue c'est le 8842", "8842", ACTION_LOCAL},
    {"le code est 482913", "482913", ACTION_LOCAL},
    {"just got the code 482913", "482913", ACTION_LOCAL},
    {"der Code aus der SMS ist 482913", "482913", ACTION_LOCAL},
    {"Use 482 913 to verify your account", "482 913", ACTION_LOCAL},
    {"482913 ist Ihr Sicherheitscode", "482913", ACTION_LOCAL},
    {"Twój kod: 482913", "482913", ACTION_LOCAL},
    {"code porte A1947", "A1947", ACTION_LOCAL},
    {"the lockbox combo 3-1-9-7", "3-1-9-7", ACTION_LOCAL},
    {"the wifi is GuestNet / blueheron22", "blueheron22", ACTION_LOCAL},
    {"wifi密码 88888123", "88888123", ACTION_LOCAL},
    {"пароль от вайфая tulip88x", "tulip88x", ACTION_LOCAL},
    {"la contra del wifi es tulipan88", "tulipan88", ACTION_LOCAL},
    {"creds bob:Tulip88x", "Tulip88x", ACTION_LOCAL},
    {"new password set: Tulip88x", "Tulip88x", ACTION_LOCAL},
    {"hosp no. K4481920", "K4481920", ACTION_LOCAL},
    {"SV-Nummer 65 170839 J 008", "65 170839 J 008", ACTION_LOCAL},
    {"NISS 85.07.30-033.61", "85.07.30-033.61", ACTION_LOCAL},
    {"die drei Ziffern hinten: 318", "318", ACTION_LOCAL},
};

static const struct row tokens[] = {
    {"chave da API: 9f8e2c7ab41d4e0fa7c3d2b1e6f50718", "9f8e2c7ab41d4e0fa7c3d2b1e6f50718", ACTION_LOCAL},
    {"klucz do API to 9f8e2c7ab41d4e0fa7c3d2b1e6f50718", "9f8e2c7ab41d4e0fa7c3d2b1e6f50718", ACTION_LOCAL},
    {"API klíč: 9f8e2c7ab41d4e0fa7c3d2b1e6f50718", "9f8e2c7ab41d4e0fa7c3d2b1e6f50718", ACTION_LOCAL},
    {"API-kulcs: 9f8e2c7ab41d4e0fa7c3d2b1e6f50718", "9f8e2c7ab41d4e0fa7c3d2b1e6f50718", ACTION_LOCAL},
    {"API-ключ 9f8e2c7ab41d4e0fa7c3d2b1e6f50718", "9f8e2c7ab41d4e0fa7c3d2b1e6f50718", ACTION_LOCAL},
    {"ключ до API: 9f8e2c7ab41d4e0fa7c3d2b1e6f50718", "9f8e2c7ab41d4e0fa7c3d2b1e6f50718", ACTION_LOCAL},
    {"API-nøgle: 9f8e2c7ab41d4e0fa7c3d2b1e6f50718", "9f8e2c7ab41d4e0fa7c3d2b1e6f50718", ACTION_LOCAL},
    {"API-avain: 9f8e2c7ab41d4e0fa7c3d2b1e6f50718", "9f8e2c7ab41d4e0fa7c3d2b1e6f50718", ACTION_LOCAL},
    {"κλειδί API: 9f8e2c7ab41d4e0fa7c3d2b1e6f50718", "9f8e2c7ab41d4e0fa7c3d2b1e6f50718", ACTION_LOCAL},
    {"khóa API: 9f8e2c7ab41d4e0fa7c3d2b1e6f50718", "9f8e2c7ab41d4e0fa7c3d2b1e6f50718", ACTION_LOCAL},
    {"एपीआई कुंजी: 9f8e2c7ab41d4e0fa7c3d2b1e6f50718", "9f8e2c7ab41d4e0fa7c3d2b1e6f50718", ACTION_LOCAL},
    {"คีย์ API: 9f8e2c7ab41d4e0fa7c3d2b1e6f50718", "9f8e2c7ab41d4e0fa7c3d2b1e6f50718", ACTION_LOCAL},
    {"token di accesso: 9f8e2c7ab41d4e0fa7c3d2b1e6f50718", "9f8e2c7ab41d4e0fa7c3d2b1e6f50718", ACTION_LOCAL},
    {"访问令牌：9f8e2c7ab41d4e0fa7c3d2b1e6f50718", "9f8e2c7ab41d4e0fa7c3d2b1e6f50718", ACTION_LOCAL},
    {"アクセストークン：9f8e2c7ab41d4e0fa7c3d2b1e6f50718", "9f8e2c7ab41d4e0fa7c3d2b1e6f50718", ACTION_LOCAL},
    {"erişim belirteci: 9f8e2c7ab41d4e0fa7c3d2b1e6f50718", "9f8e2c7ab41d4e0fa7c3d2b1e6f50718", ACTION_LOCAL},
    {"cookie di sessione: 9f8e2c7ab41d4e0fa7c3d2b1e6f50718", "9f8e2c7ab41d4e0fa7c3d2b1e6f50718", ACTION_LOCAL},
    {"my session cookie is 9f8e2c7ab41d4e0fa7c3d2b1e6f50718", "9f8e2c7ab41d4e0fa7c3d2b1e6f50718", ACTION_LOCAL},
    {"сессионная кука: 9f8e2c7ab41d4e0fa7c3d2b1e6f50718", "9f8e2c7ab41d4e0fa7c3d2b1e6f50718", ACTION_LOCAL},
    {"Client-Geheimnis: 9f8e2c7ab41d4e0fa7c3d2b1e6f50718", "9f8e2c7ab41d4e0fa7c3d2b1e6f50718", ACTION_LOCAL},
    {"chiffrierschlüssel: 9f8e2c7ab41d4e0fa7c3d2b1e6f50718", "9f8e2c7ab41d4e0fa7c3d2b1e6f50718", ACTION_LOCAL},
    {"Te paso el token de acceso 9f8e2c7ab41d4e0fa7c3d2b1e6f50718", "9f8e2c7ab41d4e0fa7c3d2b1e6f50718", ACTION_LOCAL},
    {"my seed phrase is candle river motor basket olive tunnel grape window silver orphan maple dawn", "candle river motor basket olive tunnel grape window silver orphan maple dawn", ACTION_LOCAL},
    {"Mi frase de recuperación es candle river motor basket olive tunnel grape window silver orphan maple dawn", "candle river motor basket olive tunnel grape window silver orphan maple dawn", ACTION_LOCAL},
    {"Моя сид-фраза candle river motor basket olive tunnel grape window silver orphan maple dawn", "candle river motor basket olive tunnel grape window silver orphan maple dawn", ACTION_LOCAL},
    {"clé de licence : A7K2-99QX-PL03-ZZ81-MM42", "A7K2-99QX-PL03-ZZ81-MM42", ACTION_LOCAL},
};

static const char *const clear[] = {
    "void kit_pin_unref                  (KitPin9 *pin);", "for RFC1950, RFC1951 or RFC1952 formats",
    "password: case-sensitive-only", "the password reset-link-expired page", "password: link-not-valid",
    "git clone git@github.example:weir2/scan9", "docker pull registry.example/app@sha256:8846f7ea",
    "one two three four five six seven eight nine ten", "zero one one zero one zero one one",
    "two or three people, four at most", "bravo charlie delta echo foxtrot golf hotel",
    "error code four zero four", "[+] Running 3/3", "[+] Building 2.3s (11/11) FINISHED", "Valid: yes",
    "scp notes bob@host.example:backup2.tar.gz", "Success: 12 of 12", "[12:03:11] info: started",
    "[12:03] server: listening on 8080", "12:03 step: done", "see github.com/torvalds/linux",
    "session=<id>", "the room unlocks with a badge", "what is the port? it is 8080",
    "keywords: walnut copper basin tulip harbor meadow ladder cactus orbit raven saddle quartz",
    "普通 2000208", "door C12", "gate B12 boards at 10", "ABC-D-E", "the letters A-B-C-D-E-F",
    "user: req.user", "owner: e.target", "login: config.username", "version 8 936 17 14",
    "error code is 404040", "the zip code is 90210",  "use 2048 to allocate pages",
    "ip ospf priority 10", "set password to a strong one", "user : EAP method", "x : y : z",
    "[a, b] = f(x)\nkey = value2key", "admin/users2024 page", "root/usr/share88", "share code with the team",
    "option key 'value'", "the code is in main.c", "got the code to compile", "name=\"q\"\r\n\r\nhello",
    "a:10:b:c:d", "x <- y", "n <- \"value\"",  "12:30:45:67:89ab", "{\"city\":\"Ulm\",\"zip\":\"89073\"}", "8846f7eaee8fb117ad06bdd830b7586c  backup.tar", "the account is with/without tax",
};
/* clang-format on */

static void phrases_of_words_are_passwords(void **state)
{
    CHECK_ROWS(phrases);
}

static void digits_and_letters_are_read_as_they_are_said(void **state)
{
    CHECK_ROWS(spoken);
}

static void accounts_and_cars_are_known_in_many_languages(void **state)
{
    CHECK_ROWS(accounts_and_cars);
}

static void accounts_that_tools_print_are_found(void **state)
{
    CHECK_ROWS(dumps);
}

static void what_answers_a_question_is_a_value(void **state)
{
    CHECK_ROWS(answers);
}

static void devices_and_formats_of_many_makers_are_read(void **state)
{
    CHECK_ROWS(devices);
}

static void codes_are_told_in_many_languages(void **state)
{
    CHECK_ROWS(codes);
}

static void tokens_are_told_in_many_languages(void **state)
{
    CHECK_ROWS(tokens);
}

static void what_looks_alike_stays_clear(void **state)
{
    CHECK_CLEAR(clear);
}

static void hashes_of_contents_and_pictures_are_nobodys(void **state)
{
    static const char *const texts[] = {
        "uv.lock:14:s = { u = \"https://files.example.org/a.gz\", hash = "
        "\"sha256:c00dca57bca26fa62a6d7d0a9fcce65f3e02",
        "{\"first_name\": \"\xF0\x9F\x94\x9F\"}",
        "username: \xF0\x9F\x8D\xB5\xF0\x9F\x8D\xB5",
    };
    CHECK_CLEAR(texts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phrases_of_words_are_passwords),
        cmocka_unit_test(digits_and_letters_are_read_as_they_are_said),
        cmocka_unit_test(accounts_and_cars_are_known_in_many_languages),
        cmocka_unit_test(accounts_that_tools_print_are_found),
        cmocka_unit_test(what_answers_a_question_is_a_value),
        cmocka_unit_test(devices_and_formats_of_many_makers_are_read),
        cmocka_unit_test(codes_are_told_in_many_languages),
        cmocka_unit_test(tokens_are_told_in_many_languages),
        cmocka_unit_test(hashes_of_contents_and_pictures_are_nobodys),
        cmocka_unit_test(what_looks_alike_stays_clear),
    };
    return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
