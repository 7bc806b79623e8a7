#include "sim/assert.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/kernel.h"

/* Where the simulation stands, if there is one. */
static void print_context(void)
{
    const struct sim *sim = sim_current();
    if (sim == NULL)
        return;
    const char *component = sim->component == 0 ? "none" : sim_component_name(sim, sim->component);
    fprintf(stderr, "  time %" PRId64 " ps, component %s, seed %" PRIu64 ", replication %" PRIu32 "\n",
            sim_now(sim), component, sim->config.seed, sim->config.replication);
}

_Noreturn void sim_assert_failed(const char *expression, const char *file, int line, const char *function)
{
    fprintf(stderr, "%s:%d: %s: assertion failed: %s\n", file, line, function, expression);
    print_context();
    abort();
}

void sim_systemc_report(bool is_error, const char *type, const char *message)
{
    const char *colon = message[0] == '\0' ? "" : ": ";
    fprintf(stderr, "%s: SystemC: %s%s%s\n", is_error ? "error" : "warning", type, colon, message);
    print_context();
    if (is_error)
        abort();
}
