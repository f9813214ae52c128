#include "broker-bridge/watch.h"

#include <assert.h>

#include "core/clock.h"
#include "core/log.h"

static void read_health(void *context, struct health_input *input)
{
    struct watch *watch = context;
    vitals_read(&watch->vitals, clock_mono(), input);
    input->values[HEALTH_CLOCK] = clock_synchronised() ? 0 : 1;
}

static enum http_status pass_control(
    void *context, struct slice verb, struct slice body, struct text *answer)
{
    struct watch *watch = context;
    return watch->control(watch->context, verb, body, answer);
}

void watch_init(struct watch *watch)
{
    *watch = (struct watch){0};
    vitals_init(&watch->vitals);
    gauge_set(&watch->counters, GAUGE_START_TIME, clock_wall().ms);
}

enum status watch_start(struct watch *watch, const struct config *config)
{
    assert(watch->http == NULL);
    const struct http_handlers handlers = {
        .context = watch,
        .counters = &watch->counters,
        .health = read_health,
        .control = watch->control == NULL ? NULL : pass_control,
    };
    const struct http_options options = {
        .address = config->http.port == 0 ? NULL : config->http.address,
        .port = (uint16_t)config->http.port,
        .socket_path = config->control,
    };
    enum status status = http_start(&options, &handlers, &watch->http);
    if (status == STATUS_OK) {
        log_event(
            LOG_INFO, "http-listening", "port=%u control=%s", config->http.port, config->control);
    }
    return status;
}

void watch_stop(struct watch *watch)
{
    http_stop(watch->http);
    watch->http = NULL;
}
