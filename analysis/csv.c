#include "analysis/csv.h"

#include <string.h>

#include "analysis/axis.h"
#include "analysis/metric.h"
#include "sim/report_number.h"

/* Writes a field, in quotes where it needs them; `first` fields have no comma before them. */
static void field(FILE *out, bool first, const char *text)
{
    if (!first)
        fputc(',', out);
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

static void number_field(FILE *out, bool known, double number)
{
    char text[REPORT_NUMBER_SIZE];
    field(out, false, known ? report_double(number, text, sizeof(text)) : "");
}

static void text_field(FILE *out, const json_t *result, const char *path)
{
    const char *text = json_string_value(result_at(result, path));
    field(out, false, text ? text : "");
}

/* An axis has its values as written, and as plain numbers beside them if they are numbers with units. */
static void axis_names(const struct experiment *experiment, FILE *out)
{
    char name[300];
    for (size_t i = 0; i < experiment->axis_count; i++) {
        const struct scenario_axis *axis = &experiment->axes[i];
        field(out, false, axis->name);
        if (!axis_is_numeric(axis))
            continue;
        snprintf(name, sizeof(name), "%s_number", axis->name);
        field(out, false, name);
    }
}

static void axis_values(const struct experiment *experiment, const struct scenario_point *point, FILE *out)
{
    for (size_t i = 0; i < experiment->axis_count; i++) {
        field(out, false, point->values[i]->text);
        if (axis_is_numeric(&experiment->axes[i]))
            number_field(out, true, axis_number(point->values[i]));
    }
}

void csv_header(const struct scenario *scenario, FILE *out)
{
    size_t count;
    const struct metric *metrics = metric_list(&count);
    field(out, true, "scenario");
    field(out, false, "point");
    axis_names(scenario_experiment(scenario), out);
    fputs(",compare,replication,strategy,seed", out);
    for (size_t i = 0; i < count; i++)
        field(out, false, metrics[i].column);
    fputs(",bottleneck,bottleneck_kind,saturated,fingerprint,error\n", out);
}

void csv_row(const struct scenario *scenario, const struct scenario_point *point, const json_t *result,
             const char *failure, FILE *out)
{
    size_t count;
    const struct experiment *experiment = scenario_experiment(scenario);
    const struct metric *metrics = metric_list(&count);
    double number = 0;
    field(out, true, experiment->name ? experiment->name : "");
    field(out, false, point->name);
    axis_values(experiment, point, out);
    field(out, false, point->alternative ? point->alternative->name : "");
    fprintf(out, ",%lld", (long long)point->replication);
    text_field(out, result, "strategy");
    bool known = result && result_number(result, "seed", &number);
    number_field(out, known, number);
    for (size_t i = 0; i < count; i++) {
        known = result && result_number(result, metrics[i].path, &number);
        number_field(out, known, number);
    }
    text_field(out, result, "bottleneck.resource");
    text_field(out, result, "bottleneck.kind");
    known = result && result_number(result, "bottleneck.saturated", &number);
    number_field(out, known, number);
    text_field(out, result, "fingerprint");
    field(out, false, failure ? failure : "");
    fputc('\n', out);
}
