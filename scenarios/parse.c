#include "scenarios/parse.h"

#include <string.h>
#include <yaml.h>

#include "scenarios/complain.h"
#include "scenarios/source.h"
#include "sim/assert.h"

struct parse {
    yaml_parser_t yaml;
    struct arena *arena;
    const char *file; /* NULL: the command line */
    size_t *budget;
    struct diag *diag;
    struct node *root;
    struct {
        struct node *node;       /* an open mapping or list */
        const char *key;         /* of a mapping: the key whose value is awaited */
        struct diag_place place; /* of that key */
        bool duplicate;          /* the key was there before: its value is dropped */
    } stack[PARSE_DEPTH_MAX];
    size_t depth;
    bool ended;
    bool duplicates; /* a key stood twice: parsing goes on, to report them all */
};

static struct diag_place place_of(const struct parse *parse, yaml_mark_t mark)
{
    if (!parse->file)
        return (struct diag_place){0};
    return (struct diag_place){
        .file = parse->file, .line = (int)mark.line + 1, .column = (int)mark.column + 1};
}

static bool refuse(struct parse *parse, yaml_mark_t mark, const char *what)
{
    struct diag_place place = place_of(parse, mark);
    diag_error(parse->diag, &place, "%s", what);
    return false;
}

/* A character where a key or value should start, that none can start with. */
static bool refuse_start(struct parse *parse, const struct diag_place *place)
{
    char found = (char)*parse->yaml.buffer.pointer;
    if (found == '\t')
        diag_error(parse->diag, place, "tab character; wanted: spaces to indent");
    else
        diag_error(parse->diag, place, "not YAML: a value cannot start with `%c`; put it in quotes", found);
    return false;
}

static bool refuse_syntax(struct parse *parse)
{
    yaml_parser_t *yaml = &parse->yaml;
    SIM_ASSERT(yaml->error != YAML_MEMORY_ERROR);
    struct diag_place place = place_of(parse, yaml->problem_mark);
    const char *problem = yaml->problem ? yaml->problem : "it cannot be read";
    if (strcmp(problem, "found character that cannot start any token") == 0)
        return refuse_start(parse, &place);
    if (yaml->context && yaml->context_mark.line != yaml->problem_mark.line)
        diag_error(parse->diag, &place, "not YAML: %s %s that began in line %zu", problem, yaml->context,
                   yaml->context_mark.line + 1);
    else
        diag_error(parse->diag, &place, "not YAML: %s%s%s", problem, yaml->context ? " " : "",
                   yaml->context ? yaml->context : "");
    return false;
}

static bool take_key(struct parse *parse, const yaml_event_t *event, const char *text)
{
    char cut[CLIP_SIZE];
    struct diag_place place = place_of(parse, event->start_mark);
    struct node *mapping = parse->stack[parse->depth - 1].node;
    if (strcmp(text, "<<") == 0)
        return refuse(parse, event->start_mark, "merge key: `<<`; allowed: `include:`");
    if (event->data.scalar.length > PARSE_KEY_LENGTH_MAX)
        return refuse(parse, event->start_mark, "key too long; allowed: 256 bytes");
    if (mapping->count == PARSE_KEYS_MAX)
        return refuse(parse, event->start_mark, "too many keys in a mapping; allowed: 1000");
    const struct node_entry *before = node_entry(mapping, text);
    parse->duplicates = parse->duplicates || before;
    if (before && before->place.line > 0)
        diag_error(parse->diag, &place, "duplicate key: `%s`; it stands in line %d already", clip(text, cut),
                   before->place.line);
    else if (before)
        diag_error(parse->diag, &place, "duplicate key: `%s`; wanted: each once", clip(text, cut));
    parse->stack[parse->depth - 1].key = text;
    parse->stack[parse->depth - 1].place = place;
    parse->stack[parse->depth - 1].duplicate = before != NULL;
    return true;
}

/* Puts a finished node where it belongs: the root, a list's end, or behind the awaited key. */
static void attach(struct parse *parse, struct node *node)
{
    if (parse->depth == 0) {
        parse->root = node;
        return;
    }
    struct node *parent = parse->stack[parse->depth - 1].node;
    const char *key = parse->stack[parse->depth - 1].key;
    parse->stack[parse->depth - 1].key = NULL;
    if (parent->kind == NODE_LIST)
        node_append(parse->arena, parent, node);
    else if (!parse->stack[parse->depth - 1].duplicate)
        node_add(parse->arena, parent, key, parse->stack[parse->depth - 1].place, node);
}

static bool awaits_key(const struct parse *parse)
{
    return parse->depth > 0 && parse->stack[parse->depth - 1].node->kind == NODE_MAPPING &&
           !parse->stack[parse->depth - 1].key;
}

static bool count_node(struct parse *parse, yaml_mark_t mark)
{
    if (*parse->budget == 0)
        return refuse(parse, mark, "too many values; allowed: 100000 with all that is included");
    (*parse->budget)--;
    return true;
}

static bool take_scalar(struct parse *parse, const yaml_event_t *event)
{
    const char *value = (const char *)event->data.scalar.value;
    if (memchr(value, '\0', event->data.scalar.length))
        return refuse(parse, event->start_mark, "NUL character in a value; wanted: text");
    if (!count_node(parse, event->start_mark))
        return false;
    char *text = arena_copy(parse->arena, value, event->data.scalar.length);
    if (awaits_key(parse))
        return take_key(parse, event, text);
    struct node *node = node_scalar(parse->arena, text, place_of(parse, event->start_mark));
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    attach(parse, node);
    return true;
}

static bool open_node(struct parse *parse, const yaml_event_t *event, enum node_kind kind)
{
    if (awaits_key(parse))
        return refuse(parse, event->start_mark, "wrong type: a mapping or list as a key; wanted: text");
    if (parse->depth == PARSE_DEPTH_MAX)
        return refuse(parse, event->start_mark, "nested too deeply; allowed: 64 levels");
    if (!count_node(parse, event->start_mark))
        return false;
    struct node *node = node_create(parse->arena, kind, place_of(parse, event->start_mark));
    attach(parse, node);
    memset(&parse->stack[parse->depth], 0, sizeof(parse->stack[0]));
    parse->stack[parse->depth++].node = node;
    return true;
}

/* Anchors and tags can stand before any value. */
static bool undecorated(struct parse *parse, const yaml_event_t *event, const yaml_char_t *anchor,
                        const yaml_char_t *tag)
{
    char cut[CLIP_SIZE];
    struct diag_place place = place_of(parse, event->start_mark);
    if (anchor)
        diag_error(parse->diag, &place, "anchor: `&%s`; wanted: none, use `include:` to share values",
                   clip((const char *)anchor, cut));
    else if (tag)
        diag_error(parse->diag, &place, "tag: `%s`; wanted: none, a value's type follows from its key",
                   clip((const char *)tag, cut));
    return !anchor && !tag;
}

static bool take_alias(struct parse *parse, const yaml_event_t *event)
{
    char cut[CLIP_SIZE];
    struct diag_place place = place_of(parse, event->start_mark);
    diag_error(parse->diag, &place, "alias: `*%s`; wanted: none, use `include:` to share values",
               clip((const char *)event->data.alias.anchor, cut));
    return false;
}

static bool take_event(struct parse *parse, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return !parse->root || refuse(parse, event->start_mark, "second document; allowed: one in a file");
    case YAML_ALIAS_EVENT:
        return take_alias(parse, event);
    case YAML_SCALAR_EVENT:
        return undecorated(parse, event, event->data.scalar.anchor, event->data.scalar.tag) &&
               take_scalar(parse, event);
    case YAML_SEQUENCE_START_EVENT:
        return undecorated(parse, event, event->data.sequence_start.anchor, event->data.sequence_start.tag) &&
               open_node(parse, event, NODE_LIST);
    case YAML_MAPPING_START_EVENT:
        return undecorated(parse, event, event->data.mapping_start.anchor, event->data.mapping_start.tag) &&
               open_node(parse, event, NODE_MAPPING);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        parse->depth--;
        return true;
    case YAML_STREAM_END_EVENT:
        parse->ended = true;
        return true;
    default:
        return true;
    }
}

static bool parse_events(struct parse *parse)
{
    while (!parse->ended) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parse->yaml, &event))
            return refuse_syntax(parse);
        bool fine = take_event(parse, &event);
        yaml_event_delete(&event);
        if (!fine)
            return false;
    }
    return true;
}

/* Whether the text ending before `at` ends in one of YAML 1.1's line breaks, or is empty. */
static bool line_starts(const char *data, size_t at)
{
    if (at == 0 || data[at - 1] == '\n' || data[at - 1] == '\r')
        return true;
    if (at >= 2 && memcmp(data + at - 2, "\xc2\x85", 2) == 0)
        return true;
    return at >= 3 &&
           (memcmp(data + at - 3, "\xe2\x80\xa8", 3) == 0 || memcmp(data + at - 3, "\xe2\x80\xa9", 3) == 0);
}

/*
 * Refuses lines that start with `%` before libyaml sees them: it compares every %TAG with all before it, so
 * that many of them would take time quadratic in their number.
 */
static bool free_of_directives(struct parse *parse, const char *data, size_t size)
{
    int line = 1;
    for (size_t i = 0; i < size; i++) {
        if (data[i] == '%' && line_starts(data, i)) {
            struct diag_place place = {.file = parse->file, .line = line, .column = 1};
            diag_error(parse->diag, &place, "YAML directive: a line that starts with `%%`; wanted: none");
            return false;
        }
        line += data[i] == '\n';
    }
    return true;
}

struct node *parse_text(struct arena *arena, const char *file, const char *data, size_t size, size_t *budget,
                        struct diag *diag)
{
    struct parse parse = {.arena = arena, .file = file, .budget = budget, .diag = diag};
    struct diag_place whole = {.file = file};
    if (!source_check_text(file, data, size, diag) || !free_of_directives(&parse, data, size))
        return NULL;
    int made = yaml_parser_initialize(&parse.yaml);
    SIM_ASSERT(made);
    yaml_parser_set_encoding(&parse.yaml, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parse.yaml, (const unsigned char *)data, size);
    bool fine = parse_events(&parse);
    yaml_parser_delete(&parse.yaml);
    if (fine && !parse.root)
        diag_error(diag, &whole, "empty file; wanted: YAML");
    return fine && !parse.duplicates ? parse.root : NULL;
}

struct node *parse_value(struct arena *arena, const char *text, struct diag *diag)
{
    size_t budget = PARSE_KEYS_MAX;
    if (*text == '\0')
        return node_scalar(arena, "", (struct diag_place){0});
    return parse_text(arena, NULL, text, strlen(text), &budget, diag);
}
