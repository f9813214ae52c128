#include "core/status.h"

#include <assert.h>

const char *status_name(enum status status)
{
    switch (status) {
    case STATUS_OK:
        return "ok";
    case STATUS_IO:
        return "io";
    case STATUS_FULL:
        return "full";
    case STATUS_LIMIT:
        return "limit";
    case STATUS_CORRUPT:
        return "corrupt";
    case STATUS_ABSENT:
        return "absent";
    case STATUS_BUSY:
        return "busy";
    case STATUS_CLOSED:
        return "closed";
    case STATUS_REFUSED:
        return "refused";
    case STATUS_INVALID:
        return "invalid";
    }
    assert(!"a status has a name");
    return "";
}
