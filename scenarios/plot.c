/*
 * Reading `plot:`.
 */
#include <ctype.h>
#include <string.h>

#include "scenarios/complain.h"
#include "scenarios/directives.h"

#define NAME_MAX_LENGTH 64

static bool refuse(struct reading *reading, const struct node *node, const char *what, const char *value,
                   const char *wanted)
{
    char cut[CLIP_SIZE];
    diag_error(reading->diag, &node->place, "%s: `%s` in `plot`; wanted: %s", what, clip(value, cut), wanted);
    return false;
}

/* A plot's name becomes a file name. */
static bool check_name(struct reading *reading, const struct scenario_plot *plot, const struct node *node,
                       size_t index)
{
    const char *name = plot->name;
    size_t length = strlen(name);
    const struct node *place = node_get(node, "name");
    for (const char *at = name; *at; at++)
        if (!isalnum((unsigned char)*at) && *at != '-' && *at != '_')
            length = 0;
    if (length == 0 || length > NAME_MAX_LENGTH)
        return refuse(reading, place, "bad name", name, "1 to 64 letters, digits, `-` or `_`");
    for (size_t i = 0; i < index; i++) {
        const char *other = reading->experiment->plots[i].name;
        if (other && strcmp(other, name) == 0)
            return refuse(reading, place, "plotted twice", name, "another name");
    }
    return true;
}

static bool is_axis(const struct reading *reading, const char *name)
{
    return strcmp(name, "compare") == 0 || experiment_axis(reading->experiment, name);
}

static bool unknown_axis(struct reading *reading, const struct node *node, const char *name)
{
    struct names names = {0};
    names_add(&names, "compare");
    for (size_t i = 0; i < reading->experiment->axis_count; i++)
        names_add(&names, reading->experiment->axes[i].name);
    complain_unknown(reading->diag, &node->place, "axis", name, "plot", &names);
    return false;
}

/* A metric is a path in the results; a plain word without a dot may also be an axis mistyped, but exists. */
static bool check_metric(struct reading *reading, const struct node *node)
{
    if (node->kind != NODE_SCALAR || node_empty(node)) {
        complain_type(reading->diag, node, "y", "a metric as `latency_ns.mean`, or a list of them");
        return false;
    }
    if (node->text[strcspn(node->text, " \t\r\n")] != '\0' || node->text[0] == '\0')
        return refuse(reading, node, "not a metric", node->text,
                      "a path in the results, as `latency_ns.mean`");
    return true;
}

static bool read_y(struct reading *reading, const struct node *node, struct scenario_plot *plot)
{
    size_t count = node->kind == NODE_LIST ? node->count : 1;
    plot->y = arena_alloc(reading->arena, (count + 1) * sizeof(*plot->y));
    plot->y_places = arena_alloc(reading->arena, (count + 1) * sizeof(*plot->y_places));
    for (size_t i = 0; i < count; i++) {
        const struct node *item = node->kind == NODE_LIST ? node->items[i] : node;
        if (!check_metric(reading, item))
            return false;
        plot->y_places[plot->y_count] = item->place;
        plot->y[plot->y_count++] = item->text;
    }
    if (count == 0)
        complain_type(reading->diag, node, "y", "a metric as `latency_ns.mean`, or a list of them");
    return count > 0;
}

/* A map shows, over two axes, which alternative has the best value of a metric. */
static bool check_map(struct reading *reading, const struct scenario_plot *plot, const struct node *node)
{
    if (!plot->value)
        return directive_missing(reading, node, "value", "plot", "the metric that a map compares");
    if (!is_axis(reading, plot->x))
        return unknown_axis(reading, node_get(node, "x"), plot->x);
    if (plot->y_count != 1 || !is_axis(reading, plot->y[0]))
        return unknown_axis(reading, node_get(node, "y"), plot->y[0]);
    return true;
}

/* Keys that mean something to other kinds of plots only. */
static bool check_kind(struct reading *reading, const struct scenario_plot *plot, const struct node *node)
{
    bool map = plot->kind == PLOT_MAP, series = !map && plot->kind != PLOT_STACK, fine = true;
    const struct {
        bool allowed;
        const char *key, *kinds;
    } keys[] = {{map, "value", "map"},
                {map, "best", "map"},
                {series, "series", "line`, `points` and `bar"},
                {series, "overlay", "line`, `points` and `bar"}};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const struct node_entry *entry = node_entry(node, keys[i].key);
        if (!entry || keys[i].allowed)
            continue;
        diag_error(reading->diag, &entry->place,
                   "too much in `plot`: `%s` has no effect with `kind: %s`; it belongs to `%s`", keys[i].key,
                   plot_kinds[plot->kind], keys[i].kinds);
        fine = false;
    }
    return fine;
}

static struct diag_place place_of(const struct node *node, const char *key)
{
    const struct node *value = node_get(node, key);
    return value ? value->place : node->place;
}

static void copy_rows(struct scenario_plot *plot, const struct plot_rows *rows, const struct node *node)
{
    *plot = (struct scenario_plot){
        .name = rows->name,
        .title = rows->title,
        .kind = (enum plot_kind)rows->kind,
        .x = rows->x,
        .value = rows->value,
        .best_is_max = rows->best == 0,
        .series = rows->series,
        .x_label = rows->x_label,
        .y_label = rows->y_label,
        .x_scale = (enum plot_scale)rows->x_scale,
        .y_scale = (enum plot_scale)rows->y_scale,
        .overlay = rows->overlay,
        .look_at = rows->look_at,
        .place = node->place,
        .x_place = place_of(node, "x"),
        .value_place = place_of(node, "value"),
        .overlay_place = place_of(node, "overlay"),
    };
}

static bool read_plot(struct reading *reading, const struct plot_rows *rows, const struct node *node,
                      size_t index)
{
    struct scenario_plot *plot = &reading->experiment->plots[index];
    copy_rows(plot, rows, node);
    if (!check_name(reading, plot, node, index) || !filter_read(reading, rows->where, &plot->where))
        return false;
    if (!rows->y)
        return directive_missing(reading, node, "y", "plot",
                                 "a metric as `latency_ns.mean`, or a list of them");
    if (!check_metric(reading, node_get(node, "x")) || !read_y(reading, rows->y, plot))
        return false;
    if (!check_kind(reading, plot, node))
        return false;
    if (plot->series && !is_axis(reading, plot->series))
        return unknown_axis(reading, node_get(node, "series"), plot->series);
    return plot->kind != PLOT_MAP || check_map(reading, plot, node);
}

bool plots_read(struct reading *reading, const struct param_list *list, const struct node *node)
{
    bool fine = true;
    struct experiment *experiment = reading->experiment;
    experiment->plot_count = list->count;
    experiment->plots = arena_alloc(reading->arena, list->count * sizeof(*experiment->plots));
    for (size_t i = 0; i < list->count; i++)
        fine = read_plot(reading, (const struct plot_rows *)list->items + i, node->items[i], i) && fine;
    return fine;
}
