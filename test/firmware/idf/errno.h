#pragma once
int *__errno(void);
#define errno (*__errno())
#define EAGAIN 11
#define EWOULDBLOCK EAGAIN
#define EINPROGRESS 119
