/* test_scan_work.c -- what stands in sources, manuals and their examples where a value
 * would stand; and beside it what looks like that and is a value. */
#include "rows.h"

/* clang-format off */
static const char *const clear[] = {
    /* names of things and what is calculated */
    "key := NewEncapsulationKey768(b[:EncapsulationKeySize768])",
    "serverConfig.Certificates[0].PrivateKey = testRSAPSS2048PrivateKey",
    "// A DecapsulationKey768 is the secret key used to decapsulate",
    "pub struct Common {\n    ticket: PayloadU16,\n    secret: PayloadU8,\n}",
    "#define SQLITE_AUTH_USER (SQLITE_AUTH | (1<<8))",
    "key: ed25519.hexToDER(keyInfo.keyVal),",
    "if (secret.mechanism === 'SCRAM-SHA-256-PLUS') {",
    "    \"key\": \"value without closing quotes\"",
    "if err := Set(\"i\", \"2147483648\"); err == nil {",
    /* what stands for any */
    "connect = host=localhost dbname=mails user=sqluser password=sqlpass",
    "DATABASE_URL=mysql://utilisateur:mot_de_passe@127.0.0.1:3306/base",
    "DATABASE_URL=postgres://benutzer:passwort@127.0.0.1:5432/db",
    "card: { number: '4242424242424242', exp_month: 12, exp_year: 2030, cvc: '123' }",
    "access_token=h480djs93hd8",
    "/// username \"anonymous\" and the password \"poco@localhost\".",
    "ssl_cipher_list = ALL:!kRSA:!SRP:!kDHd:!DSS:!aNULL:!MD5:!PSK:!RC4:!ADH:!LOW@STRENGTH",
    "Package pin: 0.190", "# CHECK-QUICK: PASS: googletest-timeout :: dummy/OneTest.py",
    "|ssh-askpass-fullscreen|V:0",
    "host printer { hardware ethernet 00:00:5E:00:53:01; }", "mac = aa:bb:cc:dd:ee:ff",
    "HostKeyAlgorithms ssh-ed25519-cert-v01@openssh.com,rsa-sha2-256",
    "KexAlgorithms curve25519-sha256@libssh.org", "ssh username@hostname.domain.ext", "foo@bar.com",
    "VALID = [\"first.last+tag@example.co.uk\"]",
    "Як у Laravel приховати поле password у JSON-відповіді?",
    /* numbers of machines */
    "399\n400\n416\n418\n431\n433\n", "<td> 255.255.0.0 </td>\n<td> 255.255.255.0 </td>",
    "ERROR 1045 (28000): Access denied", "{\"1/14\", 1, false, \"0.1\"}, // 0.0(714285)",
    "References to Debian 8 (2015-2020) release", "const PHI = 1.618033988;",
    "0065 0302 0304 ; [.2007.0022.0002]", "00004c0 00 00 00 00 00 00 00 00 00 62",
    "/* RFC-2068, section 19.6.1.2 */", "const OID = '1.3.101.112'; // OID: 1.3.101.112",
    /* what is called an address */
    "addr := ssagen.SpillSlotAddr(a, ppc64.REGSP, base.Ctxt)", "curAddr = curAddr & 0xFF",
    "exports.Address6 = exports.Address4 = void 0;", "sin6_addr = in6addr_any;",
    "if ((addr = calloc (1, addrlen)) == NULL) {", "    syslog-address: \"udp://localhost:514\"",
    "address: An integer representation of an IPv4 IP address.",
    "bind: address 0.0.0.0:8080 already in use but lsof shows nothing",
    "// Copyright (c) 2004-2006, Applied Informatics Software Engineering GmbH.",
    "x = keyring.get_password(\"warehouse\", user)", "String p = store.getPassword(\"laden\");",
    "diff --git a/src/x.c b/src/x.c\nindex 6e8ef8b..064cf83 100644\n--- a/src/x.c",
    /* and a user */
    "until user has logged in. They also", "when the user last logged in, you can",
    "self.uname_attr(\"release\")", "cmd = (\"uname\", \"-rs\")",
    "2026-11-29T07:00:01Z INFO  migrate: applying 0041",
    "#include <x.h>\nclass A {\n/// For internal use only.\nint a;\n};",
};

static const struct row values[] = {
    {"PRIVATE_KEY = \"9fK2xLq81ZpTv07MnB3c\"", "9fK2xLq81ZpTv07MnB3c", ACTION_LOCAL},
    {"secret: Tulipan2048x", "Tulipan2048x", ACTION_LOCAL},
    {"password: SommerHaus2019", "SommerHaus2019", ACTION_LOCAL},
    {"connect = host=db1 dbname=mails user=app password=gurke77", "gurke77", ACTION_LOCAL},
    {"DATABASE_URL=mysql://laden:Gurke_77x@127.0.0.1:3306/base", "Gurke_77x", ACTION_LOCAL},
    {"card 4539 1488 0343 6467, cvc 738", "738", ACTION_LOCAL},
    {"CVC: 123", "123", ACTION_LOCAL},
    {"card: { number: '4539148803436467', cvc: '738' }", "738", ACTION_LOCAL},
    {"the password is Tulpe!77", "Tulpe!77", ACTION_LOCAL},
    {"PIN: 4190", "4190", ACTION_LOCAL},
    {"hardware ethernet 08:00:2b:4c:59:23;", "08:00:2b:4c:59:23", ACTION_MASK},
    {"ask ann.bell@openssh.com", "ann.bell@openssh.com", ACTION_MASK},
    {"mail: user@tulip-garden.com", "user@tulip-garden.com", ACTION_MASK},
    {"card 4539 1488\n0343 6467", "4539 1488\n0343 6467", ACTION_LOCAL},
    {"call 8 (495) 123-45-67", "8 (495) 123-45-67", ACTION_MASK},
    {"tel 0049 (30) 1234567", "0049 (30) 1234567", ACTION_MASK},
    {"fax (282) 856-2317", "(282) 856-2317", ACTION_MASK},
    {"mobil 0170 1234567", "0170 1234567", ACTION_MASK},
    {"ip 22.2.1.3 is down", "22.2.1.3", ACTION_MASK},
    {"address: Lindenweg 12, 04109 Leipzig", "Lindenweg 12, 04109 Leipzig", ACTION_MASK},
    {"address = \"12a Church View, Leeds\"", "12a Church View, Leeds", ACTION_MASK},
    {"user.set_password(\"Gurke_77x\")", "Gurke_77x", ACTION_LOCAL},
    {"CF MRTMTT91D08F205J", "MRTMTT91D08F205J", ACTION_LOCAL},
    {"user abell7 logged in", "abell7", ACTION_MASK},
    {"Internal Use Only - salary bands", "Internal Use Only", ACTION_LOCAL},
};
/* clang-format on */

static void examples_and_things_of_programs_stay_clear(void **state)
{
    CHECK_CLEAR(clear);
}

static void values_beside_them_are_seen(void **state)
{
    CHECK_ROWS(values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_and_things_of_programs_stay_clear),
        cmocka_unit_test(values_beside_them_are_seen),
    };
    return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
