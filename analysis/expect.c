#include "analysis/expect.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/estimate.h"
#include "analysis/quantity.h"
#include "analysis/table.h"
#include "sim/assert.h"

static struct verdict_check *add_check(struct verdict *verdict, size_t point, double value)
{
    if (verdict->count == verdict->capacity) {
        verdict->capacity = 2 * verdict->capacity + 8;
        verdict->checks = realloc(verdict->checks, verdict->capacity * sizeof(*verdict->checks));
        SIM_ASSERT(verdict->checks);
    }
    struct verdict_check *check = &verdict->checks[verdict->count++];
    *check = (struct verdict_check){.point = point, .value = value};
    return check;
}

/* Whether only a part of the points was run: what is not there then says nothing. */
static bool is_partial(const struct campaign *campaign)
{
    return campaign->run > 0 && campaign->run < campaign->count;
}

static bool has_run(const struct campaign *campaign, size_t first)
{
    for (size_t i = first; i < first + estimate_group(campaign); i++)
        if (campaign_has(campaign, i) || campaign->failures[i])
            return true;
    return false;
}

/* ---- fixed bounds ---- */

static void check_fixed(struct verdict *verdict, size_t point, double value)
{
    const struct scenario_expectation *expectation = verdict->expectation;
    char text[QUANTITY_SIZE];
    if (expectation->has_min) {
        struct verdict_check *check = add_check(verdict, point, value);
        check->held = value >= expectation->min;
        quantity_plain(expectation->min, text, sizeof(text));
        snprintf(check->bound, sizeof(check->bound), "at least %s", text);
    }
    if (expectation->has_max) {
        struct verdict_check *check = add_check(verdict, point, value);
        check->held = value <= expectation->max;
        quantity_plain(expectation->max, text, sizeof(text));
        snprintf(check->bound, sizeof(check->bound), "at most %s", text);
    }
}

/* ---- bounds that are results themselves ---- */

static bool sets_axis(const struct scenario_filter *filter, size_t axis)
{
    for (size_t i = 0; i < filter->count; i++)
        if (filter->matches[i].axis == axis)
            return true;
    return false;
}

/* Whether two points agree in everything that the filter of the second does not set. */
static bool is_pair(const struct campaign *campaign, const struct scenario_filter *filter,
                    const struct scenario_point *one, const struct scenario_point *other)
{
    const struct experiment *experiment = scenario_experiment(campaign->scenario);
    if (!filter->alternative && one->alternative != other->alternative)
        return false;
    for (size_t i = 0; i < experiment->axis_count; i++)
        if (!sets_axis(filter, i) && one->values[i] != other->values[i])
            return false;
    return true;
}

static void check_pair(struct verdict *verdict, const struct campaign *campaign, size_t point, double value,
                       const struct scenario_other *other, size_t other_point, bool less)
{
    struct estimate estimate = {.value = NAN};
    char text[QUANTITY_SIZE], times[QUANTITY_SIZE + 8] = "";
    estimate_metric(campaign, other_point, other->metric, &estimate);
    double bound = other->times * estimate.value;
    struct verdict_check *check = add_check(verdict, point, value);
    check->held = less ? value < bound : value > bound;
    if (other->times != 1) {
        quantity_plain(other->times, text, sizeof(text));
        snprintf(times, sizeof(times), "%s times ", text);
    }
    quantity_plain(estimate.value, text, sizeof(text));
    snprintf(check->bound, sizeof(check->bound), "%s %s%s (%.70s at %.40s)",
             less ? "less than" : "greater than", times, text, other->metric,
             scenario_point(campaign->scenario, other_point)->name);
}

static void check_other(struct verdict *verdict, const struct campaign *campaign, size_t point, double value,
                        const struct scenario_other *other, bool less)
{
    if (!other->metric)
        return;
    const struct scenario *scenario = campaign->scenario;
    const struct scenario_point *one = scenario_point(scenario, point);
    bool found = other->where.never || is_partial(campaign);
    for (size_t i = 0; i < campaign->count; i += estimate_group(campaign)) {
        const struct scenario_point *two = scenario_point(scenario, i);
        bool selected = scenario_matches(scenario, &other->where, two) && has_run(campaign, i);
        if (!selected || !is_pair(campaign, &other->where, one, two))
            continue;
        check_pair(verdict, campaign, point, value, other, i, less);
        found = true;
    }
    if (!found) {
        struct verdict_check *check = add_check(verdict, point, value);
        snprintf(check->bound, sizeof(check->bound), "a point to compare it with");
    }
}

/* ---- all of it ---- */

static void check_point(struct verdict *verdict, const struct campaign *campaign, size_t point)
{
    const struct scenario_expectation *expectation = verdict->expectation;
    struct estimate estimate = {.value = NAN};
    if (!estimate_metric(campaign, point, expectation->metric, &estimate))
        estimate.value = NAN;
    check_fixed(verdict, point, estimate.value);
    check_other(verdict, campaign, point, estimate.value, &expectation->less_than, true);
    check_other(verdict, campaign, point, estimate.value, &expectation->greater_than, false);
}

static void check_expectation(struct verdict *verdict, const struct campaign *campaign)
{
    const struct scenario *scenario = campaign->scenario;
    for (size_t i = 0; i < campaign->count; i += estimate_group(campaign))
        if (scenario_matches(scenario, &verdict->expectation->where, scenario_point(scenario, i)) &&
            has_run(campaign, i))
            check_point(verdict, campaign, i);
    verdict->held = verdict->count > 0;
    for (size_t i = 0; i < verdict->count; i++)
        verdict->held = verdict->held && verdict->checks[i].held;
}

/* Whether what it is about was taken out by the command line. */
static bool is_void(const struct scenario_expectation *expectation)
{
    return expectation->where.never || expectation->less_than.where.never ||
           expectation->greater_than.where.never;
}

void expectation_select(const struct scenario *scenario, const struct scenario_expectation *expectation,
                        bool *selected)
{
    const struct scenario_other *less = &expectation->less_than, *greater = &expectation->greater_than;
    for (size_t i = 0; i < scenario_point_count(scenario); i++) {
        const struct scenario_point *point = scenario_point(scenario, i);
        if (scenario_matches(scenario, &expectation->where, point) ||
            (less->metric && scenario_matches(scenario, &less->where, point)) ||
            (greater->metric && scenario_matches(scenario, &greater->where, point)))
            selected[i] = true;
    }
}

void verdicts_create(struct verdicts *verdicts, const struct campaign *campaign,
                     const struct scenario_expectation *only)
{
    const struct experiment *experiment = scenario_experiment(campaign->scenario);
    *verdicts = (struct verdicts){0};
    verdicts->items = calloc(experiment->expectation_count + 1, sizeof(*verdicts->items));
    SIM_ASSERT(verdicts->items);
    for (size_t i = 0; i < experiment->expectation_count; i++) {
        struct verdict *verdict = &verdicts->items[verdicts->count];
        *verdict = (struct verdict){.expectation = &experiment->expectations[i]};
        if (only && only != verdict->expectation)
            continue;
        check_expectation(verdict, campaign);
        if (verdict->count == 0 && (is_partial(campaign) || is_void(verdict->expectation)))
            continue;
        verdicts->missed += !verdict->held;
        verdicts->count++;
    }
}

void verdicts_destroy(struct verdicts *verdicts)
{
    for (size_t i = 0; i < verdicts->count; i++)
        free(verdicts->items[i].checks);
    free(verdicts->items);
    *verdicts = (struct verdicts){0};
}

static void print_check(const struct verdict *verdict, const struct verdict_check *check,
                        const struct campaign *campaign, FILE *out)
{
    char value[QUANTITY_SIZE];
    char *name = estimate_name(campaign, check->point);
    fprintf(out, "        %s is %s at %s; wanted: %s\n", verdict->expectation->metric,
            quantity_plain(check->value, value, sizeof(value)), name, check->bound);
    free(name);
}

void verdicts_print(const struct verdicts *verdicts, const struct campaign *campaign, FILE *out)
{
    for (size_t i = 0; i < verdicts->count; i++) {
        const struct verdict *verdict = &verdicts->items[i];
        fprintf(out, "%s  %s (%s, %zu %s)\n", verdict->held ? "ok    " : "MISSED", verdict->expectation->name,
                verdict->expectation->metric, verdict->count, verdict->count == 1 ? "check" : "checks");
        if (verdict->held)
            continue;
        if (verdict->count == 0)
            fprintf(out, "        no point was run that it is about\n");
        for (size_t j = 0; j < verdict->count; j++)
            if (!verdict->checks[j].held)
                print_check(verdict, &verdict->checks[j], campaign, out);
        if (verdict->expectation->because)
            table_paragraph(out, "        because: ", verdict->expectation->because, 110);
    }
}

static json_t *checks_json(const struct verdict *verdict, const struct campaign *campaign)
{
    json_t *list = json_array();
    for (size_t i = 0; i < verdict->count; i++) {
        const struct verdict_check *check = &verdict->checks[i];
        json_t *object = json_object();
        char *name = estimate_name(campaign, check->point);
        json_object_set_new(object, "point", json_string(name));
        json_object_set_new(object, "value", result_real(check->value));
        json_object_set_new(object, "bound", json_string(check->bound));
        json_object_set_new(object, "held", json_boolean(check->held));
        json_array_append_new(list, object);
        free(name);
    }
    return list;
}

json_t *verdicts_json(const struct verdicts *verdicts, const struct campaign *campaign)
{
    json_t *list = json_array();
    for (size_t i = 0; i < verdicts->count; i++) {
        const struct verdict *verdict = &verdicts->items[i];
        json_t *object = json_object();
        json_object_set_new(object, "name", json_string(verdict->expectation->name));
        json_object_set_new(object, "metric", json_string(verdict->expectation->metric));
        if (verdict->expectation->because)
            json_object_set_new(object, "because", json_string(verdict->expectation->because));
        json_object_set_new(object, "held", json_boolean(verdict->held));
        json_object_set_new(object, "checks", checks_json(verdict, campaign));
        json_array_append_new(list, object);
    }
    return list;
}
