/* asked_gateway.c -- see asked_gateway.h. */
#include "cmd/decide/asked_gateway.h"

#include "cmd/lib/running.h"
#include "cmd/lib/state_dir.h"
#include "discover/yaml.h"
#include "upstream/fetch.h"
#include "json/scan.h"

enum { LOOK_MS = 1500, ARENA_BYTES = 8 << 20, YAML_BYTES = 1 << 20, ANSWER_MS = 600000 };

#define USUAL_ADDRESS "127.0.0.1:4141"

static int ask(const struct asked_gateway *g, const char *path, struct fetch *f,
               struct err *err)
{
    fetch_init(f);
    snprintf(f->url, sizeof f->url, "http://%s:%u%s", g->host, g->endpoint.port, path);
    f->bearer = g->key;
    return fetch_all(f, 1, LOOK_MS, err);
}

/* Is it weir that answers there? */
static bool answers(const struct asked_gateway *g)
{
    struct fetch f;
    struct err ignored;
    bool is_weir = ask(g, "/health", &f, &ignored) == 0 && f.status == 200 &&
                   json_get(buf_view(&f.body), "version").n > 0;
    fetch_release(&f);
    return is_weir;
}

int asked_gateway_split(struct str address, struct str *ret_host, uint16_t *ret_port,
                        struct err *err)
{
    uint64_t port = 0;
    size_t n = address.n;
    while (n && address.p[n - 1] != ':')
        n--;
    struct str host = str_sub(address, 0, n ? n - 1 : 0);
    if (str_eqz(host, "0.0.0.0") || str_eqz(host, "[::]"))
        host = STR("127.0.0.1");
    if (n == 0 || !str_to_u64(str_sub(address, n, address.n), &port) || port > UINT16_MAX)
        return err_set(err, ERR_CONFIG, "gateway_listen", "'%.*s' is no address",
                       STR_ARG(address));
    *ret_host = host;
    *ret_port = (uint16_t)port;
    return 0;
}

static int set_address(struct asked_gateway *g, struct str address, struct err *err)
{
    struct str host;
    uint16_t port;
    if (asked_gateway_split(address, &host, &port, err) < 0)
        return -1;
    snprintf(g->host, sizeof g->host, "%.*s", STR_ARG(host));
    g->endpoint = (struct endpoint){.name = STR("weir"),
                                    .origin = STR("weir"),
                                    .host = str_of(g->host),
                                    .port = port,
                                    .deadlines = {3000, ANSWER_MS, ANSWER_MS, 0}};
    return 0;
}

static void address_of(const struct config *config, char ret[ASKED_ADDRESS])
{
    char dir[STATE_DIR_BYTES];
    if (config)
        snprintf(dir, sizeof dir, "%.*s", STR_ARG(config->state_dir));
    if (running_address(config ? dir : NULL, ret))
        return;
    struct str told =
        config && config->nlistens ? config->listens[0].address : STR(USUAL_ADDRESS);
    snprintf(ret, ASKED_ADDRESS, "%.*s", STR_ARG(told));
}

int asked_gateway_address(const char *path, char ret[ASKED_ADDRESS], struct err *err)
{
    struct config *config = path ? serving_load(path) : NULL;
    if (path && !config)
        return err_set(err, ERR_CONFIG, "gateway_config",
                       "the configuration cannot be used; see above");
    address_of(config, ret);
    config_unref(config);
    return 0;
}

bool asked_gateway_answers(struct str host, uint16_t port)
{
    struct asked_gateway g = {.endpoint = {.port = port}};
    snprintf(g.host, sizeof g.host, "%.*s", STR_ARG(host));
    return answers(&g);
}

/* The engines of this machine, at a port of nobody's. */
static struct config *look_around(struct asked_gateway *g, struct err *err)
{
    struct discover_options look = {.prices = serving_prices(&g->serving)};
    struct discovery *found = NULL;
    struct config *config = NULL;
    struct buf yaml;
    discover_default_ports(&look);
    buf_init(&yaml, YAML_BYTES);
    if (discover_run(&look, &found, err) == 0) {
        discover_yaml(found, STR("127.0.0.1:0"), &yaml);
        buf_lit(&yaml, "\naccess_log: off\n");
        config = serving_parse(buf_view(&yaml), "the engines found");
    }
    discover_free(found);
    buf_release(&yaml);
    return config;
}

static int start_own(struct asked_gateway *g, struct config *config, struct err *err)
{
    char url[SERVING_URL];
    if (!config)
        return err_set(err, ERR_CONFIG, "gateway_config",
                       "the configuration cannot be used; see above");
    g->is_own = true;
    config->access_log = ACCESS_LOG_OFF; /* the command tells what became of each */
    if (serving_start(&g->serving, config) < 0)
        return err_set(err, ERR_CONFIG, "gateway_start",
                       "no weir could be started for this; see above");
    serving_url(&g->serving, url);
    return set_address(g, str_sub(str_of(url), strlen("http://"), strlen(url)), err);
}

static int list_models(struct asked_gateway *g, struct err *err)
{
    struct fetch f;
    struct json_cur c;
    struct str raw;
    int rc = ask(g, "/v1/models", &f, err);
    if (rc == 0 && f.status != 200)
        rc = err_set(err, ERR_BAD_REQUEST, "gateway_models",
                     f.status == 401 ? "weir wants a key of a client: name the variable "
                                       "that holds it with --key-env"
                                     : "weir does not list its models");
    json_begin(&c, json_get(buf_view(&f.body), "data"));
    if (rc == 0 && json_enter_array(&c))
        while (json_next_element(&c) && json_skip(&c, &raw) &&
               g->nmodels < COMPARE_MODELS) {
            struct json_cur one;
            struct json_string id, owner;
            json_begin(&one, json_get(raw, "id"));
            if (!json_read_string(&one, &id))
                continue;
            json_begin(&one, json_get(raw, "owned_by"));
            if (!json_read_string(&one, &owner) || json_string_is(owner, "weir"))
                continue;
            g->models[g->nmodels] = arena_strdup(&g->arena, json_unescape(&g->arena, id));
            if (!g->models[g->nmodels++].p)
                rc = err_nomem(err);
        }
    fetch_release(&f);
    return rc;
}

int asked_gateway_open(struct asked_gateway *g, const char *path, const char *key,
                       struct err *err)
{
    *g = (struct asked_gateway){.key = key};
    arena_init(&g->arena, ARENA_BYTES);
    serving_begin(&g->serving);
    struct config *config = path ? serving_load(path) : NULL;
    if (path && !config)
        return err_set(err, ERR_CONFIG, "gateway_config",
                       "the configuration cannot be used; see above");
    char address[ASKED_ADDRESS];
    address_of(config, address);
    int rc = set_address(g, str_of(address), err);
    if (rc == 0 && answers(g))
        config_unref(config);
    else if (rc == 0)
        rc = start_own(g, config ? config : look_around(g, err), err);
    else
        config_unref(config);
    snprintf(g->fields, sizeof g->fields, "content-type: application/json\r\n%s%s%s",
             key ? "authorization: Bearer " : "", key ? key : "", key ? "\r\n" : "");
    return rc == 0 ? list_models(g, err) : -1;
}

void asked_gateway_close(struct asked_gateway *g)
{
    if (g->serving.server)
        server_drain_and_free(g->serving.server);
    g->serving.server = NULL;
    serving_end(&g->serving);
    arena_reset(&g->arena);
}
