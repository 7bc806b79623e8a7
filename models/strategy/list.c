#include "models/strategy/all.h"

const struct strategy *const strategies[] = {
    &strategy_native, &strategy_emulation, &strategy_virtio, &strategy_passthrough, NULL,
};

const char *const vm_strategy_names[] = {"scenario", "native", "emulation", "virtio", "passthrough", NULL};
const char *const strategy_names[] = {"native", "emulation", "virtio", "passthrough", NULL};
