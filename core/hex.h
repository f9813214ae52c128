/* hex -- one hexadecimal digit.
 *
 * Errors   -1: it is none.
 * Threads  pure.
 */
#ifndef CORE_HEX_H
#define CORE_HEX_H

#include <stdint.h>

static inline int hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9') {
        return byte - '0';
    }
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

#endif
