/* providers.h -- cloud providers that a key in the environment makes usable.
 *
 * Models are named as the provider's OpenAI-compatible endpoint wants them, cheap to
 * strong.  OpenRouter passes on the makers' list prices; its fee on buying credit is not
 * in them, so it has no prices of its own. */
#ifndef WEIR_FACTS_PROVIDERS_H
#define WEIR_FACTS_PROVIDERS_H

enum { PROVIDER_MODELS = 5, PROVIDERS = 6 };

struct provider {
    const char *env;   /* of the key */
    const char *kind;  /* word of an engine's kind; its name too */
    const char *url;   /* base of the OpenAI-compatible endpoint */
    const char *price; /* whose list price holds; "": the maker's */
    const char *models[PROVIDER_MODELS];
};
extern const struct provider providers[PROVIDERS];

#endif
