/*
 * Text tables: columns as wide as their widest cell, two blanks between them, a rule under the headings. Cells are
 * copied. Widths count characters, not bytes, of UTF-8.
 */
#ifndef ANALYSIS_TABLE_H
#define ANALYSIS_TABLE_H

#include <stddef.h>
#include <stdio.h>

struct table;

/*
 * A table with one column for each letter of `align`: 'l' left, 'r' right. `headings` has as many; NULL: the table
 * has no heading and no rule.
 */
struct table *table_create(const char *align, const char *const *headings);
void table_destroy(struct table *table);

/* Adds a row of as many cells as there are columns; a NULL cell is empty. */
void table_row(struct table *table, const char *const *cells);

/* Writes the table, without blanks at the ends of lines. */
void table_print(const struct table *table, FILE *out);

/* Writes `text` in lines of at most `width` characters, the first after `lead`, the others indented as far. */
void table_paragraph(FILE *out, const char *lead, const char *text, size_t width);

#endif
