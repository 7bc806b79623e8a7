#include "analysis/metric_check.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/axis.h"
#include "analysis/metric.h"
#include "analysis/metric_name.h"
#include "models/host/config.h"
#include "models/registry.h"

enum { ALLOWED_MAX = 32, ALLOWED_SIZE = 900, VALUE = 120 };

struct metric_check {
    const struct scenario *scenario;
    struct diag *diag;
};

/* ---- names ---- */

/* "a, b, c, ...", as far as there is room. */
static void join(const char *const *names, size_t count, char *buffer, size_t size)
{
    size_t length = 0;
    buffer[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        bool full = i == ALLOWED_MAX - 1 || length + strlen(names[i]) + 8 > size;
        length +=
            (size_t)snprintf(buffer + length, size - length, "%s%s", i ? ", " : "", full ? "..." : names[i]);
        if (full)
            return;
    }
}

static bool unknown(const struct metric_check *check, const char *path, const char *in,
                    const struct diag_place *place)
{
    const char *names[ALLOWED_MAX];
    char allowed[ALLOWED_SIZE], buffer[METRIC_PATH_SIZE];
    join(names, metric_allowed(path, names, ALLOWED_MAX), allowed, sizeof(allowed));
    const char *nearest = metric_nearest(path, buffer, sizeof(buffer));
    diag_error(check->diag, place, "unknown metric: `%.*s` in `%s`; allowed here: %s%s%s%s", VALUE, path, in,
               allowed, nearest ? "; did you mean `" : "", nearest ? nearest : "", nearest ? "`?" : "");
    return false;
}

/* ---- positions ---- */

/* How long a list of the results is at most; 0: not known before the run. */
static size_t length_of(const struct metric_check *check, const char *list)
{
    size_t most = 0;
    for (size_t i = 0; i < scenario_point_count(check->scenario); i++) {
        const struct scenario_point *point = scenario_point(check->scenario, i);
        struct scenario_binding *binding =
            scenario_bind(check->scenario, point, registry_root(), check->diag);
        const struct config *config = binding ? scenario_config(binding) : NULL;
        size_t length = 0;
        if (config && strcmp(list, "cores") == 0)
            length = (size_t)config->host.cores;
        else if (config && strcmp(list, "vms") == 0)
            length = config->vms.count;
        else if (config && strcmp(list, "traffic") == 0)
            length = config->traffic.count;
        most = length > most ? length : most;
        scenario_binding_destroy(binding);
    }
    return most;
}

/* A path into one of the lists that the configuration makes: is the position in it? */
static bool check_position(const struct metric_check *check, const char *path, const char *in,
                           const struct diag_place *place)
{
    static const char *const lists[] = {"cores", "vms", "traffic"};
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        size_t size = strlen(lists[i]);
        if (strncmp(path, lists[i], size) != 0 || path[size] != '[')
            continue;
        unsigned long long position = strtoull(path + size + 1, NULL, 10);
        size_t length = length_of(check, lists[i]);
        if (length == 0 || position < length)
            return true;
        diag_error(check->diag, place, "no such position: `%.*s` in `%s`; allowed: 0 to %zu in `%s`", VALUE,
                   path, in, length - 1, lists[i]);
        return false;
    }
    return true;
}

static bool check_path(const struct metric_check *check, const char *path, bool parts, const char *in,
                       const struct diag_place *place)
{
    if (!metric_exists(path, parts))
        return unknown(check, path, in, place);
    return check_position(check, path, in, place);
}

/* A metric: a path, or a ratio of two. */
static bool check_metric(const struct metric_check *check, const char *metric, bool parts, const char *in,
                         const struct diag_place *place)
{
    char above[METRIC_PATH_SIZE];
    const char *slash = metric ? strchr(metric, '/') : NULL;
    if (!metric)
        return true;
    if (!slash || (size_t)(slash - metric) >= sizeof(above))
        return check_path(check, metric, parts, in, place);
    memcpy(above, metric, (size_t)(slash - metric));
    above[slash - metric] = '\0';
    bool fine = check_path(check, above, false, in, place);
    return check_path(check, slash + 1, false, in, place) && fine;
}

/* ---- plots and expectations ---- */

static bool is_axis(const struct experiment *experiment, const char *name)
{
    return strcmp(name, "compare") == 0 || axis_find(experiment, name);
}

/* What goes right is an axis or a metric. */
static bool check_x(const struct metric_check *check, const struct scenario_plot *plot)
{
    const struct experiment *experiment = scenario_experiment(check->scenario);
    const char *names[ALLOWED_MAX];
    size_t count = 0;
    if (is_axis(experiment, plot->x) || strpbrk(plot->x, ".[/") || metric_exists(plot->x, false))
        return is_axis(experiment, plot->x) || check_metric(check, plot->x, false, "plot", &plot->x_place);
    names[count++] = "compare";
    for (size_t i = 0; i < experiment->axis_count && count + 1 < ALLOWED_MAX; i++)
        names[count++] = experiment->axes[i].name;
    const char *nearest = diag_nearest(plot->x, names, count);
    char allowed[ALLOWED_SIZE], buffer[METRIC_PATH_SIZE];
    join(names, count, allowed, sizeof(allowed));
    nearest = nearest ? nearest : metric_nearest(plot->x, buffer, sizeof(buffer));
    diag_error(check->diag, &plot->x_place,
               "unknown axis: `%.*s` in `plot`; allowed: %s, or a metric as `throughput_pps`%s%s%s", VALUE,
               plot->x, allowed, nearest ? "; did you mean `" : "", nearest ? nearest : "",
               nearest ? "`?" : "");
    return false;
}

static bool check_plot(const struct metric_check *check, const struct scenario_plot *plot)
{
    bool stack = plot->kind == PLOT_STACK, fine = check_x(check, plot);
    for (size_t i = 0; plot->kind != PLOT_MAP && i < plot->y_count; i++)
        fine = check_metric(check, plot->y[i], stack, "plot", &plot->y_places[i]) && fine;
    return check_metric(check, plot->value, false, "plot", &plot->value_place) && fine;
}

static bool check_expectation(const struct metric_check *check,
                              const struct scenario_expectation *expectation)
{
    bool fine = check_metric(check, expectation->metric, false, "expect", &expectation->metric_place);
    const struct scenario_other *others[] = {&expectation->less_than, &expectation->greater_than};
    for (size_t i = 0; i < 2; i++)
        if (others[i]->metric != expectation->metric)
            fine = check_metric(check, others[i]->metric, false, "expect", &others[i]->metric_place) && fine;
    return fine;
}

bool metric_check(const struct scenario *scenario, struct diag *diag)
{
    const struct metric_check check = {.scenario = scenario, .diag = diag};
    const struct experiment *experiment = scenario_experiment(scenario);
    bool fine = true;
    for (size_t i = 0; i < experiment->plot_count; i++)
        fine = check_plot(&check, &experiment->plots[i]) && fine;
    for (size_t i = 0; i < experiment->expectation_count; i++)
        fine = check_expectation(&check, &experiment->expectations[i]) && fine;
    return fine;
}
