/* references.c -- see references.h. */
#include "scan/references.h"

enum { FOLDED_BYTES = 32, VALUE_MOST = 512 };

static size_t fold(struct str name, char out[FOLDED_BYTES])
{
    size_t n = 0;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (c == '_' || c == '-')
            continue;
        if (n == FOLDED_BYTES)
            return 0;
        out[n++] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    return n;
}

bool reference_is_name(struct str name)
{
    static const char *const names[] = {"cachedcontent",
                                        "cacheid",
                                        "cachename",
                                        "chatid",
                                        "collectionid",
                                        "collectionids",
                                        "container",
                                        "containerid",
                                        "conversation",
                                        "conversationid",
                                        "corpusid",
                                        "datasetid",
                                        "datastore",
                                        "datastoreid",
                                        "fileid",
                                        "fileids",
                                        "filesearchstorenames",
                                        "fileuri",
                                        "fileuris",
                                        "interactionid",
                                        "itemreference",
                                        "knowledgebaseid",
                                        "knowledgebaseids",
                                        "memoryid",
                                        "memoryids",
                                        "memorystoreid",
                                        "parentmessageid",
                                        "previousinteractionid",
                                        "previousresponse",
                                        "previousresponseid",
                                        "prompt",
                                        "promptid",
                                        "responseid",
                                        "runid",
                                        "storeid",
                                        "storeids",
                                        "thread",
                                        "threadid",
                                        "uploadid",
                                        "vectorstore",
                                        "vectorstoreid",
                                        "vectorstoreids",
                                        "vectorstores"};
    char folded[FOLDED_BYTES];
    struct str plain = {folded, fold(name, folded)};
    for (size_t i = 0; plain.n > 4 && i < ARRAY_LEN(names); i++)
        if (plain.p[0] == names[i][0] && str_eqz(plain, names[i]))
            return true;
    return false;
}

bool reference_is_value(struct str raw)
{
    static const char *const none[] = {"auto", "none", "default", "new",
                                       "null", "true", "false"};
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        if (str_eqz(raw, none[i]))
            return false;
    return raw.n > 0 && raw.n <= VALUE_MOST;
}
