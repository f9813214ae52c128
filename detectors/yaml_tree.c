#include "detectors/yaml_tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool yaml_tree_open(
    struct yaml_tree *tree, struct slice file, struct slice text, struct report *report)
{
    yaml_parser_t parser;
    *tree = (struct yaml_tree){.file = file, .report = report};
    if (yaml_parser_initialize(&parser) == 0) {
        report_say(report, file, 0, 0, "no memory for YAML");
        return false;
    }
    yaml_parser_set_input_string(&parser, text.ptr, text.size);
    bool fine = yaml_parser_load(&parser, &tree->document) != 0;
    if (!fine) {
        report_say(report, file, (uint32_t)parser.problem_mark.line + 1,
            (uint32_t)parser.problem_mark.column + 1, "not YAML: %s",
            parser.problem == NULL ? "unreadable" : parser.problem);
    }
    yaml_parser_delete(&parser);
    return fine;
}

void yaml_tree_close(struct yaml_tree *tree)
{
    yaml_document_delete(&tree->document);
}

yaml_node_t *yaml_tree_root(struct yaml_tree *tree)
{
    return yaml_document_get_root_node(&tree->document);
}

struct slice yaml_scalar(const yaml_node_t *node)
{
    if (node == NULL || node->type != YAML_SCALAR_NODE) {
        return (struct slice){0};
    }
    return slice_from(node->data.scalar.value, node->data.scalar.length);
}

struct place yaml_place(const struct yaml_tree *tree, const yaml_node_t *node)
{
    struct place place = {.file = tree->file};
    if (node != NULL) {
        place.line = (uint32_t)node->start_mark.line + 1;
        place.column = (uint32_t)node->start_mark.column + 1;
        if (node->type == YAML_SCALAR_NODE && node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE) {
            place.column += 1; /* behind the quote */
        }
    }
    return place;
}

bool yaml_pair(struct yaml_tree *tree, const yaml_node_t *mapping, size_t index, yaml_node_t **key,
    yaml_node_t **value)
{
    if (mapping == NULL || mapping->type != YAML_MAPPING_NODE) {
        return false;
    }
    yaml_node_pair_t *pair = mapping->data.mapping.pairs.start + index;
    if (pair >= mapping->data.mapping.pairs.top) {
        return false;
    }
    *key = yaml_document_get_node(&tree->document, pair->key);
    *value = yaml_document_get_node(&tree->document, pair->value);
    return true;
}

yaml_node_t *yaml_get(struct yaml_tree *tree, const yaml_node_t *mapping, const char *name)
{
    yaml_node_t *key, *value;
    for (size_t i = 0; yaml_pair(tree, mapping, i, &key, &value); i++) {
        if (slice_is(yaml_scalar(key), name)) {
            return value;
        }
    }
    return NULL;
}

struct slice yaml_text(struct yaml_tree *tree, const yaml_node_t *mapping, const char *key)
{
    return yaml_scalar(yaml_get(tree, mapping, key));
}

yaml_node_t *yaml_item(struct yaml_tree *tree, yaml_node_t *sequence, size_t index)
{
    if (sequence == NULL) {
        return NULL;
    }
    if (sequence->type != YAML_SEQUENCE_NODE) {
        return index == 0 ? sequence : NULL;
    }
    yaml_node_item_t *item = sequence->data.sequence.items.start + index;
    return item < sequence->data.sequence.items.top ? yaml_document_get_node(&tree->document, *item)
                                                    : NULL;
}

void yaml_say(const struct yaml_tree *tree, const yaml_node_t *node, const char *format, ...)
{
    char words[400];
    struct place place = yaml_place(tree, node);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    report_say(tree->report, place.file, place.line, place.column, "%s", words);
}

void yaml_check_keys(struct yaml_tree *tree, const yaml_node_t *mapping, const char *const *allowed)
{
    yaml_node_t *key, *value;
    for (size_t i = 0; yaml_pair(tree, mapping, i, &key, &value); i++) {
        bool known = false;
        for (const char *const *name = allowed; *name != NULL; name++) {
            known = known || slice_is(yaml_scalar(key), *name);
        }
        if (!known) {
            struct slice text = yaml_scalar(key);
            yaml_say(tree, key, "unknown key '%.*s': see docs/rules.md",
                (int)(text.size < 60 ? text.size : 60), (const char *)text.ptr);
        } else if (yaml_get(tree, mapping, (const char *)yaml_scalar(key).ptr) != value) {
            yaml_say(tree, key, "the key '%s' stands twice", (const char *)yaml_scalar(key).ptr);
        }
    }
}
