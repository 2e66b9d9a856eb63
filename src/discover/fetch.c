/* fetch.c -- libcurl's multi interface, used once and thrown away. */
#include "discover/fetch.h"

#include "core/mem.h"

#include <curl/curl.h>

void fetch_init(struct fetch *f)
{
    *f = (struct fetch){.status = 0};
    buf_init(&f->body, FETCH_MAX_BYTES);
}

void fetch_release(struct fetch *f)
{
    buf_release(&f->body);
}

static size_t take(char *data, size_t size, size_t n, void *arg)
{
    struct fetch *f = arg;
    buf_append(&f->body, (struct str){data, size * n});
    return f->body.failed ? 0 : size * n;
}

static void set_fields(CURL *c, struct fetch *f)
{
    char line[256];
    if (f->post)
        f->fields = curl_slist_append(NULL, "Content-Type: application/json");
    if (f->bearer) {
        snprintf(line, sizeof line, "Authorization: Bearer %s", f->bearer);
        f->fields = curl_slist_append(f->fields, line);
        mem_wipe(line, sizeof line);
    }
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, f->fields);
}

static CURL *prepare(struct fetch *f, long total_ms)
{
    CURL *c = curl_easy_init();
    if (!c)
        return NULL;
    set_fields(c, f);
    curl_easy_setopt(c, CURLOPT_URL, f->url);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http");
    curl_easy_setopt(c, CURLOPT_PROXY, ""); /* not even that of the environment */
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)FETCH_CONNECT_MS);
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, total_ms);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_USERAGENT, "weir/" WEIR_VERSION);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, f);
    curl_easy_setopt(c, CURLOPT_PRIVATE, f);
    if (f->post)
        curl_easy_setopt(c, CURLOPT_POSTFIELDS, f->post);
    return c;
}

static void collect(CURLM *multi)
{
    int left;
    for (CURLMsg *msg; (msg = curl_multi_info_read(multi, &left));) {
        struct fetch *f = NULL;
        long status = 0;
        curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &f);
        curl_easy_getinfo(msg->easy_handle, CURLINFO_RESPONSE_CODE, &status);
        if (f && msg->data.result == CURLE_OK)
            f->status = (int)status;
    }
}

/* Ends by itself: every handle has its timeout. */
static void run(CURLM *multi)
{
    int running = 1;
    while (running) {
        if (curl_multi_perform(multi, &running) != CURLM_OK)
            return;
        if (running)
            curl_multi_poll(multi, NULL, 0, 50, NULL);
    }
    collect(multi);
}

int fetch_all(struct fetch *items, size_t n, long total_ms, struct err *err)
{
    enum { MOST = 256 };
    CURL *handles[MOST];
    size_t made = 0;
    CURLM *multi = curl_multi_init();
    if (!multi)
        return err_nomem(err);
    /* Small servers queue few connections; what they drop costs a second. */
    curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, 3L);
    for (; made < n && made < MOST; made++) {
        handles[made] = prepare(&items[made], total_ms);
        if (!handles[made])
            break;
        curl_multi_add_handle(multi, handles[made]);
    }
    bool is_whole = made == n;
    if (is_whole)
        run(multi);
    for (size_t i = 0; i < made; i++) {
        curl_multi_remove_handle(multi, handles[i]);
        curl_easy_cleanup(handles[i]);
        curl_slist_free_all(items[i].fields);
        items[i].fields = NULL;
    }
    curl_multi_cleanup(multi);
    return is_whole ? 0 : err_nomem(err);
}
