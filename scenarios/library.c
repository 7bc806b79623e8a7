#include "scenarios/library.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scenarios/loader.h"
#include "scenarios/parse.h"
#include "scenarios/source.h"
#include "sim/assert.h"

#define FOLDER_MAX 4096
#define DESCRIPTION_FILE_MAX ((size_t)1 << 20)

static char *copy_of(const char *text)
{
    char *copy = strdup(text);
    SIM_ASSERT(copy);
    return copy;
}

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Cuts the last part off a path; false when none is left. */
static bool go_up(char *path)
{
    char *slash = strrchr(path, '/');
    if (!slash || slash == path)
        return false;
    *slash = '\0';
    return true;
}

/* The library that belongs to the running program: installed beside it, or in the tree it was built in. */
static bool beside_program(char *folder, size_t size)
{
    char program[FOLDER_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
    if (length <= 0)
        return false;
    program[length] = '\0';
    for (int up = 0; go_up(program); up++) {
        snprintf(folder, size, "%s/share/iovsim", program);
        if (up == 1 && is_folder(folder))
            return true;
        snprintf(folder, size, "%s/scenarios/library", program);
        if (is_folder(folder))
            return true;
    }
    return false;
}

char *library_folder(const char *given)
{
    char folder[FOLDER_MAX + 64];
    const char *named = given ? given : getenv("IOVSIM_LIBRARY");
    if (named && *named)
        return copy_of(named);
    if (beside_program(folder, sizeof(folder)))
        return copy_of(folder);
#ifdef IOVSIM_LIBRARY_DIR
    if (is_folder(IOVSIM_LIBRARY_DIR))
        return copy_of(IOVSIM_LIBRARY_DIR);
#endif
#ifdef IOVSIM_SOURCE_LIBRARY
    if (is_folder(IOVSIM_SOURCE_LIBRARY))
        return copy_of(IOVSIM_SOURCE_LIBRARY);
#endif
    return NULL;
}

/* The first line of the file's `description:`, "" when it has none or does not parse. */
static char *describe(const char *path)
{
    struct diag *unheard = diag_create();
    struct arena *arena = arena_create();
    struct source source;
    size_t budget = PARSE_NODES_MAX;
    const char *text = "";
    if (source_read(path, NULL, DESCRIPTION_FILE_MAX, &source, unheard)) {
        struct node *root = parse_text(arena, path, source.data, source.size, &budget, unheard);
        const struct node *node = node_get(root, "description");
        if (node && node->kind == NODE_SCALAR)
            text = node->text;
        source_free(&source);
    }
    char *line = copy_of(text);
    line[strcspn(line, "\r\n")] = '\0';
    arena_destroy(arena);
    diag_destroy(unheard);
    return line;
}

static void add_item(struct library_list *list, const char *library, const char *kind, const char *file)
{
    char path[FOLDER_MAX];
    size_t length = strlen(file);
    if (file[0] == '.' || length < 6 || strcmp(file + length - 5, ".yaml") != 0)
        return;
    if (snprintf(path, sizeof(path), "%s/%s/%s", library, kind, file) >= (int)sizeof(path))
        return;
    list->items = realloc(list->items, (list->count + 1) * sizeof(*list->items));
    SIM_ASSERT(list->items);
    struct library_item *item = &list->items[list->count++];
    item->kind = copy_of(kind);
    item->name = copy_of(file);
    item->name[length - 5] = '\0';
    item->description = describe(path);
}

static void list_kind(struct library_list *list, const char *library, const char *kind)
{
    char path[FOLDER_MAX];
    if (kind[0] == '.' || snprintf(path, sizeof(path), "%s/%s", library, kind) >= (int)sizeof(path))
        return;
    DIR *folder = opendir(path);
    if (!folder)
        return;
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder))
        add_item(list, library, kind, entry->d_name);
    closedir(folder);
}

static int compare_items(const void *a, const void *b)
{
    const struct library_item *one = a, *other = b;
    int kinds = strcmp(one->kind, other->kind);
    return kinds ? kinds : strcmp(one->name, other->name);
}

void library_list(const char *library, const char *kind, struct library_list *list)
{
    *list = (struct library_list){0};
    DIR *folder = library && !kind ? opendir(library) : NULL;
    if (library && kind)
        list_kind(list, library, kind);
    if (folder) {
        for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder))
            list_kind(list, library, entry->d_name);
        closedir(folder);
    }
    if (list->count)
        qsort(list->items, list->count, sizeof(*list->items), compare_items);
}

void library_list_free(struct library_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].kind);
        free(list->items[i].name);
        free(list->items[i].description);
    }
    free(list->items);
    *list = (struct library_list){0};
}

char *library_find(const char *library, const char *kind, const char *name)
{
    char path[FOLDER_MAX];
    if (!library || snprintf(path, sizeof(path), "%s/%s/%s.yaml", library, kind, name) >= (int)sizeof(path))
        return NULL;
    return access(path, R_OK) == 0 ? copy_of(path) : NULL;
}
