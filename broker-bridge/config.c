#include "broker-bridge/config.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "broker-bridge/config_rows.h"

/* One load. */
struct load {
    const char *path;
    struct report *report;
    struct config *config;
    yaml_document_t document;
    uint32_t lines[CONFIG_ROW_COUNT]; /* where each key was set; 0: nowhere */
    size_t before;                    /* findings of others in the report */
};

static char *text_made(const char *a, size_t a_size, const char *b, const char *c)
{
    size_t b_size = strlen(b), c_size = strlen(c);
    char *made = malloc(a_size + b_size + c_size + 1);
    assert(made != NULL);
    memcpy(made, a, a_size);
    memcpy(made + a_size, b, b_size);
    memcpy(made + a_size + b_size, c, c_size + 1);
    return made;
}

/* Relative paths start at the file that names them: a folder with its configuration can be moved. */
static char *path_from(const char *file, const char *path)
{
    const char *slash = strrchr(file, '/');
    if (path[0] == '/' || slash == NULL) {
        return text_made("", 0, path, "");
    }
    return text_made(file, (size_t)(slash - file) + 1, path, "");
}

static void complain(struct load *load, uint32_t line, const char *what, const char *then)
{
    report_say(load->report, slice_of(load->path), line, 0, "%s: %s", what, then);
}

static uint32_t line_of(const yaml_node_t *node)
{
    return (uint32_t)node->start_mark.line + 1;
}

static bool size_from(struct slice text, uint64_t max, uint64_t *number)
{
    static const struct {
        const char *unit;
        unsigned shift;
    } UNITS[] = {{"KiB", 10}, {"MiB", 20}, {"GiB", 30}};
    for (size_t i = 0; i < 3; i++) {
        if (text.size > 3 && slice_is(slice_tail(text, text.size - 3), UNITS[i].unit)) {
            struct slice digits = slice_head(text, text.size - 3);
            if (digits.ptr[digits.size - 1] == ' ') {
                digits.size -= 1;
            }
            bool read = slice_to_uint(digits, max >> UNITS[i].shift, number);
            *number <<= read ? UNITS[i].shift : 0;
            return read;
        }
    }
    return slice_to_uint(text, max, number);
}

static void take_number(struct load *load, const struct config_row *row, const yaml_node_t *node)
{
    struct slice text = slice_from(node->data.scalar.value, node->data.scalar.length);
    uint64_t number = 0;
    bool read = row->kind == CONFIG_SIZE ? size_from(text, row->max, &number)
                                         : slice_to_uint(text, row->max, &number);
    if (!read || number < row->min) {
        report_say(load->report, slice_of(load->path), line_of(node), 0,
            "%s: give a whole number from %llu to %llu%s", row->key, (unsigned long long)row->min,
            (unsigned long long)row->max,
            row->kind == CONFIG_SIZE ? ", or with KiB, MiB or GiB" : "");
        return;
    }
    config_set_number(load->config, row, number);
}

static void take_text(struct load *load, const struct config_row *row, const yaml_node_t *node)
{
    const char *text = (const char *)node->data.scalar.value;
    if (text[0] == '\0' || strlen(text) != node->data.scalar.length) {
        complain(load, line_of(node), row->key, "is empty; give a value or leave the key out");
        return;
    }
    char **slot = config_text_at(load->config, row);
    assert(*slot == NULL);
    *slot = row->kind == CONFIG_PATH ? path_from(load->path, text) : text_made("", 0, text, "");
}

static bool is_section(const char *name)
{
    for (size_t i = 0; i < CONFIG_ROW_COUNT; i++) {
        if (CONFIG_ROWS[i].section[0] != '\0' && strcmp(CONFIG_ROWS[i].section, name) == 0) {
            return true;
        }
    }
    return false;
}

static void unknown_key(struct load *load, const char *section, const yaml_node_t *key)
{
    struct text words = text_in((char[800]){0}, 800);
    text_add_json(
        &words, slice_head(slice_from(key->data.scalar.value, key->data.scalar.length), 60));
    text_add(&words, ": no such key; ");
    text_add(&words, section[0] == '\0' ? "the top" : section);
    text_add(&words, " knows");
    for (size_t i = 0; i < CONFIG_ROW_COUNT; i++) {
        bool first_of_section =
            i == 0 || strcmp(CONFIG_ROWS[i].section, CONFIG_ROWS[i - 1].section) != 0;
        if (strcmp(CONFIG_ROWS[i].section, section) == 0) {
            text_add_byte(&words, ' ');
            text_add(&words, CONFIG_ROWS[i].key);
        } else if (section[0] == '\0' && first_of_section) {
            text_add_byte(&words, ' ');
            text_add(&words, CONFIG_ROWS[i].section);
        }
    }
    report_add(load->report, slice_of(load->path), line_of(key), 0, text_slice(&words));
}

static void take_key(
    struct load *load, const char *section, const yaml_node_t *key, const yaml_node_t *value)
{
    size_t which = config_row_find(section, (const char *)key->data.scalar.value);
    if (which == CONFIG_ROW_COUNT) {
        unknown_key(load, section, key);
        return;
    }
    const struct config_row *row = &CONFIG_ROWS[which];
    if (load->lines[which] != 0) {
        complain(load, line_of(key), row->key, "stands here a second time; keep one");
        return;
    }
    load->lines[which] = line_of(key);
    if (value->type != YAML_SCALAR_NODE) {
        complain(load, line_of(value), row->key, "takes one value, not a list or a table");
    } else if (config_is_text(row)) {
        take_text(load, row, value);
    } else {
        take_number(load, row, value);
    }
}

/* The top calls this with sections as pairs of their own; they are remembered, not recursed into. */
static void take_pairs(struct load *load, const char *section, const yaml_node_t *mapping,
    const yaml_node_pair_t **sections, size_t *section_count)
{
    const yaml_node_pair_t *end = mapping->data.mapping.pairs.top;
    for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start; pair < end; pair++) {
        const yaml_node_t *key = yaml_document_get_node(&load->document, pair->key);
        const yaml_node_t *value = yaml_document_get_node(&load->document, pair->value);
        if (key->type != YAML_SCALAR_NODE ||
            strlen((const char *)key->data.scalar.value) != key->data.scalar.length) {
            complain(load, line_of(key), "key", "a key is one word");
        } else if (sections != NULL && is_section((const char *)key->data.scalar.value)) {
            sections[(*section_count)++] = pair;
        } else {
            take_key(load, section, key, value);
        }
    }
}

static void take_section(struct load *load, const yaml_node_pair_t *pair)
{
    const yaml_node_t *key = yaml_document_get_node(&load->document, pair->key);
    const yaml_node_t *value = yaml_document_get_node(&load->document, pair->value);
    const char *name = (const char *)key->data.scalar.value;
    if (value->type == YAML_SCALAR_NODE && value->data.scalar.length == 0) {
        return; /* all its keys are commented out */
    }
    if (value->type != YAML_MAPPING_NODE) {
        complain(load, line_of(key), name, "is a table: indent its keys below it");
        return;
    }
    take_pairs(load, name, value, NULL, NULL);
}

static void take_document(struct load *load)
{
    const yaml_node_t *root = yaml_document_get_root_node(&load->document);
    if (root == NULL || root->type != YAML_MAPPING_NODE) {
        complain(load, 1, "file", "holds no configuration; begin with 'area: 140581'");
        return;
    }
    size_t pair_count = (size_t)(root->data.mapping.pairs.top - root->data.mapping.pairs.start),
           section_count = 0;
    const yaml_node_pair_t **sections = calloc(pair_count + 1, sizeof *sections);
    assert(sections != NULL);
    take_pairs(load, "", root, sections, &section_count);
    for (size_t i = 0; i < section_count; i++) {
        take_section(load, sections[i]);
    }
    free(sections);
}

static void fill_defaults(struct config *config)
{
    const char *area = config->area == NULL ? "<area>" : config->area;
    for (size_t i = 0; i < CONFIG_ROW_COUNT; i++) {
        if (!config_is_text(&CONFIG_ROWS[i])) {
            continue;
        }
        char **slot = config_text_at(config, &CONFIG_ROWS[i]);
        if (*slot != NULL || CONFIG_ROWS[i].initial == NULL) {
            continue;
        }
        const char *mark = strstr(CONFIG_ROWS[i].initial, "<area>");
        *slot = mark == NULL
                    ? text_made("", 0, CONFIG_ROWS[i].initial, "")
                    : text_made(CONFIG_ROWS[i].initial, (size_t)(mark - CONFIG_ROWS[i].initial),
                          area, mark + strlen("<area>"));
    }
}

static bool parse_one(struct load *load, yaml_parser_t *parser, yaml_document_t *document)
{
    if (yaml_parser_load(parser, document) == 1) {
        return true;
    }
    report_say(load->report, slice_of(load->path), (uint32_t)parser->problem_mark.line + 1,
        (uint32_t)parser->problem_mark.column + 1, "not YAML: %s",
        parser->problem == NULL ? "unreadable" : parser->problem);
    return false;
}

/* A second document would be ignored silently, whoever wrote it believing otherwise. */
static void refuse_second(struct load *load, yaml_parser_t *parser)
{
    yaml_document_t second;
    if (!parse_one(load, parser, &second)) {
        return;
    }
    const yaml_node_t *root = yaml_document_get_root_node(&second);
    if (root != NULL) {
        complain(load, line_of(root), "file", "holds a second document; keep one");
    }
    yaml_document_delete(&second);
}

/* True when the file was YAML; load->document is then to be deleted. */
static bool parse(struct load *load, FILE *file)
{
    yaml_parser_t parser;
    int made = yaml_parser_initialize(&parser);
    assert(made == 1);
    yaml_parser_set_input_file(&parser, file);
    bool parsed = parse_one(load, &parser, &load->document);
    if (parsed && yaml_document_get_root_node(&load->document) != NULL) {
        refuse_second(load, &parser);
    }
    yaml_parser_delete(&parser);
    return parsed;
}

enum status config_load(const char *path, struct config **config, struct report *report)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        enum status status = errno == ENOENT ? STATUS_ABSENT : STATUS_IO;
        report_say(report, slice_of(path), 0, 0, "cannot be opened: %s", strerror(errno));
        return status;
    }
    struct load load = {.path = path, .report = report, .before = report->count};
    load.config = calloc(1, sizeof *load.config);
    assert(load.config != NULL);
    for (size_t i = 0; i < CONFIG_ROW_COUNT; i++) {
        if (!config_is_text(&CONFIG_ROWS[i])) {
            config_set_number(load.config, &CONFIG_ROWS[i], CONFIG_ROWS[i].number);
        }
    }
    if (parse(&load, file)) {
        take_document(&load);
        yaml_document_delete(&load.document);
    }
    fclose(file);
    fill_defaults(load.config);
    if (report->count == load.before) {
        config_judge(load.config, load.lines, slice_of(path), report);
    }
    if (report->count > load.before) {
        config_free(load.config);
        return STATUS_INVALID;
    }
    *config = load.config;
    return STATUS_OK;
}
