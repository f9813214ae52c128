#include "schemas/profiles.h"

static const char *const ROWS[][11] = {
#define PROFILE(profile, factor, field, cn, role, quantity, unit, code, meanings, sure, source)    \
    {profile, factor, field, cn, role, quantity, unit, code, meanings, sure, source},
#include "schemas/profiles.def"
#undef PROFILE
};

/* Some sources hold commas; none a quotation mark. */
void profiles_csv(struct text *out)
{
    text_add(out, "profile,factor,field,cn,role,quantity,unit,code,meanings,sure,source\n");
    for (size_t row = 0; row < sizeof ROWS / sizeof ROWS[0]; row++) {
        for (size_t column = 0; column < 11; column++) {
            bool quoted =
                slice_find(slice_of(ROWS[row][column]), 0, ',') < slice_of(ROWS[row][column]).size;
            text_add(out, column > 0 ? "," : "");
            text_add(out, quoted ? "\"" : "");
            text_add(out, ROWS[row][column]);
            text_add(out, quoted ? "\"" : "");
        }
        text_add_byte(out, '\n');
    }
}
