/* content -- what a command's CP holds, and what its plain fields can be.
 *
 * Source   cp_content.def, cp_fields.def, return_codes.def, each row with its own.
 * Shape    (CN, edition, way) -> content; name -> field; (field, edition) -> its form.
 * Errors   NULL, CP_NONE, false: no row.
 * Threads  pure.
 */
#ifndef SCHEMAS_CONTENT_H
#define SCHEMAS_CONTENT_H

#include "schemas/message.h"

enum cp_field {
#define CP_NAME(id, name) CP_##id,
#define CP_FIELD(id, editions, type, size, least, most, clause, sureness)
#include "schemas/cp_fields.def"
#undef CP_NAME
#undef CP_FIELD
    CP_NONE,
};

enum cp_type { CP_NUMBER, CP_DIVISOR, CP_INSTANT, CP_CLOCK, CP_TEXT, CP_EXACT, CP_WORD, CP_CODE };

struct cp_form {
    enum cp_field field;
    const char *editions;
    enum cp_type type;
    size_t size;
    uint64_t least, most;
};

/* Bit n of fields: the field n of cp_fields.def; of items: the family n of suffixes (hj212.h). */
struct content {
    int cn;
    enum edition edition;
    enum direction way;
    uint64_t needs, may;
    uint32_t items, also;
};

/* NULL: no row. The unknown edition is asked as 2017. */
const struct content *content_find(int cn, enum edition edition, enum direction way);

/* The name as the standard writes it, else in another case (*exact is false then). */
enum cp_field cp_field_find(struct slice name, bool *exact);
const char *cp_field_name(enum cp_field field);
const struct cp_form *cp_form_find(enum cp_field field, enum edition edition); /* else of another */

/* Whether a value is what its field can hold. */
enum cp_fit { CP_FITS, CP_ILL_FORMED, CP_OUT_OF_RANGE, CP_CODE_UNKNOWN };
enum cp_fit cp_form_fit(const struct cp_form *form, struct slice value, enum edition edition);

struct code_words {
    const char *zh, *en;
};
struct code_words return_code_words(enum cp_field field, uint64_t code); /* empty: not known */
bool return_code_known(enum cp_field field, uint64_t code, enum edition edition);

#endif
