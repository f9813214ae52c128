/* hold_sync -- preloaded into the hub: fdatasync waits while the file $HOLD_SYNC exists, and fails with
 * EIO while $FAIL_SYNC exists. What leaves the hub meanwhile leaves too early. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

static int there(const char *variable)
{
    const char *path = getenv(variable);
    return path != NULL && access(path, F_OK) == 0;
}

int fdatasync(int file);

int fdatasync(int file)
{
    int (*real)(int);
    *(void **)&real = dlsym(RTLD_NEXT, "fdatasync");
    while (there("HOLD_SYNC")) {
        poll(NULL, 0, 5);
    }
    if (there("FAIL_SYNC")) {
        errno = EIO;
        return -1;
    }
    return real(file);
}
