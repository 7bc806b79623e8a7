#include <stdlib.h>
#include <string.h>

#include "sim/assert.h"
#include "sim/stats.h"

/* 128 bins an octave: a value's bin is its leading 8 bits, which are 128 to 255, and its octave. */
enum { SUB_BITS = 7, SUB_BINS = 1 << SUB_BITS };

static const sim_time highest = 100 * SIM_SECOND;

uint32_t histogram_bin_of(sim_time value)
{
    uint64_t v = (uint64_t)(value < highest ? value : highest);
    unsigned octave = 63 - SUB_BITS - (unsigned)__builtin_clzll(v | SUB_BINS);
    return (uint32_t)((octave << SUB_BITS) + (v >> octave));
}

sim_time histogram_bin_low(uint32_t bin)
{
    if (bin < 2 * SUB_BINS)
        return bin;
    uint32_t octave = bin / SUB_BINS - 1;
    return (sim_time)(bin - octave * SUB_BINS) << octave;
}

sim_time histogram_bin_high(uint32_t bin)
{
    return bin == HISTOGRAM_BINS - 1 ? SIM_TIME_MAX : histogram_bin_low(bin + 1) - 1;
}

void histogram_init(struct histogram *histogram)
{
    *histogram = (struct histogram){.min = SIM_TIME_MAX};
    histogram->bins = calloc(HISTOGRAM_BINS, sizeof histogram->bins[0]);
    SIM_ASSERT(histogram->bins != NULL);
}

void histogram_destroy(struct histogram *histogram)
{
    free(histogram->bins);
    histogram->bins = NULL;
}

void histogram_add(struct histogram *histogram, sim_time value)
{
    SIM_ASSERT(value >= 0);
    histogram->count++;
    histogram->sum += value;
    if (value < histogram->min)
        histogram->min = value;
    if (value > histogram->max)
        histogram->max = value;
    histogram->bins[histogram_bin_of(value)]++;
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
    if (from->count == 0)
        return;
    into->count += from->count;
    into->sum += from->sum;
    if (from->min < into->min)
        into->min = from->min;
    if (from->max > into->max)
        into->max = from->max;
    for (uint32_t bin = histogram_bin_of(from->min); bin <= histogram_bin_of(from->max); bin++)
        into->bins[bin] += from->bins[bin];
}

/* Narrows min and max to the outermost bins that are not empty. */
static void narrow_range(struct histogram *histogram)
{
    if (histogram->count == 0) {
        histogram->min = SIM_TIME_MAX;
        histogram->max = 0;
        return;
    }
    uint32_t first = histogram_bin_of(histogram->min);
    uint32_t last = histogram_bin_of(histogram->max);
    while (histogram->bins[first] == 0)
        first++;
    while (histogram->bins[last] == 0)
        last--;
    if (histogram->min < histogram_bin_low(first))
        histogram->min = histogram_bin_low(first);
    if (histogram->max > histogram_bin_high(last))
        histogram->max = histogram_bin_high(last);
}

void histogram_subtract(struct histogram *into, const struct histogram *from)
{
    if (from->count == 0)
        return;
    SIM_ASSERT(from->count <= into->count);
    for (uint32_t bin = histogram_bin_of(from->min); bin <= histogram_bin_of(from->max); bin++) {
        SIM_ASSERT(from->bins[bin] <= into->bins[bin]);
        into->bins[bin] -= from->bins[bin];
    }
    into->count -= from->count;
    into->sum -= from->sum;
    narrow_range(into);
}

void histogram_copy(struct histogram *into, const struct histogram *from)
{
    uint64_t *bins = into->bins;
    memcpy(bins, from->bins, HISTOGRAM_BINS * sizeof bins[0]);
    *into = *from;
    into->bins = bins;
}

sim_time histogram_percentile(const struct histogram *histogram, uint32_t permille_hundred)
{
    SIM_ASSERT(permille_hundred <= 100000);
    if (histogram->count == 0)
        return 0;
    unsigned __int128 scaled = (unsigned __int128)histogram->count * permille_hundred;
    uint64_t rank = (uint64_t)((scaled + 99999) / 100000);
    uint32_t bin = histogram_bin_of(histogram->min);
    uint64_t seen = histogram->bins[bin];
    while (seen < rank)
        seen += histogram->bins[++bin];
    sim_time edge = histogram_bin_high(bin);
    return edge < histogram->max ? edge : histogram->max;
}

sim_time histogram_mean(const struct histogram *histogram)
{
    if (histogram->count == 0)
        return 0;
    return (sim_time)((histogram->sum + histogram->count / 2) / histogram->count);
}
