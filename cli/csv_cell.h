/* csv_cell -- one cell of a CSV line, quoted where it has to be; no comma behind it.
 *
 * Source   RFC 4180.
 */
#ifndef CLI_CSV_CELL_H
#define CLI_CSV_CELL_H

#include <stdio.h>

#include "core/slice.h"

void csv_cell(FILE *file, struct slice cell);

#endif
