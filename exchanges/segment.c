#include <assert.h>

#include "exchanges/exchanges.h"

/* Flag of a request: the edition, an answer wanted. In 2005 every example has 3. */
static const char *const FLAGS[EDITION_COUNT] = {
    [EDITION_UNKNOWN] = "5", [EDITION_2005] = "3", [EDITION_2017] = "5", [EDITION_2025] = "9"};

void exchange_segment(
    const struct exchange *exchange, const struct device *device, struct text *text)
{
    char qn[18];
    assert(exchange->edition < EDITION_COUNT);
    event_time_write_qn((struct event_time){exchange->qn_ms}, qn);
    text_add(text, "QN=");
    text_add(text, qn);
    text_add(text, ";ST=");
    text_add_int(text, exchange->st);
    text_add(text, ";CN=");
    text_add_int(text, exchange->cn);
    text_add(text, ";PW=");
    text_add_slice(text, device->pw);
    text_add(text, ";MN=");
    text_add_slice(text, device->mn);
    text_add(text, ";Flag=");
    text_add(text, FLAGS[exchange->edition]);
    text_add(text, ";CP=&&");
    text_add_slice(text, slice_from(exchange->cp, exchange->cp_size));
    text_add(text, "&&");
}
