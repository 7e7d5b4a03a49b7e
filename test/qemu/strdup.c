// In a file of its own as in newlib, so that --wrap sees what it calls.
#include <stddef.h>
#include <string.h>

struct _reent;
void *_malloc_r(struct _reent *reent, size_t size);
char *strdup(const char *text);

char *strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = _malloc_r(NULL, size);
    return copy ? memcpy(copy, text, size) : NULL;
}
