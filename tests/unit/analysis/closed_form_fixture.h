/*
 * Runs a configuration and predicts it. A run is made in a process of its own, so that a test can make many; it observes
 * every packet's latency to the picosecond, which results do not hold.
 */
#ifndef TESTS_UNIT_ANALYSIS_CLOSED_FORM_FIXTURE_H
#define TESTS_UNIT_ANALYSIS_CLOSED_FORM_FIXTURE_H

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analysis/closed_form.h"
#include "analysis/run.h"
#include "models/registry.h"

#ifndef IOVSIM_SOURCE_DIR
#define IOVSIM_SOURCE_DIR "." /* the header alone: as run from the root */
#endif

enum { OBSERVED_LATENCIES = 12, SETS_MAX = 96, SET_SIZE = 96 };

static const char *const strategy_list[] = {"native", "emulation", "virtio", "passthrough"};
static const char *const direction_list[] = {"transmit", "receive", "request_response"};

/* Ticks, halt polling and adaptive moderation off, and one packet far from the next. */
static const char base_text[] =
    "schema_version: 1\n"
    "name: closed form\n"
    "duration: 60ms\n"
    "warmup: 6ms\n"
    "host: {profile: xeon-e5, tick: \"off\", hypervisor: {guest_tick: \"off\", halt_poll: 0}}\n"
    "costs: {profile: xeon-e5}\n"
    "nics: [{profile: 82599, moderation: {model: none}}]\n"
    "vms: [{}]\n"
    "traffic:\n"
    "  - {vm: 0, rate: 2kpps, peer_delay: 150us, size: {model: fixed, bytes: 64B}}\n";

/* What the command line would say: "path=value". */
struct sets {
    char text[SETS_MAX][SET_SIZE];
    size_t count;
};

__attribute__((format(printf, 2, 3))) static inline void set(struct sets *sets, const char *format, ...)
{
    va_list arguments;
    cr_assert(sets->count < SETS_MAX);
    va_start(arguments, format);
    vsnprintf(sets->text[sets->count], SET_SIZE, format, arguments);
    va_end(arguments);
    sets->count++;
}

struct observed {
    bool done;
    struct {
        sim_time latency; /* [ps] */
        int64_t count;
    } latencies[OBSERVED_LATENCIES];
    int64_t distinct, packets;
    double utilization[CLOSED_FORM_CORES];
    double throughput_pps, mean_ns, ci95_ns, interrupts; /* [1/s] of the NIC */
    char bottleneck[CLOSED_FORM_NAME];
    bool saturated;
};

struct experiment_run {
    struct scenario *scenario;
    struct scenario_binding *binding;
    const struct config *config;
};

static inline struct experiment_run bind_sets(const struct sets *sets)
{
    struct experiment_run run;
    struct diag *diag = diag_create();
    const char *list[SETS_MAX];
    for (size_t i = 0; i < sets->count; i++)
        list[i] = sets->text[i];
    struct scenario_options options = {
        .library = IOVSIM_SOURCE_DIR "/scenarios/library", .sets = list, .set_count = sets->count};
    run.scenario = scenario_load_text("test.yaml", base_text, strlen(base_text), &options, diag);
    run.binding = run.scenario
                      ? scenario_bind(run.scenario, scenario_point(run.scenario, 0), registry_root(), diag)
                      : NULL;
    diag_print(diag, stderr);
    cr_assert_not_null(run.binding);
    diag_destroy(diag);
    run.config = scenario_config(run.binding);
    return run;
}

static inline void release(struct experiment_run *run)
{
    scenario_binding_destroy(run->binding);
    scenario_destroy(run->scenario);
}

/* ---- observing, in the child ---- */

static struct observed observation;
static sim_time observe_from;
static void (*source_ended)(struct path *path, struct packet *packet, bool delivered, void *self);

static inline void note_latency(struct path *path, struct packet *packet, bool delivered, void *self)
{
    int64_t i = 0;
    sim_time latency = packet->last - packet->start;
    if (delivered && packet->start >= observe_from) {
        while (i < observation.distinct && observation.latencies[i].latency != latency)
            i++;
        if (i < OBSERVED_LATENCIES) {
            observation.latencies[i].latency = latency;
            observation.latencies[i].count++;
        }
        if (i == observation.distinct && i < OBSERVED_LATENCIES)
            observation.distinct++;
        observation.packets++;
    }
    if (source_ended)
        source_ended(path, packet, delivered, self);
}

static inline void ignore_report(void *self, const char *path, const char *message)
{
    (void)self;
    fprintf(stderr, "%s: %s\n", path, message);
}

static inline double number_of(const json_t *result, const char *path)
{
    double value = NAN;
    result_number(result, path, &value);
    return value;
}

static inline void note_result(const json_t *result, const struct config *config)
{
    const json_t *queue;
    size_t index;
    observation.throughput_pps = number_of(result, "throughput_pps");
    observation.mean_ns = number_of(result, "latency_ns.mean");
    observation.ci95_ns = number_of(result, "latency_ns.ci95");
    observation.saturated = json_is_true(result_at(result, "bottleneck.saturated"));
    const char *resource = json_string_value(result_at(result, "bottleneck.resource"));
    snprintf(observation.bottleneck, sizeof(observation.bottleneck), "%s", resource ? resource : "");
    for (int64_t i = 0; i < config->host.cores; i++) {
        char path[64];
        snprintf(path, sizeof(path), "cores[%lld].utilization", (long long)i);
        observation.utilization[i] = number_of(result, path);
    }
    json_array_foreach(json_object_get(result, "queues"), index, queue)
    {
        double count = json_number_value(json_object_get(queue, "interrupts"));
        observation.interrupts = fmax(observation.interrupts, count * 1e12 / (double)config->duration);
    }
}

static inline void simulate_and_observe(const struct config *config)
{
    struct sim_config sim_config = {.seed = (uint64_t)config->seed};
    struct sim *sim = sim_create(&sim_config);
    struct system *system = system_create(sim, config, ignore_report, NULL);
    if (!system)
        return;
    observe_from = config->warmup;
    source_ended = system->traffic[0].path.ended;
    system->traffic[0].path.ended = note_latency;
    system_run(system);
    observation.done = system_check(system) == NULL;
    struct result_labels labels = {.scenario = "test", .point = "base", .values = json_object()};
    note_result(result_create(system, &labels), config);
}

/* Runs `config` in a process of its own. */
static inline struct observed observe(const struct config *config)
{
    struct observed observed = {0};
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        simulate_and_observe(config);
        _exit(write(ends[1], &observation, sizeof(observation)) == sizeof(observation) ? 0 : 1);
    }
    close(ends[1]);
    ssize_t got = read(ends[0], &observed, sizeof(observed));
    close(ends[0]);
    waitpid(child, NULL, 0);
    cr_assert(got == sizeof(observed) && observed.done, "the run failed");
    return observed;
}

/* ---- checks ---- */

static inline void expect_close(double measured, double predicted, double percent, const char *what)
{
    double off = 100 * fabs(measured / predicted - 1);
    cr_expect(off <= percent, "%s: predicted %.9g, measured %.9g: %.3f %% apart", what, predicted, measured,
              off);
}

/* All latencies are the least one, or that and what occasional work adds; each kind is seen. */
static inline void expect_latencies(const struct closed_form_latency *latency,
                                    const struct observed *observed, const char *what)
{
    bool seen[1 << CLOSED_FORM_EXTRAS] = {false};
    for (int64_t i = 0; i < observed->distinct; i++) {
        int found = -1;
        for (int extras = 0; extras < 1 << CLOSED_FORM_EXTRAS; extras++) {
            sim_time predicted = latency->least;
            for (int k = 0; k < CLOSED_FORM_EXTRAS; k++)
                predicted += extras >> k & 1 ? latency->extras[k].more : 0;
            if (found < 0 && predicted == observed->latencies[i].latency)
                found = extras;
        }
        cr_expect(found >= 0, "%s: %lld packets took %lld ps, predicted %lld (+%lld, +%lld)", what,
                  (long long)observed->latencies[i].count, (long long)observed->latencies[i].latency,
                  (long long)latency->least, (long long)latency->extras[0].more,
                  (long long)latency->extras[1].more);
        if (found >= 0)
            seen[found] = true;
    }
    cr_expect(seen[0], "%s: no packet of the least latency", what);
    for (int k = 0; k < CLOSED_FORM_EXTRAS; k++)
        if (latency->extras[k].every > 0 && latency->extras[k].more > 0 &&
            observed->packets > 2 * latency->extras[k].every)
            cr_expect(seen[1 << k] || seen[3], "%s: occasional work %d was never met", what, k);
}

#endif
