/* What the programs here need of a board. On an emulated one that is semihosting: files and exits of the machine that emulates. */
#ifndef BOARD_H
#define BOARD_H

#include <stdint.h>

/* Ends the program with this code. */
void board_exit(int code) __attribute__((noreturn));
/* A file of the host for reading ("rb") or writing ("wb"); negative when there is none. */
int board_open(const char *name, const char *mode);
/* Returns the bytes that were read, or written: fewer than n at the end of the file. */
uint32_t board_read(int file, void *bytes, uint32_t n);
uint32_t board_write(int file, const void *bytes, uint32_t n);
/* Counts down 24 bits, at the core's clock; QEMU with -icount shift=0 counts instructions by it. */
void board_start_ticks(void);
uint32_t board_ticks(void);

#endif
