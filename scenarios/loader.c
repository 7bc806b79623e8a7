#include "scenarios/loader.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scenarios/complain.h"
#include "scenarios/parse.h"
#include "scenarios/source.h"

void loader_init(struct loader *loader, struct arena *arena, const char *library, bool no_files)
{
    *loader = (struct loader){.arena = arena, .library = library, .no_files = no_files};
    loader->nodes = PARSE_NODES_MAX;
    loader->bytes = SOURCE_SIZE_MAX;
    loader->files = INCLUDE_FILES_MAX;
}

char *loader_relative(struct arena *arena, const char *file, const char *name)
{
    const char *slash = file ? strrchr(file, '/') : NULL;
    if (name[0] == '/' || !slash)
        return arena_string(arena, name);
    return arena_format(arena, "%.*s/%s", (int)(slash - file), file, name);
}

/* The file that `include: name` means: beside the including file, else in the library. */
static const char *find_included(struct loader *loader, const char *from, const char *name)
{
    const char *beside = loader_relative(loader->arena, from, name);
    if (access(beside, F_OK) == 0 || !loader->library || name[0] == '/')
        return beside;
    const char *shared = arena_format(loader->arena, "%s/%s", loader->library, name);
    return access(shared, F_OK) == 0 ? shared : beside;
}

/* Notes that the file is being loaded; reports a loop. */
static bool enter(struct loader *loader, const char *path, const struct diag_place *from, struct diag *diag)
{
    struct stat status;
    char cut[CLIP_SIZE];
    if (stat(path, &status) != 0)
        memset(&status, 0, sizeof(status)); /* reading it will say why */
    for (size_t i = 0; i < loader->depth && status.st_ino; i++) {
        if (loader->open[i].inode == status.st_ino && loader->open[i].device == status.st_dev) {
            diag_error(diag, from, "include loop: `%s`; it is being included already", clip(path, cut));
            return false;
        }
    }
    if (loader->depth == INCLUDE_DEPTH_MAX) {
        diag_error(diag, from, "includes nested too deeply: `%s`; allowed: 16 levels", clip(path, cut));
        return false;
    }
    loader->open[loader->depth].device = status.st_dev;
    loader->open[loader->depth++].inode = status.st_ino;
    return true;
}

static bool expand(struct loader *loader, struct node *node, bool top, struct diag *diag);

static bool is_mapping(const struct node *root, struct diag *diag)
{
    char value[CLIP_SIZE + 2];
    if (root->kind != NODE_MAPPING)
        diag_error(diag, &root->place, "wrong type: %s as the whole file; wanted: `key: value` lines",
                   clip_node(root, value));
    return root->kind == NODE_MAPPING;
}

/* Parses a file that was entered, and expands what it includes; `top`: at a scenario's top level. */
static struct node *load_entered(struct loader *loader, const char *path, const struct diag_place *from,
                                 bool top, struct diag *diag)
{
    struct source source;
    if (!source_read(path, from, loader->bytes, &source, diag))
        return NULL;
    loader->bytes -= source.size;
    struct node *root = parse_text(loader->arena, path, source.data, source.size, &loader->nodes, diag);
    source_free(&source);
    if (!root || !is_mapping(root, diag) || !expand(loader, root, top, diag))
        return NULL;
    return root;
}

static struct node *load(struct loader *loader, const char *path, const struct diag_place *from, bool top,
                         struct diag *diag)
{
    char cut[CLIP_SIZE];
    if (loader->no_files) {
        diag_error(diag, from, "cannot read the file: `%s`; files cannot be used here", clip(path, cut));
        return NULL;
    }
    if (loader->files == 0) {
        diag_error(diag, from, "too many files: `%s`; allowed: 256 in a scenario", clip(path, cut));
        return NULL;
    }
    loader->files--;
    if (!enter(loader, path, from, diag))
        return NULL;
    struct node *root = load_entered(loader, path, from, top, diag);
    loader->depth--;
    return root;
}

/* What a file says of itself is no default for the file that includes it. */
static bool strip(struct node *root, bool top, struct diag *diag)
{
    char value[CLIP_SIZE + 2];
    const struct node *version = node_remove(root, "schema_version");
    node_remove(root, "description");
    if (top) {
        node_remove(root, "name");
        node_remove(root, "look_at");
    }
    if (!version || (version->kind == NODE_SCALAR && strcmp(version->text, "1") == 0))
        return true;
    diag_error(diag, &version->place, "out of range: %s for `schema_version`; allowed: 1",
               clip_node(version, value));
    return false;
}

struct node *loader_included(struct loader *loader, const char *path, const struct diag_place *from,
                             struct diag *diag)
{
    struct node *root = load(loader, path, from, false, diag);
    return root && strip(root, false, diag) ? root : NULL;
}

static struct node *load_included(struct loader *loader, const struct node *name, bool top, struct diag *diag)
{
    if (name->kind != NODE_SCALAR || node_empty(name)) {
        complain_type(diag, name, "include", "a file name or a list of file names");
        return NULL;
    }
    const char *path = find_included(loader, name->place.file, name->text);
    struct node *root = load(loader, path, &name->place, top, diag);
    return root && strip(root, top, diag) ? root : NULL;
}

/* Lays `node` on the files that its `include:` names. */
static bool include_under(struct loader *loader, struct node *node, struct node *include, bool top,
                          struct diag *diag)
{
    size_t count = include->kind == NODE_LIST ? include->count : 1;
    struct node *under = NULL;
    for (size_t i = 0; i < count; i++) {
        struct node *name = include->kind == NODE_LIST ? include->items[i] : include;
        struct node *root = load_included(loader, name, top, diag);
        if (!root)
            return false;
        under = under ? node_lay(loader->arena, root, under) : root;
    }
    if (under)
        *node = *node_merge(loader->arena, node, under);
    return true;
}

/* Expands every `include:` in the tree, in place. */
static bool expand(struct loader *loader, struct node *node, bool top, struct diag *diag)
{
    bool fine = true;
    if (node->kind == NODE_LIST)
        for (size_t i = 0; i < node->count; i++)
            fine = expand(loader, node->items[i], false, diag) && fine;
    if (node->kind != NODE_MAPPING)
        return fine;
    struct node *include = node_remove(node, "include");
    for (size_t i = 0; i < node->count; i++)
        fine = expand(loader, node->entries[i].value, false, diag) && fine;
    return (!include || include_under(loader, node, include, top, diag)) && fine;
}

struct node *loader_file(struct loader *loader, const char *path, struct diag *diag)
{
    return load(loader, arena_string(loader->arena, path), NULL, true, diag);
}

struct node *loader_text(struct loader *loader, const char *name, const char *data, size_t size,
                         struct diag *diag)
{
    struct diag_place whole = {.file = arena_string(loader->arena, name)};
    if (size > loader->bytes) {
        diag_error(diag, &whole, "too large; allowed: 16MiB with all that is included");
        return NULL;
    }
    loader->bytes -= size;
    struct node *root = parse_text(loader->arena, whole.file, data, size, &loader->nodes, diag);
    if (!root || !is_mapping(root, diag) || !expand(loader, root, true, diag))
        return NULL;
    return root;
}
