/* The hold model as SystemC method processes, each with an event of its own: one notification an event. */
#include <memory>
#include <string>
#include <vector>

#include <systemc>

#include "tests/bench/kernel/hold.h"

static struct hold hold;

struct holder : sc_core::sc_module {
    SC_HAS_PROCESS(holder);
    explicit holder(sc_core::sc_module_name name) : sc_core::sc_module(name)
    {
        SC_METHOD(fire);
        sensitive << event;
        dont_initialize();
    }

    void schedule()
    {
        event.notify(sc_core::sc_time::from_value(hold_delay(&hold)));
    }

    void fire()
    {
        if (--hold.count == 0)
            sc_core::sc_stop();
        schedule();
    }

    sc_core::sc_event event;
};

int sc_main(int, char *[])
{
    return 1;
}

int main(int argc, char *argv[])
{
    hold_init(&hold, argc, argv);
    uint64_t count = hold.count;
    sc_core::sc_set_time_resolution(1, sc_core::SC_PS);
    sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
    std::vector<std::unique_ptr<holder>> holders;
    for (uint32_t i = 0; i < hold.pending; i++) {
        holders.push_back(std::make_unique<holder>(("holder" + std::to_string(i)).c_str()));
        holders.back()->schedule();
    }
    hold.start = hold_cpu_seconds();
    sc_core::sc_start();
    hold.count = count;
    hold_report(&hold, "systemc");
    return 0;
}
