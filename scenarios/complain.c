#include "scenarios/complain.h"

#include <stdio.h>
#include <string.h>

#define LISTED_MAX 30   /* names that a message lists */
#define LISTED_SIZE 800 /* bytes that they may take */

void names_add(struct names *names, const char *name)
{
    if (names->count < NAMES_MAX)
        names->list[names->count++] = name;
}

void names_add_all(struct names *names, const char *const *list)
{
    for (; *list; list++)
        names_add(names, *list);
}

const char *clip(const char *text, char buffer[CLIP_SIZE])
{
    static const char ellipsis[] = "...";
    if (strnlen(text, CLIP_SIZE) < CLIP_SIZE)
        return text;
    size_t end = CLIP_SIZE - sizeof(ellipsis);
    while (end > 0 && ((unsigned char)text[end] & 0xc0) == 0x80)
        end--;
    memcpy(buffer, text, end);
    memcpy(buffer + end, ellipsis, sizeof(ellipsis));
    return buffer;
}

const char *clip_node(const struct node *node, char buffer[CLIP_SIZE + 2])
{
    char inner[CLIP_SIZE];
    if (node->kind != NODE_SCALAR || node_empty(node))
        return node_describe(node);
    snprintf(buffer, CLIP_SIZE + 2, "`%s`", clip(node->text, inner));
    return buffer;
}

static void join(const struct names *names, char *buffer, size_t size)
{
    size_t length = 0;
    buffer[0] = '\0';
    for (size_t i = 0; i < names->count; i++) {
        if (i == LISTED_MAX || length + strlen(names->list[i]) + 8 > size) {
            snprintf(buffer + length, size - length, ", ...");
            return;
        }
        length += (size_t)snprintf(buffer + length, size - length, "%s%s", i ? ", " : "", names->list[i]);
    }
}

void complain_unknown(struct diag *diag, const struct diag_place *place, const char *what, const char *word,
                      const char *in, const struct names *allowed)
{
    char listed[LISTED_SIZE], cut[CLIP_SIZE], context[CLIP_SIZE];
    bool placed = in && *in;
    const char *nearest = diag_full(diag) ? NULL : diag_nearest(word, allowed->list, allowed->count);
    join(allowed, listed, diag_full(diag) ? 8 : sizeof(listed));
    diag_error(diag, place, "unknown %s: `%s`%s%s%s; allowed: %s%s%s%s", what, clip(word, cut),
               placed ? " in `" : "", placed ? clip(in, context) : "", placed ? "`" : "",
               allowed->count ? listed : "none", nearest ? "; did you mean `" : "", nearest ? nearest : "",
               nearest ? "`?" : "");
}

void complain_type(struct diag *diag, const struct node *node, const char *path, const char *wanted)
{
    char value[CLIP_SIZE + 2], cut[CLIP_SIZE];
    diag_error(diag, &node->place, "wrong type: %s for `%s`; wanted: %s", clip_node(node, value),
               clip(path, cut), wanted);
}
