/*
 * Parameter tables: how a model tells the world which parameters it has.
 *
 * A model declares, beside its code, one static table for its configuration struct: a row a parameter with
 * key, type, unit, range, default, one line of help and the offset in the struct. Everything that users see
 * of a parameter comes from its row: the YAML loader's checks and messages, `explain`, the JSON Schema, the
 * reference page. Nothing else in the program knows a parameter by name.
 *
 * Storage by kind, at base + offset:
 *     PARAM_BOOL       bool
 *     PARAM_INTEGER    int64_t
 *     PARAM_QUANTITY   int64_t in the base unit of `dimension` (sim/unit.h)
 *     PARAM_CHOICE     int, the index in `choices`
 *     PARAM_TEXT       const char *, owned by the binder's arena; NULL when optional and absent
 *     PARAM_PATH       const char *, as TEXT, a file name resolved against the file that names it
 *     PARAM_GROUP      the nested struct of `table`, inline
 *     PARAM_LIST       struct param_list: an array of structs of `table`
 *     PARAM_QUANTITIES struct param_list: an array of int64_t quantities
 *     PARAM_VARIANT    struct param_variant: one of `family`'s tables, chosen by the group's key `model:`
 *     PARAM_ANY        const void *: the value as it was read, for a reader with a syntax of its own; NULL when
 *                      absent. Meant for the directives of scenarios/, not for models.
 */
#ifndef SIM_PARAM_H
#define SIM_PARAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/unit.h"

enum param_kind {
    PARAM_BOOL,
    PARAM_INTEGER,
    PARAM_QUANTITY,
    PARAM_CHOICE,
    PARAM_TEXT,
    PARAM_PATH,
    PARAM_GROUP,
    PARAM_LIST,
    PARAM_QUANTITIES,
    PARAM_VARIANT,
    PARAM_ANY,
};

struct param_table;
struct param_family;

/* One parameter. Rows are written with the PARAM_* macros below. */
struct param {
    const char *key; /* as written in YAML: lower case, words joined by '_' */
    enum param_kind kind;
    enum unit_dimension dimension; /* QUANTITY, QUANTITIES */
    int64_t min, max;              /* INTEGER, QUANTITY: inclusive; LIST, QUANTITIES: the count (of
                                      quantities, none negative) */
    const char *fallback;          /* the default as a user would write it (QUANTITIES: with commas between);
                                      NULL: required (QUANTITY...) or absent (TEXT, GROUP from its own
                                      defaults, LIST empty) */
    const char *help;              /* one line, for the reference */
    size_t offset;                 /* in the table's struct */
    const char *const *choices;    /* CHOICE: NULL-terminated */
    const struct param_table *table;   /* GROUP, LIST */
    const struct param_family *family; /* VARIANT */
    bool required;                     /* must be given */
    bool cost;                         /* a unit cost: may be written {value:, source:, evidence:} */
};

/* The parameters of one configuration struct. */
struct param_table {
    const char *name; /* the model's or section's name: "nic", "poisson" */
    const char *help; /* one line: what it is */
    size_t size;      /* sizeof the struct */
    const struct param *params;
    size_t count;
    bool profiles;              /* the group takes `profile: NAME`, a library file of defaults */
    const char *profile_folder; /* the library folder of these profiles: "nics" */
};

/* One choice of a family: a model with its parameters and its operations. */
struct param_model {
    const struct param_table *table; /* table->name is what users write in `model:` */
    const void *ops;                 /* of the type that the family's users expect */
};

/* A family of interchangeable models: arrival processes, moderation schemes, ... */
struct param_family {
    const char *name; /* "arrival" */
    const char *help;
    const struct param_model *const *models; /* NULL-terminated; models[0] is the default */
};

/* What a VARIANT holds after binding. */
struct param_variant {
    const struct param_model *model;
    void *config; /* model->table->size bytes, owned by the binder's arena */
};

/* What a LIST holds after binding. */
struct param_list {
    void *items; /* count * table->size bytes, owned by the binder's arena */
    size_t count;
};

#define PARAM_COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

#define PARAM_BOOL_ROW(type, field, def, text)                                                               \
    {                                                                                                        \
        .key = #field, .kind = PARAM_BOOL, .fallback = (def), .help = (text),                                \
        .offset = offsetof(type, field)                                                                      \
    }
#define PARAM_INTEGER_ROW(type, field, lo, hi, def, text)                                                    \
    {                                                                                                        \
        .key = #field, .kind = PARAM_INTEGER, .min = (lo), .max = (hi), .fallback = (def), .help = (text),   \
        .offset = offsetof(type, field), .required = (def) == NULL                                           \
    }
#define PARAM_QUANTITY_ROW(type, field, dim, lo, hi, def, text)                                              \
    {                                                                                                        \
        .key = #field, .kind = PARAM_QUANTITY, .dimension = (dim), .min = (lo), .max = (hi),                 \
        .fallback = (def), .help = (text), .offset = offsetof(type, field), .required = (def) == NULL        \
    }
#define PARAM_COST_ROW(type, field, dim, lo, hi, def, text)                                                  \
    {                                                                                                        \
        .key = #field, .kind = PARAM_QUANTITY, .dimension = (dim), .min = (lo), .max = (hi),                 \
        .fallback = (def), .help = (text), .offset = offsetof(type, field), .required = (def) == NULL,       \
        .cost = true                                                                                         \
    }
#define PARAM_CHOICE_ROW(type, field, list, def, text)                                                       \
    {                                                                                                        \
        .key = #field, .kind = PARAM_CHOICE, .choices = (list), .fallback = (def), .help = (text),           \
        .offset = offsetof(type, field), .required = (def) == NULL                                           \
    }
#define PARAM_TEXT_ROW(type, field, def, need, text)                                                         \
    {                                                                                                        \
        .key = #field, .kind = PARAM_TEXT, .fallback = (def), .help = (text),                                \
        .offset = offsetof(type, field), .required = (need)                                                  \
    }
#define PARAM_PATH_ROW(type, field, need, text)                                                              \
    {                                                                                                        \
        .key = #field, .kind = PARAM_PATH, .help = (text), .offset = offsetof(type, field),                  \
        .required = (need)                                                                                   \
    }
#define PARAM_GROUP_ROW(type, field, nested, text)                                                           \
    {                                                                                                        \
        .key = #field, .kind = PARAM_GROUP, .table = (nested), .help = (text),                               \
        .offset = offsetof(type, field)                                                                      \
    }
#define PARAM_LIST_ROW(type, field, nested, lo, hi, text)                                                    \
    {                                                                                                        \
        .key = #field, .kind = PARAM_LIST, .table = (nested), .min = (lo), .max = (hi), .help = (text),      \
        .offset = offsetof(type, field), .required = (lo) > 0                                                \
    }
#define PARAM_QUANTITIES_ROW(type, field, dim, lo, hi, def, text)                                            \
    {                                                                                                        \
        .key = #field, .kind = PARAM_QUANTITIES, .dimension = (dim), .min = (lo), .max = (hi),               \
        .fallback = (def), .help = (text), .offset = offsetof(type, field),                                  \
        .required = (def) == NULL && (lo) > 0                                                                \
    }
#define PARAM_ANY_ROW(type, field, text)                                                                     \
    {                                                                                                        \
        .key = #field, .kind = PARAM_ANY, .help = (text), .offset = offsetof(type, field)                    \
    }
#define PARAM_VARIANT_ROW(type, field, group, text)                                                          \
    {                                                                                                        \
        .key = #field, .kind = PARAM_VARIANT, .family = (group), .help = (text),                             \
        .offset = offsetof(type, field)                                                                      \
    }

/* The row of `table` with this key, NULL when there is none. */
const struct param *param_find(const struct param_table *table, const char *key);

/* The model of `family` whose table has this name, NULL when there is none. */
const struct param_model *param_find_model(const struct param_family *family, const char *name);

/* What reading a scalar for a row came to. */
enum param_result {
    PARAM_OK,
    PARAM_BAD_QUANTITY, /* INTEGER, QUANTITY: unit_parse() of the row's dimension says why */
    PARAM_BAD_BOOL,     /* neither `true` nor `false` */
    PARAM_BAD_CHOICE,   /* none of the row's choices */
    PARAM_BAD_RANGE,    /* below min or above max */
};

/*
 * Reads `text` as the value of a BOOL, INTEGER, QUANTITY, CHOICE, TEXT or PATH row and stores it in the
 * config struct at `config`; a text is stored as the pointer `text` itself. Stores nothing unless PARAM_OK.
 */
enum param_result param_store(const struct param *row, const char *text, void *config);

struct diag;

/*
 * Checks a table and all that hang on it for our own mistakes: keys that are twice there, badly spelled or
 * reserved (include, profile, model), missing help, defaults that do not parse or are out of range, offsets
 * outside the struct, a missing table, family or list of choices. Reports each and returns whether none was
 * found. For the registry's unit test; nothing calls it at run time.
 */
bool param_check_table(const struct param_table *table, struct diag *diag);

#endif
