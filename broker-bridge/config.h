/* config -- the hub's configuration file: typed, every key known, secrets apart.
 *
 * Source   house: config.def; deploy/hjhub.yaml is the commented example, hjhub.yaml(5) the manual
 *          page.
 * Shape    a YAML file -> a struct; an unknown key, a wrong type or a value out of bounds is an error
 *          with file, line and what to do. A relative path starts at the file's folder.
 * Units    sizes in bytes, times in the key's unit.
 * Memory   the config owns its strings; config_free.
 * Errors   STATUS_INVALID with findings; STATUS_ABSENT: no such file; STATUS_IO: unreadable.
 * Threads  immutable after loading.
 */
#ifndef BROKER_BRIDGE_CONFIG_H
#define BROKER_BRIDGE_CONFIG_H

#include <stdio.h>

#include "core/report.h"
#include "core/status.h"

struct config_broker {
    char *url;           /* mqtt://host:1883 or mqtts://host:8883 */
    char *client_id;     /* hub-<area>; the shipped broker forces it to the user name */
    char *user;          /* hub-<area> */
    char *password_file; /* NULL: none */
    char *ca_file, *certificate_file, *key_file; /* NULL: the system's CAs; no client certificate */
    uint32_t keep_alive_s;                       /* 30 */
    uint32_t receive_maximum;                    /* 1000 */
    uint32_t session_expiry_s;                   /* 604800: a week */
};

struct config_redis {
    char *host;          /* 127.0.0.1 */
    uint32_t port;       /* 6379 */
    char *socket;        /* NULL; else a unix socket, host and port unused */
    char *user;          /* NULL */
    char *password_file; /* NULL */
};

struct config_journal {
    char *directory;         /* /var/lib/hjhub/<area>/journal */
    uint64_t segment_size;   /* 67108864 */
    uint64_t reserve_size;   /* 67108864 */
    char *digest;            /* sha256 or sm3 */
    uint32_t retention_days; /* 1827: five years, 监测条例 Art. 26 */
    uint32_t checkpoint_s;   /* 300 */
};

struct config_http {
    char *address; /* 127.0.0.1 */
    uint32_t port; /* 0: no TCP listener; the control socket always answers too */
};

struct config {
    char *area;
    char *registry;  /* folder of CSV tables: /etc/hjhub/<area>/registry */
    char *rules;     /* folder of rule files: /usr/share/hjhub/rules */
    char *keys;      /* keyring file; NULL: none */
    char *control;   /* unix socket for local commands: /run/hjhub/<area>.sock */
    char *log_level; /* info */
    struct config_broker broker;
    struct config_redis redis;
    struct config_journal journal;
    struct config_http http;
};

MUST_USE enum status config_load(const char *path, struct config **config, struct report *report);
void config_free(struct config *config);

/* The effective configuration as YAML, defaults filled in; it holds no secrets, only their files. */
void config_print(const struct config *config, FILE *out);
void config_print_json(const struct config *config, FILE *out);

#endif
