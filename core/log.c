#include "core/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static _Atomic int level_min = LOG_INFO;

static const char *const NAMES[] = {
    [LOG_DEBUG] = "debug", [LOG_INFO] = "info", [LOG_WARN] = "warn", [LOG_ERROR] = "error"};

void log_set_level(enum log_level level)
{
    atomic_store(&level_min, (int)level);
}

bool log_level_from(const char *name, enum log_level *level)
{
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        if (strcmp(NAMES[i], name) == 0) {
            *level = (enum log_level)i;
            return true;
        }
    }
    return false;
}

void log_event(enum log_level level, const char *event, const char *format, ...)
{
    char line[2048];
    if ((int)level < atomic_load(&level_min)) {
        return;
    }
    int head = snprintf(line, sizeof line, "level=%s event=%s ", NAMES[level], event);
    size_t size = (size_t)head;
    va_list arguments;
    va_start(arguments, format);
    int tail = vsnprintf(line + size, sizeof line - size - 1, format, arguments);
    va_end(arguments);
    size_t room = sizeof line - size - 2;
    size += tail < 0 ? 0 : (size_t)tail < room ? (size_t)tail : room;
    if (line[size - 1] == ' ') {
        size -= 1;
    }
    line[size++] = '\n';
    ssize_t written = write(STDERR_FILENO, line, size);
    (void)written;
}

const char *log_quoted(struct slice bytes, char *buffer, size_t size)
{
    size_t out = 0;
    if (size < 3) {
        return "\"\"";
    }
    buffer[out++] = '"';
    for (size_t i = 0; i < bytes.size && out + 6 < size; i++) {
        uint8_t byte = bytes.ptr[i];
        if (byte < 0x20 || byte >= 0x7F || byte == '"' || byte == '\\') {
            out += (size_t)snprintf(buffer + out, 5, "\\x%02x", byte);
        } else {
            buffer[out++] = (char)byte;
        }
    }
    buffer[out++] = '"';
    buffer[out] = '\0';
    return buffer;
}
