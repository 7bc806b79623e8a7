/* The strategies that exist; a new one is one more line here and in list.c. */
#ifndef MODELS_STRATEGY_ALL_H
#define MODELS_STRATEGY_ALL_H

#include "models/strategy/strategy.h"

extern const struct strategy strategy_native;
extern const struct strategy strategy_emulation;
extern const struct strategy strategy_virtio;
extern const struct strategy strategy_passthrough;

#endif
