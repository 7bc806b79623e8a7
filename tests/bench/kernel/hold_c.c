/* The hold model on the simulation kernel (sim/sim.h). */
#include <stdlib.h>

#include "sim/sim.h"
#include "tests/bench/kernel/hold.h"

static struct hold hold;

static void fire(struct sim *sim, struct sim_event *event)
{
    if (--hold.count == 0)
        sim_stop(sim);
    sim_schedule(sim, event, sim_now(sim) + hold_delay(&hold));
}

int main(int argc, char *argv[])
{
    hold_init(&hold, argc, argv);
    uint64_t count = hold.count;
    struct sim *sim = sim_create(&(struct sim_config){.seed = 1});
    struct sim_event *events = calloc(hold.pending, sizeof(*events));
    uint16_t component = sim_component(sim, "hold");
    for (uint32_t i = 0; i < hold.pending; i++) {
        sim_event_init(&events[i], fire, component, (uint8_t)i);
        sim_schedule(sim, &events[i], hold_delay(&hold));
    }
    hold.start = hold_cpu_seconds();
    sim_run(sim, SIM_TIME_MAX - 1);
    hold.count = count;
    hold_report(&hold, "iovsim");
    sim_destroy(sim);
    free(events);
    return 0;
}
