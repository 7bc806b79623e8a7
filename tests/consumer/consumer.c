/* A program of somebody else, built against the installed package: one event, one microsecond from now. */
#include <inttypes.h>
#include <stdio.h>

#include "sim/event.h"
#include "sim/sim.h"

static int fired;

static void on_event(struct sim *sim, struct sim_event *event)
{
    (void)event;
    fired += sim_now(sim) == 1000000;
}

int main(void)
{
    struct sim_config config = {.seed = 1};
    struct sim *sim = sim_create(&config);
    struct sim_event event;
    sim_event_init(&event, on_event, sim_component(sim, "consumer"), 0);
    sim_schedule(sim, &event, 1000000);
    sim_time end = sim_run(sim, 2000000);
    sim_destroy(sim);
    printf("%d event, end at %" PRId64 " ps\n", fired, (int64_t)end);
    return fired == 1 && end == 2000000 ? 0 : 1;
}
