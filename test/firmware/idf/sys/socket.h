#pragma once
#include <stddef.h>
#include <stdint.h>
typedef uint32_t socklen_t;
typedef int ssize_t;
struct sockaddr {
    uint8_t sa_len, sa_family;
    char sa_data[14];
};
struct in_addr {
    uint32_t s_addr;
};
struct sockaddr_in {
    uint8_t sin_len, sin_family;
    uint16_t sin_port;
    struct in_addr sin_addr;
    char sin_zero[8];
};
#define AF_INET 2
#define SOCK_STREAM 1
#define SOL_SOCKET 0xfff
#define SO_REUSEADDR 4
#define SO_ERROR 0x1007
#define MSG_DONTWAIT 8
#define MSG_NOSIGNAL 0x20
#define INADDR_ANY 0u
int socket(int domain, int type, int protocol);
int bind(int socket, const struct sockaddr *address, socklen_t size);
int listen(int socket, int backlog);
int accept(int socket, struct sockaddr *address, socklen_t *size);
int connect(int socket, const struct sockaddr *address, socklen_t size);
ssize_t send(int socket, const void *bytes, size_t length, int flags);
ssize_t recv(int socket, void *bytes, size_t length, int flags);
int getsockopt(int socket, int level, int option, void *value, socklen_t *size);
int setsockopt(int socket, int level, int option, const void *value, socklen_t size);
