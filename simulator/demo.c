#include "simulator/demo.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FINE = 0, COULD_NOT = 2 };

static struct sockaddr_in loopback(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
}

int demo_port(void)
{
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (probe < 0 || bind(probe, (struct sockaddr *)&address, sizeof address) != 0 ||
        getsockname(probe, (struct sockaddr *)&address, &size) != 0) {
        perror("hjsim port");
        return COULD_NOT;
    }
    close(probe);
    printf("%u\n", ntohs(address.sin_port));
    return FINE;
}

int demo_get(const char *address, const char *path)
{
    char buffer[4096], request[512];
    const char *colon = strrchr(address, ':');
    struct sockaddr_in to = loopback((uint16_t)(colon == NULL ? 80 : atoi(colon + 1)));
    int line = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int size =
        snprintf(request, sizeof request, "GET %s HTTP/1.0\r\nHost: %s\r\n\r\n", path, address);
    if (line < 0 || connect(line, (struct sockaddr *)&to, sizeof to) != 0 ||
        write(line, request, (size_t)size) != size) {
        fprintf(stderr, "hjsim get: %s: nobody answers\n", address);
        return COULD_NOT;
    }
    FILE *answer = fdopen(line, "r");
    while (answer != NULL && fgets(buffer, sizeof buffer, answer) != NULL &&
           strcmp(buffer, "\r\n") != 0) {
    }
    while (answer != NULL && fgets(buffer, sizeof buffer, answer) != NULL) {
        fputs(buffer, stdout);
    }
    if (answer != NULL) {
        fclose(answer);
    }
    return FINE;
}
