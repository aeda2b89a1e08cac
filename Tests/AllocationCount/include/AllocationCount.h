#ifndef SRGAN_ALLOCATION_COUNT_H
#define SRGAN_ALLOCATION_COUNT_H

// What the calling thread has asked the system for: pieces of memory of at least 1,024 bytes, and
// mappings. 0 for ever where the C library is not glibc.
long srgan_test_large_allocations(void);

#endif
