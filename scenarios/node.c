#include "scenarios/node.h"

#include <ctype.h>
#include <string.h>

#include "sim/assert.h"

static uint32_t hash_key(const char *key)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (; *key; key++)
        hash = (hash ^ (unsigned char)*key) * 16777619u;
    return hash;
}

struct node *node_create(struct arena *arena, enum node_kind kind, struct diag_place place)
{
    struct node *node = arena_alloc(arena, sizeof(*node));
    node->kind = kind;
    node->place = place;
    return node;
}

struct node *node_scalar(struct arena *arena, const char *text, struct diag_place place)
{
    struct node *node = node_create(arena, NODE_SCALAR, place);
    node->text = text;
    node->plain = true;
    return node;
}

struct node_entry *node_entry(const struct node *node, const char *key)
{
    if (!node || node->kind != NODE_MAPPING)
        return NULL;
    uint32_t hash = hash_key(key);
    for (size_t i = 0; i < node->count; i++)
        if (node->entries[i].hash == hash && strcmp(node->entries[i].key, key) == 0)
            return &node->entries[i];
    return NULL;
}

struct node *node_get(const struct node *node, const char *key)
{
    const struct node_entry *entry = node_entry(node, key);
    return entry ? entry->value : NULL;
}

void node_add(struct arena *arena, struct node *mapping, const char *key, struct diag_place place,
              struct node *value)
{
    SIM_ASSERT(mapping->kind == NODE_MAPPING);
    mapping->entries = arena_grow(arena, mapping->entries, mapping->count, sizeof(*mapping->entries));
    mapping->entries[mapping->count++] =
        (struct node_entry){.key = key, .hash = hash_key(key), .place = place, .value = value};
}

void node_set(struct arena *arena, struct node *mapping, const char *key, struct diag_place place,
              struct node *value)
{
    struct node_entry *entry = node_entry(mapping, key);
    if (!entry) {
        node_add(arena, mapping, key, place, value);
        return;
    }
    entry->value = value;
    entry->place = place;
}

struct node *node_remove(struct node *mapping, const char *key)
{
    struct node_entry *entry = node_entry(mapping, key);
    if (!entry)
        return NULL;
    struct node *value = entry->value;
    size_t after = mapping->count - 1 - (size_t)(entry - mapping->entries);
    memmove(entry, entry + 1, after * sizeof(*entry));
    mapping->count--;
    return value;
}

void node_append(struct arena *arena, struct node *list, struct node *item)
{
    SIM_ASSERT(list->kind == NODE_LIST);
    list->items = arena_grow(arena, list->items, list->count, sizeof(struct node *));
    list->items[list->count++] = item;
}

bool node_empty(const struct node *node)
{
    if (node->kind != NODE_SCALAR || !node->plain)
        return false;
    return node->text[0] == '\0' || strcmp(node->text, "~") == 0;
}

bool node_is_quantity(const struct node *node)
{
    return node->kind == NODE_SCALAR && isdigit((unsigned char)node->text[0]);
}

const char *node_describe(const struct node *node)
{
    if (node->kind == NODE_MAPPING)
        return "a mapping";
    if (node->kind == NODE_LIST)
        return "a list";
    return node_empty(node) ? "nothing" : "text";
}

/* The power of two at or above `count`: what arena_grow() relies on. */
static size_t capacity_for(size_t count)
{
    size_t capacity = 1;
    while (capacity < count)
        capacity *= 2;
    return capacity;
}

struct node *node_clone(struct arena *arena, struct node *node)
{
    if (node->kind == NODE_SCALAR)
        return node;
    struct node *copy = arena_alloc(arena, sizeof(*copy));
    *copy = *node;
    if (node->kind == NODE_MAPPING) {
        copy->entries = arena_alloc(arena, capacity_for(node->count) * sizeof(*copy->entries));
        for (size_t i = 0; i < node->count; i++) {
            copy->entries[i] = node->entries[i];
            copy->entries[i].value = node_clone(arena, node->entries[i].value);
        }
    } else {
        copy->items = arena_alloc(arena, capacity_for(node->count) * sizeof(struct node *));
        for (size_t i = 0; i < node->count; i++)
            copy->items[i] = node_clone(arena, node->items[i]);
    }
    return copy;
}

static const char *model_of(const struct node *node)
{
    if (node->kind == NODE_SCALAR)
        return node->text;
    const struct node *model = node_get(node, "model");
    return model && model->kind == NODE_SCALAR ? model->text : NULL;
}

/* Whether both name a model, and the same. */
static bool same_model(const struct node *over, const struct node *under)
{
    const char *a = model_of(over), *b = model_of(under);
    return a && b && strcmp(a, b) == 0;
}

static bool other_model(const struct node *over, const struct node *under)
{
    const char *a = model_of(over), *b = model_of(under);
    return a && b && strcmp(a, b) != 0;
}

struct node *node_lay(struct arena *arena, struct node *over, struct node *under)
{
    if (under->kind != NODE_MAPPING)
        return over;
    if (over->kind == NODE_MAPPING)
        return other_model(over, under) ? over : node_merge(arena, over, under);
    return over->kind == NODE_SCALAR && same_model(over, under) ? under : over;
}

struct node *node_merge(struct arena *arena, struct node *over, struct node *under)
{
    struct node *merged = node_create(arena, NODE_MAPPING, over->place);
    merged->expanded = over->expanded;
    for (size_t i = 0; i < over->count; i++) {
        struct node_entry *entry = &over->entries[i];
        struct node *below = node_get(under, entry->key);
        struct node *value = below ? node_lay(arena, entry->value, below) : entry->value;
        node_add(arena, merged, entry->key, entry->place, value);
    }
    for (size_t i = 0; i < under->count; i++) {
        struct node_entry *entry = &under->entries[i];
        if (!node_entry(over, entry->key))
            node_add(arena, merged, entry->key, entry->place, entry->value);
    }
    return merged;
}
