#include "analysis/store.h"

#include <stdlib.h>
#include <string.h>

#include "sim/assert.h"

struct result_store {
    const struct result_store_ops *ops;
    void *self;
};

static const struct result_store_ops *const forms[] = {&store_json, &store_csv, &store_sqlite};

static bool has_suffix(const char *path, const char *suffix)
{
    size_t length = strlen(path), size = strlen(suffix);
    return length > size && strcmp(path + length - size, suffix) == 0;
}

const struct result_store_ops *result_store_form(const char *path)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        for (const char *const *suffix = forms[i]->suffixes; *suffix; suffix++)
            if (has_suffix(path, *suffix))
                return forms[i];
    return NULL;
}

struct result_store *result_store_open(const struct result_store_ops *ops, const char *path, FILE *stream,
                                       const struct scenario *scenario, struct diag *diag)
{
    void *self = ops->open(path, stream, scenario, diag);
    if (!self)
        return NULL;
    struct result_store *store = malloc(sizeof(*store));
    SIM_ASSERT(store);
    *store = (struct result_store){.ops = ops, .self = self};
    return store;
}

void result_store_fill(struct result_store *store, const struct campaign *campaign, const json_t *verdicts)
{
    for (size_t i = 0; i < campaign->count; i++)
        if (campaign_has(campaign, i) || campaign->failures[i])
            store->ops->add(store->self, scenario_point(campaign->scenario, i), campaign_result(campaign, i),
                            campaign->failures[i]);
    if (verdicts && store->ops->add_verdicts)
        store->ops->add_verdicts(store->self, verdicts);
}

bool result_store_close(struct result_store *store, struct diag *diag)
{
    bool fine = store->ops->close(store->self, diag);
    free(store);
    return fine;
}

void result_store_discard(struct result_store *store)
{
    if (!store)
        return;
    store->ops->discard(store->self);
    free(store);
}
