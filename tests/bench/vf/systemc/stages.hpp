/*
 * Link and root complex with a module a part, each of whose delays is a notification: the serialisation and the
 * propagation of a TLP, the root port's way in and out, the translation, the memory access, the interrupt message's
 * way. (computed.hpp has the same with delays added up beforehand.)
 */
#ifndef TESTS_BENCH_VF_SYSTEMC_STAGES_HPP
#define TESTS_BENCH_VF_SYSTEMC_STAGES_HPP

#include <algorithm>
#include <cstdint>
#include <deque>
#include <iterator>
#include <string>

#include <systemc>

#include "tests/bench/vf/systemc/host.hpp"
#include "tests/bench/vf/systemc/parameters.hpp"
#include "tests/bench/vf/systemc/timing.hpp"
#include "tests/bench/vf/systemc/tlp.hpp"

/* One direction of a link. */
class staged_link : public sc_core::sc_module, public tlp_sender
{
  public:
    sc_core::sc_port<tlp_receiver> to;

    SC_HAS_PROCESS(staged_link);
    staged_link(sc_core::sc_module_name name, const parameters &p)
        : sc_module(name), to("to"), line(p["link_byte_num_ps"], p["link_byte_den"]),
          propagation(p["link_propagation_ps"])
    {
        SC_METHOD(serialise);
        sensitive << serialised;
        dont_initialize();
        SC_METHOD(arrive);
        sensitive << arrival;
        dont_initialize();
    }

    void send(const tlp &packet) override
    {
        waiting.push_back(packet);
        if (waiting.size() == 1)
            start();
    }

  private:
    struct travelling {
        tlp packet;
        picoseconds when;
    };

    void start()
    {
        notify_at(serialised, line.send(now(), wire_bytes(waiting.front())));
    }

    void serialise()
    {
        if (flight.empty())
            notify_at(arrival, now() + propagation);
        flight.push_back({waiting.front(), now() + propagation});
        waiting.pop_front();
        if (!waiting.empty())
            start();
    }

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
    std::deque<tlp> waiting;
    std::deque<travelling> flight;
    sc_core::sc_event serialised, arrival;
};

/* A request on its way through the root complex. */
struct transit {
    tlp packet;
    picoseconds not_before; /* a read is not answered before earlier writes are in memory */
};

struct transit_sink : virtual sc_core::sc_interface {
    virtual void take(const transit &item) = 0;
};

/* A part that keeps requests for a time: they leave in the order of their times. */
class part : public sc_core::sc_module, public transit_sink
{
  public:
    SC_HAS_PROCESS(part);
    explicit part(sc_core::sc_module_name name) : sc_module(name)
    {
        SC_METHOD(next);
        sensitive << due;
        dont_initialize();
    }

  protected:
    virtual void leave(const transit &item) = 0;

    void keep(const transit &item, picoseconds when)
    {
        auto at = kept.end();
        while (at != kept.begin() && std::prev(at)->when > when)
            --at;
        if (at == kept.begin()) {
            due.cancel();
            notify_at(due, when);
        }
        kept.insert(at, {item, when});
    }

  private:
    struct entry {
        transit item;
        picoseconds when;
    };

    void next()
    {
        transit item = kept.front().item;
        kept.pop_front();
        if (!kept.empty())
            notify_at(due, kept.front().when);
        leave(item);
    }

    std::deque<entry> kept;
    sc_core::sc_event due;
};

/* The way of interrupt messages to the core. */
class interrupt_unit : public part
{
  public:
    sc_core::sc_port<interrupt_target> vcpu;

    interrupt_unit(sc_core::sc_module_name name, const parameters &p)
        : part(name), vcpu("vcpu"), latency(p["interrupt_latency_ps"])
    {
    }

    void take(const transit &item) override
    {
        keep(item, item.not_before + latency);
    }

  private:
    void leave(const transit &) override
    {
        vcpu->interrupt();
    }

    picoseconds latency;
};

/* Memory: a write is visible at once, a read takes time; its answer goes out through `egress`. */
class memory_unit : public part
{
  public:
    sc_core::sc_port<transit_sink> egress;

    memory_unit(sc_core::sc_module_name name, const parameters &p, guest_memory &guest, trace_log &log)
        : part(name), egress("egress"), memory(guest), trace(log), latency(p["memory_latency_ps"])
    {
    }

    void take(const transit &item) override
    {
        if (item.packet.kind == tlp_kind::read)
            keep(item, now() + latency);
        else
            memory.write(item.packet, trace);
    }

  private:
    void leave(const transit &item) override
    {
        transit answer = item;
        answer.packet.value = memory.read(item.packet);
        egress->take(answer);
    }

    guest_memory &memory;
    trace_log &trace;
    picoseconds latency;
};

/* Translates in the order of arrival; writes reach memory in that order. */
class iommu_unit : public part
{
  public:
    sc_core::sc_port<transit_sink> memory;
    sc_core::sc_port<transit_sink> interrupts;

    iommu_unit(sc_core::sc_module_name name, const parameters &p)
        : part(name), memory("memory"), interrupts("interrupts"), translation(p)
    {
    }

    void take(const transit &item) override
    {
        bool message = item.packet.kind == tlp_kind::message;
        picoseconds known = message ? now() : translation.translate(item.packet.address, now());
        if (item.packet.kind == tlp_kind::read) {
            keep({item.packet, posted}, known);
            return;
        }
        posted = std::max(posted, known);
        if (message)
            interrupts->take({item.packet, posted});
        else
            keep({item.packet, posted}, posted);
    }

  private:
    void leave(const transit &item) override
    {
        memory->take(item);
    }

    iommu translation;
    picoseconds posted = 0; /* when the latest write is in memory */
};

/* The root port's way out: completions, and the registers that the core writes. */
class egress_unit : public part, public register_bus
{
  public:
    sc_core::sc_port<tlp_sender> down;

    egress_unit(sc_core::sc_module_name name, const parameters &p)
        : part(name), down("down"), stores(name_of(name, "stores"), p, down),
          latency(p["ingress_latency_ps"] - p["ingress_latency_ps"] / 2), split(p)
    {
    }

    void write_register(uint64_t address, uint64_t value) override
    {
        stores.write(address, value);
    }

    void take(const transit &item) override
    {
        keep(item, std::max(now() + latency, item.not_before));
    }

  private:
    static std::string name_of(const char *base, const char *suffix)
    {
        return std::string(base) + "_" + suffix;
    }

    void leave(const transit &item) override
    {
        stores.flush();
        split.send(*down.operator->(), item.packet, item.packet.value);
    }

    store_queue stores;
    picoseconds latency;
    completion_split split;
};

/* The root port's way in. */
class ingress_unit : public part, public tlp_receiver
{
  public:
    sc_core::sc_port<transit_sink> translation;

    ingress_unit(sc_core::sc_module_name name, const parameters &p)
        : part(name), translation("translation"), latency(p["ingress_latency_ps"] / 2)
    {
    }

    void receive(const tlp &packet) override
    {
        take({packet, 0});
    }

    void take(const transit &item) override
    {
        keep(item, now() + latency);
    }

  private:
    void leave(const transit &item) override
    {
        translation->take(item);
    }

    picoseconds latency;
};

/* The parts together. */
class staged_root : public sc_core::sc_module
{
  public:
    staged_root(sc_core::sc_module_name name, const parameters &p, guest_memory &guest, trace_log &log)
        : sc_module(name), ingress("ingress", p), translation("iommu", p), memory("memory", p, guest, log),
          interrupts("interrupts", p), egress("egress", p)
    {
        ingress.translation(translation);
        translation.memory(memory);
        translation.interrupts(interrupts);
        memory.egress(egress);
    }

    tlp_receiver &receiver()
    {
        return ingress;
    }

    register_bus &registers()
    {
        return egress;
    }

    void connect(tlp_sender &down, interrupt_target &vcpu)
    {
        egress.down(down);
        interrupts.vcpu(vcpu);
    }

  private:
    ingress_unit ingress;
    iommu_unit translation;
    memory_unit memory;
    interrupt_unit interrupts;
    egress_unit egress;
};

#endif
