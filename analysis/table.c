#include "analysis/table.h"

#include <stdlib.h>
#include <string.h>

#include "sim/assert.h"

enum { GAP = 2 };

struct table {
    char *align;
    size_t columns;
    char **cells; /* row by row, the headings first if there are any */
    size_t count, capacity;
    size_t *widths;
    int has_headings;
};

/* The number of characters of UTF-8: of bytes that do not continue one. */
static size_t width_of(const char *text)
{
    size_t width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

struct table *table_create(const char *align, const char *const *headings)
{
    struct table *table = calloc(1, sizeof(*table));
    SIM_ASSERT(table && *align);
    table->columns = strlen(align);
    table->align = strdup(align);
    table->widths = calloc(table->columns, sizeof(*table->widths));
    SIM_ASSERT(table->align && table->widths);
    table->has_headings = headings != NULL;
    if (headings)
        table_row(table, headings);
    return table;
}

void table_destroy(struct table *table)
{
    for (size_t i = 0; i < table->count; i++)
        free(table->cells[i]);
    free(table->cells);
    free(table->widths);
    free(table->align);
    free(table);
}

void table_row(struct table *table, const char *const *cells)
{
    if (table->count + table->columns > table->capacity) {
        table->capacity = 2 * table->capacity + 8 * table->columns;
        table->cells = realloc(table->cells, table->capacity * sizeof(*table->cells));
        SIM_ASSERT(table->cells);
    }
    for (size_t i = 0; i < table->columns; i++) {
        char *cell = strdup(cells[i] ? cells[i] : "");
        SIM_ASSERT(cell);
        size_t width = width_of(cell);
        if (width > table->widths[i])
            table->widths[i] = width;
        table->cells[table->count++] = cell;
    }
}

static void print_row(const struct table *table, char *const *cells, FILE *out)
{
    size_t owed = 0; /* blanks that are written only if something follows */
    for (size_t i = 0; i < table->columns; i++) {
        size_t pad = table->widths[i] - width_of(cells[i]);
        if (table->align[i] == 'r')
            owed += pad;
        if (*cells[i]) {
            fprintf(out, "%*s%s", (int)owed, "", cells[i]);
            owed = 0;
        } else {
            owed += width_of(cells[i]);
        }
        owed += GAP + (table->align[i] == 'r' ? 0 : pad);
    }
    fputc('\n', out);
}

static void print_rule(const struct table *table, FILE *out)
{
    for (size_t i = 0; i < table->columns; i++) {
        if (i > 0)
            fprintf(out, "%*s", GAP, "");
        for (size_t j = 0; j < table->widths[i]; j++)
            fputc('-', out);
    }
    fputc('\n', out);
}

void table_print(const struct table *table, FILE *out)
{
    for (size_t i = 0; i < table->count; i += table->columns) {
        print_row(table, table->cells + i, out);
        if (i == 0 && table->has_headings)
            print_rule(table, out);
    }
}

void table_paragraph(FILE *out, const char *lead, const char *text, size_t width)
{
    size_t indent = width_of(lead), column = indent;
    fputs(lead, out);
    while (*text) {
        size_t blanks = strspn(text, " \t\r\n"), length = strcspn(text + blanks, " \t\r\n");
        char *word = strndup(text + blanks, length);
        SIM_ASSERT(word);
        size_t needed = width_of(word);
        if (column > indent && column + 1 + needed > width) {
            fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent && length > 0) {
            fputc(' ', out);
            column++;
        }
        fputs(word, out);
        column += needed;
        text += blanks + length;
        free(word);
    }
    fputc('\n', out);
}
