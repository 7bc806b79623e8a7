#include "sim/assert.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/kernel.h"

_Noreturn void sim_assert_failed(const char *expression, const char *file, int line, const char *function)
{
    const struct sim *sim = sim_current();
    fprintf(stderr, "%s:%d: %s: assertion failed: %s\n", file, line, function, expression);
    if (sim != NULL)
        fprintf(stderr, "  time %" PRId64 " ps, component %s, seed %" PRIu64 ", replication %" PRIu32 "\n",
                sim_now(sim), sim->component == 0 ? "none" : sim_component_name(sim, sim->component),
                sim->config.seed, sim->config.replication);
    abort();
}
