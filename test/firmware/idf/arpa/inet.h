#pragma once
#include <sys/socket.h>
uint16_t htons(uint16_t value);
uint32_t htonl(uint32_t value);
int inet_pton(int family, const char *text, void *address);
