// memmap for C++: marks that follow a scope. new and delete need nothing, interposition sees them.
//
//   void handle_request() {
//       memmap::scope phase("request");   // mark "request" here, mark "request end" where it leaves the scope
//       …
//   }
//   memmap_top(MEMMAP_BY_SITE, "request", 0);   // what was allocated in it and still lives
#pragma once

#include "memmap.h"

namespace memmap {

class scope {
public:
    // `name` must live as long as the scope.
    explicit scope(const char *name) : name_(name) { memmap_mark(name_); }

    ~scope()
    {
        char end[64];
        snprintf(end, sizeof end, "%s end", name_);
        memmap_mark(end);
    }

    scope(const scope &) = delete;
    scope &operator=(const scope &) = delete;

    // Prints what was allocated since the scope began and still lives, by site.
    void leaks() const { memmap_top(MEMMAP_BY_SITE, name_, 0); }

private:
    const char *name_;
};

} // namespace memmap
