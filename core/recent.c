#include "core/recent.h"

#include "core/hash.h"

bool recent_seen(struct recent *recent, struct slice by, struct slice id)
{
    uint64_t mark = hash64_seeded(id, hash64(by)) | 1; /* 0 is an empty place */
    for (size_t i = 0; i < RECENT_KEPT; i++) {
        if (recent->marks[i] == mark) {
            return true;
        }
    }
    recent->marks[recent->next++ % RECENT_KEPT] = mark;
    return false;
}
