#include "sim/systemc/shim.h"

#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <vector>

#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <systemc>

/*
 * libsystemc's own main() calls sc_main(). Every program of ours has a main() of its own, so this is reached
 * only by one that was linked without.
 */
extern "C" int sc_main(int, char *[])
{
    return EXIT_FAILURE;
}

struct shim_method {
    shim_method(const char *event_name, shim_fn *fn, void *context)
        : event(event_name), fire(fn), context(context)
    {
    }
    sc_core::sc_event event;
    shim_fn *fire;
    void *context;
};

namespace
{

struct shim {
    std::unique_ptr<sc_core::sc_simcontext> context;
    std::vector<std::unique_ptr<shim_method>> methods;
    sc_core::sc_trace_file *vcd;
};

shim the_shim;

sc_core::sc_time picoseconds(int64_t time)
{
    return sc_core::sc_time::from_value(static_cast<sc_dt::uint64>(time));
}

void report(const sc_core::sc_report &report, const sc_core::sc_actions &)
{
    if (report.get_severity() == sc_core::SC_INFO)
        return;
    sim_systemc_report(report.get_severity() != sc_core::SC_WARNING, report.get_msg_type(), report.get_msg());
}

/* A name that SystemC accepts: '.' is its own separator of levels. */
std::string flat_name(const char *name)
{
    std::string flat(name);
    for (char &c : flat)
        if (c == '.')
            c = '_';
    return sc_core::sc_gen_unique_name(flat.c_str());
}

} // namespace

void shim_open(void)
{
    the_shim.context = std::make_unique<sc_core::sc_simcontext>();
    sc_core::sc_curr_simcontext = the_shim.context.get();
    sc_core::sc_report_handler::set_handler(report);
    sc_core::sc_set_time_resolution(1, sc_core::SC_PS);
}

void shim_close(void)
{
    /* A context does not free what is pending in it: asking for the next activity drops what was cancelled. */
    for (auto &method : the_shim.methods)
        method->event.cancel();
    shim_next_activity();
    the_shim.methods.clear();
    the_shim.context.reset();
    sc_core::sc_curr_simcontext = nullptr;
}

struct shim_method *shim_method_create(const char *name, shim_fn *fire, void *context)
{
    std::string flat = flat_name(name);
    the_shim.methods.push_back(std::make_unique<shim_method>((flat + "_event").c_str(), fire, context));
    shim_method *method = the_shim.methods.back().get();
    sc_core::sc_spawn_options options;
    options.spawn_method();
    options.set_sensitivity(&method->event);
    options.dont_initialize();
    sc_core::sc_spawn([method] { method->fire(method->context); }, flat.c_str(), &options);
    return method;
}

void shim_notify(struct shim_method *method, int64_t delay)
{
    method->event.notify(picoseconds(delay));
}

int64_t shim_time(void)
{
    return static_cast<int64_t>(sc_core::sc_time_stamp().value());
}

int64_t shim_next_activity(void)
{
    const sc_core::sc_simcontext *context = the_shim.context.get();
    if (sc_core::sc_pending_activity_at_current_time(context))
        return shim_time();
    if (!sc_core::sc_pending_activity_at_future_time(context))
        return INT64_MAX;
    return shim_time() + static_cast<int64_t>(sc_core::sc_time_to_pending_activity(context).value());
}

void shim_run(void)
{
    sc_core::sc_start();
}

void shim_pause(void)
{
    sc_core::sc_pause();
}

void shim_vcd_open(const char *path)
{
    the_shim.vcd = sc_core::sc_create_vcd_trace_file(path);
    the_shim.vcd->set_time_unit(1, sc_core::SC_PS);
}

void shim_vcd_value(const char *name, const uint32_t *value)
{
    sc_core::sc_trace(the_shim.vcd, *value, name);
}

void shim_vcd_close(void)
{
    /* SystemC writes an instant's values when time moves on; it stops before the next instant's processes. */
    sc_core::sc_start(picoseconds(1));
    sc_core::sc_close_vcd_trace_file(the_shim.vcd);
    the_shim.vcd = nullptr;
}
