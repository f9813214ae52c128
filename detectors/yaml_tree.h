/* yaml_tree -- a YAML document's nodes, with their places for findings.
 *
 * Source   libyaml's documents.
 * Memory   the document is libyaml's; texts are borrowed until yaml_tree_close.
 * Errors   a finding, and false.
 * Threads  pure.
 */
#ifndef DETECTORS_YAML_TREE_H
#define DETECTORS_YAML_TREE_H

#include <yaml.h>

#include "detectors/rules.h"

struct yaml_tree {
    yaml_document_t document;
    struct slice file;
    struct report *report;
};

bool yaml_tree_open(
    struct yaml_tree *tree, struct slice file, struct slice text, struct report *report);
void yaml_tree_close(struct yaml_tree *tree);

yaml_node_t *yaml_tree_root(struct yaml_tree *tree);
struct slice yaml_scalar(const yaml_node_t *node); /* empty when it is no scalar */
struct place yaml_place(const struct yaml_tree *tree, const yaml_node_t *node);

/* The value under a key of a mapping, or NULL. */
yaml_node_t *yaml_get(struct yaml_tree *tree, const yaml_node_t *mapping, const char *key);
struct slice yaml_text(struct yaml_tree *tree, const yaml_node_t *mapping, const char *key);

/* Item i of a sequence, or NULL behind the last; a scalar counts as a sequence of one. */
yaml_node_t *yaml_item(struct yaml_tree *tree, yaml_node_t *sequence, size_t index);

/* Pair i of a mapping; false behind the last. */
bool yaml_pair(struct yaml_tree *tree, const yaml_node_t *mapping, size_t index, yaml_node_t **key,
    yaml_node_t **value);

void yaml_say(const struct yaml_tree *tree, const yaml_node_t *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Every key must be one of the list (NULL-terminated); others are findings. */
void yaml_check_keys(
    struct yaml_tree *tree, const yaml_node_t *mapping, const char *const *allowed);

#endif
