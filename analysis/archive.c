#include "analysis/archive.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/result.h"
#include "sim/assert.h"

/* Where the text of a result is. */
struct slot {
    char *text; /* NULL: in the file, or nowhere if `length` is 0 */
    off_t offset;
    size_t length;
};

/* A path with its number in each result; NAN: it has none. */
struct column {
    char *path;
    double *numbers;
};

struct archive {
    size_t count;
    struct slot *slots;
    size_t in_memory; /* [B] */
    FILE *file;       /* NULL: not needed yet */
    off_t file_end;
    struct column *columns;
    size_t column_count;
    struct {
        json_t *result; /* NULL: nothing is here */
        size_t index;
    } open[ARCHIVE_OPEN];
    size_t next_open; /* whose place the next one takes */
};

struct archive *archive_create(size_t count)
{
    struct archive *archive = calloc(1, sizeof(*archive));
    SIM_ASSERT(archive);
    archive->count = count;
    archive->slots = calloc(count, sizeof(*archive->slots));
    SIM_ASSERT(archive->slots || count == 0);
    return archive;
}

void archive_destroy(struct archive *archive)
{
    if (!archive)
        return;
    for (size_t i = 0; i < archive->count; i++)
        free(archive->slots[i].text);
    for (size_t i = 0; i < archive->column_count; i++) {
        free(archive->columns[i].path);
        free(archive->columns[i].numbers);
    }
    for (size_t i = 0; i < ARCHIVE_OPEN; i++)
        json_decref(archive->open[i].result);
    if (archive->file)
        fclose(archive->file);
    free(archive->columns);
    free(archive->slots);
    free(archive);
}

static const struct column *find_column(const struct archive *archive, const char *path)
{
    for (size_t i = 0; i < archive->column_count; i++)
        if (strcmp(archive->columns[i].path, path) == 0)
            return &archive->columns[i];
    return NULL;
}

void archive_note(struct archive *archive, const char *path)
{
    if (find_column(archive, path))
        return;
    archive->columns = realloc(archive->columns, (archive->column_count + 1) * sizeof(*archive->columns));
    SIM_ASSERT(archive->columns);
    struct column *column = &archive->columns[archive->column_count++];
    column->path = strdup(path);
    column->numbers = malloc(archive->count * sizeof(*column->numbers));
    SIM_ASSERT(column->path && (column->numbers || archive->count == 0));
    for (size_t i = 0; i < archive->count; i++)
        column->numbers[i] = NAN;
}

/* ---- texts ---- */

/* Appends to the file; false when that does not work: memory then has to do. */
static bool write_text(struct archive *archive, struct slot *slot, const char *text, size_t length)
{
    if (!archive->file)
        archive->file = tmpfile();
    if (!archive->file)
        return false;
    ssize_t written = pwrite(fileno(archive->file), text, length, archive->file_end);
    if (written != (ssize_t)length)
        return false;
    *slot = (struct slot){.offset = archive->file_end, .length = length};
    archive->file_end += written;
    return true;
}

static void keep_text(struct archive *archive, struct slot *slot, const char *text, size_t length)
{
    if (archive->in_memory + length > ARCHIVE_MEMORY_MAX && write_text(archive, slot, text, length))
        return;
    *slot = (struct slot){.text = malloc(length), .length = length};
    SIM_ASSERT(slot->text);
    memcpy(slot->text, text, length);
    archive->in_memory += length;
}

static json_t *read_text(const struct archive *archive, const struct slot *slot)
{
    if (slot->text)
        return json_loadb(slot->text, slot->length, 0, NULL);
    char *text = malloc(slot->length);
    SIM_ASSERT(text);
    ssize_t got = pread(fileno(archive->file), text, slot->length, slot->offset);
    SIM_ASSERT(got == (ssize_t)slot->length);
    json_t *result = json_loadb(text, slot->length, 0, NULL);
    free(text);
    return result;
}

static void forget(struct archive *archive, size_t index)
{
    struct slot *slot = &archive->slots[index];
    if (slot->text)
        archive->in_memory -= slot->length;
    free(slot->text);
    *slot = (struct slot){0};
    for (size_t i = 0; i < archive->column_count; i++)
        archive->columns[i].numbers[index] = NAN;
    for (size_t i = 0; i < ARCHIVE_OPEN; i++) {
        if (!archive->open[i].result || archive->open[i].index != index)
            continue;
        json_decref(archive->open[i].result);
        archive->open[i].result = NULL;
    }
}

/* ---- results ---- */

bool archive_put(struct archive *archive, size_t index, const char *text, size_t length)
{
    SIM_ASSERT(index < archive->count);
    forget(archive, index);
    json_t *result = text ? json_loadb(text, length, 0, NULL) : NULL;
    if (!result)
        return !text;
    for (size_t i = 0; i < archive->column_count; i++) {
        double number;
        bool known = result_number(result, archive->columns[i].path, &number);
        archive->columns[i].numbers[index] = known ? number : NAN;
    }
    json_decref(result);
    keep_text(archive, &archive->slots[index], text, length);
    return true;
}

bool archive_has(const struct archive *archive, size_t index)
{
    SIM_ASSERT(index < archive->count);
    return archive->slots[index].length > 0;
}

const json_t *archive_get(struct archive *archive, size_t index)
{
    if (!archive_has(archive, index))
        return NULL;
    for (size_t i = 0; i < ARCHIVE_OPEN; i++)
        if (archive->open[i].result && archive->open[i].index == index)
            return archive->open[i].result;
    json_t *result = read_text(archive, &archive->slots[index]);
    SIM_ASSERT(result);
    json_decref(archive->open[archive->next_open].result);
    archive->open[archive->next_open].result = result;
    archive->open[archive->next_open].index = index;
    archive->next_open = (archive->next_open + 1) % ARCHIVE_OPEN;
    return result;
}

bool archive_number(struct archive *archive, size_t index, const char *path, double *number)
{
    const struct column *column = find_column(archive, path);
    *number = 0;
    if (!archive_has(archive, index))
        return false;
    if (!column)
        return result_number(archive_get(archive, index), path, number);
    if (isnan(column->numbers[index]))
        return false;
    *number = column->numbers[index];
    return true;
}
