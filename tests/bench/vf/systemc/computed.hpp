/*
 * Link and root complex that add delays up beforehand, as iovsim does, and need a notification only where something
 * happens: the strongest form of this program. (stages.hpp has a notification for each delay.)
 */
#ifndef TESTS_BENCH_VF_SYSTEMC_COMPUTED_HPP
#define TESTS_BENCH_VF_SYSTEMC_COMPUTED_HPP

#include <algorithm>
#include <cstdint>
#include <deque>
#include <iterator>

#include <systemc>

#include "tests/bench/vf/systemc/host.hpp"
#include "tests/bench/vf/systemc/parameters.hpp"
#include "tests/bench/vf/systemc/timing.hpp"
#include "tests/bench/vf/systemc/tlp.hpp"

/* One direction of a link: one notification, for the arrival. */
class computed_link : public sc_core::sc_module, public tlp_sender
{
  public:
    sc_core::sc_port<tlp_receiver> to;

    SC_HAS_PROCESS(computed_link);
    computed_link(sc_core::sc_module_name name, const parameters &p)
        : sc_module(name), to("to"), line(p["link_byte_num_ps"], p["link_byte_den"]),
          propagation(p["link_propagation_ps"])
    {
        SC_METHOD(arrive);
        sensitive << arrival;
        dont_initialize();
    }

    void send(const tlp &packet) override
    {
        picoseconds when = line.send(now(), wire_bytes(packet)) + propagation;
        if (flight.empty())
            notify_at(arrival, when);
        flight.push_back({packet, when});
    }

  private:
    struct travelling {
        tlp packet;
        picoseconds when;
    };

    void arrive()
    {
        tlp packet = flight.front().packet;
        flight.pop_front();
        if (!flight.empty())
            notify_at(arrival, flight.front().when);
        to->receive(packet);
    }

    serial_line line;
    picoseconds propagation;
    std::deque<travelling> flight;
    sc_core::sc_event arrival;
};

/* The root port: requests from the device take effect in the order of their times. */
class computed_root : public sc_core::sc_module, public tlp_receiver, public register_bus
{
  public:
    SC_HAS_PROCESS(computed_root);
    computed_root(sc_core::sc_module_name name, const parameters &p, guest_memory &guest, trace_log &log)
        : sc_module(name), down("down"), vcpu("vcpu"), memory(guest), trace(log), translation(p), split(p),
          stores("stores", p, down), way_in(p["ingress_latency_ps"] / 2),
          way_back(p["ingress_latency_ps"] - way_in), memory_latency(p["memory_latency_ps"]),
          interrupt_latency(p["interrupt_latency_ps"])
    {
        SC_METHOD(take_effect);
        sensitive << effect;
        dont_initialize();
    }

    tlp_receiver &receiver()
    {
        return *this;
    }

    register_bus &registers()
    {
        return *this;
    }

    void connect(tlp_sender &link, interrupt_target &target)
    {
        down(link);
        vcpu(target);
    }

    void write_register(uint64_t address, uint64_t value) override
    {
        stores.write(address, value);
    }

    void receive(const tlp &packet) override
    {
        picoseconds in = now() + way_in;
        if (packet.kind == tlp_kind::read) {
            picoseconds ready = translation.translate(packet.address, in) + way_back + memory_latency;
            keep(packet, std::max(ready, posted));
            return;
        }
        bool message = packet.kind == tlp_kind::message;
        posted = std::max(posted, message ? in : translation.translate(packet.address, in));
        keep(packet, posted + (message ? interrupt_latency : 0));
    }

  private:
    struct pending {
        tlp packet;
        picoseconds when;
    };

    void keep(const tlp &packet, picoseconds when)
    {
        auto at = requests.end();
        while (at != requests.begin() && std::prev(at)->when > when)
            --at;
        if (at == requests.begin()) {
            effect.cancel();
            notify_at(effect, when);
        }
        requests.insert(at, {packet, when});
    }

    void take_effect()
    {
        tlp packet = requests.front().packet;
        requests.pop_front();
        if (!requests.empty())
            notify_at(effect, requests.front().when);
        if (packet.kind == tlp_kind::read)
            answer(packet);
        else if (packet.kind == tlp_kind::message)
            vcpu->interrupt();
        else
            memory.write(packet, trace);
    }

    void answer(const tlp &request)
    {
        stores.flush();
        split.send(*down.operator->(), request, memory.read(request));
    }

    sc_core::sc_port<tlp_sender> down;
    sc_core::sc_port<interrupt_target> vcpu;
    guest_memory &memory;
    trace_log &trace;
    iommu translation;
    completion_split split;
    store_queue stores;
    picoseconds way_in, way_back, memory_latency, interrupt_latency;
    picoseconds posted = 0; /* when the latest posted request is in memory */
    std::deque<pending> requests;
    sc_core::sc_event effect;
};

#endif
