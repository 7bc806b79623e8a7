/* Arrival processes: exact gaps, means and distributions, and the configurations that they refuse. */
#include "models/traffic/arrival/arrivals.h"

#include <math.h>

#include "sim/diag.h"
#include "tests/unit/models/traffic_fixture.h"

/* A process that runs. */
struct process {
    struct param_variant variant;
    const struct arrival_ops *ops;
    void *state;
    struct random_stream stream;
    const char *error;
};

static struct process process_start(struct param_variant variant, int64_t num, int64_t den)
{
    struct process process = {.variant = variant, .ops = variant.model->ops};
    struct arrival_period period = {num, den};
    process.state = calloc(1, process.ops->state_size);
    process.stream = random_stream_make(7, 0, "path", "gap");
    process.error = process.ops->start(process.state, variant.config, &period);
    return process;
}

static struct arrival process_next(struct process *process)
{
    struct arrival arrival = {0};
    process->ops->next(process->state, process->variant.config, &process->stream, &arrival);
    return arrival;
}

static void process_stop(struct process *process)
{
    if (process->ops->stop)
        process->ops->stop(process->state);
    free(process->state);
    free(process->variant.config);
}

Test(arrival, the_tables_have_no_mistakes_and_constant_is_the_default)
{
    struct diag *diag = diag_create();
    cr_assert_str_eq(arrival_family.models[0]->table->name, "constant");
    cr_assert_str_eq(size_family.models[0]->table->name, "fixed");
    cr_assert_str_eq(size_family.models[0]->table->params[0].key, "bytes");
    bool fine = param_check_table(&traffic_table, diag);
    diag_print(diag, stderr);
    cr_assert(fine);
    diag_destroy(diag);
}

Test(arrival, constant_gaps_never_drift_from_a_period_that_is_no_whole_number)
{
    const int64_t rates[] = {3000000000, 7000, 14880952381, 1000000}; /* 1/1000 packet a second */
    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
        const int64_t num = 1000000000000000;
        struct process process = process_start(variant_of(&arrival_family, "constant"), num, rates[i]);
        sim_time now = 0;
        for (int64_t n = 1; n <= 100000; n++) {
            now += process_next(&process).gap;
            cr_assert_eq(now, (sim_time)((__int128)n * num / rates[i]), "rate %lld, packet %lld",
                         (long long)rates[i], (long long)n);
        }
        process_stop(&process);
    }
}

Test(arrival, constant_phase_delays_the_first_alone)
{
    struct param_variant variant = variant_of(&arrival_family, "constant");
    ((struct constant_config *)variant.config)->phase = 5 * SIM_US;
    struct process process = process_start(variant, 10 * SIM_US, 1);
    cr_assert_eq(process_next(&process).gap, 15 * SIM_US);
    cr_assert_eq(process_next(&process).gap, 10 * SIM_US);
    process_stop(&process);
}

Test(arrival, bursts_stretch_the_period_exactly)
{
    struct traffic_config config = traffic_defaults();
    config.rate = 7000000;
    config.burst = 32;
    struct arrival_period period = traffic_period(&config);
    cr_assert_eq(period.num, INT64_C(32000000000000000));
    cr_assert_eq(period.den, 7000000);
    free_variants(&config);
}

Test(arrival, poisson_has_the_mean_and_the_variance_of_an_exponential)
{
    enum { N = 400000 };
    struct process process = process_start(variant_of(&arrival_family, "poisson"), 10 * SIM_US, 3);
    double mean = (double)(10 * SIM_US) / 3, sum = 0, squares = 0;
    for (int i = 0; i < N; i++) {
        double gap = (double)process_next(&process).gap;
        sum += gap;
        squares += gap * gap;
    }
    double error = mean / sqrt(N); /* of the sample mean */
    double variance = squares / N - (sum / N) * (sum / N);
    cr_assert_lt(fabs(sum / N - mean), 4 * error);
    cr_assert_lt(fabs(variance / (mean * mean) - 1), 4 * sqrt(8.0 / N)); /* Var(s^2) = 8 mean^4 / n */
    process_stop(&process);
}

Test(arrival, poisson_counts_in_equal_windows_are_dispersed_as_they_should)
{
    enum { WINDOWS = 20000 };
    struct process process = process_start(variant_of(&arrival_family, "poisson"), SIM_US, 1);
    sim_time window = 5 * SIM_US, end = window, now = process_next(&process).gap;
    double sum = 0, squares = 0;
    for (int i = 0; i < WINDOWS; i++, end += window) {
        double count = 0;
        for (; now < end; now += process_next(&process).gap)
            count++;
        sum += count;
        squares += count * count;
    }
    double mean = sum / WINDOWS, dispersion = (squares / WINDOWS - mean * mean) / mean;
    cr_assert_lt(fabs(mean - 5), 4 * sqrt(5.0 / WINDOWS));
    cr_assert_lt(fabs(dispersion - 1), 4 * sqrt(2.0 / WINDOWS));
    process_stop(&process);
}

static struct param_variant on_off(sim_time on, sim_time off, int periods, int within)
{
    struct param_variant variant = variant_of(&arrival_family, "on_off");
    *(struct on_off_config *)variant.config = (struct on_off_config){on, off, periods, within};
    return variant;
}

/* 10 us on, 30 us off, one packet in 10 us on average: 4 in each on period, 2.5 us apart. */
Test(arrival, on_off_with_fixed_periods_and_constant_gaps_is_exact)
{
    struct process process =
        process_start(on_off(10 * SIM_US, 30 * SIM_US, ON_OFF_FIXED, ON_OFF_CONSTANT), 10 * SIM_US, 1);
    sim_time now = 0;
    for (int cycle = 0; cycle < 1000; cycle++)
        for (int i = 1; i <= 4; i++) {
            now += process_next(&process).gap;
            cr_assert_eq(now, cycle * 40 * SIM_US + 30 * SIM_US + i * 2500 * SIM_NS, "cycle %d, packet %d",
                         cycle, i);
        }
    process_stop(&process);
}

Test(arrival, on_off_keeps_the_mean_rate_and_sends_nothing_in_fixed_off_periods)
{
    enum { N = 200000 };
    struct process process =
        process_start(on_off(100 * SIM_US, 300 * SIM_US, ON_OFF_FIXED, ON_OFF_POISSON), SIM_US, 1);
    sim_time now = 0;
    for (int i = 0; i < N; i++) {
        now += process_next(&process).gap;
        cr_assert_geq(now % (400 * SIM_US), 300 * SIM_US);
    }
    /* The clock of the on state is Poisson at 4 packets a microsecond: standard error 1 / sqrt(N). */
    cr_assert_lt(fabs((double)now / N / SIM_US - 1), 4 / sqrt(N) + 400.0 / N);
    process_stop(&process);
}

/* With exponential periods arrivals clump: counts in windows of the cycle's length vary far more than Poisson's. */
Test(arrival, on_off_with_exponential_periods_keeps_the_mean_and_clumps)
{
    enum { WINDOWS = 20000 };
    struct process process =
        process_start(on_off(10 * SIM_US, 30 * SIM_US, ON_OFF_EXPONENTIAL, ON_OFF_POISSON), SIM_US, 1);
    sim_time window = 40 * SIM_US, end = window, now = process_next(&process).gap;
    double sum = 0, squares = 0;
    for (int i = 0; i < WINDOWS; i++, end += window) {
        double count = 0;
        for (; now < end; now += process_next(&process).gap)
            count++;
        sum += count;
        squares += count * count;
    }
    double mean = sum / WINDOWS, dispersion = (squares / WINDOWS - mean * mean) / mean;
    cr_assert_lt(fabs(mean / 40 - 1), 0.04);
    cr_assert_gt(dispersion, 10);
    process_stop(&process);
}

Test(arrival, random_processes_need_a_rate)
{
    struct traffic_config config = traffic_defaults();
    config.window = 4;
    free(config.arrival.config);
    config.arrival = variant_of(&arrival_family, "poisson");
    cr_assert_str_eq(check_config(&config).text, "arrival: `poisson` needs a `rate`");
    free(config.arrival.config);
    config.arrival = variant_of(&arrival_family, "on_off");
    cr_assert_str_eq(check_config(&config).text, "arrival: `on_off` needs a `rate`");
    free_variants(&config);
}

static struct param_variant replay_of(const char *path)
{
    struct param_variant variant = variant_of(&arrival_family, "replay");
    ((struct replay_config *)variant.config)->file = path;
    return variant;
}

Test(arrival, replay_divides_the_captured_gaps_and_never_drifts)
{
    struct image image;
    char path[32];
    image_begin(&image, STAMPS_NANO, 65535);
    for (uint32_t i = 0; i < 200; i++)
        image_udp(&image, 100 + i / 100, i % 100 * 10000001, 1, 2, 60 + i);
    image_save(&image, path);
    struct param_variant variant = replay_of(path);
    ((struct replay_config *)variant.config)->speedup = 3000000;
    struct process process = process_start(variant, 0, 1);
    cr_assert_null(process.error);
    sim_time now = 0;
    for (int64_t i = 0; i < 200; i++) {
        struct arrival arrival = process_next(&process);
        now += arrival.gap;
        int64_t captured = i / 100 * 1000000000 + i % 100 * 10000001; /* ns */
        cr_assert_eq(now, captured * 1000 / 3, "frame %lld", (long long)i);
        cr_assert_eq(arrival.length, 60 + i);
        cr_assert_eq(arrival.direction, PACKET_TRANSMIT);
        cr_assert_not(arrival.end);
    }
    cr_assert(process_next(&process).end);
    process_stop(&process);
    unlink(path);
}

Test(arrival, replay_tells_what_is_wrong_with_its_file_and_its_endpoint)
{
    struct traffic_config config = traffic_defaults();
    free(config.arrival.config);
    config.arrival = replay_of("/nonexistent/x.pcap");
    struct replay_config *replay = config.arrival.config;
    cr_assert_str_eq(check_config(&config).text,
                     "arrival.file: cannot replay `/nonexistent/x.pcap`: No such file or directory");
    replay->endpoint = "10.0.0.300";
    cr_assert_str_eq(
        check_config(&config).text,
        "arrival.endpoint: not an address: `10.0.0.300`; wanted: MAC, IPv4, IPv4:port, IPv6 or [IPv6]:port");
    struct process process = process_start(replay_of("/nonexistent/x.pcap"), 0, 1);
    cr_assert_str_eq(process.error, "No such file or directory");
    process_stop(&process);
    free_variants(&config);
}
