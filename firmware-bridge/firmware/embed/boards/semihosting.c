/* Semihosting: Arm IHI 0100, operations by number. SysTick: Armv7-M ARM B3.3. */
#include "board.h"

#include <string.h>

enum { SYS_OPEN = 0x01, SYS_WRITE = 0x05, SYS_READ = 0x06, SYS_EXIT_EXTENDED = 0x20, APPLICATION_EXIT = 0x20026 };

struct systick {
    volatile uint32_t ctrl, reload, value;
};
#define SYSTICK ((struct systick *)0xe000e010u)
#define MOST_TICKS 0x00ffffffu

static int call(int operation, const void *arguments)
{
    register int r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = arguments;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

void board_exit(int code)
{
    uint32_t arguments[2] = {APPLICATION_EXIT, (uint32_t)code};
    for (;;)
        call(SYS_EXIT_EXTENDED, arguments);
}

int board_open(const char *name, const char *mode)
{
    uint32_t arguments[3] = {(uint32_t)(uintptr_t)name, mode[0] == 'w' ? 5u : 1u, (uint32_t)strlen(name)};
    return call(SYS_OPEN, arguments);
}

uint32_t board_read(int file, void *bytes, uint32_t n)
{
    uint32_t arguments[3] = {(uint32_t)file, (uint32_t)(uintptr_t)bytes, n};
    return n - (uint32_t)call(SYS_READ, arguments);
}

uint32_t board_write(int file, const void *bytes, uint32_t n)
{
    uint32_t arguments[3] = {(uint32_t)file, (uint32_t)(uintptr_t)bytes, n};
    return n - (uint32_t)call(SYS_WRITE, arguments);
}

void board_start_ticks(void)
{
    SYSTICK->reload = SYSTICK->value = MOST_TICKS;
    SYSTICK->ctrl = 5;
}

uint32_t board_ticks(void)
{
    return MOST_TICKS - SYSTICK->value;
}
