/*
 * The VF transmit path as a SystemC program: a module a part of the machine, method processes, one notification an
 * event. It does the hops of README.md with the timing rules of iovsim's models and prints what iovsim_vf prints.
 */
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

#include <systemc>

#include "tests/bench/vf/systemc/computed.hpp"
#include "tests/bench/vf/systemc/guest.hpp"
#include "tests/bench/vf/systemc/host.hpp"
#include "tests/bench/vf/systemc/nic.hpp"
#include "tests/bench/vf/systemc/parameters.hpp"
#include "tests/bench/vf/systemc/stages.hpp"
#include "tests/bench/vf/systemc/vcpu.hpp"
#include "tests/bench/vf/systemc/wire.hpp"

/* Descriptors on the NIC at most: two bursts and the reads in flight, a power of two. */
static uint32_t window_of(const parameters &p)
{
    uint32_t window = 1;
    while (window < 2 * p["tx_prefetch_descriptors"] + p["reads_in_flight"])
        window *= 2;
    return window;
}

template <class link, class root> struct machine {
    machine(const parameters &p, trace_log &log)
        : memory(p), core("core", p), software("guest", p, memory, log), port("root", p, memory, log),
          down("down", p), up("up", p), descriptors("descriptors", p, window_of(p), log),
          payloads("payloads", p, window_of(p), log), vector("vector", p), dma("dma", p, descriptors),
          line("wire", p, log)
    {
        bind_host();
        bind_nic();
        software.boot();
        core.start_at(p["core_idle_wake_ps"]);
    }

    void bind_host()
    {
        core.software(software);
        software.cpu(core);
        software.registers(port.registers());
        port.connect(down, software);
        down.to(dma);
        up.to(port.receiver());
    }

    void bind_nic()
    {
        dma.up(up);
        dma.vector(vector);
        vector.dma(dma);
        descriptors.dma(dma);
        descriptors.payloads(payloads);
        payloads.dma(dma);
        payloads.vector(vector);
        payloads.supply(descriptors);
        payloads.wire(line);
        line.source(software);
    }

    guest_memory memory;
    vcpu core;
    guest software;
    root port;
    link down, up;
    descriptor_engine descriptors;
    payload_engine payloads;
    moderator vector;
    dma_front dma;
    wire line;
};

static double cpu_seconds()
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

static void measure(const wire &line, const trace_log &log, double milliseconds)
{
    double start = cpu_seconds();
    sc_core::sc_start(sc_core::sc_time(milliseconds, sc_core::SC_MS));
    double seconds = cpu_seconds() - start;
    uint64_t packets = line.packets();
    log.print_stages();
    std::printf("systemc packets %llu seconds %.4f packets/s %.0f\n",
                static_cast<unsigned long long>(packets), seconds, static_cast<double>(packets) / seconds);
}

/* 10 us a packet are more than enough. */
static void print_trace(const trace_log &log, uint64_t packets)
{
    sc_core::sc_start(sc_core::sc_time(10.0 * static_cast<double>(packets) + 100.0, sc_core::SC_US));
    log.print();
}

/* libsystemc's own main() calls it; ours, below, is linked instead. */
int sc_main(int, char *[])
{
    return EXIT_FAILURE;
}

struct options {
    std::string parameters;
    bool computed = false;
    uint64_t milliseconds = 0, trace = 0;
};

template <class link, class root> static void run(const options &chosen)
{
    trace_log log(chosen.trace);
    machine<link, root> system(parameters(chosen.parameters), log);
    if (chosen.trace > 0)
        print_trace(log, chosen.trace);
    else
        measure(system.line, log, static_cast<double>(chosen.milliseconds));
}

static bool read_options(int argc, char *argv[], options &chosen)
{
    for (int i = 1; i < argc; i++) {
        std::string word = argv[i];
        if (word == "--computed")
            chosen.computed = true;
        else if (word == "--milliseconds" && i + 1 < argc)
            chosen.milliseconds = std::strtoull(argv[++i], nullptr, 10);
        else if (word == "--trace" && i + 1 < argc)
            chosen.trace = std::strtoull(argv[++i], nullptr, 10);
        else
            chosen.parameters = word;
    }
    return !chosen.parameters.empty() && (chosen.milliseconds > 0) != (chosen.trace > 0);
}

int main(int argc, char *argv[])
{
    options chosen;
    if (!read_options(argc, argv, chosen)) {
        std::fprintf(stderr, "usage: %s PARAMETERS [--computed] --milliseconds TIME | --trace PACKETS\n",
                     argv[0]);
        return 2;
    }
    sc_core::sc_set_time_resolution(1, sc_core::SC_PS);
    sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
    try {
        if (chosen.computed)
            run<computed_link, computed_root>(chosen);
        else
            run<staged_link, staged_root>(chosen);
    } catch (const std::exception &error) {
        std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
        return 2;
    }
    return 0;
}
