#include "scenarios/parse.h"

#include "tests/unit/scenarios/sample.h"

/* Parses a text; asserts that it is refused with exactly this message. */
static void expect_refusal(const char *data, size_t size, const char *message)
{
    struct diag *diag = diag_create();
    struct arena *arena = arena_create();
    size_t budget = PARSE_NODES_MAX;
    cr_assert_null(parse_text(arena, "a.yaml", data, size, &budget, diag));
    char *text = sample_messages(diag);
    cr_assert_str_eq(text, message);
    free(text);
    arena_destroy(arena);
    diag_destroy(diag);
}

static struct node *parse_good(struct arena *arena, const char *text)
{
    struct diag *diag = diag_create();
    size_t budget = PARSE_NODES_MAX;
    struct node *root = parse_text(arena, "a.yaml", text, strlen(text), &budget, diag);
    char *messages = sample_messages(diag);
    cr_assert_str_eq(messages, "");
    free(messages);
    diag_destroy(diag);
    return root;
}

Test(parse, kinds_text_and_places)
{
    struct arena *arena = arena_create();
    struct node *root = parse_good(arena, "a: 10Gbps\nb:\n  - x\n  - \"y z\"\n\xc3\xa9: {c: }\n");
    cr_assert_eq(root->kind, NODE_MAPPING);
    cr_assert_eq(root->count, 3);
    cr_assert_str_eq(node_get(root, "a")->text, "10Gbps");
    cr_assert_eq(node_get(root, "a")->place.column, 4);
    const struct node *list = node_get(root, "b");
    cr_assert_eq(list->kind, NODE_LIST);
    cr_assert_eq(list->count, 2);
    cr_assert_eq(list->items[1]->place.line, 4);
    cr_assert_eq(list->items[1]->place.column, 5);
    cr_assert(list->items[0]->plain);
    cr_assert_not(list->items[1]->plain);
    const struct node_entry *entry = node_entry(root, "\xc3\xa9");
    cr_assert_eq(entry->place.line, 5);
    cr_assert_eq(entry->value->place.column, 4); /* counted in characters */
    cr_assert(node_empty(node_get(entry->value, "c")));
    cr_assert_null(node_get(root, "nothing"));
    arena_destroy(arena);
}

Test(parse, a_byte_order_mark_is_allowed)
{
    struct arena *arena = arena_create();
    struct node *root = parse_good(arena, "\xef\xbb\xbf"
                                          "a: 1\n");
    cr_assert_str_eq(node_get(root, "a")->text, "1");
    arena_destroy(arena);
}

struct refusal {
    const char *text, *message;
};

static const struct refusal refusals[] = {
    {"", "a.yaml: error: empty file; wanted: YAML\n"},
    {"# only a comment\n", "a.yaml: error: empty file; wanted: YAML\n"},
    {"a: &x 1\n", "a.yaml:1:4: error: anchor: `&x`; wanted: none, use `include:` to share values\n"},
    {"&x a: 1\n", "a.yaml:1:1: error: anchor: `&x`; wanted: none, use `include:` to share values\n"},
    {"a: &x [1]\n", "a.yaml:1:4: error: anchor: `&x`; wanted: none, use `include:` to share values\n"},
    {"a: *x\n", "a.yaml:1:4: error: alias: `*x`; wanted: none, use `include:` to share values\n"},
    {"a: !!int 1\n", "a.yaml:1:4: error: tag: `tag:yaml.org,2002:int`; wanted: none, a value's type follows "
                     "from its key\n"},
    {"a: !x {b: 1}\n", "a.yaml:1:4: error: tag: `!x`; wanted: none, a value's type follows from its key\n"},
    {"<<: {a: 1}\n", "a.yaml:1:1: error: merge key: `<<`; allowed: `include:`\n"},
    {"a: 1\n---\nb: 2\n", "a.yaml:2:1: error: second document; allowed: one in a file\n"},
    {"%YAML 1.1\n---\na: 1\n",
     "a.yaml:1:1: error: YAML directive: a line that starts with `%`; wanted: none\n"},
    {"a: 1\n\xe2\x80\xa8%TAG ! x\n",
     "a.yaml:2:1: error: YAML directive: a line that starts with `%`; wanted: none\n"},
    {"? [a]\n: 1\n", "a.yaml:1:3: error: wrong type: a mapping or list as a key; wanted: text\n"},
    {"a: 1\nb: 2\na: 3\n", "a.yaml:3:1: error: duplicate key: `a`; it stands in line 1 already\n"},
    {"a:\n\tb: 1\n", "a.yaml:2:1: error: tab character; wanted: spaces to indent\n"},
    {"a: @b\n", "a.yaml:1:4: error: not YAML: a value cannot start with `@`; put it in quotes\n"},
    {"a: `b`\n", "a.yaml:1:4: error: not YAML: a value cannot start with ```; put it in quotes\n"},
    {"a: [1, 2\n",
     "a.yaml:2:1: error: not YAML: did not find expected ',' or ']' while parsing a flow sequence "
     "that began in line 1\n"},
    {"a: \"x\n", "a.yaml:2:1: error: not YAML: found unexpected end of stream while scanning a quoted scalar "
                 "that began in line 1\n"},
    {"a: b: c\n", "a.yaml:1:5: error: not YAML: mapping values are not allowed in this context\n"},
    {"a: \"x\\0y\"\n", "a.yaml:1:4: error: NUL character in a value; wanted: text\n"},
    {"a: 1\nb: \x07\n", "a.yaml:2:4: error: control character: U+0007; wanted: text\n"},
    {"a: \xc2\x9b\n", "a.yaml:1:4: error: control character: U+009B; wanted: text\n"},
    {"a: \xff\n", "a.yaml:1:4: error: not UTF-8 text: byte 0xff; wanted: UTF-8\n"},
    {"a: \xc3\xa9\xc3\n", "a.yaml:1:5: error: not UTF-8 text: byte 0xc3; wanted: UTF-8\n"},
    {"a: \xc0\xaf\n", "a.yaml:1:4: error: not UTF-8 text: byte 0xc0; wanted: UTF-8\n"},
    {"a: \xed\xa0\x80\n", "a.yaml:1:4: error: not UTF-8 text: byte 0xed; wanted: UTF-8\n"},
    {"a: \xf4\x90\x80\x80\n", "a.yaml:1:4: error: not UTF-8 text: byte 0xf4; wanted: UTF-8\n"},
    {"\xff\xfe"
     "a\n",
     "a.yaml:1:1: error: not UTF-8 text: byte 0xff; wanted: UTF-8\n"},
};

Test(parse, refuses_what_is_not_in_the_language)
{
    for (size_t i = 0; i < PARAM_COUNT(refusals); i++)
        expect_refusal(refusals[i].text, strlen(refusals[i].text), refusals[i].message);
}

Test(parse, a_nul_byte_is_answered)
{
    expect_refusal("a: \0b\n", 6, "a.yaml:1:4: error: control character: U+0000; wanted: text\n");
}

Test(parse, every_truncation_of_a_text_is_answered)
{
    static const char text[] =
        "a: {b: [1, \"x\\n\", 'y']}\nc: |\n  text\nd:\n  - e: >\n      f\n\xc3\xa9: \xe2\x82\xac\n";
    for (size_t length = 0; length < sizeof(text); length++) {
        struct diag *diag = diag_create();
        struct arena *arena = arena_create();
        size_t budget = PARSE_NODES_MAX;
        struct node *root = parse_text(arena, "a.yaml", text, length, &budget, diag);
        cr_assert_eq(root == NULL, diag_error_count(diag) > 0, "%zu", length);
        arena_destroy(arena);
        diag_destroy(diag);
    }
}

/* A text that nests `depth` lists. */
static char *nested(size_t depth)
{
    char *text = calloc(1, 2 * depth + 10);
    strcpy(text, "a: ");
    memset(text + 3, '[', depth);
    memset(text + 3 + depth, ']', depth);
    return text;
}

Test(parse, depth_limit_at_64)
{
    struct arena *arena = arena_create();
    char *fits = nested(63), *deep = nested(64); /* the mapping around them is a level, too */
    parse_good(arena, fits);
    expect_refusal(deep, strlen(deep), "a.yaml:1:67: error: nested too deeply; allowed: 64 levels\n");
    free(fits);
    free(deep);
    arena_destroy(arena);
}

/* `count` lines "kN: 1". */
static char *many_keys(size_t count)
{
    char *text = malloc(count * 20 + 1), *at = text;
    for (size_t i = 0; i < count; i++)
        at += sprintf(at, "k%zu: 1\n", i);
    return text;
}

Test(parse, key_limit_at_1000)
{
    struct arena *arena = arena_create();
    char *fits = many_keys(1000), *many = many_keys(1001);
    parse_good(arena, fits);
    expect_refusal(many, strlen(many), "a.yaml:1001:1: error: too many keys in a mapping; allowed: 1000\n");
    free(fits);
    free(many);
    arena_destroy(arena);
}

Test(parse, key_length_limit_at_256)
{
    char text[300] = "";
    struct arena *arena = arena_create();
    memset(text, 'k', 256);
    strcpy(text + 256, ": 1\n");
    parse_good(arena, text);
    memset(text, 'k', 257);
    strcpy(text + 257, ": 1\n");
    expect_refusal(text, strlen(text), "a.yaml:1:1: error: key too long; allowed: 256 bytes\n");
    arena_destroy(arena);
}

Test(parse, node_budget)
{
    struct diag *diag = diag_create();
    struct arena *arena = arena_create();
    size_t budget = 4;
    cr_assert_not_null(parse_text(arena, "a.yaml", "[1, 2, 3]", 9, &budget, diag));
    cr_assert_eq(budget, 0);
    budget = 3;
    cr_assert_null(parse_text(arena, "a.yaml", "[1, 2, 3]", 9, &budget, diag));
    arena_destroy(arena);
    diag_destroy(diag);
}

Test(parse, value_of_the_command_line)
{
    struct diag *diag = diag_create();
    struct arena *arena = arena_create();
    struct node *value = parse_value(arena, "{a: [1, 2]}", diag);
    cr_assert_null(value->place.file);
    cr_assert_eq(node_get(value, "a")->count, 2);
    cr_assert(node_empty(parse_value(arena, "", diag)));
    cr_assert_eq(diag_error_count(diag), 0);
    cr_assert_null(parse_value(arena, "[", diag));
    char *messages = sample_messages(diag);
    cr_assert_str_eq(messages,
                     "command line: error: not YAML: did not find expected node content while parsing "
                     "a flow node\n");
    free(messages);
    arena_destroy(arena);
    diag_destroy(diag);
}
