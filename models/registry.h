/*
 * What exists: the root of all parameter tables, and every family of models. The scenario language walks this; a new
 * model is one line in its family's list.
 */
#ifndef MODELS_REGISTRY_H
#define MODELS_REGISTRY_H

#include "sim/param.h"

/* The whole configuration's table; its struct is struct config (models/host/config.h). */
const struct param_table *registry_root(void);

/* The families, NULL-terminated: moderation, arrival, size. */
const struct param_family *const *registry_families(void);

#endif
