#include "models/registry.h"

#include <stddef.h>

#include "models/host/config.h"

static const struct param_family *const families[] = {
    &moderation_family,
    &arrival_family,
    &size_family,
    NULL,
};

const struct param_table *registry_root(void)
{
    return &config_table;
}

const struct param_family *const *registry_families(void)
{
    return families;
}
