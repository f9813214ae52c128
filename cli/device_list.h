/* device_list -- the commands that a host may send, and what each takes in which edition.
 *
 * Source   schemas/requests.def, cp_content.def, cp_fields.def.
 * Shape    device_usages: edition -> words.
 * Memory   the object is the caller's.
 * Threads  any thread.
 */
#ifndef CLI_DEVICE_LIST_H
#define CLI_DEVICE_LIST_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "schemas/request.h"

json_t *device_usages(const struct request_row *row);
void device_print_usages(const json_t *usages, FILE *out);
int device_list(bool json); /* exit status */

#endif
