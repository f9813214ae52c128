#include "cli/journal_copy.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "journal/copy.h"

static void print_done(const struct copy_result *result, const char *place, bool json)
{
    const struct chain *chain = &result->chain;
    char digest[2 * JOURNAL_DIGEST_SIZE + 1];
    for (size_t i = 0; i < JOURNAL_DIGEST_SIZE; i++) {
        snprintf(digest + 2 * i, 3, "%02x", chain->digest[i]);
    }
    if (json) {
        printf("{\"came\":%llu,\"said\":%llu,\"commits_checked\":%llu,\"segments\":%zu,"
               "\"checkpoint\":%s,\"digest\":\"%s\"}\n",
            (unsigned long long)chain->came_last, (unsigned long long)chain->commit,
            (unsigned long long)chain->commits, result->segments,
            result->checkpoint ? "true" : "false", digest);
        return;
    }
    printf("%s: what came up to record %llu, what was said up to %llu\n"
           "%zu segments written, %s checkpoint; %llu commits checked\ndigest of the chain: %s\n",
        place, (unsigned long long)chain->came_last, (unsigned long long)chain->commit,
        result->segments, result->checkpoint ? "a" : "no", (unsigned long long)chain->commits,
        digest);
}

static int explain(enum status status, const struct copy_result *result, const char *from,
    const char *to, bool json)
{
    int error = errno;
    switch (status) {
    case STATUS_OK:
        print_done(result, to, json);
        return EXIT_FINE;
    case STATUS_REFUSED:
        return command_fail("journal", "%s: %s", to, result->reason);
    case STATUS_ABSENT:
        return command_fail("journal", "%s: no journal there, or nothing committed yet", from);
    case STATUS_FULL:
        return command_fail("journal", "%s: no room left", to);
    case STATUS_CORRUPT:
        fprintf(stderr,
            "hjhub journal: %s does not check%s: see hjhub-verify %s; what could be copied is "
            "kept\n",
            from, result->chain.fault > 0 ? "; a commit does not fit what it covers" : "", from);
        return EXIT_FINDINGS;
    case STATUS_IO:
    case STATUS_LIMIT:
    case STATUS_BUSY:
    case STATUS_CLOSED:
    case STATUS_INVALID:
        break;
    }
    return command_fail("journal", "%s -> %s: %s (%s)", from, to, status_name(status),
        error == 0 ? "no reason given" : strerror(error));
}

int journal_backup(const char *directory, const char *target, bool json)
{
    struct copy_result result;
    errno = 0;
    return explain(copy_backup(directory, target, &result), &result, directory, target, json);
}

int journal_restore(const char *directory, const char *backup, bool json)
{
    struct copy_result result;
    errno = 0;
    return explain(copy_restore(backup, directory, &result), &result, backup, directory, json);
}
