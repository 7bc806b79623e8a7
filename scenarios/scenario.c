#include "scenarios/scenario.h"

#include <string.h>

#include "scenarios/bind.h"
#include "scenarios/directives.h"
#include "scenarios/resolve.h"
#include "sim/assert.h"

struct scenario_binding {
    struct arena *arena;
    struct node *root;
    void *config;
};

/* Parses --set; those of directives change the tree now, the rest wait until a point is bound. */
static bool take_sets(struct scenario *scenario, const struct scenario_options *options, struct diag *diag)
{
    bool fine = true;
    struct arena *arena = scenario->arena;
    scenario->sets = arena_alloc(arena, options->set_count * sizeof(*scenario->sets));
    for (size_t i = 0; i < options->set_count; i++) {
        struct override override;
        if (!override_parse(arena, options->sets[i], &override, diag))
            fine = false;
        else if (!param_find(&directives_table, override.path.steps[0].key))
            scenario->sets[scenario->set_count++] = override;
        else
            fine = override_apply(arena, scenario->root, &override, diag) && fine;
    }
    return fine;
}

static bool read_directives(struct scenario *scenario, struct diag *diag)
{
    struct reading reading = {.arena = scenario->arena,
                              .diag = diag,
                              .root = scenario->root,
                              .experiment = &scenario->experiment,
                              .pins = scenario->sets,
                              .pin_count = scenario->set_count};
    return experiment_read(&reading) && points_make(scenario, diag);
}

static struct scenario *create(const struct scenario_options *options)
{
    struct arena *arena = arena_create();
    struct scenario *scenario = arena_alloc(arena, sizeof(*scenario));
    scenario->arena = arena;
    scenario->loader = arena_alloc(arena, sizeof(*scenario->loader));
    loader_init(scenario->loader, arena, options->library ? arena_string(arena, options->library) : NULL,
                options->no_files);
    return scenario;
}

/* Finishes a scenario whose tree is loaded, or was not. */
static struct scenario *finish(struct scenario *scenario, const struct scenario_options *options,
                               size_t errors, struct diag *diag)
{
    bool fine = scenario->root && take_sets(scenario, options, diag) && read_directives(scenario, diag);
    if (fine && diag_error_count(diag) == errors)
        return scenario;
    scenario_destroy(scenario);
    return NULL;
}

static const struct scenario_options no_options;

struct scenario *scenario_load(const char *path, const struct scenario_options *options, struct diag *diag)
{
    size_t errors = diag_error_count(diag);
    options = options ? options : &no_options;
    struct scenario *scenario = create(options);
    scenario->root = loader_file(scenario->loader, path, diag);
    return finish(scenario, options, errors, diag);
}

struct scenario *scenario_load_text(const char *name, const char *data, size_t size,
                                    const struct scenario_options *options, struct diag *diag)
{
    size_t errors = diag_error_count(diag);
    options = options ? options : &no_options;
    struct scenario *scenario = create(options);
    scenario->root = loader_text(scenario->loader, name, data, size, diag);
    return finish(scenario, options, errors, diag);
}

void scenario_destroy(struct scenario *scenario)
{
    if (scenario)
        arena_destroy(scenario->arena);
}

const struct experiment *scenario_experiment(const struct scenario *scenario)
{
    return &scenario->experiment;
}

size_t scenario_point_count(const struct scenario *scenario)
{
    return scenario->point_count;
}

const struct scenario_point *scenario_point(const struct scenario *scenario, size_t index)
{
    SIM_ASSERT(index < scenario->point_count);
    return &scenario->points[index];
}

bool scenario_matches(const struct scenario *scenario, const struct scenario_filter *filter,
                      const struct scenario_point *point)
{
    const struct experiment *experiment = &scenario->experiment;
    if (filter->never)
        return false;
    if (filter->alternative &&
        (!point->alternative || strcmp(point->alternative->name, filter->alternative) != 0))
        return false;
    for (size_t i = 0; i < filter->count; i++) {
        const struct scenario_match *match = &filter->matches[i];
        if (point->values[match->axis] != &experiment->axes[match->axis].values[match->value])
            return false;
    }
    return true;
}

static struct scenario_binding *bind_tree(struct arena *arena, struct node *tree,
                                          const struct param_table *root, struct diag *diag)
{
    struct scenario_binding *binding = arena_alloc(arena, sizeof(*binding));
    struct binder binder = {.arena = arena, .diag = diag, .others = &directives_table};
    binding->arena = arena;
    binding->root = tree;
    binding->config = arena_alloc(arena, root->size);
    return bind_mapping(&binder, root, tree, binding->config, NULL) ? binding : NULL;
}

static struct scenario_binding *bind_point(const struct scenario *scenario,
                                           const struct scenario_point *point, const struct override *extra,
                                           size_t extra_count, const struct param_table *root,
                                           struct diag *diag)
{
    struct arena *arena = arena_create();
    struct node *tree = resolve(scenario, point, extra, extra_count, root, arena, diag);
    struct scenario_binding *binding = tree ? bind_tree(arena, tree, root, diag) : NULL;
    if (!binding)
        arena_destroy(arena);
    return binding;
}

struct scenario_binding *scenario_bind(const struct scenario *scenario, const struct scenario_point *point,
                                       const struct param_table *root, struct diag *diag)
{
    return bind_point(scenario, point, NULL, 0, root, diag);
}

struct scenario_binding *scenario_bind_cause(const struct scenario *scenario,
                                             const struct scenario_point *point,
                                             const struct scenario_expectation *expectation,
                                             const struct param_table *root, struct diag *diag)
{
    return bind_point(scenario, point, expectation->cause, expectation->cause_count, root, diag);
}

void scenario_binding_destroy(struct scenario_binding *binding)
{
    if (binding)
        arena_destroy(binding->arena);
}

const void *scenario_config(const struct scenario_binding *binding)
{
    return binding->config;
}

static bool find_place(const struct node *root, const char *text, struct diag_place *place)
{
    struct diag *unheard = diag_create();
    struct arena *arena = arena_create();
    struct diag_place nowhere = {0};
    struct path path;
    bool fine = path_parse(arena, text, &nowhere, &path, unheard);
    if (fine)
        *place = path_place(root, &path);
    arena_destroy(arena);
    diag_destroy(unheard);
    return fine;
}

/* The node at a path, NULL if there is none. */
static const struct node *find_node(const struct node *root, const char *text)
{
    struct diag *unheard = diag_create();
    struct arena *arena = arena_create();
    struct diag_place nowhere = {0};
    struct path path;
    const struct node *node = NULL;
    if (path_parse(arena, text, &nowhere, &path, unheard))
        node = path_find((struct node *)root, &path);
    arena_destroy(arena);
    diag_destroy(unheard);
    return node;
}

const char *scenario_binding_text(const struct scenario_binding *binding, const char *path)
{
    const struct node *node = find_node(binding->root, path);
    return node && node->kind == NODE_SCALAR ? node->text : NULL;
}

bool scenario_binding_written(const struct scenario_binding *binding, const char *path)
{
    const struct node *node = find_node(binding->root, path);
    return node && !node->profile;
}

bool scenario_binding_place(const struct scenario_binding *binding, const char *path,
                            struct diag_place *place)
{
    return find_place(binding->root, path, place);
}

bool scenario_place(const struct scenario *scenario, const char *path, struct diag_place *place)
{
    return find_place(scenario->root, path, place);
}
