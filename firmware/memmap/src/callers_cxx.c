// The same for C++: new and delete under the names that the linker knows them by, on chips, where size_t is unsigned int. A file of its
// own, so that a program without C++ does not have to bring libstdc++ for it. The application's own operator new, if it has one, is what is called.
#include "callers.h"

#if MEMMAP_DIRECT_CALLERS

struct nothrow;

// An exception may pass through here: this file is compiled with -fexceptions. The note has ended before, when malloc() failed.
NOTED(void *, _Znwj, (size_t size), (size))
NOTED(void *, _Znaj, (size_t size), (size))
NOTED(void *, _ZnwjRKSt9nothrow_t, (size_t size, const struct nothrow *nothrow), (size, nothrow))
NOTED(void *, _ZnajRKSt9nothrow_t, (size_t size, const struct nothrow *nothrow), (size, nothrow))
NOTED_VOID(_ZdlPv, (void *pointer), (pointer))
NOTED_VOID(_ZdaPv, (void *pointer), (pointer))
NOTED_VOID(_ZdlPvj, (void *pointer, size_t size), (pointer, size))
NOTED_VOID(_ZdaPvj, (void *pointer, size_t size), (pointer, size))

#endif // MEMMAP_DIRECT_CALLERS
