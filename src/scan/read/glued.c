/* glued.c -- see glued.h.
 *
 * Some words say it whatever stands before them (...password).  "pass", "pw" and "pin"
 * end ordinary words too (bypass, compass, spin): they count behind or before the name of
 * what has an account, a lock or a card. */
#include "scan/read/glued.h"

#include "scan/read/inside.h"
#include "scan/text/lexicon.h"
#include "scan/text/words.h"

enum { FRONT_LEAST = 3 };

struct word {
    struct str text;
    uint8_t what;
};

/* Behind any word. */
static const struct word sure_ends[] = {
    {STR_INIT("password"), TELLS_PASSWORD},   {STR_INIT("passwd"), TELLS_PASSWORD},
    {STR_INIT("passwort"), TELLS_PASSWORD},   {STR_INIT("kennwort"), TELLS_PASSWORD},
    {STR_INIT("passphrase"), TELLS_PASSWORD}, {STR_INIT("userpwd"), TELLS_PASSWORD},
    {STR_INIT("wachtwoord"), TELLS_PASSWORD}, {STR_INIT("losenord"), TELLS_PASSWORD},
    {STR_INIT("contrasena"), TELLS_PASSWORD}, {STR_INIT("motdepasse"), TELLS_PASSWORD},
    {STR_INIT("salasana"), TELLS_PASSWORD},   {STR_INIT("adgangskode"), TELLS_PASSWORD},
    {STR_INIT("pwd"), TELLS_PASSWORD},        {STR_INIT("secret"), TELLS_TOKEN},
    {STR_INIT("token"), TELLS_TOKEN},         {STR_INIT("apikey"), TELLS_TOKEN},
    {STR_INIT("username"), TELLS_USER},
};

/* Beside an owner. */
static const struct word short_words[] = {
    {STR_INIT("pass"), TELLS_PASSWORD},       {STR_INIT("pw"), TELLS_PASSWORD},
    {STR_INIT("pwd"), TELLS_PASSWORD},        {STR_INIT("mdp"), TELLS_PASSWORD},
    {STR_INIT("senha"), TELLS_PASSWORD},      {STR_INIT("clave"), TELLS_PASSWORD},
    {STR_INIT("parola"), TELLS_PASSWORD},     {STR_INIT("haslo"), TELLS_PASSWORD},
    {STR_INIT("heslo"), TELLS_PASSWORD},      {STR_INIT("sifre"), TELLS_PASSWORD},
    {STR_INIT("sifra"), TELLS_PASSWORD},      {STR_INIT("passord"), TELLS_PASSWORD},
    {STR_INIT("jelszo"), TELLS_PASSWORD},     {STR_INIT("lozinka"), TELLS_PASSWORD},
    {STR_INIT("password"), TELLS_PASSWORD},   {STR_INIT("passwd"), TELLS_PASSWORD},
    {STR_INIT("passwort"), TELLS_PASSWORD},   {STR_INIT("kennwort"), TELLS_PASSWORD},
    {STR_INIT("contrasena"), TELLS_PASSWORD}, {STR_INIT("motdepasse"), TELLS_PASSWORD},
    {STR_INIT("wachtwoord"), TELLS_PASSWORD}, {STR_INIT("passcode"), TELLS_PASSWORD},
};

/* What has a password: people, machines, services; in words of several languages. */
static const char *const owners[] = {
    "account",  "acct",     "ad",       "admin",     "administrator",
    "amqp",     "ansible",  "ap",       "api",       "app",
    "archive",  "aws",      "azure",    "backup",    "banco",
    "bank",     "banque",   "bind",     "bitlocker", "blog",
    "bmc",      "box",      "broker",   "cam",       "camera",
    "cert",     "chef",     "cisco",    "client",    "cliente",
    "cloud",    "cms",      "compte",   "conn",      "console",
    "correo",   "cpanel",   "current",  "customer",  "database",
    "db",       "dbuser",   "default",  "deploy",    "desktop",
    "device",   "docker",   "domain",   "elastic",   "email",
    "encrypt",  "erp",      "esxi",     "exchange",  "firewall",
    "ftp",      "ftps",     "gast",     "gateway",   "git",
    "github",   "gitlab",   "grafana",  "guest",     "gw",
    "haus",     "home",     "host",     "hosting",   "hotspot",
    "http",     "idrac",    "ilo",      "imap",      "influx",
    "invite",   "ipmi",     "jenkins",  "jira",      "kafka",
    "keystore", "konto",    "kunde",    "kunden",    "lan",
    "laptop",   "ldap",     "linux",    "login",     "logon",
    "luks",     "mac",      "mail",     "mailbox",   "mariadb",
    "master",   "media",    "member",   "modem",     "mongo",
    "mongodb",  "mqtt",     "mssql",    "my",        "mysql",
    "nas",      "net",      "network",  "netz",      "neu",
    "new",      "nexus",    "nueva",    "nextcloud", "office",
    "old",      "openvpn",  "operator", "ora",       "oracle",
    "os",       "owner",    "panel",    "pc",        "pdf",
    "pg",       "phone",    "pi",       "plex",      "pop3",
    "portal",   "postgres", "ppp",      "pppoe",     "printer",
    "prod",     "proxy",    "rabbit",   "rabbitmq",  "radius",
    "rdp",      "redis",    "registry", "remote",    "repo",
    "replica",  "restic",   "root",     "router",    "samba",
    "sap",      "seafile",  "server",   "service",   "sftp",
    "shop",     "site",     "smb",      "smtp",      "snmp",
    "spark",    "sql",      "ssh",      "ssl",       "staff",
    "store",    "su",       "sudo",     "super",     "superuser",
    "svc",      "svn",      "switch",   "synology",  "sys",
    "system",   "telnet",   "temp",     "tls",       "tmp",
    "tomcat",   "unlock",   "user",     "usr",       "vault",
    "vm",       "vnc",      "vpn",      "web",       "webdav",
    "wifi",     "wiki",     "windows",  "wlan",      "wordpress",
    "wp",       "zabbix",   "zip",
};

/* What has a PIN. */
static const char *const locks[] = {
    "account", "admin",  "alarm",    "app",       "atm",    "bank",   "card",
    "carte",   "child",  "customer", "debit",     "device", "door",   "fob",
    "garage",  "gate",   "guest",    "kids",      "karte",  "karten", "konto",
    "login",   "mobile", "my",       "new",       "old",    "owner",  "parent",
    "payment", "phone",  "safe",     "screen",    "sim",    "staff",  "tablet",
    "tarjeta", "unlock", "user",     "voicemail", "wallet", "watch",
};

/* Fronts that make a step, a filter or a movement of "pass". */
static const char *const steps[] = {
    "all",   "band", "bit",  "com",      "each",  "early",  "encom",  "final",
    "first", "fly",  "full", "high",     "im",    "is",     "last",   "late",
    "light", "low",  "main", "mountain", "multi", "next",   "one",    "over",
    "post",  "pre",  "pro",  "render",   "road",  "second", "shadow", "single",
    "ski",   "stop", "sub",  "test",     "third", "train",  "two",    "under",
};

static struct str front_of(struct str part, struct str end)
{
    return part.n > end.n && str_ends(part, end) ? str_sub(part, 0, part.n - end.n)
                                                 : (struct str){0};
}

static struct str behind(struct str part, struct str front)
{
    return str_starts(part, front) ? str_sub(part, front.n, part.n) : (struct str){0};
}

static bool is_owner(struct str s)
{
    return is_word_of(s, owners, ARRAY_LEN(owners));
}

static bool is_word(struct str s)
{
    return s.n >= FRONT_LEAST && (lexicon_find(word_hash(s.p, s.n)) & NAME_COMMON) != 0;
}

/* "kitchenpass", "lagerpw": a word that nobody counts among the owners. */
static bool is_weakly_told(struct str part)
{
    struct str pass = front_of(part, STR("pass")), pw = front_of(part, STR("pw"));
    if (lexicon_find(word_hash(part.p, part.n)) ||
        is_word_of(pass, steps, ARRAY_LEN(steps)))
        return false;
    return is_word(pass) || pw.n >= FRONT_LEAST;
}

uint8_t telling_of_glued(struct str part, bool *ret_is_weak)
{
    *ret_is_weak = false;
    for (size_t i = 0; i < ARRAY_LEN(sure_ends); i++)
        if (front_of(part, sure_ends[i].text).n)
            return sure_ends[i].what;
    for (size_t i = 0; i < ARRAY_LEN(short_words); i++)
        if (is_owner(front_of(part, short_words[i].text)) ||
            is_owner(behind(part, short_words[i].text)))
            return short_words[i].what;
    if (is_word_of(front_of(part, STR("pin")), locks, ARRAY_LEN(locks)))
        return TELLS_PIN;
    *ret_is_weak = is_weakly_told(part);
    return *ret_is_weak ? TELLS_PASSWORD : TELLS_NOTHING;
}
