/* A moderation algorithm under test, driven as a driver does at each NAPI completion. */
#ifndef TESTS_UNIT_MODELS_MODERATION_FIXTURE_H
#define TESTS_UNIT_MODELS_MODERATION_FIXTURE_H

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "models/nic/moderation.h"

struct algorithm {
    const struct moderation_ops *ops;
    void *state;
    void *config;
    struct moderation_setting setting;
    struct moderation_sample sample;
};

/* Starts the model `name` of moderation_family with its defaults, but for `key` = `value` if key is not NULL. */
static inline struct algorithm algorithm_start(const char *name, const char *key, const char *value)
{
    const struct param_model *model = param_find_model(&moderation_family, name);
    cr_assert_not_null(model, "no model %s", name);
    struct algorithm algorithm = {.ops = model->ops, .sample = {.link_mbps = 10000}};
    algorithm.config = calloc(1, model->table->size + 1);
    algorithm.state = calloc(1, algorithm.ops->state_size + 1);
    for (size_t i = 0; i < model->table->count; i++) {
        const struct param *row = &model->table->params[i];
        const char *text = key && strcmp(row->key, key) == 0 ? value : row->fallback;
        cr_assert_eq(param_store(row, text, algorithm.config), PARAM_OK, "%s", row->key);
    }
    algorithm.ops->start(algorithm.state, algorithm.config, &algorithm.setting);
    return algorithm;
}

static inline void algorithm_stop(struct algorithm *algorithm)
{
    free(algorithm->state);
    free(algorithm->config);
}

static inline bool algorithm_update(struct algorithm *algorithm)
{
    return algorithm->ops->update(algorithm->state, algorithm->config, &algorithm->sample,
                                  &algorithm->setting);
}

/* An update after so much receive work. */
static inline bool algorithm_receive(struct algorithm *algorithm, int64_t packets, int64_t bytes)
{
    algorithm->sample.interrupts++;
    algorithm->sample.rx_packets += packets;
    algorithm->sample.rx_bytes += bytes;
    return algorithm_update(algorithm);
}

#endif
