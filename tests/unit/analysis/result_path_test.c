/* Metric paths: how everything reads results. */
#include "analysis/metric.h"
#include "analysis/quantity.h"
#include "tests/unit/analysis/campaign_fixture.h"

static const char sample[] =
    "{\"throughput_pps\": 1000.5, \"latency_ns\": {\"mean\": 5, \"p99\": null},"
    " \"exits\": {\"HLT\": 3, \"EPT_MISCONFIG\": 4}, \"accesses\": {\"TDT.write\": 7, \"ICR.read\": 2},"
    " \"kicks\": {\"tx\": 6, \"rx\": 1}, \"interrupts\": {\"raised\": 8, \"handled\": 9},"
    " \"packets\": {\"delivered\": 4, \"dropped\": {\"tap_full\": 2, \"no_buffer\": 3}},"
    " \"cores\": [{\"name\": \"c0\", \"by_category\": {\"guest.copy\": 11}}, {\"utilization\": 0.25}],"
    " \"directions\": {\"receive\": {\"packets\": {\"dropped\": {}}}},"
    " \"bottleneck\": {\"saturated\": true, \"resource\": \"host0.core1\"}}";

static bool number(const char *path, double *value)
{
    json_t *result = json_loads(sample, 0, NULL);
    cr_assert_not_null(result);
    bool found = result_number(result, path, value);
    json_decref(result);
    return found;
}

static void expect_number(const char *path, double wanted)
{
    double value = -1;
    cr_expect(number(path, &value), "%s is there", path);
    cr_expect_eq(value, wanted, "%s is %g, not %g", path, value, wanted);
}

static void expect_none(const char *path)
{
    double value = -1;
    cr_expect_not(number(path, &value), "%s is not there", path);
    cr_expect_eq(value, 0);
}

Test(result_path, plain)
{
    expect_number("throughput_pps", 1000.5);
    expect_number("latency_ns.mean", 5);
    expect_number("cores[1].utilization", 0.25);
}

Test(result_path, names_with_dots)
{
    expect_number("accesses.TDT.write", 7);
    expect_number("cores[0].by_category.guest.copy", 11);
}

Test(result_path, a_count_that_did_not_occur_is_zero)
{
    expect_number("exits.CPUID", 0);
    expect_number("accesses.TDT.read", 0);
    expect_number("packets.dropped.wire_busy", 0);
    expect_number("directions.receive.packets.dropped.tap_full", 0);
}

Test(result_path, what_is_not_there)
{
    expect_none("latency_ns.p99");
    expect_none("latency_ns.p42");
    expect_none("latency_ns");
    expect_none("directions.transmit.packets.dropped.tap_full");
    expect_none("cores[7].utilization");
    expect_none("bottleneck.resource");
    expect_none("");
}

Test(result_path, counts_are_summed)
{
    expect_number("exits", 7);
    expect_number("accesses", 9);
    expect_number("kicks", 7);
    expect_number("packets.dropped", 5);
    expect_number("directions.receive.packets.dropped", 0);
    expect_none("interrupts"); /* raised and handled are the same interrupts */
}

Test(result_path, truth_is_one)
{
    expect_number("bottleneck.saturated", 1);
}

Test(result_path, ratios)
{
    expect_number("kicks.tx/packets.delivered", 1.5);
    expect_number("exits/packets.delivered", 1.75);
    expect_none("exits/exits.CPUID");
    expect_none("exits/nothing");
    expect_none("nothing/exits");
}

Test(metric, units_follow_from_names)
{
    cr_expect_eq(metric_unit_of("latency_ns.p999"), METRIC_NS);
    cr_expect_eq(metric_unit_of("directions.receive.latency_ns.mean"), METRIC_NS);
    cr_expect_eq(metric_unit_of("directions.receive.throughput_pps"), METRIC_PPS);
    cr_expect_eq(metric_unit_of("throughput_gbps"), METRIC_GBPS);
    cr_expect_eq(metric_unit_of("cpu.utilization"), METRIC_CORES);
    cr_expect_eq(metric_unit_of("cores[0].utilization"), METRIC_SHARE);
    cr_expect_eq(metric_unit_of("cores[0].cycles_per_packet"), METRIC_CYCLES);
    cr_expect_eq(metric_unit_of("kicks.tx/packets.delivered"), METRIC_PER_PACKET);
    cr_expect_eq(metric_unit_of("exits.HLT"), METRIC_NUMBER);
}

static void expect_plain(const char *path, const char *unit, double base)
{
    double found = 0;
    cr_expect_str_eq(metric_plain_unit(path, &found), unit, "%s", path);
    cr_expect_eq(found, base, "%s", path);
}

Test(metric, plain_units)
{
    expect_plain("latency_ns.mean", "s", 1e-9);
    expect_plain("throughput_gbps", "bit/s", 1e9);
    expect_plain("throughput_pps", "packets/s", 1);
    expect_plain("exits.HLT", "", 1);
}

Test(metric, columns_are_paths_with_underscores)
{
    size_t count;
    const struct metric *metrics = metric_list(&count);
    cr_assert_gt(count, 0);
    for (size_t i = 0; i < count; i++) {
        char column[64];
        snprintf(column, sizeof(column), "%s", metrics[i].path);
        for (char *at = column; *at; at++)
            *at = *at == '.' ? '_' : *at;
        cr_expect_str_eq(metrics[i].column, column);
    }
}

Test(metric, values_for_people)
{
    char text[QUANTITY_SIZE];
    cr_expect_str_eq(metric_text("latency_ns.mean", 12345, text, sizeof(text)), "12.35 us");
    cr_expect_str_eq(metric_text("throughput_gbps", 0.5, text, sizeof(text)), "500.0 Mb/s");
    cr_expect_str_eq(metric_text("cores[0].utilization", 0.125, text, sizeof(text)), "12.5 %");
    cr_expect_str_eq(metric_text("cpu.utilization", 1.25, text, sizeof(text)), "1.25");
}
