#include "sim/diag.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sim/assert.h"

#define KEPT_MAX 100   /* messages of each severity that are kept */
#define TEXT_MAX 2000  /* bytes of one message's text */
#define PLACE_MAX 5000 /* bytes of file:line:column: a path is at most 4096 */
#define WORD_MAX 64    /* longer words are no typing mistakes */

struct diag {
    char **lines; /* finished, without the newline */
    size_t count, capacity;
    size_t errors, warnings;
};

struct diag *diag_create(void)
{
    struct diag *diag = calloc(1, sizeof(*diag));
    SIM_ASSERT(diag);
    return diag;
}

void diag_destroy(struct diag *diag)
{
    if (!diag)
        return;
    for (size_t i = 0; i < diag->count; i++)
        free(diag->lines[i]);
    free(diag->lines);
    free(diag);
}

static void format_place(const struct diag_place *place, char *buffer, size_t size)
{
    if (!place)
        buffer[0] = '\0';
    else if (!place->file)
        snprintf(buffer, size, "command line: ");
    else if (place->line == 0)
        snprintf(buffer, size, "%s: ", place->file);
    else if (place->column == 0)
        snprintf(buffer, size, "%s:%d: ", place->file, place->line);
    else
        snprintf(buffer, size, "%s:%d:%d: ", place->file, place->line, place->column);
}

/* The length of the control character at `text` (C0, DEL, or C1 in UTF-8), 0 when it is printable. */
static size_t control_length(const char *text)
{
    unsigned char first = (unsigned char)text[0], second = (unsigned char)text[1];
    if (first < 0x20 || first == 0x7f)
        return 1;
    return first == 0xc2 && second >= 0x80 && second < 0xa0 ? 2 : 0;
}

/* Copies `text` with control characters as \xNN, so that a hostile value cannot steer a terminal. */
static void append_escaped(char *line, const char *text)
{
    char *to = line + strlen(line);
    while (*text) {
        size_t control = control_length(text);
        for (size_t i = 0; i < control; i++)
            to += sprintf(to, "\\x%02x", (unsigned char)*text++);
        if (control == 0)
            *to++ = *text++;
    }
    *to = '\0';
}

static void keep(struct diag *diag, const struct diag_place *place, const char *severity, const char *text)
{
    char where[PLACE_MAX];
    format_place(place, where, sizeof(where));
    char *line = malloc(4 * (strlen(where) + strlen(text)) + strlen(severity) + 1);
    SIM_ASSERT(line);
    line[0] = '\0';
    append_escaped(line, where);
    strcat(line, severity);
    append_escaped(line, text);
    if (diag->count == diag->capacity) {
        diag->capacity = diag->capacity ? 2 * diag->capacity : 8;
        diag->lines = realloc(diag->lines, diag->capacity * sizeof(*diag->lines));
        SIM_ASSERT(diag->lines);
    }
    diag->lines[diag->count++] = line;
}

void diag_error(struct diag *diag, const struct diag_place *place, const char *format, ...)
{
    if (diag->errors++ >= KEPT_MAX)
        return;
    char text[TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    keep(diag, place, "error: ", text);
}

void diag_warning(struct diag *diag, const struct diag_place *place, const char *format, ...)
{
    if (diag->warnings++ >= KEPT_MAX)
        return;
    char text[TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    keep(diag, place, "warning: ", text);
}

size_t diag_error_count(const struct diag *diag)
{
    return diag->errors;
}

bool diag_full(const struct diag *diag)
{
    return diag->errors >= KEPT_MAX;
}

void diag_print(const struct diag *diag, FILE *out)
{
    for (size_t i = 0; i < diag->count; i++)
        fprintf(out, "%s\n", diag->lines[i]);
    if (diag->errors > KEPT_MAX)
        fprintf(out, "error: %zu more errors are not shown\n", diag->errors - KEPT_MAX);
}

static size_t min_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool same_letter(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* The edit distance in which a transposition of neighbours counts one; capitals count as small letters. */
static size_t edit_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t rows[3][WORD_MAX + 1]; /* the row two above, the one above, and this one */
    size_t *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b_length; j++)
        above[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t change = above[j - 1] + (same_letter(a[i - 1], b[j - 1]) ? 0 : 1);
            row[j] = min_of(change, min_of(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) && same_letter(a[i - 2], b[j - 1]))
                row[j] = min_of(row[j], before[j - 2] + 1);
        }
        size_t *oldest = before;
        before = above;
        above = row;
        row = oldest;
    }
    return above[b_length];
}

const char *diag_nearest(const char *word, const char *const *names, size_t count)
{
    const char *nearest = NULL;
    size_t best = SIZE_MAX, length = strlen(word);
    for (size_t i = 0; i < count && length <= WORD_MAX; i++) {
        size_t other = strlen(names[i]);
        size_t longer = length > other ? length : other;
        size_t limit = longer < 3 ? 1 : longer / 3;
        if (other > WORD_MAX || longer - min_of(length, other) > limit)
            continue;
        size_t distance = edit_distance(word, length, names[i], other);
        bool closer =
            distance < best || (distance == best && word[0] != nearest[0] && word[0] == names[i][0]);
        if (distance <= limit && distance < longer && closer) {
            best = distance;
            nearest = names[i];
        }
    }
    return nearest;
}
