// A program that does everything the probe must see, the same on a chip, in QEMU and in the simulator.
#ifndef CONFORMANCE_H
#define CONFORMANCE_H

// Runs all tests, one after the other. The stream must have been started. Prints "conformance: test NAME" before each one and
// "conformance: end" at last; between two of these lines stand exactly the frames of one test.
// `settle` returns when all that was recorded so far has been sent.
void conformance_run(void (*settle)(void));

#endif
