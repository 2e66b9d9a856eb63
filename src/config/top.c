/* top.c -- the keys at the top of a weir.yaml, and what only shows when all is read.
 *
 * Elsewhere: engines.c, routes.c (roles, aliases) and keys.c (clients). */
#include "config/read.h"
#include "config/url.h"

static struct str host_of_listen(struct str listen)
{
    size_t colon = listen.n;
    while (colon > 0 && listen.p[colon - 1] != ':')
        colon--;
    struct str host = str_sub(listen, 0, colon ? colon - 1 : 0);
    return host.n > 1 && host.p[0] == '[' ? str_sub(host, 1, host.n - 1) : host;
}

static void read_address(struct reading *rd, const struct ynode *n, void *out)
{
    struct config_listen *l = CONTAINER_OF(out, struct config_listen, address);
    struct str text = STR("");
    uint64_t port = 0;
    read_text(rd, n, &text);
    size_t colon = text.n;
    while (colon > 0 && text.p[colon - 1] != ':')
        colon--;
    struct str host = str_sub(text, 0, colon ? colon - 1 : 0);
    bool is_bracketed = host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']';
    if (text.n == 0)
        return;
    if (host.n == 0 || (str_index(host, ':') >= 0 && !is_bracketed) ||
        !str_to_u64(str_sub(text, colon, text.n), &port) || port > 65535) {
        fault_at(rd->faults, n,
                 "listen is '%.*s'; it must be address:port, like 127.0.0.1:4141 or "
                 "[::1]:4141",
                 STR_ARG(text));
        return;
    }
    l->address = text;
    l->host = host_of_listen(text);
}

static void read_spoken(struct reading *rd, const struct ynode *n, void *out)
{
    static const char *const words[] = {CONFIG_DIALECTS};
    struct config_listen *l = CONTAINER_OF(out, struct config_listen, dialects);
    struct text_list list = {NULL, NULL, 0};
    read_text_list(rd, n, &list);
    for (size_t i = 0; i < list.n; i++) {
        size_t k = 0;
        while (k < ARRAY_LEN(words) && !str_eqz(list.items[i], words[k]))
            k++;
        if (k == ARRAY_LEN(words))
            read_word_fault(rd, list.nodes[i], "speaks", words, ARRAY_LEN(words));
    }
    l->dialects = list.items;
    l->ndialects = list.n;
}

static void read_if_free(struct reading *rd, const struct ynode *n, void *out)
{
    static const char *const words[] = {"true", "false"};
    bool is_true = n->kind == YNODE_SCALAR && str_eqz(n->text, "true");
    if (!is_true && (n->kind != YNODE_SCALAR || !str_eqz(n->text, "false")))
        read_word_fault(rd, n, "if_free", words, ARRAY_LEN(words));
    *(bool *)out = is_true;
}

static void read_one_listen(struct reading *rd, const struct ynode *n,
                            struct config_listen *ret)
{
    static const struct field fields[] = {
        {"address", read_address, offsetof(struct config_listen, address)},
        {"speaks", read_spoken, offsetof(struct config_listen, dialects)},
        {"if_free", read_if_free, offsetof(struct config_listen, if_free)},
    };
    *ret = (struct config_listen){.if_free = false};
    if (n->kind != YNODE_MAP) {
        read_address(rd, n, &ret->address);
        return;
    }
    read_fields(rd, n, fields, ARRAY_LEN(fields), ret, "listen");
    if (!read_child(n, "address"))
        fault_at(rd->faults, n, "listen needs an address, like 127.0.0.1:11434");
}

/* One address, one mapping, or a list of them. */
static void read_listen(struct reading *rd, const struct ynode *n, void *out)
{
    struct config *c = CONTAINER_OF(out, struct config, listen);
    bool is_list = n->kind == YNODE_LIST;
    size_t count = is_list ? read_count(n) : 1;
    if (count == 0 || count > CONFIG_MAX_LISTENS) {
        fault_at(rd->faults, n, "listen has %zu addresses; it must have 1 to %d", count,
                 CONFIG_MAX_LISTENS);
        return;
    }
    struct config_listen *all = read_array(rd, struct config_listen, count);
    const struct ynode *one = is_list ? n->first : n;
    for (size_t i = 0; all && i < count; i++, one = one->next)
        read_one_listen(rd, one, &all[i]);
    if (!all || !all[0].address.n)
        return;
    if (all[0].if_free)
        fault_at(rd->faults, n,
                 "the first address of listen must be there: if_free is "
                 "for those behind it");
    c->listens = all;
    c->nlistens = count;
    c->listen = all[0].address;
}

enum { MAX_NODE = 255 };

static void read_workers(struct reading *rd, const struct ynode *n, void *out)
{
    uint32_t v = 1;
    read_u32(rd, n, &v);
    if (v < 1 || v > 64)
        fault_at(rd->faults, n, "workers is %u; it must be 1 to 64", v);
    else
        *(uint32_t *)out = v;
}

static void read_access_log(struct reading *rd, const struct ynode *n, void *out)
{
    static const char *const words[] = {"text", "json", "off"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (n->kind == YNODE_SCALAR && str_eqz(n->text, words[i])) {
            *(enum access_log *)out = (enum access_log)i;
            return;
        }
    read_word_fault(rd, n, "access_log", words, ARRAY_LEN(words));
}

static void read_limits(struct reading *rd, const struct ynode *n, void *out)
{
    static const struct field fields[] = {
        {"body", read_size, offsetof(struct config, max_body_bytes)},
        {"buffered", read_size, offsetof(struct config, max_buffered_bytes)},
        {"vaults", read_size, offsetof(struct config, max_vault_bytes)},
    };
    struct config *c = CONTAINER_OF(out, struct config, max_body_bytes);
    read_fields(rd, n, fields, ARRAY_LEN(fields), c, "limits");
    if (c->max_body_bytes > 1ULL << 30)
        fault_at(rd->faults, n, "limits: body can be at most 1GiB");
    if (c->max_buffered_bytes < c->max_body_bytes)
        fault_at(rd->faults, n, "limits: buffered must not be smaller than body");
    if (c->max_vault_bytes > c->max_buffered_bytes / 2)
        fault_at(rd->faults, n, "limits: vaults must not be more than half of buffered");
}

static void read_quiet(struct reading *rd, const struct ynode *n, void *out)
{
    if (n->kind == YNODE_SCALAR && str_eqz(n->text, "off"))
        *(uint32_t *)out = 0;
    else
        read_duration_ms(rd, n, out);
}

static void read_timeouts(struct reading *rd, const struct ynode *n, void *out)
{
    static const struct field fields[] = {
        {"header", read_duration_ms, offsetof(struct config, header_timeout_ms)},
        {"body", read_duration_ms, offsetof(struct config, body_timeout_ms)},
        {"quiet", read_quiet, offsetof(struct config, quiet_ms)},
        {"drain", read_duration_ms, offsetof(struct config, drain_timeout_ms)},
    };
    read_fields(rd, n, fields, ARRAY_LEN(fields),
                CONTAINER_OF(out, struct config, header_timeout_ms), "timeouts");
}

static void read_node(struct reading *rd, const struct ynode *n, void *out)
{
    uint32_t v = 0;
    read_u32(rd, n, &v);
    if (v > MAX_NODE)
        fault_at(rd->faults, n, "ledger: node is %u; it must be 0 to %d", v, MAX_NODE);
    else
        *(uint32_t *)out = v;
}

static void read_ledger(struct reading *rd, const struct ynode *n, void *out)
{
    static const struct field fields[] = {
        {"keep", read_keep_ms, offsetof(struct config, keep_rows_ms)},
        {"keep_audit", read_keep_ms, offsetof(struct config, keep_audit_ms)},
        {"node", read_node, offsetof(struct config, ledger_node)},
    };
    read_fields(rd, n, fields, ARRAY_LEN(fields),
                CONTAINER_OF(out, struct config, keep_rows_ms), "ledger");
}

/* The Host field is compared without its port and without brackets. */
static bool is_host_name(struct str s)
{
    size_t colons = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '/' || s.p[i] == '[' || s.p[i] <= ' ')
            return false;
        colons += s.p[i] == ':';
    }
    return s.n > 0 && colons != 1; /* an IPv6 address has two at least */
}

static void read_hosts(struct reading *rd, const struct ynode *n, void *out)
{
    struct config *c = CONTAINER_OF(out, struct config, hosts);
    struct text_list list = {NULL, NULL, 0};
    read_text_list(rd, n, &list);
    for (size_t i = 0; i < list.n; i++)
        if (!is_host_name(list.items[i]))
            fault_at(rd->faults, list.nodes[i],
                     "'%.*s' is not a host name; write it without scheme and port, like "
                     "weir.lan",
                     STR_ARG(list.items[i]));
    c->hosts = list.items;
    c->nhosts = list.n;
}

static void read_cors(struct reading *rd, const struct ynode *n, void *out)
{
    struct config *c = CONTAINER_OF(out, struct config, cors);
    struct text_list list = {NULL, NULL, 0};
    read_text_list(rd, n, &list);
    for (size_t i = 0; i < list.n; i++) {
        struct str o = list.items[i];
        size_t scheme = str_starts(o, STR("https://"))  ? 8
                        : str_starts(o, STR("http://")) ? 7
                                                        : 0;
        struct str rest = str_sub(o, scheme, o.n);
        if (!scheme || !rest.n || str_index(rest, '/') >= 0)
            fault_at(rd->faults, list.nodes[i],
                     "'%.*s' is not an origin; write it like https://app.example.com",
                     STR_ARG(o));
    }
    c->cors = list.items;
    c->ncors = list.n;
}

/* What stands behind https:// is compared with Host and Origin, byte for byte. */
static void read_behind(struct reading *rd, const struct ynode *n, void *out)
{
    struct config *c = CONTAINER_OF(out, struct config, page_origin);
    struct str text = STR("");
    read_text(rd, n, &text);
    struct str host =
        str_starts(text, STR("https://")) ? str_sub(text, 8, text.n) : STR("");
    bool is_good = host.n > 0 && host.n <= 255;
    for (size_t i = 0; is_good && i < host.n; i++) {
        char ch = host.p[i];
        is_good =
            (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || strchr(".-:[]", ch);
    }
    if (!is_good || url_host_is_loopback(host)) {
        fault_at(rd->faults, n,
                 "page: behind is '%.*s'; it must be the address under which browsers "
                 "reach the proxy, like https://weir.example.com, in small letters and "
                 "without a path",
                 STR_ARG(text));
        return;
    }
    c->page = CONFIG_PAGE_BEHIND;
    c->page_origin = text;
    c->page_host = host;
}

static void read_page(struct reading *rd, const struct ynode *n, void *out)
{
    static const struct field fields[] = {
        {"behind", read_behind, offsetof(struct config, page_origin)}};
    static const char *const words[] = {"on", "off"};
    struct config *c = CONTAINER_OF(out, struct config, page);
    if (n->kind == YNODE_MAP)
        read_fields(rd, n, fields, ARRAY_LEN(fields), c, "page");
    else if (n->kind == YNODE_SCALAR && str_eqz(n->text, "off"))
        c->page = CONFIG_PAGE_OFF;
    else if (n->kind != YNODE_SCALAR || !str_eqz(n->text, "on"))
        read_word_fault(rd, n, "page", words, ARRAY_LEN(words));
}

static const struct field top_fields[] = {
    {"listen", read_listen, offsetof(struct config, listen)},
    {"workers", read_workers, offsetof(struct config, workers)},
    {"state_dir", read_path, offsetof(struct config, state_dir)},
    {"access_log", read_access_log, offsetof(struct config, access_log)},
    {"policy", read_policy, offsetof(struct config, policy)},
    {"default_sensitivity", read_sensitivity,
     offsetof(struct config, default_sensitivity)},
    {"limits", read_limits, offsetof(struct config, max_body_bytes)},
    {"timeouts", read_timeouts, offsetof(struct config, header_timeout_ms)},
    {"ledger", read_ledger, offsetof(struct config, keep_rows_ms)},
    {"hosts", read_hosts, offsetof(struct config, hosts)},
    {"cors", read_cors, offsetof(struct config, cors)},
    {"page", read_page, offsetof(struct config, page)},
    {"engines", read_nothing, 0},
    {"roles", read_nothing, 0},
    {"aliases", read_nothing, 0},
    {"mirror", read_nothing, 0},
    {"escalate", read_nothing, 0},
    {"learned", read_nothing, 0},
    {"keys", read_nothing, 0},
    {"guard", read_nothing, 0},
};

static void default_state_dir(struct reading *rd, const struct ynode *root)
{
    struct config *c = rd->config;
    const char *xdg = read_getenv(rd, STR("XDG_STATE_HOME"));
    const char *home = read_getenv(rd, STR("HOME"));
    if (read_child(root, "state_dir"))
        return;
    c->is_default_state_dir = true;
    if (xdg && xdg[0] == '/')
        c->state_dir = arena_printf(rd->arena, "%s/weir", xdg);
    else if (home)
        c->state_dir = arena_printf(rd->arena, "%s/.local/state/weir", home);
    else
        c->state_dir = (struct str){NULL, 0};
    if (!c->state_dir.n)
        fault_at(rd->faults, NULL,
                 "neither XDG_STATE_HOME nor HOME is set; give state_dir");
}

/* On every address of the machine: by which of them clients come is not known. */
static void check_names(struct reading *rd, const struct config_listen *l,
                        const struct ynode *n)
{
    bool is_any = str_eqz(l->host, "0.0.0.0") || str_eqz(l->host, "::");
    if (is_any && rd->config->nhosts == 0)
        warn_at(rd->faults, n,
                "%.*s takes requests on every address of this machine, but answers only "
                "those whose Host is localhost; list the names and addresses that "
                "clients write under hosts:",
                STR_ARG(l->address));
}

static void check_exposure(struct reading *rd, const struct config_listen *l,
                           const struct ynode *n)
{
    if (!l->address.n || url_host_is_loopback(l->host))
        return;
    check_names(rd, l, n);
    if (rd->config->nkeys == 0)
        fault_at(rd->faults, n,
                 "%.*s can be reached from the network, so anyone there could spend your "
                 "API keys; add keys: (weir key new NAME), or listen on 127.0.0.1",
                 STR_ARG(l->address));
    else
        warn_at(
            rd->faults, n,
            "%.*s is plain HTTP and can be reached from the network; put TLS in front",
            STR_ARG(l->address));
}

/* An address that an engine of the configuration has is that engine's, up or not. */
static bool is_an_engines(const struct config *c, const struct config_listen *l)
{
    for (size_t i = 0; i < c->nengines; i++)
        if (url_is_at(&c->engines[i], l))
            return true;
    return false;
}

static void check_listens(struct reading *rd, const struct ynode *root)
{
    struct config *c = rd->config;
    const struct ynode *n = read_child(root, "listen");
    struct config_listen *all = read_array(rd, struct config_listen, c->nlistens);
    size_t kept = 0;
    for (size_t i = 0; all && i < c->nlistens; i++) {
        const struct config_listen *l = &c->listens[i];
        check_exposure(rd, l, n);
        for (size_t k = 0; k < i; k++)
            if (str_eq(l->address, c->listens[k].address))
                fault_at(rd->faults, n, "listen has %.*s twice", STR_ARG(l->address));
        if (!l->if_free || !is_an_engines(c, l))
            all[kept++] = *l;
    }
    c->listens = all;
    c->nlistens = all ? kept : 0;
}

static void default_listen(struct reading *rd)
{
    struct config *c = rd->config;
    if (c->nlistens)
        return;
    struct config_listen *one = read_array(rd, struct config_listen, 1);
    if (!one)
        return;
    *one =
        (struct config_listen){.address = c->listen, .host = host_of_listen(c->listen)};
    c->listens = one;
    c->nlistens = 1;
}

void read_top(struct reading *rd, const struct ynode *root)
{
    const struct ynode *keys = read_child(root, "keys");
    if (!read_fields(rd, root, top_fields, ARRAY_LEN(top_fields), rd->config,
                     "the configuration"))
        return;
    default_listen(rd);
    rd->config->listen_host = host_of_listen(rd->config->listen);
    default_state_dir(rd, root);
    read_guard(rd, read_child(root, "guard"), &rd->config->guard);
    read_engines(rd, read_child(root, "engines"));
    read_routes(rd, read_child(root, "roles"), read_child(root, "aliases"));
    read_mirror(rd, read_child(root, "mirror"));
    read_escalate(rd, read_child(root, "escalate"));
    read_learned(rd, read_child(root, "learned"));
    if (keys)
        read_keys(rd, keys);
    check_listens(rd, root);
}
