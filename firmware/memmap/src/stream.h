// The stream (see stream.c).
#ifndef MEMMAP_STREAM_H
#define MEMMAP_STREAM_H

#include "send.h"

void mm_stream_read_commands(void); // the owner's

#endif // MEMMAP_STREAM_H
