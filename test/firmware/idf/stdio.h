#pragma once
#include <stddef.h>
typedef struct stub_file FILE;
extern FILE *stdout;
int printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
int snprintf(char *buffer, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
size_t fwrite(const void *bytes, size_t size, size_t count, FILE *file);
FILE *fopen(const char *path, const char *mode);
size_t fread(void *bytes, size_t size, size_t count, FILE *file);
int fseek(FILE *file, long offset, int whence);
int fflush(FILE *file);
int fclose(FILE *file);
#define SEEK_SET 0
