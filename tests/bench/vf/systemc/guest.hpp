/*
 * The guest's software: an application that sends whenever its window allows, the VF driver's transmit side, and the
 * interrupt with its NAPI poll.
 */
#ifndef TESTS_BENCH_VF_SYSTEMC_GUEST_HPP
#define TESTS_BENCH_VF_SYSTEMC_GUEST_HPP

#include <cstdint>
#include <vector>

#include <systemc>

#include "tests/bench/vf/systemc/host.hpp"
#include "tests/bench/vf/systemc/nic.hpp"
#include "tests/bench/vf/systemc/parameters.hpp"
#include "tests/bench/vf/systemc/timing.hpp"
#include "tests/bench/vf/systemc/trace_log.hpp"
#include "tests/bench/vf/systemc/vcpu.hpp"
#include "tests/bench/vf/systemc/wire.hpp"

/* Buffers of a page's parts, the one given back last is taken first. */
class buffer_pool
{
  public:
    explicit buffer_pool(const parameters &p)
        : next_page(static_cast<uint64_t>(p["tx_buffer_address"])),
          bytes(static_cast<uint64_t>(p["tx_buffer_bytes"]))
    {
    }

    uint64_t take()
    {
        if (stack.empty())
            refill();
        uint64_t buffer = stack.back();
        stack.pop_back();
        return buffer;
    }

    void give(uint64_t buffer)
    {
        stack.push_back(buffer);
    }

  private:
    static constexpr uint64_t page = 4096;

    void refill()
    {
        for (uint64_t offset = page; offset > 0; offset -= bytes)
            stack.push_back(next_page + offset - bytes);
        next_page += page;
    }

    uint64_t next_page, bytes;
    std::vector<uint64_t> stack;
};

class guest : public sc_core::sc_module,
              public segment_client,
              public interrupt_target,
              public delivery_target
{
  public:
    sc_core::sc_port<cpu_port> cpu;
    sc_core::sc_port<register_bus> registers;

    guest(sc_core::sc_module_name name, const parameters &p, guest_memory &of_guest, trace_log &log)
        : sc_module(name), cpu("cpu"), registers("registers"), memory(of_guest), trace(log), buffers(p),
          ring_address(static_cast<uint64_t>(p["tx_ring_address"])),
          size(static_cast<uint32_t>(p["tx_ring_descriptors"])),
          frame_length(static_cast<uint32_t>(p["frame_bytes"])), backlog(p["window_packets"]),
          boot_cycles(p["exit_cycles"] + p["irq_entry_cycles"] + p["wakeup_cycles"] + p["eoi_cycles"] +
                      p["irq_exit_cycles"]),
          send_cycles(p["app_cycles"] + p["syscall_cycles"] + p["socket_send_cycles"] + p["copy_cycles"] +
                      p["stack_send_cycles"] + p["driver_send_cycles"] + p["mmio_write_cycles"]),
          irq_cycles(p["irq_entry_cycles"] + p["irq_handler_cycles"] + p["eoi_cycles"] +
                     p["irq_exit_cycles"]),
          poll_cycles(p["softirq_cycles"]), clean_cycles(p["driver_clean_cycles"]),
          complete_cycles(p["napi_complete_cycles"] + p["mmio_write_cycles"])
    {
    }

    /* The timer that wakes the application is due as the VM is entered: an exit, then the timer's interrupt. */
    void boot()
    {
        cpu->run(HARDIRQ, boot_cycles);
    }

    /* The posted interrupt: the guest is running, so that nothing exits. */
    void interrupt() override
    {
        cpu->run(HARDIRQ, irq_cycles);
    }

    /* A frame of the window has arrived: the application has another one. */
    void delivered() override
    {
        backlog++;
    }

    void segment_done(level which) override
    {
        if (which == TASK)
            sent();
        else if (which == SOFTIRQ)
            polled();
        else
            handled();
    }

  private:
    /* ---- the application ---- */

    void send_next()
    {
        if (backlog == 0)
            SC_REPORT_FATAL("guest", "the window is empty: this program's application never sleeps");
        backlog--;
        packet++;
        trace.note(packet, HOP_CALL, now());
        cpu->run(TASK, send_cycles);
    }

    void sent()
    {
        uint64_t buffer = buffers.take();
        memory.payload_at(buffer) = packet;
        memory.descriptor_at(ring_address + to_use * descriptor_bytes) = {buffer, frame_length, false};
        to_use = (to_use + 1) % size;
        trace.note(packet, HOP_VISIBLE, now());
        registers->write_register(TX_TAIL, to_use);
        send_next();
    }

    /* ---- the interrupt ---- */

    void handled()
    {
        if (!booted) {
            booted = true;
            send_next();
            return;
        }
        reclaimed = 0;
        while (clean_index(reclaimed) != to_use && ring_at(clean_index(reclaimed)).done)
            reclaimed++;
        cpu->run(SOFTIRQ, poll_cycles + reclaimed * clean_cycles);
    }

    void polled()
    {
        if (completing) {
            completing = false;
            registers->write_register(MASK_SET, 0);
            return;
        }
        for (; reclaimed > 0; reclaimed--) {
            buffers.give(ring_at(to_clean).address);
            to_clean = clean_index(1);
        }
        completing = true;
        cpu->run(SOFTIRQ, complete_cycles);
    }

    descriptor &ring_at(uint32_t index)
    {
        return memory.descriptor_at(ring_address + index * descriptor_bytes);
    }

    uint32_t clean_index(int64_t ahead) const
    {
        return static_cast<uint32_t>((to_clean + ahead) % size);
    }

    guest_memory &memory;
    trace_log &trace;
    buffer_pool buffers;
    uint64_t ring_address;
    uint32_t size, frame_length;
    uint32_t to_use = 0, to_clean = 0; /* ring indices */
    int64_t backlog;                   /* packets that the window allows to be sent */
    uint64_t packet = 0;
    int64_t reclaimed = 0;
    bool booted = false, completing = false;
    int64_t boot_cycles, send_cycles, irq_cycles, poll_cycles, clean_cycles, complete_cycles;
};

#endif
