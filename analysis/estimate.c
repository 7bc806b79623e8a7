#include "analysis/estimate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/metric.h"
#include "sim/assert.h"
#include "sim/stats.h"

size_t estimate_group(const struct campaign *campaign)
{
    return (size_t)scenario_experiment(campaign->scenario)->repeat;
}

/* The interval that a run itself gives for a mean. */
static double own_interval(const struct campaign *campaign, size_t point, const char *metric)
{
    char path[METRIC_PATH_SIZE];
    double half_width;
    if (!metric_interval(metric, path, sizeof(path)))
        return NAN;
    return campaign_number(campaign, point, path, &half_width) ? half_width : NAN;
}

bool estimate_metric(const struct campaign *campaign, size_t first, const char *metric,
                     struct estimate *estimate)
{
    size_t group = estimate_group(campaign), count = 0;
    size_t last = first;
    double *values = calloc(group, sizeof(*values));
    SIM_ASSERT(values);
    for (size_t i = first; i < first + group; i++) {
        if (!campaign_number(campaign, i, metric, &values[count]))
            continue;
        last = i;
        count++;
    }
    struct interval interval = interval_of(values, count);
    *estimate = (struct estimate){.value = interval.mean, .half_width = interval.half_width, .n = count};
    if (count == 1)
        *estimate =
            (struct estimate){.value = values[0], .half_width = own_interval(campaign, last, metric), .n = 1};
    free(values);
    return count > 0;
}

const json_t *estimate_result(const struct campaign *campaign, size_t first)
{
    size_t group = estimate_group(campaign);
    for (size_t i = first; i < first + group; i++)
        if (campaign_has(campaign, i))
            return campaign_result(campaign, i);
    return NULL;
}

char *estimate_name(const struct campaign *campaign, size_t first)
{
    char *name = strdup(scenario_point(campaign->scenario, first)->name);
    SIM_ASSERT(name);
    if (estimate_group(campaign) == 1)
        return name;
    char *repeat = strstr(name, ",repeat=");
    if (repeat)
        *repeat = '\0';
    if (strncmp(name, "repeat=", 7) == 0)
        memcpy(name, "base", 5);
    return name;
}
