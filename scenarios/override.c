#include "scenarios/override.h"

#include <ctype.h>
#include <string.h>

#include "scenarios/complain.h"
#include "scenarios/parse.h"

#define INDEX_MAX 1000000

/* Reads "[digits]" or a key at *at; false when neither is there. */
static bool read_step(struct arena *arena, const char **at, struct step *step)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    size_t length = strspn(*at, letters);
    if (**at != '[') {
        step->key = arena_copy(arena, *at, length);
        *at += length;
        return length > 0;
    }
    const char *digit = *at + 1;
    step->key = NULL;
    step->index = 0;
    for (; isdigit((unsigned char)*digit) && step->index < INDEX_MAX; digit++)
        step->index = step->index * 10 + (size_t)(*digit - '0');
    if (digit == *at + 1 || *digit != ']')
        return false;
    *at = digit + 1;
    return true;
}

/* Files are included when a file is read, which is over when something is set. */
static bool no_include(const char *text, const struct diag_place *place, struct diag *diag)
{
    char cut[CLIP_SIZE];
    diag_error(diag, place, "cannot set: `%s`; wanted: a parameter (`include` is written in a file)",
               clip(text, cut));
    return false;
}

static bool has_include(const struct node *node)
{
    bool found = node_get(node, "include") != NULL;
    for (size_t i = 0; node->kind == NODE_LIST && i < node->count && !found; i++)
        found = has_include(node->items[i]);
    for (size_t i = 0; node->kind == NODE_MAPPING && i < node->count && !found; i++)
        found = has_include(node->entries[i].value);
    return found;
}

static bool names_include(const struct path *path)
{
    for (size_t i = 0; i < path->count; i++)
        if (path->steps[i].key && strcmp(path->steps[i].key, "include") == 0)
            return true;
    return false;
}

bool path_parse(struct arena *arena, const char *text, const struct diag_place *place, struct path *path,
                struct diag *diag)
{
    const char *at = text;
    char cut[CLIP_SIZE];
    *path = (struct path){.text = arena_string(arena, text)};
    bool fine = *at != '[';
    while (fine && path->count < PARSE_DEPTH_MAX) {
        struct step step;
        fine = read_step(arena, &at, &step);
        path->steps = arena_grow(arena, path->steps, path->count, sizeof(step));
        path->steps[path->count++] = step;
        if (*at == '\0' && fine)
            return !names_include(path) || no_include(text, place, diag);
        if (*at == '.' && at[1] != '[')
            at++;
        else if (*at != '[')
            break;
    }
    diag_error(diag, place, "not a path: `%s`; wanted: keys and list positions as in `nics[0].rate`",
               clip(text, cut));
    return false;
}

bool path_equal(const struct path *a, const struct path *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct step *one = &a->steps[i], *other = &b->steps[i];
        if (!one->key != !other->key ||
            (one->key ? strcmp(one->key, other->key) != 0 : one->index != other->index))
            return false;
    }
    return true;
}

/* The node one step below `node`, NULL when there is none. */
static struct node *step_down(const struct node *node, const struct step *step)
{
    if (step->key)
        return node_get(node, step->key);
    return node->kind == NODE_LIST && step->index < node->count ? node->items[step->index] : NULL;
}

struct node *path_find(struct node *root, const struct path *path)
{
    struct node *node = root;
    for (size_t i = 0; i < path->count && node; i++)
        node = step_down(node, &path->steps[i]);
    return node;
}

struct diag_place path_place(const struct node *root, const struct path *path)
{
    struct diag_place place = root->place;
    const struct node *node = root;
    for (size_t i = 0; i < path->count; i++) {
        const struct node_entry *entry = path->steps[i].key ? node_entry(node, path->steps[i].key) : NULL;
        node = step_down(node, &path->steps[i]);
        if (!node)
            return place;
        bool last = i + 1 == path->count;
        place = entry && !(last && node->kind == NODE_SCALAR) ? entry->place : node->place;
    }
    return place;
}

/* Gives every node of a value that was parsed from a text of its own the place of that text. */
static void place_all(struct node *node, struct diag_place place)
{
    node->place = place;
    for (size_t i = 0; node->kind == NODE_LIST && i < node->count; i++)
        place_all(node->items[i], place);
    for (size_t i = 0; node->kind == NODE_MAPPING && i < node->count; i++) {
        node->entries[i].place = place;
        place_all(node->entries[i].value, place);
    }
}

bool override_parse_at(struct arena *arena, const char *text, struct diag_place place,
                       struct override *override, struct diag *diag)
{
    char cut[CLIP_SIZE];
    const char *equals = strchr(text, '=');
    *override = (struct override){.place = place};
    if (!equals || equals == text) {
        diag_error(diag, &place, "not an override: `%s`; wanted: path=value as in `nics[0].rate=10Gbps`",
                   clip(text, cut));
        return false;
    }
    char *path = arena_copy(arena, text, (size_t)(equals - text));
    if (!path_parse(arena, path, &place, &override->path, diag))
        return false;
    override->value = parse_value(arena, equals + 1, diag);
    if (!override->value)
        return false;
    place_all(override->value, place);
    return !has_include(override->value) || no_include(text, &place, diag);
}

bool override_parse(struct arena *arena, const char *text, struct override *override, struct diag *diag)
{
    return override_parse_at(arena, text, (struct diag_place){0}, override, diag);
}

bool override_parse_mapping(struct arena *arena, const struct node *mapping, struct override **overrides,
                            size_t *count, struct diag *diag)
{
    bool fine = true;
    *overrides = arena_alloc(arena, mapping->count * sizeof(**overrides));
    *count = mapping->count;
    for (size_t i = 0; i < mapping->count; i++) {
        const struct node_entry *entry = &mapping->entries[i];
        struct override *override = &(*overrides)[i];
        override->place = entry->place;
        override->value = entry->value;
        fine = path_parse(arena, entry->key, &entry->place, &override->path, diag) && fine;
    }
    return fine;
}

static bool no_entry(const struct override *override, const char *why, struct diag *diag)
{
    char cut[CLIP_SIZE];
    diag_error(diag, &override->place, "cannot set: `%s`; %s", clip(override->path.text, cut), why);
    return false;
}

/* The slot that holds what is one step below `node`; NULL, reported, when there can be none. */
static struct node **slot_of(struct arena *arena, struct node *node, const struct step *step,
                             const struct override *override, struct diag *diag)
{
    if (step->key) {
        if (node->kind == NODE_LIST) {
            no_entry(override, "a list is there; write its entries as in `nics[0]`", diag);
            return NULL;
        }
        struct node_entry *entry = node_entry(node, step->key);
        if (!entry) {
            node_add(arena, node, step->key, override->place, NULL);
            entry = node_entry(node, step->key);
        }
        return &entry->value;
    }
    if (node->kind == NODE_LIST && step->index < node->count)
        return &node->items[step->index];
    no_entry(override, node->kind == NODE_LIST ? "the list has fewer entries" : "no list is there", diag);
    return NULL;
}

/* Reports that the path asks for an entry of a list that is not there, with the lists that are. */
static bool no_list(const struct node *node, const char *key, const struct override *override,
                    struct diag *diag)
{
    struct names names = {0};
    for (size_t i = 0; i < node->count; i++)
        if (node->entries[i].value && node->entries[i].value->kind == NODE_LIST)
            names_add(&names, node->entries[i].key);
    complain_unknown(diag, &override->place, "list", key, override->path.text, &names);
    return false;
}

bool override_apply(struct arena *arena, struct node *root, const struct override *override,
                    struct diag *diag)
{
    struct node *node = root;
    for (size_t i = 0;; i++) {
        const struct step *step = &override->path.steps[i];
        struct node **slot = slot_of(arena, node, step, override, diag);
        if (!slot)
            return false;
        if (i + 1 == override->path.count) {
            struct node *value = node_clone(arena, override->value);
            *slot = *slot ? node_lay(arena, value, *slot) : value;
            return true;
        }
        struct node *below = *slot;
        if (!below && !override->path.steps[i + 1].key)
            return no_list(node, step->key, override, diag);
        if (!below || below->kind == NODE_SCALAR) {
            /* A bare name stands for {model: name}, so that the model's parameters can be reached;
             * a bare quantity stands for the first of them. */
            struct node *mapping = node_create(arena, NODE_MAPPING, below ? below->place : override->place);
            if (below && !node_empty(below) && !node_is_quantity(below))
                node_add(arena, mapping, "model", below->place, below);
            *slot = mapping;
        }
        node = *slot;
    }
}
