/* Prints what the C library's resolver says of a name, one address a line, or of an address; or its error. */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static int reverse(struct addrinfo *address) {
    char host[NI_MAXHOST];
    int error = getnameinfo(address->ai_addr, address->ai_addrlen, host, sizeof host, 0, 0, NI_NAMEREQD);
    puts(error ? gai_strerror(error) : host);
    return error != 0;
}

int main(int count, char **words) {
    struct addrinfo hints, *found;
    char text[INET6_ADDRSTRLEN];
    if (count != 3) {
        fputs("usage: lookup 4|6|any|reverse NAME\n", stderr);
        return 2;
    }
    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SOCK_DGRAM;
    hints.ai_family = words[1][0] == '4' ? AF_INET : words[1][0] == '6' ? AF_INET6 : AF_UNSPEC;
    hints.ai_flags = words[1][0] == 'r' ? AI_NUMERICHOST : 0;
    int error = getaddrinfo(words[2], 0, &hints, &found);
    if (error) {
        puts(gai_strerror(error));
        return 1;
    }
    if (words[1][0] == 'r') {
        return reverse(found);
    }
    for (struct addrinfo *each = found; each; each = each->ai_next) {
        const void *octets = each->ai_family == AF_INET ? (void *)&((struct sockaddr_in *)each->ai_addr)->sin_addr
                                                        : (void *)&((struct sockaddr_in6 *)each->ai_addr)->sin6_addr;
        puts(inet_ntop(each->ai_family, octets, text, sizeof text));
    }
    return 0;
}
